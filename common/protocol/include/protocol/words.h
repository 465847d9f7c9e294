/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/words.h -- the closed vocabularies of the wire, one X-macro each: enum, text, reader. */
#ifndef PROTOCOL_WORDS_H
#define PROTOCOL_WORDS_H

#include <stdint.h>

/* The unknown entry comes first and is 0: an authentic alarm with a new word must still be taken
 * (contract, step 5). */
#define PP_KINDS(X)                                                                                \
	X(UNKNOWN, "unknown")                                                                      \
	X(PANIC, "panic")                                                                          \
	X(SMOKE, "smoke")                                                                          \
	X(HEAT, "heat")                                                                            \
	X(TAMPER, "tamper") X(MAINS, "mains") X(BATTERY, "battery") X(INPUT, "input")              \
		X(POST, "post") X(FLOOD, "flood")
#define PP_SIGNALS(X)                                                                              \
	X(UNKNOWN, "unknown")                                                                      \
	X(ALARM, "alarm")                                                                          \
	X(RESTORE, "restore")                                                                      \
	X(TROUBLE, "trouble")                                                                      \
	X(TROUBLE_RESTORE, "trouble-restore") X(TEST, "test") X(CANCEL, "cancel")
#define PP_CLASSES(X)                                                                              \
	X(UNSPECIFIED, "unspecified")                                                              \
	X(CRIME, "crime") X(FIRE, "fire") X(DISASTER, "disaster") X(MEDICAL, "medical")
#define PP_POINT_STATES(X)                                                                         \
	X(UNKNOWN, "unknown")                                                                      \
	X(NORMAL, "normal")                                                                        \
	X(ALARM, "alarm") X(TROUBLE, "trouble") X(DISABLED, "disabled") X(TEST, "test")
#define PP_STEPS(X)                                                                                \
	X(UNKNOWN, "unknown")                                                                      \
	X(RECEIVED, "received")                                                                    \
	X(ACKNOWLEDGED, "acknowledged")                                                            \
	X(DISPATCHED, "dispatched") X(ON_SCENE, "on-scene") X(CLOSED, "closed")
#define PP_ORDERS(X)                                                                               \
	X(UNKNOWN, "unknown")                                                                      \
	X(SOUND, "sound") X(SILENCE, "silence")
/* What became of an order. INTERRUPTED: taken, but the agent has begun anew since. */
#define PP_RESULTS(X)                                                                              \
	X(UNKNOWN, "unknown")                                                                      \
	X(DONE, "done") X(REFUSED, "refused") X(INTERRUPTED, "interrupted")
#define PP_CHANNELS(X)                                                                             \
	X(SIGNAL, "signal")                                                                        \
	X(STATE, "state")                                                                          \
	X(SAMPLE, "sample")                                                                        \
	X(RECEIPT, "receipt")                                                                      \
	X(BEAT, "beat") X(PROGRESS, "progress") X(COMMAND, "command") X(ANSWER, "answer")          \
		X(WILL, "will")

#define X(name, text) PP_KIND_##name,
enum pp_kind { PP_KINDS(X) PP_KIND_COUNT };
#undef X
#define X(name, text) PP_SIGNAL_##name,
enum pp_signal_type { PP_SIGNALS(X) PP_SIGNAL_COUNT };
#undef X
#define X(name, text) PP_CLASS_##name,
enum pp_class { PP_CLASSES(X) PP_CLASS_COUNT };
#undef X
#define X(name, text) PP_POINT_##name,
enum pp_point_state { PP_POINT_STATES(X) PP_POINT_STATE_COUNT };
#undef X
#define X(name, text) PP_STEP_##name,
enum pp_step { PP_STEPS(X) PP_STEP_COUNT };
#undef X
#define X(name, text) PP_ORDER_##name,
enum pp_order { PP_ORDERS(X) PP_ORDER_COUNT };
#undef X
#define X(name, text) PP_RESULT_##name,
enum pp_result { PP_RESULTS(X) PP_RESULT_COUNT };
#undef X
#define X(name, text) PP_CHANNEL_##name,
enum pp_channel { PP_CHANNELS(X) PP_CHANNEL_COUNT };
#undef X

const char *pp_kind_text(enum pp_kind v);
const char *pp_signal_text(enum pp_signal_type v);
const char *pp_class_text(enum pp_class v);
const char *pp_point_state_text(enum pp_point_state v);
const char *pp_step_text(enum pp_step v);
const char *pp_order_text(enum pp_order v);
const char *pp_result_text(enum pp_result v);
const char *pp_channel_text(enum pp_channel v);
/* The value, or -EINVAL for an unknown word (and for "unknown" itself). */
int pp_kind_parse(const char *text);
int pp_signal_parse(const char *text);
int pp_class_parse(const char *text);
int pp_point_state_parse(const char *text);
int pp_step_parse(const char *text);
int pp_order_parse(const char *text);
int pp_result_parse(const char *text);
int pp_channel_parse(const char *text);

/* Flags of a signal. */
#define PP_FLAG_AT_START 1u
#define PP_FLAG_SILENT 2u
#define PP_FLAG_DRILL 4u
#define PP_FLAG_VERIFIED 8u
#define PP_FLAG_FOREIGN 128u /* a flag that this version does not know was there */

#endif
