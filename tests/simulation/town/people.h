/* SPDX-License-Identifier: Apache-2.0 */
/* people.h -- operators who look at the list of incidents when it suits them, and do what the page
 * offers: take it, send somebody, close, make two of them one, part them, hand over, and so on.
 * Private to the town. */
#ifndef TOWN_PEOPLE_H
#define TOWN_PEOPLE_H

#include <stdint.h>

void people_begin(uint64_t until_us); /* from now on; their pages are pages.h's */
void people_unanswered(void);         /* the program that they asked has ended */

#endif
