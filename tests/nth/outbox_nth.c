/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_nth.c -- the outbox behind its keeper, as the agent uses it: what was told to be on the
 * disk is there, once, and nothing that is whole is called damaged. */
#include "nth.h"
#include "pospin_test.h"

#include <errno.h>
#include <semaphore.h>
#include <time.h>

#include "outbox/keeper.h"

#define TOPIC "pospin/v1/kendal/boja-01/signal"
#define BOOT_ID "00000000000000000000000000000001"
#define TICKETS_MAX 64
#define WAIT_S 20

static struct pp_key *key;

struct post {
	struct pp_keeper *keeper;
	char path[600]; /* for as long as the keeper */
	sem_t woken;
	struct pp_outbox_now now;
	int waiting;
	bool durable, opened, wrote, all_loaded;
	uint64_t epoch, ticket;
	struct {
		int64_t seq;
		uint64_t epoch;
		int loaded;
		bool whole;
	} tickets[TICKETS_MAX];
	int damaged; /* files or rows that were called so */
};

static void on_wake(void *user)
{
	sem_post(&((struct post *)user)->woken);
}

static void row_take(struct post *p, const struct pp_store_answer *a, bool durable)
{
	struct pp_signal signal;
	char why[160];

	if (!a->parcel)
		return;
	/* As the far end would read it; short of memory it would try again. */
	if (pp_signal_decode(a->parcel->payload, a->parcel->length, &signal, why) == -ENOMEM)
		NTH_WANT(
			pp_signal_decode(a->parcel->payload, a->parcel->length, &signal, why) == 0);
	if (signal.kind == PP_KIND_POST) {
		p->damaged += strcmp(signal.detail, "outbox-damaged") == 0;
		fprintf(stderr, "told: %s, %d lost, the first %d\n", signal.detail,
			(int)signal.lost_count, (int)signal.lost[0]);
		return;
	}
	NTH_WANT(signal.mono_ms > 0 && signal.mono_ms < TICKETS_MAX);
	p->tickets[signal.mono_ms].seq = a->parcel->seq;
	p->tickets[signal.mono_ms].epoch = a->parcel->epoch;
	p->tickets[signal.mono_ms].loaded += a->type == PP_STORE_LOADED;
	p->tickets[signal.mono_ms].whole = durable;
}

static void on_answer(void *user, struct pp_store_answer *a)
{
	struct post *p = user;

	switch (a->type) {
	case PP_STORE_OPENED:
		p->opened = true;
		p->durable = a->durable;
		p->epoch = a->facts.epoch;
		break;
	case PP_STORE_ALL_LOADED:
		p->all_loaded = true;
		break;
	case PP_STORE_LOADED:
		row_take(p, a, true);
		break;
	case PP_STORE_APPENDED:
		row_take(p, a, a->durable);
		if (a->durable)
			nth_note('L', (int64_t)a->ticket, a->parcel->seq, 0);
		p->waiting--;
		break;
	case PP_STORE_FULL:
		nth_note('F', (int64_t)a->ticket, 0, 0); /* its presser is told */
		p->waiting--;
		break;
	case PP_STORE_KEPT:
		p->waiting--;
		break;
	case PP_STORE_DAMAGED:
		nth_note('D', 0, 0, 0);
		p->damaged++;
		fprintf(stderr, "damaged: %s\n", a->why);
		break;
	case PP_STORE_LOST:
		NTH_WANT(a->error < 0 && a->why[0]); /* told with what and why */
		nth_note('X', a->error, 0, 0);
		break;
	case PP_STORE_WROTE:
		p->wrote = true;
		break;
	default:
		break;
	}
}

static void wait_once(struct post *p)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += WAIT_S;
	NTH_WANT(sem_timedwait(&p->woken, &end) == 0 || errno == EINTR);
	pp_keeper_read(p->keeper, &p->now);
	NTH_WANT(p->waiting >= 0); /* nothing is answered twice */
}

static void settle(struct post *p)
{
	while (!p->opened || p->waiting > 0)
		wait_once(p);
}

static struct pp_keeper_options options_of(struct post *p)
{
	return (struct pp_keeper_options){ .hang_us = 600000000,
		.silent_us = 600000000,
		.retry_first_us = 1000000,
		.retry_us = 60000000,
		.memory_max = 64,
		.store = { .queue_limit = 64,
			.wake = on_wake,
			.user = p,
			.outbox = { .path = p->path,
				.topic = TOPIC,
				.key = key,
				.boot_id = BOOT_ID,
				.rows_max = 1000,
				.bytes_max = 1 << 20 } } };
}

static void start(struct post *p)
{
	struct pp_keeper_options options = options_of(p);
	int r;

	p->opened = p->all_loaded = false;
	r = pp_keeper_new(&options, on_answer, p, &p->now, &p->keeper);
	if (r < 0) /* told; what asked tries again */
		NTH_WANT(pp_keeper_new(&options, on_answer, p, &p->now, &p->keeper) == 0);
	settle(p);
}

/* A store that was lost is found again. */
static void find(struct post *p)
{
	for (int i = 0; i < 3 && !p->durable; i++) {
		p->now.mono_ms += 61000;
		p->opened = false;
		pp_keeper_step(p->keeper, &p->now);
		settle(p);
	}
	NTH_WANT(p->durable);
}

