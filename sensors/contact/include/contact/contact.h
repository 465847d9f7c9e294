/* SPDX-License-Identifier: Apache-2.0 */
/* contact/contact.h -- contacts of two states: tamper, mains, battery, and a plain input.
 *
 * On for debounce_us (default 50 ms; mains 500 ms) is an activation, off for as long its end; both
 * dated at the first raw edge. Tamper: trouble `open`. Mains: trouble `mains-lost`. Battery:
 * trouble `low`. Input: ALARM and RESTORE, whose class the settings know. A wire that chatters is
 * in trouble `chatter`. On at start: all the same, with PP_FLAG_AT_START. */
#ifndef CONTACT_CONTACT_H
#define CONTACT_CONTACT_H

#include "kind/kind.h"

extern const struct pp_kind_ops pp_contact_ops;

#endif
