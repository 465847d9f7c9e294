/* SPDX-License-Identifier: Apache-2.0 */
/* annunciator/annunciator.h -- the lamp ladder and the sirens of a post. Pure: outputs =
 * function(view, now). */
#ifndef ANNUNCIATOR_ANNUNCIATOR_H
#define ANNUNCIATOR_ANNUNCIATOR_H

#include "annunciator/profile.h"
#include "annunciator/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_ROLES(X)                                                                                \
	X(TAKEN, "taken")                                                                          \
	X(RECEIVED, "received")                                                                    \
	X(ACKNOWLEDGED, "acknowledged")                                                            \
	X(DISPATCHED, "dispatched")                                                                \
	X(ON_SCENE, "on-scene")                                                                    \
	X(PRE_ALARM, "pre-alarm")                                                                  \
	X(TROUBLE, "trouble")                                                                      \
	X(SERVER_AWAY, "server-away")                                                              \
	X(SIREN, "siren") X(KENTONGAN, "kentongan")                                                \
	X(NEIGHBOUR, "neighbour") X(DRILL, "drill")
#define X(name, text) PP_ROLE_##name,
enum pp_role { PP_ROLES(X) PP_ROLE_COUNT };
#undef X
const char *pp_role_text(enum pp_role role);
int pp_role_parse(const char *text); /* the role, or -EINVAL */

struct pp_annunciator_output {
	enum pp_role role;
	bool shared; /* every class; else only presses of `class` */
	enum pp_class class;
};

/* How an output shows. The blinking ones follow the clock, so that lamps of one post blink
 * together. */
enum pp_show {
	PP_SHOW_OFF,
	PP_SHOW_ON,
	PP_SHOW_SLOW,    /* 1 s on, 1 s off: a detector verifies */
	PP_SHOW_FAST,    /* 125 ms on, 125 ms off: not confirmed */
	PP_SHOW_UNKNOWN, /* 100 ms on every 2 s: the server is away, this step cannot be known */
	PP_SHOW_SOUND,   /* the profile's strokes */
};
enum pp_show pp_annunciator_show(const struct pp_annunciator_output *o, const struct pp_profile *p,
	const struct pp_view *v, uint64_t now_us);
const char *pp_show_text(enum pp_show show); /* "off", "on", "slow", ... */

/* Whether one of the outputs is a siren or kentongan that sounds this class. */
bool pp_annunciator_can_sound(
	const struct pp_annunciator_output *outputs, size_t count, enum pp_class class);

/* Whether each output is active at now. Returns when to ask again although nothing has happened;
 * UINT64_MAX: never. */
uint64_t pp_annunciator_run(const struct pp_annunciator_output *outputs, size_t count,
	const struct pp_profile *p, const struct pp_view *v, uint64_t now_us, bool *ret_active);

#endif
