/* SPDX-License-Identifier: Apache-2.0 */
/* record.c -- batches of signals, states and people's moves into the record, as the engine goes:
 * receipts after the commit, signed heads now and then. */
#include "marks.h"

#include "pospin_record.h"

#include <inttypes.h>

#define BATCH_MAX 6
#define ROUNDS_A_START 40
#define PAST_MAX 64
#define INCIDENTS_MAX 512

struct sender {
	const char *name;
	uint64_t epoch;
	int64_t seq, mono_ms;
};

struct incident {
	char number[PP_INCIDENT_MAX + 1];
	int moves;
};

struct desk {
	struct work *w;
	struct pp_ledger *ledger;
	int64_t now_ms;
	struct sender senders[2];
	struct {
		size_t sender;
		struct pp_signal signal;
	} past[PAST_MAX];
	size_t past_count;
	struct incident incidents[INCIDENTS_MAX];
	size_t incident_count;
	struct pp_item *items[BATCH_MAX];
	struct pp_action actions[BATCH_MAX];
	size_t count;
};

static uint32_t below(struct desk *d, uint32_t limit)
{
	return random_below(&d->w->random, limit);
}

static struct pp_item *item_for(
	const struct desk *d, const struct sender *s, enum pp_item_type type)
{
	struct pp_item *item = pp_item_new(type);

	WANT(item);
	snprintf(item->tenant, sizeof(item->tenant), "kendal");
	snprintf(item->post, sizeof(item->post), "%s", s->name);
	item->arrived_ms = d->now_ms;
	return item;
}

static void offer(struct desk *d, size_t sender, const struct pp_signal *signal)
{
	struct pp_item *item = item_for(d, &d->senders[sender], PP_ITEM_SIGNAL);

	item->in.signal.signal = *signal;
	WANT(pp_signal_encode(signal, &item->in.signal.payload, &item->in.signal.length) == 0);
	mark(&d->w->marks, "offered %s %" PRId64, d->senders[sender].name, signal->seq);
	d->items[d->count++] = item;
}

static void offer_new(struct desk *d)
{
	static const char *const points[] = { "panic-crime", "panic-fire" };
	size_t sender = below(d, 2), fire = below(d, 2);
	struct sender *s = &d->senders[sender];
	struct pp_signal signal = { .epoch = s->epoch,
		.seq = ++s->seq,
		.boot = 1,
		.mono_ms = s->mono_ms,
		.at_ms = PP_AT_UNKNOWN,
		.kind = PP_KIND_PANIC,
		.type = PP_SIGNAL_ALARM };

	snprintf(signal.point, sizeof(signal.point), "%s", points[fire]);
	if (below(d, 5) == 0)
		signal.type = PP_SIGNAL_RESTORE;
	else
		signal.class = fire ? PP_CLASS_FIRE : PP_CLASS_CRIME;
	d->past[d->past_count % PAST_MAX].sender = sender;
	d->past[d->past_count++ % PAST_MAX].signal = signal;
	offer(d, sender, &signal);
}

static void offer_again(struct desk *d)
{
	size_t n = d->past_count < PAST_MAX ? d->past_count : PAST_MAX, i;

	if (n == 0)
		return;
	i = below(d, (uint32_t)n);
	offer(d, d->past[i].sender, &d->past[i].signal);
}

static void offer_state(struct desk *d)
{
	struct sender *s = &d->senders[below(d, 2)];
	struct pp_item *item = item_for(d, s, PP_ITEM_STATE);

	item->in.state = (struct pp_state){ .epoch = s->epoch,
		.boot = 1,
		.mono_ms = s->mono_ms,
		.n = 7,
		.config = "c0",
		.version = "0.1.0" };
	d->items[d->count++] = item;
}

