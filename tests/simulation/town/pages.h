/* SPDX-License-Identifier: Apache-2.0 */
/* pages.h -- the pages of the operators: each is connected, or its network has gone. The server
 * hears every 5 s whose is, as its pages tell it. Private to the town. */
#ifndef TOWN_PAGES_H
#define TOWN_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#define PAGES_COUNT 2
extern const char *const pages_names[PAGES_COUNT]; /* "user:budi" */

void pages_begin(void); /* from now on */
void pages_heal(void);
bool pages_is_on(size_t page);

#endif
