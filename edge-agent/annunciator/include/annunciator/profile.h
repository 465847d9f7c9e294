/* SPDX-License-Identifier: Apache-2.0 */
/* annunciator/profile.h -- how a neighbourhood sounds an alarm: strokes by class, tempo, and which
 * classes sound at once. */
#ifndef ANNUNCIATOR_PROFILE_H
#define ANNUNCIATOR_PROFILE_H

#include "core/yaml.h"
#include "protocol/words.h"

#include <stdbool.h>
#include <stdint.h>

#define PP_PATTERN_GROUPS_MAX 8

/* "3-3": groups of strokes with a pause behind each, repeated. No group at all is titir: strokes
 * without a pause. */
struct pp_pattern {
	unsigned count;
	unsigned groups[PP_PATTERN_GROUPS_MAX]; /* 1..9 strokes each */
};

struct pp_profile {
	int64_t tempo_us;             /* from one stroke to the next */
	int64_t pause_us;             /* between groups, on top of the rest of the last stroke */
	int64_t stroke_us;            /* how long a kentongan's striker is driven; below tempo */
	int64_t siren_stroke_us;      /* how long a siren sounds in one stroke; below tempo */
	int64_t sound_us;             /* a press sounds for this long at most */
	bool at_once[PP_CLASS_COUNT]; /* sounds with the press; else only when it is not confirmed
					 in time */
	struct pp_pattern patterns[PP_CLASS_COUNT];
};

/* Central Java: crime 2-2, fire 3-3, disaster 4-4, everything else titir. No all-clear: its sign
 * differs between regencies. */
void pp_profile_default(struct pp_profile *ret_profile);
/* Keys that the file leaves out keep their default. -EINVAL with *problem set. */
int pp_profile_load(const char *path, struct pp_profile *ret_profile, struct pp_problem *problem);
int pp_profile_read(
	const struct pp_yaml *root, struct pp_profile *ret_profile, struct pp_problem *problem);

/* Is the striker driven at elapsed_us after the beginning? *ret_next_us: how long until that
 * changes. */
bool pp_pattern_at(const struct pp_profile *p, enum pp_class class, int64_t stroke_us,
	uint64_t elapsed_us, uint64_t *ret_next_us);

#endif
