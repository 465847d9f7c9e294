/* SPDX-License-Identifier: Apache-2.0 */
/* checkers/checkers.h -- what a history breaks of what PosPin promises. Pure. */
#ifndef CHECKERS_CHECKERS_H
#define CHECKERS_CHECKERS_H

#include "checkers/history.h"

/* Name, as it is written, the invariants that it guards, what a breach means. */
#define PP_CHECKERS(X)                                                                             \
	X(lost, "lost", "I1", "an accepted press is in no incident")                               \
	X(late, "late", "I1", "a press was recorded, but later than 15 s after faults had healed") \
	X(unexpected, "unexpected", "I3 I8", "the record holds what nobody did")                   \
	X(duplicated, "duplicated", "I2", "one press, or one triple, counts more than once")       \
	X(light_before_durable, "light-before-durable", "I4 I13",                                  \
		"a lamp or a receipt was given for what a power cut could still take")             \
	X(wrong_light, "wrong-light", "I4 I8",                                                     \
		"a lamp speaks for a press that has not come so far")                              \
	X(stale_light, "stale-light", "I4 I8",                                                     \
		"a lamp is lit for no press, or stays wrong after all is well")                    \
	X(silent_doubt, "silent-doubt", "I5", "no receipt in 10 s, and the presser was not told")  \
	X(capture, "capture", "I6", "a press was not taken in time")                               \
	X(cancel_before_press, "cancel-before-press", "I9",                                        \
		"a restore or cancel went before, hid or closed its alarm")                        \
	X(escalation_gap, "escalation-gap", "I10",                                                 \
		"an alarm told nobody, or the next were called too early or too late")             \
	X(step_order, "step-order", "I10", "a step of a ladder was skipped or fired again")        \
	X(told_after_taken, "told-after-taken", "I10",                                             \
		"somebody is called, or to be told, though others have it")                        \
	X(call_state, "call-state", "I10", "a call has gone where no call can go")                 \
	X(claim_kept, "claim-kept", "I10",                                                         \
		"an incident stayed with whoever was gone, or was taken from whoever was there")   \
	X(notification, "notification", "I11",                                                     \
		"a notification is missing, not true, or has a second key")                        \
	X(foreign_identity, "foreign-identity", "I7 I8 I16",                                       \
		"somebody spoke, or moved, in a name that is not theirs")                          \
	X(chain_break, "chain-break", "I16", "the chain of the timeline does not hold")            \
	X(bound_exceeded, "bound-exceeded", "I17", "something grew beyond its bound")              \
	X(carried_on, "carried-on", "I13", "a server went on after a sync had failed")             \
	X(supervision, "supervision", "I14",                                                       \
		"silence was not shown, or was shown of a post that speaks")                       \
	X(recovery, "recovery", "I15", "a program did not come back, or hid what was damaged")

#define X(name, text, invariants, words) PP_CHECK_##name,
enum pp_check { PP_CHECKERS(X) PP_CHECK_COUNT };
#undef X
const char *pp_check_name(enum pp_check check); /* "light-before-durable" */
const char *pp_check_words(enum pp_check check);
const char *pp_check_invariants(enum pp_check check);

#define PP_BREACH_LINES 6
struct pp_breach {
	enum pp_check check;
	char words[240];
	size_t lines[PP_BREACH_LINES]; /* numbers of the lines that prove it; 0: no more */
	uint64_t at_us;
};

struct pp_verdict;
enum pp_judge_mode {
	PP_JUDGE_NEVER = 1,   /* what must not happen even while everything fails */
	PP_JUDGE_PROMISE = 2, /* what must happen after `healed`; nothing is said without it */
	PP_JUDGE_ALL = 3,
};
/* -ENOMEM. At most PP_BREACHES_MAX breaches are kept; the rest is counted. */
#define PP_BREACHES_MAX 256
int pp_judge(const struct pp_history *h, enum pp_judge_mode mode, struct pp_verdict **ret_verdict);
struct pp_verdict *pp_verdict_free(struct pp_verdict *v); /* NULL is fine; returns NULL */
size_t pp_verdict_count(const struct pp_verdict *v);      /* kept ones */
size_t pp_verdict_total(const struct pp_verdict *v);
const struct pp_breach *pp_verdict_breach(const struct pp_verdict *v, size_t index);

#endif
