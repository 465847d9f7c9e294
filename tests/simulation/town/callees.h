/* SPDX-License-Identifier: Apache-2.0 */
/* callees.h -- those who are called, and what they answer to the code in their message. Private to
 * the town. */
#ifndef TOWN_CALLEES_H
#define TOWN_CALLEES_H

/* A message has come to somebody. One without a code is nobody's to answer. */
void callees_told(const char *text);

#endif
