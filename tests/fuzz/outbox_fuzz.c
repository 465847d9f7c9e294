/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_fuzz.c -- an outbox that the disk has damaged, opened as the agent opens it: what it gives
 * is ours and each triple once, it goes on under numbers that nobody has seen, and what it has
 * given and not been told to forget it gives again after the next start. Input: edits of a good
 * outbox's file and log, see damage.h. */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <semaphore.h>
#include <unistd.h>

#include "damage.h"
#include "outbox/store.h"

#define TOPIC "pospin/v1/kendal/boja-01/signal"
#define ROWS 6
#define RECEIPTED 2 /* the first of them */
#define GIVEN_MAX 256

struct triple {
	uint64_t epoch;
	int64_t seq;
};

struct seen {
	size_t count;
	struct triple list[GIVEN_MAX];
	bool opened, lost, durable;
	struct triple appended;
};

static struct damage_image images[2];
static char path[256], log_path[260];
static struct pp_key *key;
static struct pp_key_list signers;
static uint64_t epoch;
static sem_t woken;
static const struct pp_outbox_now now = { .mono_ms = 5000, .wall_ms = 1763750400000 };

static struct pp_outbox_options options(void)
{
	return (struct pp_outbox_options){ .path = path,
		.topic = TOPIC,
		.key = key,
		.boot_id = "00000000000000000000000000000001",
		.rows_max = 100,
		.bytes_max = 1 << 20 };
}

static struct pp_draft draft(uint64_t ticket)
{
	struct pp_draft d = { .ticket = ticket };

	d.signal.kind = PP_KIND_PANIC;
	d.signal.type = PP_SIGNAL_ALARM;
	d.signal.class = PP_CLASS_CRIME;
	d.signal.mono_ms = 1000 + (int64_t)ticket;
	d.signal.at_ms = PP_AT_UNKNOWN;
	memcpy(d.signal.point, "panic-crime", 12);
	return d;
}

/* Half of the rows lie in the file, half in its log. */
static void rows_make(struct pp_outbox *o, int from, int to)
{
	for (int i = from; i <= to; i++) {
		const struct pp_draft d = draft((uint64_t)i);
		struct pp_parcel *parcel = NULL;
		struct pp_receipt receipt = { .epoch = epoch, .seq = i };

		MUST_HOLD(pp_outbox_begin(o) == 0);
		MUST_HOLD(pp_outbox_append(o, &d, &now, &parcel) == 0);
		receipt.epoch = epoch = parcel->epoch;
		if (i <= RECEIPTED)
			MUST_HOLD(pp_outbox_receipt(o, &receipt, &now) == 0);
		MUST_HOLD(pp_outbox_commit(o) == 0);
		pp_parcel_free(parcel);
	}
}

static void set_up(void)
{
	struct pp_outbox_options o = options();
	struct pp_outbox *outbox;

	MUST_HOLD(sem_init(&woken, 0, 0) == 0);
	(void)fuzz_path("outbox.db", path);
	snprintf(log_path, sizeof(log_path), "%s-wal", path);
	MUST_HOLD(pp_key_new(&key) == 0);
	pp_key_public(key, signers.keys[0]);
	signers.count = 1;
	o.key = key;
	MUST_HOLD(pp_outbox_open(&o, &outbox) == 0);
	rows_make(outbox, 1, ROWS / 2);
	pp_outbox_close(outbox);
	MUST_HOLD(pp_outbox_open(&o, &outbox) == 0);
	rows_make(outbox, ROWS / 2 + 1, ROWS);
	damage_take(path, &images[0]);
	damage_take(log_path, &images[1]);
	pp_outbox_close(outbox);
}

static void folder_empty(void)
{
	DIR *dir = opendir(fuzz_folder());
	struct dirent *entry;

	MUST_HOLD(dir);
	while ((entry = readdir(dir))) {
		char name[600];

		snprintf(name, sizeof(name), "%s/%s", fuzz_folder(), entry->d_name);
		if (entry->d_name[0] != '.')
			(void)unlink(name);
	}
	closedir(dir);
}

