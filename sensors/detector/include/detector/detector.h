/* SPDX-License-Identifier: Apache-2.0 */
/* detector/detector.h -- a smoke or heat detector with a digital output or a relay.
 *
 * verify_us = 0: on for debounce_us (default 20 ms) is an ALARM, dated at the first raw edge.
 * verify_us > 0 (at most 30 s): the first activation lights the pre-alarm. Smoke that is still
 * there verify_us after its first edge, or that came back before, is an ALARM with
 * PP_FLAG_VERIFIED, dated at the first edge; smoke that went away and stayed away is dismissed and
 * counted. Away means off for a tenth of the window, at most 1 s: a flicker is no absence. RESTORE:
 * off for 5 s. A wire that chatters is in trouble `chatter`. On at start: all the same, with
 * PP_FLAG_AT_START. The idea of alarm verification is that of NFPA 72; here the window replaces the
 * reset of the detector's supply. */
#ifndef DETECTOR_DETECTOR_H
#define DETECTOR_DETECTOR_H

#include "kind/kind.h"

extern const struct pp_kind_ops pp_detector_ops;

#endif
