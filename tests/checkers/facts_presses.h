/* SPDX-License-Identifier: Apache-2.0 */
/* facts_presses.h -- what is promised for each press, and which signals are of it. */
#ifndef CHECKERS_FACTS_PRESSES_H
#define CHECKERS_FACTS_PRESSES_H

struct facts;
/* After everything else of the facts is there. */
void facts_presses_make(struct facts *f);

#endif
