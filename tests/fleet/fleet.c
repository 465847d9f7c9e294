/* SPDX-License-Identifier: Apache-2.0 */
/* fleet.c -- thousands of posts in one process: connects them, lets them press, and tells in JSON
 * what came of it. README.md says how to use it. */
#include <argp.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

#include "core/clock.h"
#include "post.h"

enum {
	SHAKING_MAX = 32, /* handshakes at a time */
	EVENTS_AT_ONCE = 256,
	AHEAD = 32, /* signals signed before their time */
	CONNECT_LIMIT_S = 300,
	SETTLE_S = 2,
	SPACING_US = 1050000,
	SECOND_US = 1000000,
};

enum pattern { EVEN, POISSON, BURST };

struct options {
	const char *dir, *tenant;
	unsigned port, posts, pressing, seconds, count, outstanding, spaced, idle, grace, state_ms,
		samples;
	double rate;
	enum pattern pattern;
	uint64_t seed;
};

/* What is pressed in one phase. */
struct phase {
	const char *name;
	uint64_t total, prepared, pressed;
	double gap_us; /* 0: as soon as fewer than `outstanding` wait */
	uint64_t begin_us, end_us;
	double next_us; /* of the one to be prepared */
	struct signal **signals;
	struct quantiles latency;
	struct fleet_counts before;
};

struct run {
	struct options o;
	struct fleet fleet;
	uint64_t random;
	/* posts that want a connection, a ring of indexes */
	unsigned *wanting;
	size_t wanting_first, wanting_count;
	bool busy; /* the processor belongs to what is measured: signatures wait */
	uint64_t retry_us, scan_us, state_us;
	unsigned state_next;
	struct epoll_event events[EVENTS_AT_ONCE];
};

static uint64_t draw(struct run *r)
{
	/* xorshift64* */
	r->random ^= r->random >> 12;
	r->random ^= r->random << 25;
	r->random ^= r->random >> 27;
	return r->random * UINT64_C(2685821657736338717);
}

/* ---- connecting ---- */

static void want(struct run *r, unsigned index)
{
	r->wanting[(r->wanting_first + r->wanting_count++) % r->fleet.post_count] = index;
}

static void on_down(struct fleet *f, struct post *p)
{
	struct run *r = (struct run *)((char *)f - offsetof(struct run, fleet));

	r->retry_us = pp_clock_mono_us() + SECOND_US / 2;
	want(r, p->index);
}

static size_t shaking(const struct run *r)
{
	return r->fleet.post_count - r->fleet.up - r->wanting_count;
}

static void connect_some(struct run *r, uint64_t now_us)
{
	while (r->wanting_count > 0 && now_us >= r->retry_us && shaking(r) < SHAKING_MAX) {
		unsigned index = r->wanting[r->wanting_first];

		r->wanting_first = (r->wanting_first + 1) % r->fleet.post_count;
		r->wanting_count--;
		wire_open(&r->fleet.posts[index].wire);
	}
}

/* ---- the loop ---- */

/* States are spread: each time one post's. */
static void states_step(struct run *r, uint64_t now_us)
{
	uint64_t gap_us = r->o.state_ms * UINT64_C(1000) / r->fleet.post_count;

	while (r->o.state_ms > 0 && now_us >= r->state_us) {
		struct post *p = &r->fleet.posts[r->state_next];

		if (p->beaten) /* else it has said its first one just now */
			post_state(p);
		r->state_next = (r->state_next + 1) % (unsigned)r->fleet.post_count;
		r->state_us += gap_us;
	}
}

/* Without states nothing else would keep the connection. */
static void scan(struct run *r, uint64_t now_us)
{
	if (now_us < r->scan_us)
		return;
	r->scan_us = now_us + SECOND_US;
	for (size_t i = 0; i < r->fleet.post_count; i++) {
		struct post *p = &r->fleet.posts[i];

		post_resend(p, now_us);
		if (p->wire.phase == WIRE_UP && now_us - p->wire.wrote_us > 20 * SECOND_US) {
			packet_ping(&p->wire.out);
			wire_flush(&p->wire);
		}
	}
}

