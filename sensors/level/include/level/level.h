/* SPDX-License-Identifier: Apache-2.0 */
/* level/level.h -- an analogue level in front of a kind of two states.
 *
 * A reading at least `alarm` from the baseline, for at least hold_us, is an activation; one less
 * than alarm - hysteresis from it is rest. Smoke, heat and flood then go the way of the detector
 * (verification, pre-alarm, restore after 5 s), battery and input that of the contact; what is told
 * is dated at the first reading that was over. Over at the first reading: at once, as what it is,
 * with PP_FLAG_AT_START.
 *
 * The baseline follows slow drift (dust, ageing) by at most alarm / 12 an hour, never while the
 * level is over, and never further than `drift` from `clean`: there the trouble is `dirty`, until
 * it has come back by a tenth. Both bounds lie within those of EN 54-7:2018 on drift compensation
 * (a smoke that rises by a quarter of the threshold an hour is told in at most 1.6 times the time
 * it would take without compensation; the threshold grows to at most 1.6 times its value). At start
 * the baseline is `clean`: a detector that had drifted is more sensitive until it has drifted
 * again.
 *
 * A reading outside min..max (an open or shorted wire) decides nothing. For 3 s, it is trouble
 * `under-range` or `over-range` (at the first reading: at once); for 3 s inside again, it is over.
 * What was over before goes on counting meanwhile: smoke that saturates its sensor is smoke. */
#ifndef LEVEL_LEVEL_H
#define LEVEL_LEVEL_H

#include "kind/kind.h"

#define PP_LEVEL_RANGE_US 3000000u
#define PP_LEVEL_HOLD_MAX_US 30000000u /* hold_us and verify_us together */

/* Kinds smoke, heat, flood, battery and input; -EINVAL for others. `feed` is not for levels. */
extern const struct pp_kind_ops pp_level_ops;

#endif
