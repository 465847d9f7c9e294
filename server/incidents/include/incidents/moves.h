/* SPDX-License-Identifier: Apache-2.0 */
/* incidents/moves.h -- the states of an incident, and what people may do in each. Pure.
 * Nothing that a post sends moves an incident: only people do (contract, promise 6). */
#ifndef INCIDENTS_MOVES_H
#define INCIDENTS_MOVES_H

#include "protocol/words.h"

#include <stdbool.h>

#define PP_INCIDENT_STATES(X)                                                                      \
	X(OPEN, "open")                                                                            \
	X(ACKNOWLEDGED, "acknowledged")                                                            \
	X(DISPATCHED, "dispatched")                                                                \
	X(ON_SCENE, "on-scene")                                                                    \
	X(CLOSED, "closed")
#define PP_MOVES(X)                                                                                \
	X(ACKNOWLEDGE, "acknowledge")                                                              \
	X(DISPATCH, "dispatch")                                                                    \
	X(ON_SCENE, "on-scene")                                                                    \
	X(CLOSE, "close")                                                                          \
	X(NOTE, "note")                                                                            \
	/* What is said of calls and claims moves it too: see dispatch/callout.h. */               \
	X(CLAIM, "claim")           /* by an operator, while nobody holds it */                    \
	X(TAKE_OVER, "take-over")   /* by the operator to whom it was offered */                   \
	X(RETURN, "return")         /* the page of whoever held it is gone */                      \
	X(ACCEPT, "accept")         /* somebody who was called comes */                            \
	X(ARRIVE, "arrive")         /* ... and is there */                                         \
	X(STAND_DOWN, "stand-down") /* nobody comes any more */
#define PP_CLOSING_CODES(X) X("real") X("nuisance") X("prank") X("test") X("fault") X("unfounded")

#define X(name, text) PP_INCIDENT_##name,
enum pp_incident_state { PP_INCIDENT_STATES(X) PP_INCIDENT_STATE_COUNT };
#undef X
#define X(name, text) PP_MOVE_##name,
enum pp_move { PP_MOVES(X) PP_MOVE_COUNT };
#undef X

const char *pp_incident_state_text(enum pp_incident_state state);
int pp_incident_state_parse(const char *text); /* -EINVAL */
const char *pp_move_text(enum pp_move move);

/* The state after the move, or -EPERM with *ret_why: the reason as the end of a sentence that
 * begins with the incident's number ("is closed already"). */
int pp_incident_move(enum pp_incident_state state, enum pp_move move, const char **ret_why);
/* Whether it is one of the closing codes. */
bool pp_closing_code_is_known(const char *code);
/* "real, nuisance, ...", for messages. */
const char *pp_closing_codes(void);
/* What the lamps of a post are told of a state. */
enum pp_step pp_incident_step(enum pp_incident_state state);

#endif
