/* SPDX-License-Identifier: Apache-2.0 */
/* facts.h -- a history put in order, for the checkers: which signal is whose press, which program
 * lived when, what was promised for each press. Line indexes; NONE: there is no such line. */
#ifndef CHECKERS_FACTS_H
#define CHECKERS_FACTS_H

#include "checkers/history.h"

#define NONE SIZE_MAX
#define NEVER_US UINT64_MAX

#define MS_US 1000u
#define S_US 1000000u
/* I6: a hold that counts; bounce may take a little of it. */
#define HOLD_US (55 * MS_US)
#define CAPTURE_US (350 * MS_US)

/* A program's life: from `start` to `crash`. */
struct life {
	const char *node;
	size_t start, ready, crash;
	uint64_t start_us, ready_us, end_us; /* ready NEVER_US: it never was; end: of the history,
						if it lives */
	bool frozen;                         /* for a part of it */
};

/* A stretch in which a machine's CLOCK_MONOTONIC went with true time. */
struct stretch {
	const char *node;
	size_t line; /* boot or sync */
	uint64_t from_us, to_us;
	int64_t zero_us; /* true time of mono 0 */
	unsigned boot;   /* stretches of one boot have the same number */
};

struct press;
/* One triple. */
struct signal {
	const char *post, *epoch;
	int64_t seq;
	const char *point, *type; /* of the first line that says so; NULL: unknown */
	int64_t mono, boot;
	bool at_start;
	struct press *press;
	unsigned press_boot; /* of the stretch in which it is of that press */
	/* The first line of each; row_last: newest in the record; row_back: newest that came there,
	 * and was not merely put into another incident. */
	size_t stored, sent, given, receipt, answered, row, row_last, row_back;
	bool present;         /* in the record, at the end */
	const char *incident; /* of its newest row */
	struct signal *next_of_press;
	bool forged; /* a `forge` line names it, and its post never made it */
	size_t next_in_bucket;
};

struct press {
	const char *post, *point, *class;
	bool silent;
	size_t line, release;
	uint64_t at_us, until_us; /* until: release, or the end */
	struct signal *signals;
	struct life *life;    /* that took it; NULL: none can be named */
	uint64_t captured_us; /* from here on the post must know it; NEVER_US: not promised */
	uint64_t accepted_us; /* as captured, if it may not be lost whatever follows */
	bool at_start;        /* promised as one that was held when the agent started */
};

/* An incident that people have made one with another, or parted from it: family is the first. */
struct kin {
	const char *incident, *family;
};

struct facts {
	const struct pp_history *h;
	struct kin *kin;
	size_t kin_count;
	struct life *lives;
	size_t life_count;
	struct stretch *stretches;
	size_t stretch_count;
	struct press *presses;
	size_t press_count;
	struct signal *signals;
	size_t signal_count;
	size_t *buckets;
	size_t bucket_count;
	uint64_t end_us, healed_us; /* healed NEVER_US: faults for ever */
	size_t healed, end;         /* lines; end: the last */
	uint64_t blur_us;
	bool knows_outboxes;                 /* its observer sees them, by `stored` or by looks */
	const char *record, *server, *alarm; /* the history's own texts, or NULL */
};

int facts_new(const struct pp_history *h, struct facts **ret_facts);
struct facts *facts_free(struct facts *f);

static inline const struct pp_line *line_at(const struct facts *f, size_t index)
{
	return pp_history_line(f->h, index);
}
/* Whether the line exists and is not later than that time. */
static inline bool in_time(const struct facts *f, size_t index, uint64_t at_us)
{
	return index != NONE && line_at(f, index)->t_us <= at_us + f->blur_us;
}
/* Text equality with a literal. */
bool is_text(const char *text, const char *literal);
struct signal *facts_signal(const struct facts *f, const struct pp_line *line);
/* The life of a node at that time; NULL: it does not run. */
struct life *facts_life(const struct facts *f, const char *node, uint64_t at_us);
/* Whether it still runs then: not if it ends in that very moment, in which other things may happen
 * after it. */
bool facts_runs(const struct life *life, uint64_t at_us);
/* Whether a line of that kind (and node or post, unless NULL) lies in [from, to). */
bool facts_any(
	const struct facts *f, enum pp_line_kind kind, const char *node, size_t from, size_t to);
/* Whether stored bytes of that place were taken back or destroyed in [from, to). */
bool facts_undone(const struct facts *f, const char *where, size_t from, size_t to);
/* The first line at or after that time. */
size_t facts_line_after(const struct facts *f, uint64_t at_us);
/* Whether it closes a look at the record that has read the timeline too: what a power cut would
 * leave is looked at for its rows alone. */
bool facts_read_all(const struct facts *f, const struct pp_line *line);
/* Name of a post's outbox as `where` has it, or NULL when no line has it. */
const char *facts_outbox(const struct facts *f, const char *post);
/* A line index for each signal, NONE at first; the caller frees it. NULL: no memory. */
size_t *marks_new(const struct facts *f);
void marks_clear(const struct facts *f, size_t *marks);
/* What that incident was, or was a part of, at that line. */
const char *facts_whole(const struct facts *f, const char *incident, size_t until);
/* True when line a was certainly before line b. */
bool facts_before(const struct facts *f, size_t a, size_t b);

#endif
