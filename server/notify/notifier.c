/* SPDX-License-Identifier: Apache-2.0 */
/* notifier.c -- one outlet a channel, and their reports into the record. A slot is held until its
 * report is there, so that a row is never tried twice at once. */
#include "notify/notifier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "fetch/fetch.h"
#include "notify/channels.h"
#include "notify/outlet.h"
#include "store/query.h"

#define OUTLETS_MAX 8
#define REPORT_AGAIN_US 1000000 /* the engine had no room: hand it over again */
#define RECORD_AGAIN_US 5000000 /* the record could not be read */
#define SCAN_EVERY_US 20000     /* commits may come faster than that */

struct report {
	struct pp_notifier *notifier;
	struct pp_outlet *outlet;
	enum { REPORT_NONE, REPORT_GIVEN, REPORT_WAITS } phase;
	struct pp_outlet_report what;
};

struct outlet {
	struct pp_notifier *notifier;
	struct pp_outlet *outlet;
	struct report reports[PP_OUTLET_SLOTS];
};

struct pp_notifier {
	struct pp_loop *loop;
	struct pp_engine *engine;
	struct pp_db *db;
	struct pp_fetcher *fetcher;
	struct pp_loop_source *timer;
	struct pp_channel_host host;
	struct outlet outlets[OUTLETS_MAX];
	size_t outlet_count;
	uint64_t scanned_us; /* CLOCK_MONOTONIC */
	bool waiting;        /* a report for the engine */
	struct pp_notifier_counts counts;
};

static void notifier_scan(struct pp_notifier *n);

static void on_reported(void *user, const struct pp_action_result *result)
{
	struct report *r = user;
	struct pp_notifier *n = r->notifier;

	/* Told already: only the record does not know it yet. */
	if (result->error == -EBUSY || result->error == -ENOSPC) {
		r->phase = REPORT_WAITS;
		n->waiting = true;
		(void)pp_loop_arm_at(n->timer, pp_loop_now_us(n->loop) + REPORT_AGAIN_US);
		return;
	}
	/* Not written: the row is due still and is tried again, with the same key. */
	r->phase = REPORT_NONE;
	pp_outlet_reported(r->outlet, r->what.slot);
	notifier_scan(n);
}

static void report_give(struct report *r)
{
	const struct pp_notification_row *row = r->what.row;
	const struct pp_action action = {
		.type = PP_ACTION_NOTIFICATION,
		.tenant = row->tenant,
		.actor = "server",
		.notification_id = row->notification_id,
		.state = pp_notify_state_text(r->what.verdict->state),
		.text = r->what.verdict->detail,
		.wait_ms = r->what.verdict->wait_ms,
		.code = r->what.reference,
	};

	r->phase = REPORT_GIVEN;
	if (pp_engine_submit(r->notifier->engine, &action, on_reported, r) == 0)
		return;
	r->phase = REPORT_WAITS;
	r->notifier->waiting = true;
	(void)pp_loop_arm_at(
		r->notifier->timer, pp_loop_now_us(r->notifier->loop) + REPORT_AGAIN_US);
}

static void on_report(void *user, const struct pp_outlet_report *report)
{
	struct outlet *o = user;
	struct report *r = &o->reports[report->slot];
	struct pp_notifier_counts *c = &o->notifier->counts;
	const enum pp_notify_state state = report->verdict->state;

	c->tries++;
	c->sent += state == PP_NOTIFY_SENT || state == PP_NOTIFY_DELIVERED;
	c->failed += state == PP_NOTIFY_FAILED;
	c->again += state == PP_NOTIFY_QUEUED;
	*r = (struct report){ .notifier = o->notifier, .outlet = o->outlet, .what = *report };
	report_give(r);
}

