/* SPDX-License-Identifier: Apache-2.0 */
/* incidents/trust.h -- how far an incident is confirmed, 0 to 4, after the levels of
 * ANSI/TMA-AVS-01, and why, in words. Pure. It orders the desk's list and explains; it suppresses
 * nothing: an incident of level 0 rings, escalates and is told like any other.
 *   0  expected to be no emergency (a drill, a test, a disabled point, or nothing but false alarms
 *      from here)
 *   1  one signal, and nothing else is known
 *   2  a person is probably there: held, a second button, or a detector that has verified itself
 *   3  independent signs agree: smoke with a press, a neighbouring post, a call
 *   4  a third post, or people on the scene */
#ifndef INCIDENTS_TRUST_H
#define INCIDENTS_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#define PP_TRUST_MAX 4
#define PP_TRUST_HELD_MS 3000 /* nobody leans against a button for so long */
#define PP_TRUST_HISTORY_DAYS 30
#define PP_TRUST_FALSE_MIN 3 /* false alarms of the post and class in that time, and no real one   \
			      */

/* Each fact: what it is called in the API, the level that it proves, and its words. */
#define PP_TRUST_FACTS(X)                                                                          \
	X(PRESS, "press", 1, "tombol ditekan", "a button was pressed")                             \
	X(DETECTOR, "detector", 1, "detektor asap atau panas", "a smoke or heat detector")         \
	X(HELD, "held", 2, "tombol ditahan", "the button was held")                                \
	X(SECOND_POINT, "second-point", 2, "titik kedua di pos yang sama",                         \
		"a second point of the same post")                                                 \
	X(VERIFIED, "verified", 2, "detektor memeriksa ulang", "the detector verified it")         \
	X(BOTH, "detector-and-press", 3, "detektor dan tombol", "a detector and a button")         \
	X(NEIGHBOUR, "neighbour", 3, "pos tetangga juga", "a neighbouring post too")               \
	X(REPORT, "report", 3, "dilaporkan orang", "a person reported it")                         \
	X(THIRD_POST, "third-post", 4, "tiga pos atau lebih", "three posts or more")               \
	X(ON_SCENE, "on-scene", 4, "petugas di lokasi", "responders are on the scene")             \
	X(FALSE_BEFORE, "false-before", 0, "belakangan hanya alarm palsu dari sini",               \
		"nothing but false alarms from here of late")                                      \
	X(REAL_BEFORE, "real-before", 1, "belakangan pernah benar dari sini",                      \
		"a real one from here of late")                                                    \
	X(EXERCISE, "exercise", 0, "latihan, uji, atau titik nonaktif",                            \
		"a drill, a test, or a disabled point")

#define X(name, code, level, id, en) PP_TRUST_##name##_BIT,
enum pp_trust_bit { PP_TRUST_FACTS(X) PP_TRUST_FACT_COUNT };
#undef X
#define X(name, code, level, id, en) PP_TRUST_##name = 1 << PP_TRUST_##name##_BIT,
enum pp_trust_fact { PP_TRUST_FACTS(X) };
#undef X

struct pp_trust_word {
	const char *code, *id, *en;
};
struct pp_trust_word pp_trust_word(enum pp_trust_bit bit);

/* The facts that follow from others: of a button and a detector, of two posts, ... are added. */
uint32_t pp_trust_facts(uint32_t facts, int64_t posts);
/* 0..4, of such facts. */
int pp_trust_level(uint32_t facts);
/* What the past of a post and class says: FALSE_BEFORE, REAL_BEFORE or 0. */
uint32_t pp_trust_history(int64_t false_alarms, int64_t real_ones);

#endif
