/* SPDX-License-Identifier: Apache-2.0 */
/* dispatch/callout.h -- one agency, unit or person who was called for an incident: its states, and
 * what may be said in each. Pure. */
#ifndef DISPATCH_CALLOUT_H
#define DISPATCH_CALLOUT_H

#include <stdbool.h>
#include <stdint.h>

#define PP_CALLOUT_STATES(X)                                                                       \
	X(NOTIFIED, "notified")                                                                    \
	X(ACCEPTED, "accepted")                                                                    \
	X(REFUSED, "refused")                                                                      \
	X(EN_ROUTE, "en-route")                                                                    \
	X(ON_SCENE, "on-scene")                                                                    \
	X(DONE, "done")                                                                            \
	X(EXPIRED, "expired") /* has not answered in its time, and may still */                    \
	X(STOPPED, "stopped") /* others have it */
/* What is said of a call; the first five are what people say, and the ends of paths of the API. */
#define PP_CALLOUT_VERBS(X)                                                                        \
	X(ACCEPT, "accepted")                                                                      \
	X(REFUSE, "refused")                                                                       \
	X(LEAVE, "en-route")                                                                       \
	X(ARRIVE, "on-scene")                                                                      \
	X(FINISH, "done")                                                                          \
	X(EXPIRE, "expired")                                                                       \
	X(STOP, "stopped")
#define PP_CALLOUT_VERBS_OF_PEOPLE PP_CALLOUT_EXPIRE /* those below it */

#define X(name, text) PP_CALLOUT_IS_##name,
enum pp_callout_state { PP_CALLOUT_STATES(X) PP_CALLOUT_STATE_COUNT };
#undef X
#define X(name, text) PP_CALLOUT_##name,
enum pp_callout_verb { PP_CALLOUT_VERBS(X) PP_CALLOUT_VERB_COUNT };
#undef X

const char *pp_callout_state_text(enum pp_callout_state state);
int pp_callout_state_parse(const char *text); /* -EINVAL */
const char *pp_callout_verb_text(enum pp_callout_verb verb);
int pp_callout_verb_parse(const char *text); /* -EINVAL */

/* The state after it, or -EPERM with *ret_why: the end of a sentence that begins with "the call".
 */
int pp_callout_move(enum pp_callout_state state, enum pp_callout_verb verb, const char **ret_why);
/* Somebody comes, or is there. */
bool pp_callout_is_coming(enum pp_callout_state state);
/* The one-time code of a call: six digits and a check digit, of any random number. */
#define PP_CALLOUT_CODE_SIZE 8
void pp_callout_code_make(uint64_t random, char ret_code[PP_CALLOUT_CODE_SIZE]);
bool pp_callout_code_is_fine(const char *code); /* its form and check digit */

#endif