/* Sleeps until until_us at most; checks signatures when it would only wait. */
static void turn(struct run *r, uint64_t until_us)
{
	uint64_t now_us = pp_clock_mono_us();
	int n;

	connect_some(r, now_us);
	states_step(r, now_us);
	scan(r, now_us);
	if (r->o.state_ms > 0 && r->state_us < until_us)
		until_us = r->state_us;
	if (r->scan_us < until_us)
		until_us = r->scan_us;
	n = epoll_wait(r->fleet.place.epoll_fd, r->events, EVENTS_AT_ONCE, 0);
	if (n == 0 && !r->busy && until_us > now_us + 500 && fleet_check(&r->fleet))
		return;
	if (n == 0) {
		uint64_t wait_us = until_us > now_us ? until_us - now_us : 0;
		struct timespec wait = { .tv_sec = (time_t)(wait_us / SECOND_US),
			.tv_nsec = (long)(wait_us % SECOND_US) * 1000 };

		n = epoll_pwait2(
			r->fleet.place.epoll_fd, r->events, EVENTS_AT_ONCE, &wait, NULL);
	}
	for (int i = 0; i < n; i++)
		wire_ready(r->events[i].data.ptr, r->events[i].events);
}

/* ---- pressing ---- */

static void prepare(struct run *r, struct phase *ph)
{
	struct post *p = &r->fleet.posts[draw(r) % r->o.pressing];
	uint64_t at_us = ph->gap_us > 0 ? (uint64_t)ph->next_us : pp_clock_mono_us();
	struct signal *s = post_prepare(p, at_us, (unsigned)(draw(r) >> 20));

	s->pressed_us = ph->gap_us > 0 ? at_us : 0;
	ph->signals[ph->prepared++] = s;
	if (r->o.pattern == POISSON)
		ph->next_us += -log(1.0 - (double)(draw(r) >> 11) / 9007199254740992.0) *
			       ph->gap_us;
	else if (r->o.pattern == BURST)
		ph->next_us += ph->prepared % 10 == 0 ? ph->gap_us * 10 : 0;
	else
		ph->next_us += ph->gap_us;
}

static bool is_due(const struct run *r, const struct phase *ph, uint64_t now_us)
{
	const struct fleet_counts *c = &r->fleet.counts;

	if (ph->pressed == ph->prepared)
		return false;
	if (ph->gap_us > 0)
		return now_us >= ph->signals[ph->pressed]->pressed_us;
	return c->pressed - c->receipted < r->o.outstanding;
}

static void press_due(struct run *r, struct phase *ph)
{
	uint64_t now_us = pp_clock_mono_us();

	while (is_due(r, ph, now_us)) {
		struct signal *s = ph->signals[ph->pressed++];

		if (!s->pressed_us)
			s->pressed_us = now_us;
		post_press(&r->fleet.posts[s->post], s);
	}
}

static void tell(const char *event)
{
	printf("{\"event\":\"%s\",\"mono_us\":%llu}\n", event,
		(unsigned long long)pp_clock_mono_us());
	fflush(stdout);
}

static void press_all(struct run *r, struct phase *ph)
{
	uint64_t ahead = ph->gap_us > 0 ? AHEAD : ph->total;
	char event[64];

	ph->signals = calloc(ph->total + 1, sizeof(struct signal *));
	ph->begin_us = pp_clock_mono_us() + (ph->gap_us > 0 ? SECOND_US / 10 : 0);
	ph->next_us = (double)ph->begin_us;
	ph->before = r->fleet.counts;
	r->fleet.latency = &ph->latency;
	r->busy = ph->gap_us == 0;
	while (ph->prepared < ph->total && ph->prepared < ahead)
		prepare(r, ph);
	if (ph->gap_us == 0)
		ph->begin_us = pp_clock_mono_us();
	snprintf(event, sizeof(event), "%s.begin", ph->name);
	tell(event);
	while (ph->pressed < ph->total) {
		press_due(r, ph);
		if (ph->prepared < ph->total && ph->prepared - ph->pressed < AHEAD)
			prepare(r, ph);
		turn(r, ph->gap_us > 0 && ph->pressed < ph->prepared
				? ph->signals[ph->pressed]->pressed_us
				: pp_clock_mono_us() + SECOND_US / 10);
	}
	uint64_t until_us = pp_clock_mono_us() + r->o.grace * UINT64_C(1000000);
	while (r->fleet.counts.receipted < r->fleet.counts.pressed &&
		pp_clock_mono_us() < until_us)
		turn(r, until_us);
	ph->end_us = r->fleet.last_receipt_us;
	r->busy = false;
	snprintf(event, sizeof(event), "%s.end", ph->name);
	tell(event);
}