/* The next move of an incident that is not closed yet: each is moved once a batch. */
static void move(struct desk *d)
{
	static const struct pp_action moves[] = {
		{ .type = PP_ACTION_ACKNOWLEDGE },
		{ .type = PP_ACTION_DISPATCH, .unit = "Damkar 1" },
		{ .type = PP_ACTION_NOTE, .text = "Api di dapur" },
		{ .type = PP_ACTION_ON_SCENE },
		{ .type = PP_ACTION_CLOSE, .code = "real", .text = "padam" },
	};
	struct incident *incident;
	struct pp_item *item;

	if (!d->incident_count)
		return;
	incident = &d->incidents[below(d, (uint32_t)d->incident_count)];
	if (incident->moves == (int)PP_COUNT(moves))
		return;
	d->actions[d->count] = moves[incident->moves++];
	d->actions[d->count].tenant = "kendal";
	d->actions[d->count].actor = "user:siti";
	d->actions[d->count].incident = incident->number;
	item = item_for(d, &d->senders[0], PP_ITEM_ACTION);
	item->post[0] = '\0';
	item->in.action = &d->actions[d->count];
	mark(&d->w->marks, "moving %s", incident->number);
	d->items[d->count++] = item;
}

static void incident_note(struct desk *d, const char *number)
{
	for (size_t i = 0; i < d->incident_count; i++)
		if (strcmp(d->incidents[i].number, number) == 0)
			return;
	WANT(d->incident_count < INCIDENTS_MAX);
	snprintf(d->incidents[d->incident_count++].number, sizeof(d->incidents[0].number), "%s",
		number);
}

/* What is told once the record has it. */
static void tell(struct desk *d, const struct pp_item *item)
{
	const char *incident = item->out.incident;

	if (item->type == PP_ITEM_SIGNAL && item->error == 0) {
		mark(&d->w->marks, "receipt %s %" PRId64 " %s", item->post,
			item->in.signal.signal.seq, incident[0] ? incident : "-");
		if (incident[0])
			incident_note(d, incident);
	}
	if (item->type == PP_ITEM_ACTION && item->error == 0 && item->out.action.error == 0)
		mark(&d->w->marks, "moved %s %s %" PRId64, item->in.action->incident,
			item->out.action.state, item->out.action.rev);
}

static void pass_time(struct desk *d)
{
	int64_t ms = 500 + below(d, 20) * 30000;

	d->now_ms += ms;
	for (size_t i = 0; i < PP_COUNT(d->senders); i++)
		d->senders[i].mono_ms += ms;
}

static void batch(struct desk *d)
{
	uint32_t wanted = 1 + below(d, BATCH_MAX);

	d->count = 0;
	pass_time(d);
	for (uint32_t i = 0; i < wanted; i++) {
		uint32_t what = below(d, 20);

		if (what < 9)
			offer_new(d);
		else if (what < 11)
			offer_again(d);
		else if (what < 13)
			offer_state(d);
		else
			move(d);
	}
	if (d->count == 0)
		return;
	WANT(pp_ledger_apply(d->ledger, d->items, d->count, d->now_ms) == 0);
	for (size_t i = 0; i < d->count; i++) {
		tell(d, d->items[i]);
		pp_item_free(d->items[i]);
	}
	if (below(d, 4) == 0) {
		WANT(pp_ledger_heads_write(d->ledger) == 0);
		mark(&d->w->marks, "heads");
	}
}

void work_record(struct work *w)
{
	static struct desk d;
	char record[256], heads[256];
	struct pp_key *key;
	struct pp_ledger_options options = { record, heads, NULL };

	snprintf(record, sizeof(record), "%s/record.db", w->folder);
	snprintf(heads, sizeof(heads), "%s/heads.log", w->folder);
	WANT(pp_key_load("/etc/cuts/server.key", &key) == 0);
	options.key = key;
	d.w = w;
	d.now_ms = PP_TEST_NOW;
	d.senders[0] = (struct sender){ "boja-01", 0x9f3c2a77d01b44e2, 0, 1000 };
	d.senders[1] = (struct sender){ "boja-02", 0x1f3c2a77d01b44e3, 0, 1000 };
	for (int i = 0; i < w->rounds; i++) {
		if (i % ROUNDS_A_START == 0) {
			pp_ledger_close(d.ledger);
			WANT(pp_ledger_open(&options, &d.ledger) == 0);
			if (i == 0)
				pp_test_import(d.ledger, pp_test_site);
		}
		batch(&d);
	}
	pp_ledger_close(d.ledger);
	pp_key_free(key);
}
