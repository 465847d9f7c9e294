/* SPDX-License-Identifier: Apache-2.0 */
/* reboots.h -- power cuts of the server's machine, and what they do to time that runs. Private to
 * the checkers. */
#ifndef CHECKERS_REBOOTS_H
#define CHECKERS_REBOOTS_H

#include "facts.h"

/* Whether the server's machine lost its power between the two lines. */
bool reboots_any(const struct facts *f, size_t from, size_t to);
/* When a time of wait_us that began at that line, as it was seen, is over at the latest. After a
 * power cut what remained, which is no more than the whole, runs from the boot on; what is seen
 * after the cut and before the boot is what the disk has kept of before. NEVER_US: nobody has said
 * when the machine came back. */
uint64_t reboots_due(const struct facts *f, size_t from, uint64_t wait_us);

#endif
