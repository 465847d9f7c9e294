/* SPDX-License-Identifier: Apache-2.0 */
/* button/button.h -- the panic button: a press is taken once however badly the switch bounces.
 *
 * Press: on without a gap for debounce_us (default 5 ms, at most 50 ms) is an ALARM, dated at the
 * first raw edge. Anything shorter is interference. So a press of 50 ms is taken even if it bounces
 * for 20 ms at either end. Release: open for 50 ms is a RESTORE, dated at the first raw edge of the
 * release, and arms the button again. Held for stuck_us (default 60 s): trouble `stuck`, until
 * released. A wire that chatters is in trouble `chatter` meanwhile. On when it was read at start:
 * an ALARM with PP_FLAG_AT_START, then like any other press. */
#ifndef BUTTON_BUTTON_H
#define BUTTON_BUTTON_H

#include "kind/kind.h"

extern const struct pp_kind_ops pp_button_ops;

#endif