static void timer_arm(struct pp_notifier *n, bool failed, int64_t now_ms)
{
	const uint64_t now_us = pp_loop_now_us(n->loop);
	uint64_t at = UINT64_MAX;
	int64_t next_ms;

	if (failed || pp_query_next_notification(n->db, now_ms, &next_ms) < 0)
		at = now_us + RECORD_AGAIN_US;
	else if (next_ms < INT64_MAX)
		/* A day at most, so that a clock that is set right does not leave it waiting. */
		at = now_us +
		     1000 * (uint64_t)(next_ms - now_ms < 86400000 ? next_ms - now_ms : 86400000);
	if (n->waiting && at > now_us + REPORT_AGAIN_US)
		at = now_us + REPORT_AGAIN_US;
	(void)pp_loop_arm_at(n->timer, at);
}

static void notifier_scan(struct pp_notifier *n)
{
	const int64_t now_ms = pp_clock_wall_ms();
	bool failed = false;

	n->scanned_us = pp_loop_now_us(n->loop);
	for (size_t i = 0; i < n->outlet_count; i++)
		failed |= pp_outlet_scan(n->outlets[i].outlet, n->db, now_ms) < 0;
	timer_arm(n, failed, now_ms);
}

static void reports_give(struct pp_notifier *n)
{
	n->waiting = false;
	for (size_t i = 0; i < n->outlet_count; i++) {
		for (size_t k = 0; k < PP_OUTLET_SLOTS; k++) {
			if (n->outlets[i].reports[k].phase == REPORT_WAITS)
				report_give(&n->outlets[i].reports[k]);
		}
	}
}

static void on_timer(void *user)
{
	struct pp_notifier *n = user;

	reports_give(n);
	notifier_scan(n);
}

void pp_notifier_committed(struct pp_notifier *n)
{
	const uint64_t now_us = pp_loop_now_us(n->loop);

	if (now_us - n->scanned_us >= SCAN_EVERY_US)
		notifier_scan(n);
	else
		(void)pp_loop_arm_at(n->timer, n->scanned_us + SCAN_EVERY_US);
}

#define ROW(...) PP_COUNTER_ROW(struct pp_notifier_counts, __VA_ARGS__)
const struct pp_counter pp_notifier_table[] = { PP_NOTIFIER_COUNTS(ROW) };
const size_t pp_notifier_table_count = sizeof(pp_notifier_table) / sizeof(pp_notifier_table[0]);

const struct pp_notifier_counts *pp_notifier_counts(const struct pp_notifier *n)
{
	return &n->counts;
}

static bool is_first_of_its_name(size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (strcmp(pp_channels[i]->name, pp_channels[index]->name) == 0)
			return false;
	}
	return true;
}

static int outlets_open(struct pp_notifier *n)
{
	for (size_t i = 0; i < pp_channel_count && n->outlet_count < OUTLETS_MAX; i++) {
		struct outlet *o = &n->outlets[n->outlet_count];
		const struct pp_outlet_options options = {
			.name = pp_channels[i]->name,
			.host = &n->host,
			.report = on_report,
			.user = o,
		};
		int r;

		if (!is_first_of_its_name(i))
			continue;
		o->notifier = n;
		r = pp_outlet_new(&options, &o->outlet);
		if (r < 0)
			return r;
		n->outlet_count++;
	}
	return 0;
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
	r = pp_db_open(options->record_path, PP_DB_READ, &n->db);
	if (r == 0)
		r = pp_fetcher_new(loop, &n->fetcher);
	if (r == 0)
		r = pp_loop_add_timer(loop, 5000, on_timer, n, &n->timer);
	n->host = (struct pp_channel_host){
		.settings = options->settings,
		.loop = loop,
		.fetcher = n->fetcher,
		.engine = engine,
	};
	if (r == 0)
		r = outlets_open(n);
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
	for (size_t i = 0; i < n->outlet_count; i++)
		pp_outlet_free(n->outlets[i].outlet);
	pp_db_close(n->db);
	free(n);
	return NULL;
}
