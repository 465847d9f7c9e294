/* SPDX-License-Identifier: Apache-2.0 */
/* notifier.c -- due rows into slots, slots into requests, answers into reports. A slot is held
 * until its report is in the record, so that a row is never tried twice at once. */
#include "notify/notifier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "crypto/sign.h"
#include "fetch/fetch.h"
#include "notify/policy.h"
#include "notify/webhook.h"
#include "store/query.h"

#define ROWS 128                /* read at once: those in flight and others */
#define REPORT_AGAIN_US 1000000 /* the engine had no room: hand it over again */
#define RECORD_AGAIN_US 5000000 /* the record could not be read */

enum slot_phase { SLOT_FREE, SLOT_TRYING, SLOT_REPORTING, SLOT_UNREPORTED };

struct slot {
	struct pp_notifier *notifier;
	enum slot_phase phase;
	struct pp_notification_row row;
	struct pp_notify_verdict verdict;
};

struct pp_notifier {
	struct pp_loop *loop;
	struct pp_engine *engine;
	struct pp_db *db;
	struct pp_fetcher *fetcher;
	struct pp_loop_source *timer;
	bool allow_private;
	struct slot slots[PP_NOTIFIER_SLOTS];
	struct pp_notification_row rows[ROWS];
	struct pp_notifier_counts counts;
};

static void notifier_scan(struct pp_notifier *n);

static void slot_free(struct slot *s)
{
	pp_notification_row_done(&s->row);
	s->phase = SLOT_FREE;
}

static void slot_wait(struct slot *s)
{
	s->phase = SLOT_UNREPORTED;
	(void)pp_loop_arm_at(
		s->notifier->timer, pp_loop_now_us(s->notifier->loop) + REPORT_AGAIN_US);
}

static void on_reported(void *user, const struct pp_action_result *result)
{
	struct slot *s = user;

	/* Told already: only the record does not know it yet. */
	if (result->error == -EBUSY || result->error == -ENOSPC) {
		slot_wait(s);
		return;
	}
	slot_free(s); /* not written: the row is due still and is tried again, with the same key */
	notifier_scan(s->notifier);
}

static void slot_report(struct slot *s)
{
	const struct pp_action action = {
		.type = PP_ACTION_NOTIFICATION,
		.tenant = s->row.tenant,
		.actor = "server",
		.notification_id = s->row.notification_id,
		.state = pp_notify_state_text(s->verdict.state),
		.text = s->verdict.detail,
		.next_ms = s->verdict.next_ms,
	};

	s->phase = SLOT_REPORTING;
	if (pp_engine_submit(s->notifier->engine, &action, on_reported, s) < 0)
		slot_wait(s);
}

static void slot_judge(struct slot *s, int error, long status, long retry_after_s)
{
	struct pp_notify_try t = {
		.error = error,
		.status = status,
		.retry_after_s = retry_after_s,
		.attempts = s->row.attempts,
		.created_ms = s->row.created_ms,
		.now_ms = pp_clock_wall_ms(),
	};

	pp_random(&t.jitter, sizeof(t.jitter));
	pp_notify_judge(&t, &s->verdict);
	s->notifier->counts.sent += s->verdict.state == PP_NOTIFY_SENT;
	s->notifier->counts.failed += s->verdict.state == PP_NOTIFY_FAILED;
	s->notifier->counts.again += s->verdict.state == PP_NOTIFY_QUEUED;
	slot_report(s);
}

static void on_answer(void *user, const struct pp_fetch_answer *answer)
{
	struct slot *s = user;

	/* An answer that is too long has its status all the same. */
	if (answer->error == -EFBIG && answer->status > 0)
		slot_judge(s, 0, answer->status, answer->retry_after_s);
	else
		slot_judge(s, answer->error, answer->status, answer->retry_after_s);
}

/* Takes row. */
static void slot_start(struct slot *s, struct pp_notification_row *row)
{
	struct pp_webhook webhook;
	int r;

	s->row = *row;
	*row = (struct pp_notification_row){ .notification_id = 0 };
	s->phase = SLOT_TRYING;
	s->notifier->counts.tries++;
	r = pp_webhook_build(&s->row, pp_clock_wall_ms(), s->notifier->allow_private, &webhook);
	if (r == 0)
		r = pp_fetcher_start(s->notifier->fetcher, &webhook.request, on_answer, s);
	if (r < 0)
		slot_judge(s, r, 0, -1);
}

