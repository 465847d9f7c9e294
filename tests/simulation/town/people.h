/* SPDX-License-Identifier: Apache-2.0 */
/* people.h -- operators who acknowledge, dispatch, arrive, close and note, when it suits them.
 * Private to the town. */
#ifndef TOWN_PEOPLE_H
#define TOWN_PEOPLE_H

void people_begin(void);      /* from now on */
void people_unanswered(void); /* the program that they asked has ended */

#endif