static void wake(void *user)
{
	(void)user;
	sem_post(&woken);
}

static bool has(const struct seen *s, struct triple t)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].epoch == t.epoch && s->list[i].seq == t.seq)
			return true;
	return false;
}

static void loaded(struct seen *s, const struct pp_store_answer *a)
{
	const struct triple t = { a->parcel->epoch, a->parcel->seq };
	struct pp_signal signal;

	MUST_HOLD(pp_parcel_check(a->parcel, &signers, &signal) == 0);
	MUST_HOLD(strcmp(a->parcel->topic, TOPIC) == 0);
	MUST_HOLD(signal.epoch == t.epoch && signal.seq == t.seq);
	MUST_HOLD(!has(s, t) && s->count < GIVEN_MAX);
	s->list[s->count++] = t;
}

static void answer_take(struct seen *s, const struct pp_store_answer *a)
{
	switch (a->type) {
	case PP_STORE_OPENED:
		s->opened = true;
		break;
	case PP_STORE_LOST:
		MUST_HOLD(a->error < 0 && a->why[0]);
		s->lost = true;
		break;
	case PP_STORE_LOADED:
		loaded(s, a);
		break;
	case PP_STORE_APPENDED:
		s->durable = true;
		s->appended = (struct triple){ a->parcel->epoch, a->parcel->seq };
		break;
	default:
		break;
	}
}

static void ask(struct pp_store *store, enum pp_store_request_type type, uint64_t ticket)
{
	struct pp_store_request *q = calloc(1, sizeof(*q));

	MUST_HOLD(q);
	q->type = type;
	q->now = now;
	if (type == PP_STORE_APPEND)
		q->draft = draft(ticket);
	MUST_HOLD(pp_store_push(store, q) == 0);
}

/* Until the answer of that type, or until the store is lost. */
static void hear(struct pp_store *store, enum pp_store_answer_type last, struct seen *s)
{
	bool done = false;

	while (!done) {
		struct pp_store_answer *a;

		while (!(a = pp_store_next(store)))
			MUST_HOLD(sem_wait(&woken) == 0 || errno == EINTR);
		answer_take(s, a);
		done = a->type == last || a->type == PP_STORE_LOST || a->type == PP_STORE_FAILED ||
		       a->type == PP_STORE_FULL;
		pp_store_answer_free(a);
	}
}

static void one_life(uint64_t ticket, struct seen *s)
{
	struct pp_store_options o = { .outbox = options(), .queue_limit = 64, .wake = wake };
	struct pp_store *store;

	memset(s, 0, sizeof(*s));
	MUST_HOLD(pp_store_new(&o, &store) == 0);
	ask(store, PP_STORE_OPEN, 0);
	hear(store, PP_STORE_ALL_LOADED, s);
	if (!s->lost) {
		ask(store, PP_STORE_APPEND, ticket);
		hear(store, PP_STORE_APPENDED, s);
		MUST_HOLD(!s->durable || !has(s, s->appended));
	}
	pp_store_free(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct seen first, second;
	struct fuzz_input in = { data, size };
	bool damaged;

	if (!key)
		set_up();
	folder_empty();
	damaged = damage_apply(&in, images, 2);
	damage_put(&images[0], path);
	damage_put(&images[1], log_path);
	one_life(100, &first);
	MUST_HOLD(first.opened || first.lost);
	if (!damaged) {
		MUST_HOLD(first.count == ROWS - RECEIPTED && first.durable);
		for (int64_t seq = RECEIPTED + 1; seq <= ROWS; seq++)
			MUST_HOLD(has(&first, (struct triple){ epoch, seq }));
	}
	if (!first.durable)
		return 0;
	one_life(101, &second);
	MUST_HOLD(second.lost || has(&second, first.appended));
	for (size_t i = 0; !second.lost && i < first.count; i++)
		MUST_HOLD(has(&second, first.list[i]));
	return 0;
}