static struct slot *slot_find_free(struct pp_notifier *n)
{
	for (size_t i = 0; i < PP_NOTIFIER_SLOTS; i++) {
		if (n->slots[i].phase == SLOT_FREE)
			return &n->slots[i];
	}
	return NULL;
}

static bool is_in_flight(const struct pp_notifier *n, int64_t notification_id)
{
	for (size_t i = 0; i < PP_NOTIFIER_SLOTS; i++) {
		if (n->slots[i].phase != SLOT_FREE &&
			n->slots[i].row.notification_id == notification_id)
			return true;
	}
	return false;
}

static void timer_arm(struct pp_notifier *n, int64_t now_ms)
{
	const uint64_t now_us = pp_loop_now_us(n->loop);
	uint64_t at = UINT64_MAX;
	int64_t next_ms;

	if (pp_query_next_notification(n->db, now_ms, &next_ms) < 0)
		at = now_us + RECORD_AGAIN_US;
	else if (next_ms < INT64_MAX)
		/* A day at most, so that a clock that is set right does not leave it waiting. */
		at = now_us +
		     1000 * (uint64_t)(next_ms - now_ms < 86400000 ? next_ms - now_ms : 86400000);
	for (size_t i = 0; i < PP_NOTIFIER_SLOTS; i++) {
		if (n->slots[i].phase == SLOT_UNREPORTED && at > now_us + REPORT_AGAIN_US)
			at = now_us + REPORT_AGAIN_US;
	}
	(void)pp_loop_arm_at(n->timer, at);
}

static void notifier_scan(struct pp_notifier *n)
{
	const int64_t now = pp_clock_wall_ms();
	struct slot *s = slot_find_free(n);
	size_t count = 0;

	if (s == NULL)
		return; /* the next slot that comes free scans again */
	if (pp_query_notifications(n->db, "webhook", now, ROWS, n->rows, &count) < 0)
		count = 0; /* timer_arm sees to it */
	for (size_t i = 0; i < count; i++) {
		if (s && !is_in_flight(n, n->rows[i].notification_id)) {
			slot_start(s, &n->rows[i]);
			s = slot_find_free(n);
		}
		pp_notification_row_done(&n->rows[i]);
	}
	timer_arm(n, now);
}

static void on_timer(void *user)
{
	struct pp_notifier *n = user;

	for (size_t i = 0; i < PP_NOTIFIER_SLOTS; i++) {
		if (n->slots[i].phase == SLOT_UNREPORTED)
			slot_report(&n->slots[i]);
	}
	notifier_scan(n);
}

void pp_notifier_committed(struct pp_notifier *n)
{
	notifier_scan(n);
}

#define ROW(...) PP_COUNTER_ROW(struct pp_notifier_counts, __VA_ARGS__)
const struct pp_counter pp_notifier_table[] = { PP_NOTIFIER_COUNTS(ROW) };
const size_t pp_notifier_table_count = sizeof(pp_notifier_table) / sizeof(pp_notifier_table[0]);

const struct pp_notifier_counts *pp_notifier_counts(const struct pp_notifier *n)
{
	return &n->counts;
}

int pp_notifier_new(const struct pp_notifier_options *options, struct pp_loop *loop,
	struct pp_engine *engine, struct pp_notifier **ret_notifier)
{
	struct pp_notifier *n = calloc(1, sizeof(*n));
	int r;

	if (n == NULL)
		return -ENOMEM;
	n->loop = loop;
	n->engine = engine;
	n->allow_private = options->allow_private;
	for (size_t i = 0; i < PP_NOTIFIER_SLOTS; i++)
		n->slots[i].notifier = n;
	r = pp_db_open(options->record_path, PP_DB_READ, &n->db);
	if (r == 0)
		r = pp_fetcher_new(loop, &n->fetcher);
	if (r == 0)
		r = pp_loop_add_timer(loop, 50000, on_timer, n, &n->timer);
	if (r == 0)
		r = pp_loop_arm_at(
			n->timer, pp_loop_now_us(loop)); /* what an earlier process left */
	if (r < 0) {
		pp_notifier_free(n);
		return r;
	}
	*ret_notifier = n;
	return 0;
}

struct pp_notifier *pp_notifier_free(struct pp_notifier *n)
{
	if (n == NULL)
		return NULL;
	pp_fetcher_free(n->fetcher);
	pp_loop_source_free(n->timer);
	for (size_t i = 0; i < PP_NOTIFIER_SLOTS; i++)
		slot_free(&n->slots[i]);
	pp_db_close(n->db);
	free(n);
	return NULL;
}