/* ---- telling ---- */

static void tell_phase(const struct run *r, const struct phase *ph)
{
	const struct fleet_counts *c = &r->fleet.counts;
	double seconds = (double)(ph->end_us - ph->begin_us) / 1e6;
	static const struct {
		const char *name;
		double share;
	} shares[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p999", 0.999 } };

	printf("{\"event\":\"report\",\"phase\":\"%s\",\"pressed\":%llu,\"receipted\":%llu,"
	       "\"seconds\":%.3f,\"per_s\":%.1f,\"latency_ms\":{",
		ph->name, (unsigned long long)ph->pressed, (unsigned long long)ph->latency.count,
		seconds, seconds > 0 ? (double)ph->latency.count / seconds : 0);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
		printf("\"%s\":%.3f,", shares[i].name,
			quantile_at(&ph->latency, shares[i].share) / 1000);
	printf("\"max\":%.3f},\"resent\":%llu,\"lost\":%llu}\n",
		(double)ph->latency.max_us / 1000,
		(unsigned long long)(c->sent - ph->before.sent - ph->pressed),
		(unsigned long long)(ph->pressed - ph->latency.count));
	fflush(stdout);
}

static void tell_total(const struct run *r)
{
	const struct fleet_counts *c = &r->fleet.counts;

	printf("{\"event\":\"total\",\"posts\":%zu,\"pressed\":%llu,\"sent\":%llu,"
	       "\"receipted\":%llu,\"refused\":%llu,\"lost\":%llu,\"doubled\":%llu,"
	       "\"foreign_receipts\":%llu,\"forged\":%llu,\"unreadable\":%llu,"
	       "\"states\":%llu,\"beats\":%llu,\"beats_stale\":%llu,\"progress\":%llu,"
	       "\"connects\":%llu,\"losses\":%llu,\"failed_acks\":%llu,"
	       "\"samples\":%llu,\"samples_acknowledged\":%llu}\n",
		r->fleet.post_count, (unsigned long long)c->pressed, (unsigned long long)c->sent,
		(unsigned long long)c->receipted, (unsigned long long)c->refused,
		(unsigned long long)(c->pressed - c->receipted), (unsigned long long)c->doubled,
		(unsigned long long)c->foreign_receipts, (unsigned long long)c->forged,
		(unsigned long long)c->unreadable, (unsigned long long)c->states,
		(unsigned long long)c->beats, (unsigned long long)c->beats_stale,
		(unsigned long long)c->progress, (unsigned long long)c->connects,
		(unsigned long long)c->losses, (unsigned long long)c->failed_acks,
		(unsigned long long)c->samples_sent,
		(unsigned long long)c->samples_acknowledged);
}

/* ---- options ---- */

enum { DIR_ = 256, PORT, TENANT, POSTS, PRESSING, RATE, SECONDS, COUNT, OUTSTANDING, SPACED, IDLE,
	GRACE, STATES, SAMPLES, SEED, PATTERN };

static const struct argp_option option_table[] = {
	{ "dir", DIR_, "DIR", 0, "Site: pki/, and posts/ as fleet.make left them", 0 },
	{ "port", PORT, "N", 0, "TLS port of the broker on 127.0.0.1", 0 },
	{ "tenant", TENANT, "NAME", 0, "Regency (bench)", 0 },
	{ "posts", POSTS, "N", 0, "Posts to play, 1 to 5000 (10)", 0 },
	{ "pressing", PRESSING, "N", 0, "How many of them press (all)", 0 },
	{ "rate", RATE, "N", 0, "Presses a second (20)", 0 },
	{ "seconds", SECONDS, "N", 0, "How long (10)", 0 },
	{ "pattern", PATTERN, "WORD", 0, "even, poisson or burst (of ten)", 0 },
	{ "outstanding", OUTSTANDING, "N", 0,
		"Press as fast as receipts come, so many unreceipted; with --count", 0 },
	{ "count", COUNT, "N", 0, "Presses in all, with --outstanding (10000)", 0 },
	{ "spaced", SPACED, "N", 0, "Afterwards so many presses 1.05 s apart", 0 },
	{ "idle", IDLE, "S", 0, "Seconds without a press, before the presses and behind them", 0 },
	{ "grace", GRACE, "S", 0, "How long the last receipts may take (30)", 0 },
	{ "states", STATES, "MS", 0, "A state of each post so often (10000; 0: at connect only)",
		0 },
	{ "samples", SAMPLES, "N", 0, "So many samples in all, as fast as the broker takes them",
		0 },
	{ "seed", SEED, "N", 0, "Of who presses what and when (1)", 0 },
	{ 0 },
};

static unsigned number(struct argp_state *state, const char *arg, unsigned min, unsigned max)
{
	char *end;
	unsigned long value = strtoul(arg, &end, 10);

	if (*end || end == arg || value < min || value > max)
		argp_error(state, "'%s': expected %u to %u", arg, min, max);
	return (unsigned)value;
}

static error_t parse_number(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	const struct {
		int key;
		unsigned *value, min, max;
	} numbers[] = {
		{ PORT, &o->port, 1, 65535 },
		{ POSTS, &o->posts, 1, 5000 },
		{ PRESSING, &o->pressing, 1, 5000 },
		{ SECONDS, &o->seconds, 0, 86400 },
		{ COUNT, &o->count, 1, 10000000 },
		{ OUTSTANDING, &o->outstanding, 1, 100000 },
		{ SPACED, &o->spaced, 0, 10000 },
		{ IDLE, &o->idle, 0, 86400 },
		{ GRACE, &o->grace, 1, 600 },
		{ STATES, &o->state_ms, 0, 60000 },
		{ SAMPLES, &o->samples, 1, 100000000 },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i].key != key)
			continue;
		*numbers[i].value = number(state, arg, numbers[i].min, numbers[i].max);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const patterns[] = { "even", "poisson", "burst" };
	struct options *o = state->input;

	switch (key) {
	case DIR_:
		o->dir = arg;
		return 0;
	case TENANT:
		o->tenant = arg;
		return 0;
	case RATE:
		o->rate = strtod(arg, NULL);
		if (!(o->rate > 0 && o->rate <= 1e6))
			argp_error(state, "'%s': expected a rate", arg);
		return 0;
	case SEED:
		o->seed = strtoull(arg, NULL, 10);
		return 0;
	case PATTERN:
		for (int i = 0; i < 3; i++) {
			if (strcmp(arg, patterns[i]) == 0) {
				o->pattern = (enum pattern)i;
				return 0;
			}
		}
		argp_error(state, "'%s': expected even, poisson or burst", arg);
		return EINVAL;
	case ARGP_KEY_END:
		if (!o->dir || !o->port)
			argp_error(state, "--dir and --port must be given");
		return 0;
	default:
		return parse_number(key, arg, state);
	}
}