static void press(struct post *p, enum pp_signal_type type)
{
	struct pp_draft draft = { .ticket = ++p->ticket };

	draft.signal.kind = PP_KIND_PANIC;
	draft.signal.type = type;
	draft.signal.mono_ms = (int64_t)draft.ticket;
	draft.signal.at_ms = PP_AT_UNKNOWN;
	memcpy(draft.signal.point, "panic-crime", sizeof("panic-crime"));
	if (type == PP_SIGNAL_ALARM)
		draft.signal.class = PP_CLASS_CRIME;
	nth_note('P', (int64_t)draft.ticket, 0, 0);
	p->waiting++;
	NTH_WANT(pp_keeper_append(p->keeper, &draft, &p->now) == 0);
}

static void receipt(struct post *p, uint64_t ticket)
{
	const struct pp_receipt r = { .epoch = p->tickets[ticket].epoch,
		.seq = p->tickets[ticket].seq,
		.result = PP_RECEIPT_RECORDED };

	nth_note('R', (int64_t)ticket, 0, 0);
	p->waiting++;
	pp_keeper_receipt(p->keeper, &r, &p->now);
}

static void post_init(struct post *p, const char *folder)
{
	*p = (struct post){ .now = { .mono_ms = 5000, .wall_ms = 1763750400000 } };
	snprintf(p->path, sizeof(p->path), "%s/outbox.db", folder);
	sem_init(&p->woken, 0, 0);
}

/* Where there is no memory for it, nothing is asked for. */
static void write_small(struct post *p, const char *folder)
{
	char name[600], *file, *text;

	snprintf(name, sizeof(name), "%s/small", folder);
	file = strdup(name);
	text = strdup("x");
	if (file && text) {
		pp_keeper_write(p->keeper, file, text);
		return;
	}
	free(file);
	free(text);
}

static void work(struct post *p, const char *folder)
{
	start(p);
	press(p, PP_SIGNAL_ALARM);
	press(p, PP_SIGNAL_TROUBLE);
	settle(p);
	press(p, PP_SIGNAL_RESTORE);
	press(p, PP_SIGNAL_ALARM);
	settle(p);
	receipt(p, 1);
	settle(p);
	pp_keeper_reoffer(p->keeper, p->epoch, 0, &p->now);
	pp_keeper_ping(p->keeper, &p->now);
	write_small(p, folder);
	press(p, PP_SIGNAL_ALARM);
	settle(p);
	pp_keeper_renew(p->keeper, p->epoch, &p->now);
	press(p, PP_SIGNAL_ALARM);
	settle(p);
	p->keeper = pp_keeper_free(p->keeper);
	start(p); /* as after the agent's restart */
	press(p, PP_SIGNAL_ALARM);
	settle(p);
}

static void play(const char *folder)
{
	struct post p;

	post_init(&p, folder);
	nth_begin();
	work(&p, folder);
	nth_end();
	/* The last failure may be heard of only now. */
	for (int i = 0; i < 2 && (i == 0 || !p.tickets[p.ticket].whole); i++) {
		find(&p);
		press(&p, PP_SIGNAL_ALARM);
		settle(&p);
	}
	NTH_WANT(p.tickets[p.ticket].whole);
	NTH_WANT(p.damaged == 0);
	pp_keeper_free(p.keeper);
	sem_destroy(&p.woken);
	key = pp_key_free(key);
}

static void prepare(const char *folder)
{
	(void)folder;
	if (!key)
		NTH_WANT(pp_key_new(&key) == 0);
}

static bool noted(const struct nth_note *notes, size_t count, char what, uint64_t ticket)
{
	for (size_t i = 0; i < count; i++)
		if (notes[i].what == what && notes[i].a == (int64_t)ticket)
			return true;
	return false;
}

/* What the next agent finds, and offers to the server. */
static void judge(const char *folder, const struct nth_note *notes, size_t count)
{
	struct post p;

	post_init(&p, folder);
	start(&p);
	while (!p.all_loaded)
		wait_once(&p);
	if (!p.durable || p.damaged || noted(notes, count, 'D', 0))
		nth_wrong("what is whole is called damaged or lost");
	for (uint64_t t = 1; t < TICKETS_MAX; t++) {
		bool lit = noted(notes, count, 'L', t);

		if (lit && !noted(notes, count, 'R', t) && p.tickets[t].loaded == 0)
			nth_wrong("ticket %d was taken, and is lost", (int)t);
		if (p.tickets[t].loaded > 1)
			nth_wrong("ticket %d is there %d times", (int)t, p.tickets[t].loaded);
		if (p.tickets[t].loaded && !noted(notes, count, 'P', t))
			nth_wrong("ticket %d is invented", (int)t);
	}
	pp_keeper_free(p.keeper);
	sem_destroy(&p.woken);
}

int main(void)
{
	static const struct nth_scenario scenario = { "outbox", prepare, play, judge };
	uint8_t signature[PP_SIGNATURE_SIZE];

	/* What OpenSSL sets up once is not for one scenario to fail. */
	prepare("");
	(void)pp_sign(key, "x", 1, signature);
	return nth_run(&scenario);
}
