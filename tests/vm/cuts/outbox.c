/* SPDX-License-Identifier: Apache-2.0 */
/* outbox.c -- presses, their ends, receipts and what else an outbox lives through, by way of the
 * keeper, as the agent goes. A signal is known by its mono_ms, which is its ticket. */
#include "marks.h"

#include <errno.h>
#include <inttypes.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outbox/keeper.h"

#define TOPIC "pospin/v1/kendal/boja-01/signal"
#define ROUNDS_A_START 40
#define LIT_MAX 4096
#define WAITING_MAX 12

struct lit {
	uint64_t epoch;
	int64_t seq, ticket;
};

struct post {
	struct work *w;
	struct pp_keeper *keeper;
	sem_t woken;
	struct pp_outbox_now now;
	int64_t ticket, waiting;
	uint64_t epoch;
	struct lit lit[LIT_MAX]; /* without receipt yet */
	size_t lit_count;
	int64_t high;
	int starts;
};

static void on_wake(void *user)
{
	struct post *p = user;

	sem_post(&p->woken);
}

static int64_t ticket_of(const struct pp_parcel *parcel)
{
	struct pp_signal signal;
	char why[160];

	WANT(pp_signal_decode(parcel->payload, parcel->length, &signal, why) == 0);
	return signal.mono_ms;
}

/* The lamp *taken*. */
static void light(struct post *p, const struct pp_store_answer *a)
{
	int64_t ticket = ticket_of(a->parcel);

	mark(&p->w->marks, "lit %" PRId64 " %016" PRIx64 " %" PRId64, ticket, a->parcel->epoch,
		a->parcel->seq);
	WANT(p->lit_count < LIT_MAX);
	p->lit[p->lit_count++] = (struct lit){ a->parcel->epoch, a->parcel->seq, ticket };
}

static void relight(struct post *p, const struct pp_store_answer *a)
{
	int64_t ticket = ticket_of(a->parcel);

	for (size_t i = 0; i < p->lit_count; i++) {
		struct lit *lit = &p->lit[i];

		if (lit->ticket != ticket || lit->epoch == a->parcel->epoch)
			continue;
		*lit = (struct lit){ a->parcel->epoch, a->parcel->seq, ticket };
		mark(&p->w->marks, "again %" PRId64 " %016" PRIx64 " %" PRId64, ticket, lit->epoch,
			lit->seq);
	}
}

static void on_answer(void *user, struct pp_store_answer *a)
{
	struct post *p = user;

	switch (a->type) {
	case PP_STORE_OPENED:
		WANT(a->durable);
		p->epoch = a->facts.epoch;
		mark(&p->w->marks, "epoch %016" PRIx64, p->epoch);
		break;
	case PP_STORE_APPENDED:
		WANT(a->durable && a->parcel);
		light(p, a);
		p->waiting--;
		break;
	case PP_STORE_LOADED:
		relight(p, a);
		break;
	case PP_STORE_KEPT:
		WANT(a->durable);
		mark(&p->w->marks, "kept %016" PRIx64 " %" PRId64, a->receipt.epoch,
			a->receipt.seq);
		p->waiting--;
		break;
	case PP_STORE_LOST:
	case PP_STORE_FULL:
	case PP_STORE_DAMAGED:
		work_fail(__FILE__, __LINE__, a->why);
	default:
		break;
	}
}

/* Until at most so many requests have no answer. */
static void settle(struct post *p, int64_t waiting)
{
	while (p->epoch == 0 || p->waiting > waiting) {
		WANT(sem_wait(&p->woken) == 0);
		pp_keeper_read(p->keeper, &p->now);
	}
	pp_keeper_read(p->keeper, &p->now);
}

static void press(struct post *p)
{
	static const char *const points[] = { "panic-crime", "panic-fire", "panic-medical" };
	struct pp_draft draft = { .ticket = (uint64_t)++p->ticket };
	uint32_t what = random_below(&p->w->random, 8);

	draft.signal.kind = PP_KIND_PANIC;
	draft.signal.type = what < 5   ? PP_SIGNAL_ALARM
			    : what < 7 ? PP_SIGNAL_RESTORE
				       : PP_SIGNAL_TROUBLE;
	draft.signal.mono_ms = p->ticket;
	draft.signal.at_ms = PP_AT_UNKNOWN;
	snprintf(draft.signal.point, sizeof(draft.signal.point), "%s", points[p->ticket % 3]);
	if (draft.signal.type == PP_SIGNAL_ALARM)
		draft.signal.class = PP_CLASS_CRIME;
	if (draft.signal.type == PP_SIGNAL_TROUBLE)
		memcpy(draft.signal.detail, "stuck", sizeof("stuck"));
	mark(&p->w->marks, "pressed %" PRId64, p->ticket);
	WANT(pp_keeper_append(p->keeper, &draft, &p->now) == 0);
	p->waiting++;
}