/* ---- the run ---- */

static int fleet_open(struct run *r)
{
	struct fleet *f = &r->fleet;
	char path[4096];
	int error;

	f->post_count = r->o.posts;
	f->posts = calloc(f->post_count, sizeof(*f->posts));
	r->wanting = calloc(f->post_count, sizeof(*r->wanting));
	if (!f->posts || !r->wanting)
		return -1;
	f->on_down = on_down;
	f->place.ops = &post_wire_ops;
	snprintf(path, sizeof(path), "%s/pki/server-keys.txt", r->o.dir);
	error = pp_key_list_load(path, &f->server_keys, NULL);
	snprintf(path, sizeof(path), "%s/pki/service-ca.crt", r->o.dir);
	if (error == 0)
		error = wire_place_init(
			&f->place, path, epoll_create1(EPOLL_CLOEXEC), (uint16_t)r->o.port);
	if (error < 0) {
		fprintf(stderr, "fleet: %s: %s\n", path, strerror(-error));
		return error;
	}
	snprintf(path, sizeof(path), "%s/posts", r->o.dir);
	for (size_t i = 0; error == 0 && i < f->post_count; i++) {
		error = post_init(&f->posts[i], f, r->o.tenant, path);
		want(r, (unsigned)i);
	}
	return error;
}

