/* SPDX-License-Identifier: Apache-2.0 */
/* outlet.c -- due rows of a channel into slots, slots into tries, outcomes into reports. */
#include "notify/outlet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "crypto/sign.h"
#include "notify/channels.h"

struct slot {
	struct pp_outlet *outlet;
	bool taken;
	uint64_t recipient;
	struct pp_notification_row row;
	struct pp_notify_verdict verdict;
	char reference[PP_FORM_REFERENCE_SIZE];
};

struct pp_outlet {
	struct pp_outlet_options options;
	struct {
		const struct pp_channel_ops *ops;
		void *channel;
	} ways[PP_OUTLET_WAYS];
	size_t way_count, slot_count;
	struct pp_lanes lanes;
	struct slot slots[PP_OUTLET_SLOTS];
	struct pp_notification_row rows[PP_OUTLET_ROWS];
};

static struct slot *slot_find_free(struct pp_outlet *o)
{
	for (size_t i = 0; i < o->slot_count; i++) {
		if (!o->slots[i].taken)
			return &o->slots[i];
	}
	return NULL;
}

static bool is_under_way(const struct pp_outlet *o, int64_t notification_id)
{
	for (size_t i = 0; i < o->slot_count; i++) {
		if (o->slots[i].taken && o->slots[i].row.notification_id == notification_id)
			return true;
	}
	return false;
}

static void slot_judge(struct slot *s, const struct pp_channel_outcome *outcome)
{
	struct pp_notify_try t = {
		.outcome = outcome,
		.attempts = s->row.attempts,
		.created_ms = s->row.created_ms,
		.now_ms = pp_clock_wall_ms(),
		.person = s->row.contact[0] != '\0',
		.has_next = s->row.has_next,
		.soon = strcmp(s->outlet->options.name, "siren") == 0,
	};
	struct pp_outlet *o = s->outlet;

	pp_random(&t.jitter, sizeof(t.jitter));
	pp_notify_judge(&t, &s->verdict);
	memcpy(s->reference, outcome->reference, sizeof(s->reference));
	pp_lanes_end(&o->lanes, s->recipient, outcome->word != PP_CHANNEL_AGAIN);
	o->options.report(o->options.user,
		&(struct pp_outlet_report){ .slot = (size_t)(s - o->slots),
			.row = &s->row,
			.verdict = &s->verdict,
			.reference = s->reference });
}

static void on_done(void *user, const struct pp_channel_outcome *outcome)
{
	slot_judge(user, outcome);
}

static struct pp_message message_of(const struct pp_notification_row *row)
{
	return (struct pp_message){
		.notification_id = row->notification_id,
		.attempts = row->attempts,
		.tenant = row->tenant,
		.target = row->target,
		.contact = row->contact,
		.purpose = row->purpose,
		.address = row->address,
		.text = row->text,
		.body = row->body,
		.key = row->key,
		.url = row->url,
		.secret = row->secret,
		.authorization = row->authorization,
		.form = { .template = row->template,
			.type = row->type,
			.success = row->success },
	};
}

/* The way of that name first; then they take turns. */
static size_t way_pick(const struct pp_outlet *o, const struct pp_notification_row *row)
{
	size_t first = 0;

	for (size_t i = 0; i < o->way_count; i++)
		if (o->ways[i].ops->way && strcmp(o->ways[i].ops->way, row->via) == 0)
			first = i;
	return o->way_count ? (first + (size_t)row->attempts) % o->way_count : 0;
}

/* Takes row. */
static void slot_start(struct slot *s, struct pp_notification_row *row)
{
	struct pp_outlet *o = s->outlet;
	struct pp_channel_outcome outcome = { .word = PP_CHANNEL_REFUSED, .retry_after_s = -1 };
	struct pp_message message;
	size_t way = way_pick(o, row);
	int r;

	s->row = *row;
	*row = (struct pp_notification_row){ .notification_id = 0 };
	s->taken = true;
	if (o->way_count == 0) {
		pp_channel_say(&outcome, "%s is not set up at this server", o->options.name);
		slot_judge(s, &outcome);
		return;
	}
	message = message_of(&s->row);
	r = o->ways[way].ops->start(o->ways[way].channel, &message, on_done, s);
	if (r < 0) {
		pp_channel_error(r, &outcome);
		slot_judge(s, &outcome);
	}
}

static void row_start(struct pp_outlet *o, struct pp_notification_row *row)
{
	const uint64_t recipient = pp_lanes_recipient(row->tenant, row->target, row->address);
	struct slot *s = slot_find_free(o);

	if (!s || is_under_way(o, row->notification_id) || !pp_lanes_begin(&o->lanes, recipient))
		return;
	s->recipient = recipient;
	slot_start(s, row);
}

int pp_outlet_scan(struct pp_outlet *o, struct pp_db *db, int64_t now_ms)
{
	size_t count = 0;
	int r;

	if (!slot_find_free(o))
		return 0; /* the next slot that comes free scans again */
	r = pp_query_notifications(db, o->options.name, now_ms, PP_OUTLET_ROWS, o->rows, &count);
	for (size_t i = 0; i < count; i++) {
		row_start(o, &o->rows[i]);
		pp_notification_row_done(&o->rows[i]);
	}
	return r;
}

void pp_outlet_reported(struct pp_outlet *o, size_t slot)
{
	pp_notification_row_done(&o->slots[slot].row);
	o->slots[slot].taken = false;
}

static int ways_open(struct pp_outlet *o)
{
	o->slot_count = PP_OUTLET_SLOTS;
	for (size_t i = 0; i < pp_channel_count && o->way_count < PP_OUTLET_WAYS; i++) {
		const struct pp_channel_ops *ops = pp_channels[i];
		int r;

		if (strcmp(ops->name, o->options.name) != 0)
			continue;
		r = ops->open(o->options.host, &o->ways[o->way_count].channel);
		if (r == -ENOTSUP)
			continue;
		if (r < 0)
			return r;
		o->ways[o->way_count++].ops = ops;
		if (ops->tries < o->slot_count)
			o->slot_count = ops->tries;
	}
	return 0;
}

int pp_outlet_new(const struct pp_outlet_options *options, struct pp_outlet **ret_outlet)
{
	struct pp_outlet *o = calloc(1, sizeof(*o));
	int r;

	if (!o)
		return -ENOMEM;
	o->options = *options;
	for (size_t i = 0; i < PP_OUTLET_SLOTS; i++)
		o->slots[i].outlet = o;
	r = ways_open(o);
	if (r < 0) {
		pp_outlet_free(o);
		return r;
	}
	*ret_outlet = o;
	return 0;
}

struct pp_outlet *pp_outlet_free(struct pp_outlet *o)
{
	if (!o)
		return NULL;
	for (size_t i = 0; i < o->way_count; i++)
		o->ways[i].ops->close(o->ways[i].channel);
	for (size_t i = 0; i < PP_OUTLET_SLOTS; i++)
		pp_notification_row_done(&o->slots[i].row);
	free(o);
	return NULL;
}