static void receipt(struct post *p)
{
	size_t i = p->lit_count ? random_below(&p->w->random, (uint32_t)p->lit_count) : 0;
	struct pp_receipt r = { .result = PP_RECEIPT_RECORDED };

	if (!p->lit_count)
		return;
	r.epoch = p->lit[i].epoch;
	r.seq = p->lit[i].seq;
	memcpy(r.incident, "KDL-26-000001", sizeof("KDL-26-000001"));
	mark(&p->w->marks, "receipted %" PRId64, p->lit[i].ticket);
	if (r.epoch == p->epoch && r.seq > p->high)
		p->high = r.seq;
	p->lit[i] = p->lit[--p->lit_count];
	pp_keeper_receipt(p->keeper, &r, &p->now);
	p->waiting++;
}

/* A server put back from an old copy wants signals again. */
static void reoffer(struct post *p)
{
	int64_t high = p->high > 3 ? p->high - 3 : 0;

	mark(&p->w->marks, "reoffer %" PRId64, high);
	pp_keeper_reoffer(p->keeper, p->epoch, high, &p->now);
}

/* The file turns out to be an old copy of itself. */
static void renew(struct post *p)
{
	uint64_t before;

	settle(p, 0);
	before = p->epoch;
	mark(&p->w->marks, "renew");
	p->epoch = 0;
	p->high = 0;
	pp_keeper_renew(p->keeper, before, &p->now);
	settle(p, 0);
	mark(&p->w->marks, "renewed");
}

static void step(struct post *p)
{
	uint32_t what = random_below(&p->w->random, 100);

	p->now.mono_ms += 50;
	p->now.wall_ms += 50;
	if (what < 55)
		for (uint32_t n = 1 + random_below(&p->w->random, 4); n > 0; n--)
			press(p);
	else if (what < 95)
		for (uint32_t n = 1 + random_below(&p->w->random, 3); n > 0; n--)
			receipt(p);
	else if (what < 98)
		reoffer(p);
	else if (what < 99)
		renew(p);
	settle(p, random_below(&p->w->random, WAITING_MAX));
}

/* Every fourth time after a reboot. */
static void start(struct post *p, const char *path, const struct pp_key *key)
{
	static const char *const boots[] = { "00000000000000000000000000000001",
		"00000000000000000000000000000002", "00000000000000000000000000000003" };
	const struct pp_keeper_options options = { .hang_us = 600000000,
		.silent_us = 600000000,
		.retry_us = 600000000,
		.memory_max = 1,
		.store = { .queue_limit = 1024,
			.wake = on_wake,
			.user = p,
			.outbox = { .path = path,
				.topic = TOPIC,
				.key = key,
				.boot_id = boots[(p->starts++ / 4) % 3],
				.rows_max = 20000,
				.bytes_max = 64 << 20 } } };

	p->epoch = 0;
	WANT(pp_keeper_new(&options, on_answer, p, &p->now, &p->keeper) == 0);
	settle(p, 0);
}

void work_outbox(struct work *w)
{
	static struct post p;
	char path[256];
	struct pp_key *key;

	snprintf(path, sizeof(path), "%s/outbox.db", w->folder);
	WANT(pp_key_load("/etc/cuts/post.key", &key) == 0);
	p.w = w;
	p.now = (struct pp_outbox_now){ .mono_ms = 100000, .wall_ms = 1763750400000 };
	WANT(sem_init(&p.woken, 0, 0) == 0);
	for (int i = 0; i < w->rounds; i++) {
		if (i % ROUNDS_A_START == 0) {
			pp_keeper_free(p.keeper);
			start(&p, path, key);
		}
		step(&p);
		if (i % ROUNDS_A_START == ROUNDS_A_START - 1)
			settle(&p, 0);
	}
	pp_keeper_free(p.keeper);
	sem_destroy(&p.woken);
	pp_key_free(key);
}