/* All connected, and (with_beats) heard by the server. */
static bool connect_all(struct run *r, bool with_beats)
{
	uint64_t begin_us = pp_clock_mono_us();

	r->state_us = begin_us;
	while (r->fleet.up < r->fleet.post_count ||
		(with_beats && r->fleet.beaten < r->fleet.post_count)) {
		uint64_t now_us = pp_clock_mono_us();

		if (now_us - begin_us > CONNECT_LIMIT_S * UINT64_C(1000000)) {
			fprintf(stderr, "fleet: %zu of %zu connected, %zu heard\n", r->fleet.up,
				r->fleet.post_count, r->fleet.beaten);
			return false;
		}
		turn(r, now_us + SECOND_US);
	}
	tell("connected");
	return true;
}

static void wait_s(struct run *r, unsigned seconds)
{
	uint64_t until_us = pp_clock_mono_us() + seconds * UINT64_C(1000000);

	while (pp_clock_mono_us() < until_us)
		turn(r, until_us);
}

static void send_samples(struct run *r)
{
	struct fleet *f = &r->fleet;
	uint64_t begin_us = pp_clock_mono_us();

	f->samples_from_ms = pp_clock_wall_ms() - r->o.samples;
	tell("samples.begin");
	for (size_t i = 0; i < f->post_count; i++) {
		f->posts[i].samples_wanted =
			r->o.samples / f->post_count + (i < r->o.samples % f->post_count);
		post_sample(&f->posts[i]);
	}
	while (f->counts.samples_acknowledged < r->o.samples && f->up > 0)
		turn(r, pp_clock_mono_us() + SECOND_US);
	tell("samples.end");
	printf("{\"event\":\"report\",\"phase\":\"samples\",\"sent\":%llu,\"seconds\":%.3f}\n",
		(unsigned long long)f->counts.samples_acknowledged,
		(double)(f->last_sample_us - begin_us) / 1e6);
}

static bool play(struct run *r)
{
	struct phase main_phase = { .name = "main",
		.total = r->o.outstanding ? r->o.count : (uint64_t)(r->o.rate * r->o.seconds),
		.gap_us = r->o.outstanding ? 0 : 1e6 / r->o.rate };
	struct phase *ph = calloc(1, sizeof(*ph)), *spaced = calloc(1, sizeof(*spaced));

	*ph = main_phase;
	*spaced = (struct phase){ .name = "spaced", .total = r->o.spaced, .gap_us = SPACING_US };
	if (!connect_all(r, r->o.samples == 0))
		return false;
	if (r->o.idle) {
		wait_s(r, SETTLE_S);
		tell("idle.begin");
		wait_s(r, r->o.idle);
	}
	if (r->o.samples) {
		send_samples(r);
		return true;
	}
	if (ph->total) {
		press_all(r, ph);
		tell_phase(r, ph);
	}
	if (r->o.idle) {
		wait_s(r, r->o.idle);
		tell("idle.end");
	}
	r->o.pattern = EVEN;
	if (spaced->total) {
		press_all(r, spaced);
		tell_phase(r, spaced);
	}
	return true;
}

static bool is_good(const struct fleet_counts *c)
{
	return c->receipted == c->pressed && c->refused + c->doubled + c->foreign_receipts +
						     c->forged + c->unreadable + c->failed_acks ==
					     0;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { option_table, parse, NULL,
		"Plays posts of PosPin against a broker, one line of JSON for each event.", NULL,
		NULL, NULL };
	static struct run r = { .o = { .tenant = "bench",
					.posts = 10,
					.rate = 20,
					.seconds = 10,
					.count = 10000,
					.grace = 30,
					.state_ms = 10000,
					.seed = 1 } };
	struct rlimit files;
	bool played;

	argp_parse(&argp, argc, argv, 0, NULL, &r.o);
	if (r.o.pressing == 0 || r.o.pressing > r.o.posts)
		r.o.pressing = r.o.posts;
	signal(SIGPIPE, SIG_IGN); /* a broken connection is told by its write */
	r.random = r.o.seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (fleet_open(&r) < 0)
		return EXIT_FAILURE;
	played = play(&r);
	while (fleet_check(&r.fleet))
		continue;
	tell_total(&r);
	r.fleet.ending = true;
	for (size_t i = 0; i < r.fleet.post_count; i++)
		wire_close(&r.fleet.posts[i].wire);
	return played && is_good(&r.fleet.counts) ? EXIT_SUCCESS : EXIT_FAILURE;
}
