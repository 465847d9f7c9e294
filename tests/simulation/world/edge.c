/* SPDX-License-Identifier: Apache-2.0 */
/* edge.c -- a post: the shipped agent on a simulated machine, hands on its buttons, and a witness
 * of its lamps and of what its outbox holds. */
#include "world/edge.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/sign.h"
#include "db/db.h"
#include "edge.h"
#include "edge_settings/edge_settings.h"
#include "inside.h"
#include "protocol/signal.h"
#include "wires.h"

#define SETTINGS_PATH "/etc/pospin/edge.yaml"
#define OUTBOX_PATH "/var/lib/pospin-edge/outbox.db"
#define RESTART_US 1000000u /* RestartSec= of the unit */
#define SEEN_MAX 4096u
#define WEATHER_US (10 * WORLD_S)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *id, *kind, *class, *more;
	bool silent;
} points[] = {
	{ "panic-crime", "panic", "crime", "", false },
	{ "panic-fire", "panic", "fire", "", false },
	{ "panic-silent", "panic", "crime", "    silent: true\n", true },
	{ "smoke", "smoke", "fire", "    verify: 10s\n", false },
	{ "mains", "mains", NULL, "", false },
};

/* A button's contact, moved by one hand at a time. */
struct contact {
	struct world_edge *edge;
	const char *point;
	bool held;
	uint32_t bounces;  /* still to come */
	uint64_t toggling; /* the event of the next; 0: it is still */
};

struct world_edge {
	char tenant[24], post[48], name[80];
	struct world_node *node, *peek;
	struct world_process *process;
	uint64_t starting; /* the event that will start it */
	uint64_t looked;   /* the disk's generation at the last look at what is durable */
	struct contact contacts[COUNT(points)];
	/* Rows that were seen in the outbox. */
	size_t seen_count;
	struct {
		uint64_t epoch;
		int64_t seq;
		bool there;
	} seen[SEEN_MAX];
};

static const struct wire_facts outputs[] = {
	{ "taken-crime", true, "taken", "crime", false },
	{ "received-crime", true, "received", "crime", false },
	{ "acknowledged-crime", true, "acknowledged", "crime", false },
	{ "dispatched-crime", true, "dispatched", "crime", false },
	{ "on-scene-crime", true, "on-scene", "crime", false },
	{ "taken-fire", true, "taken", "fire", false },
	{ "received-fire", true, "received", "fire", false },
	{ "trouble", true, "trouble", NULL, true },
	{ "server-away", true, "server-away", NULL, true },
	{ "siren", true, "siren", NULL, false },
};

static uint64_t press_count;

/* ---- what is on its disk ---- */

static void settings_put(struct world_edge *e)
{
	static char text[8192];
	size_t n = 0;
	int line = 0;

#define ADD(...) n += (size_t)snprintf(text + n, sizeof(text) - n, __VA_ARGS__)
	ADD("tenant: %s\npost: %s\ndata: /var/lib/pospin-edge\ncontrol: /run/control\n"
	    "source: gpio\nbroker:\n  host: broker\n  port: 8883\nsample_every: 5min\npoints:\n",
		e->tenant, e->post);
	for (size_t i = 0; i < COUNT(points); i++) {
		ADD("  - id: %s\n    kind: %s\n    line: L%d\n    active: low\n", points[i].id,
			points[i].kind, line++);
		if (points[i].class)
			ADD("    class: %s\n", points[i].class);
		ADD("%s", points[i].more);
	}
	ADD("outputs:\n");
	for (size_t i = 0; i < COUNT(outputs); i++) {
		ADD("  - id: %s\n    role: %s\n    line: L%d\n", outputs[i].id, outputs[i].role,
			line++);
		if (outputs[i].class)
			ADD("    class: %s\n", outputs[i].class);
		ADD("    safe: %s\n", outputs[i].safe ? "on" : "off");
	}
#undef ADD
	assert(n < sizeof(text));
	world_disk_put(e->node, SETTINGS_PATH, text, n);
}

static void public_of(const char *name, char ret_base64[48])
{
	char pem[WORLD_PEM_MAX];
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	struct pp_key *key;
	int r;

	world_key_pem(name, pem);
	/* pp_key_load reads files: one on a disk that nobody else uses. */
	struct world_node *desk = world_node_find("desk of keys");
	if (!desk)
		desk = world_node_new("desk of keys");
	world_disk_put(desk, "/key", pem, strlen(pem));
	world_node_enter(desk);
	r = pp_key_load("/key", &key);
	world_node_leave();
	assert(r == 0);
	pp_key_public(key, public);
	pp_key_free(key);
	pp_base64(public, sizeof(public), ret_base64);
}

static void keys_put(struct world_edge *e, const char *const *server_keys)
{
	char pem[WORLD_PEM_MAX], text[1024];
	size_t n = 0;

	world_key_pem(e->name, pem);
	world_disk_put(e->node, "/etc/pospin/post.key", pem, strlen(pem));
	for (; *server_keys; server_keys++) {
		char base64[48];

		public_of(*server_keys, base64);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\n", base64);
	}
	world_disk_put(e->node, "/etc/pospin/server-keys.txt", text, n);
}

void world_edge_public(const struct world_edge *e, char ret_base64[48])
{
	public_of(e->name, ret_base64);
}

/* ---- the witness ---- */

static void row_see(struct world_edge *e, const struct pp_signal *s)
{
	for (size_t i = 0; i < e->seen_count; i++)
		if (e->seen[i].epoch == s->epoch && e->seen[i].seq == s->seq) {
			e->seen[i].there = true;
			return;
		}
	assert(e->seen_count < SEEN_MAX);
	e->seen[e->seen_count].epoch = s->epoch;
	e->seen[e->seen_count].seq = s->seq;
	e->seen[e->seen_count++].there = true;
	world_history("row",
		"\"where\":\"outbox/%s\",\"post\":\"%s\",\"epoch\":\"%016" PRIx64
		"\",\"seq\":%" PRId64 ",\"point\":\"%s\",\"signal\":\"%s\",\"class\":\"%s\","
		"\"boot\":%" PRId64 ",\"mono\":%" PRId64 ",\"flags\":[%s]",
		e->post, e->post, s->epoch, s->seq, s->point, pp_signal_text(s->type),
		pp_class_text(s->class), s->boot, s->mono_ms,
		s->flags & PP_FLAG_AT_START ? "\"at-start\"" : "");
}

static int rows_read(struct world_edge *e, struct pp_db *db, const char *sql)
{
	struct pp_signal signal;
	struct pp_stmt *s;
	char why[160];
	int r = pp_db_prepare(db, sql, &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		size_t length;
		const char *payload = pp_column_blob(s, 0, &length);

		if (pp_signal_decode(payload, length, &signal, why) == 0)
			row_see(e, &signal);
		r = 0;
	}
	return r;
}

static int outbox_read(struct world_edge *e)
{
	struct pp_db *db = NULL;
	int r = pp_db_open(OUTBOX_PATH, PP_DB_READ, &db);

	if (r == 0)
		r = rows_read(e, db, "SELECT payload FROM signal ORDER BY seq");
	if (r == 0)
		r = rows_read(e, db, "SELECT payload FROM salvage ORDER BY id");
	pp_db_close(db);
	return r;
}

void world_edge_look(struct world_edge *e, enum world_disk_view view, const char *how)
{
	size_t there = 0;

	world_disk_copy(e->node, view, e->peek);
	for (size_t i = 0; i < e->seen_count; i++)
		e->seen[i].there = false;
	world_node_enter(e->peek);
	(void)outbox_read(e); /* what cannot be read is not there */
	world_node_leave();
	for (size_t i = 0; i < e->seen_count; i++) {
		there += e->seen[i].there;
		if (e->seen[i].there)
			continue;
		world_history("gone",
			"\"where\":\"outbox/%s\",\"post\":\"%s\",\"epoch\":\"%016" PRIx64
			"\",\"seq\":%" PRId64,
			e->post, e->post, e->seen[i].epoch, e->seen[i].seq);
		e->seen[i--] = e->seen[--e->seen_count];
	}
	world_history(
		"look", "\"where\":\"outbox/%s\",\"how\":\"%s\",\"rows\":%zu", e->post, how, there);
}

/* A lamp that blinks says the same again. */
static void look_durable(void *user)
{
	struct world_edge *e = user;

	if (e->looked == disk_generation(e->node->disk) + 1)
		return;
	e->looked = disk_generation(e->node->disk) + 1;
	world_edge_look(e, WORLD_DISK_LEAST, "durable");
}

/* What *taken* says must be true at that very moment. */
static void on_output(void *user, const struct wire_facts *facts, bool active)
{
	struct world_edge *e = user;

	if (facts->class)
		world_history("light", "\"post\":\"%s\",\"role\":\"%s\",\"class\":\"%s\",\"on\":%s",
			e->post, facts->role, facts->class, active ? "true" : "false");
	else
		world_history("light", "\"post\":\"%s\",\"role\":\"%s\",\"on\":%s", e->post,
			facts->role, active ? "true" : "false");
	if (active && strcmp(facts->role, "taken") == 0)
		world_aside(look_durable, e);
}

/* ---- its life ---- */

static int agent_main(void *user)
{
	struct pp_edge_settings *settings = calloc(1, sizeof(*settings));
	struct pp_problem problem = { "" };
	int r;

	(void)user;
	assert(settings);
	if (pp_edge_settings_load(SETTINGS_PATH, settings, &problem) < 0) {
		if (the_world.show_log)
			fprintf(stderr, "%s\n", problem.text);
		free(settings);
		return EXIT_FAILURE;
	}
	r = pp_edge_run(settings);
	pp_edge_settings_done(settings);
	free(settings);
	return r;
}

static void agent_start(void *user);

static void power_on(void *user)
{
	world_edge_boot(user);
}

static uint64_t boot_us(void)
{
	static const uint64_t boots_s[] = { 12, 30, 8, 120 };

	return boots_s[world_pick(WORLD_CHOICE_boot, 4)] * WORLD_S;
}

static void look_after_cut(void *user)
{
	world_edge_look(user, WORLD_DISK_SEEN, "cut");
}

static void ended(void *user, struct world_process *p, int code)
{
	struct world_edge *e = user;

	(void)p;
	(void)code;
	e->process = NULL;
	if (e->node->on)
		e->starting = world_after(RESTART_US, agent_start, e);
}

static void agent_start(void *user)
{
	struct world_edge *e = user;

	e->starting = 0;
	if (!e->node->on)
		return;
	e->process = world_process_start(e->node, "pospin-edge", agent_main, e);
	world_process_on_end(e->process, ended, e);
}

static void booted(void *user)
{
	struct world_edge *e = user;

	world_cancel(e->starting);
	agent_start(e);
}

void world_edge_boot(struct world_edge *e)
{
	if (!e->node->on)
		world_node_boot(e->node, booted, e);
}

/* After any power cut, whoever made it. */
static void cut(void *user)
{
	struct world_edge *e = user;

	world_cancel(e->starting);
	e->starting = 0;
	world_after(0, look_after_cut, e);
	world_after(boot_us(), power_on, e);
}

void world_edge_reload(struct world_edge *e)
{
	if (e->process)
		world_process_signal(e->process, SIGHUP);
}

void world_edge_stop(struct world_edge *e)
{
	if (e->process)
		world_process_signal(e->process, SIGTERM);
}

/* ---- what happens around it ---- */

static void wire_back(void *user)
{
	struct world_edge *e = user;

	for (size_t i = 0; i < COUNT(points); i++)
		wire_lose(e->node, points[i].id, false);
	world_history("wire", "\"post\":\"%s\",\"point\":\"panic-fire\",\"ok\":true", e->post);
}

static void clock_choose(struct world_node *n)
{
	static const int64_t walls_ms[] = { 0, 1000, 4070908800000, 3600000, -3600000, -7000 };
	uint32_t choice = world_choose(WORLD_CHOICE_clock, 8);

	if (choice == 7)
		world_wall_synchronise(n, true);
	else if (choice == 6)
		world_wall_synchronise(n, false);
	else if (choice == 1 || choice == 2) /* 1970, 2099 */
		world_wall_set(n, walls_ms[choice]);
	else if (choice)
		world_wall_set(n, world_wall_ms(n) + walls_ms[choice]);
	if (choice && choice < 6 && world_pick(WORLD_CHOICE_clock, 2))
		world_wall_synchronise(n, false);
}

static void weather(void *user)
{
	struct world_edge *e = user;

	if (world_choose(WORLD_CHOICE_wire, 2) && !wire_is_active(e->node, "panic-fire")) {
		world_history(
			"wire", "\"post\":\"%s\",\"point\":\"panic-fire\",\"ok\":false", e->post);
		wire_lose(e->node, "panic-fire", true);
		world_after(15 * WORLD_S, wire_back, e);
	}
	if (e->node->on)
		clock_choose(e->node);
	world_after(WEATHER_US, weather, e);
}

static void wires_make(struct world_edge *e)
{
	for (size_t i = 0; i < COUNT(points); i++) {
		e->contacts[i] = (struct contact){ .edge = e, .point = points[i].id };
		wires_add(e->node, &(struct wire_facts){ .id = points[i].id });
		world_history("point",
			"\"post\":\"%s\",\"point\":\"%s\",\"class\":\"%s\",\"silent\":%s", e->post,
			points[i].id, points[i].class ? points[i].class : "unspecified",
			points[i].silent ? "true" : "false");
	}
	for (size_t i = 0; i < COUNT(outputs); i++)
		wires_add(e->node, &outputs[i]);
	wires_watch(e->node, on_output, e);
}

struct world_edge *world_edge_new(
	const char *tenant, const char *post, const char *const *server_keys)
{
	static const int32_t drifts_ppm[] = { 0, 40, -40, 100, -100 };
	struct world_edge *e = calloc(1, sizeof(*e));
	char peek[64];

	assert(e);
	snprintf(e->tenant, sizeof(e->tenant), "%s", tenant);
	snprintf(e->post, sizeof(e->post), "%s", post);
	snprintf(e->name, sizeof(e->name), "%s/%s", tenant, post);
	snprintf(peek, sizeof(peek), "peek of %.40s", post);
	e->node = world_node_new(post);
	e->peek = world_node_new(peek);
	world_node_on_cut(e->node, cut, e);
	settings_put(e);
	keys_put(e, server_keys);
	wires_make(e);
	world_drift_set(e->node, drifts_ppm[world_pick(WORLD_CHOICE_drift, COUNT(drifts_ppm))]);
	world_after(WEATHER_US, weather, e);
	return e;
}

struct world_node *world_edge_node(const struct world_edge *e)
{
	return e->node;
}

const char *world_edge_name(const struct world_edge *e)
{
	return e->post;
}

/* ---- hands ---- */

static void toggle(void *user)
{
	struct contact *c = user;
	struct world_node *n = c->edge->node;

	c->toggling = 0;
	if (c->bounces == 0) {
		wire_set(n, c->point, c->held);
		return;
	}
	c->bounces--;
	wire_set(n, c->point, !wire_is_active(n, c->point));
	c->toggling = world_after(700 + 900 * (uint64_t)c->bounces, toggle, c);
}

/* The contact closes or opens, perhaps after some bouncing. What is left of its bouncing before is
 * over: it would take back what this hand does. */
static void move(struct contact *c, bool held)
{
	world_cancel(c->toggling);
	c->toggling = 0;
	c->held = held;
	c->bounces = 2 * world_choose(WORLD_CHOICE_bounce, 4);
	wire_set(c->edge->node, c->point, held);
	if (c->bounces > 0)
		c->toggling = world_after(800, toggle, c);
}

static void release(void *user)
{
	struct contact *c = user;

	world_history("release", "\"post\":\"%s\",\"point\":\"%s\"", c->edge->post, c->point);
	move(c, false);
}

static struct contact *contact_of(struct world_edge *e, const char *id)
{
	for (size_t i = 0; i < COUNT(points); i++)
		if (strcmp(points[i].id, id) == 0)
			return &e->contacts[i];
	assert(false);
	return NULL;
}

uint64_t world_edge_press(struct world_edge *e, const char *point, uint64_t hold_us)
{
	struct contact *c = contact_of(e, point);

	/* Somebody holds it already, though it may bounce open just now; or nobody can see it, and
	 * what is promised of a press that is found later is not said yet. */
	if (c->held || wire_is_lost(e->node, c->point))
		return 0;
	world_history("press", "\"post\":\"%s\",\"point\":\"%s\",\"number\":%" PRIu64 ",\"for\":%u",
		e->post, c->point, ++press_count, (unsigned)(hold_us / 1000));
	move(c, true);
	world_after(hold_us, release, c);
	return press_count;
}

void world_edge_level(struct world_edge *e, const char *point, bool active)
{
	wire_set(e->node, contact_of(e, point)->point, active);
}

bool world_edge_lamp(const struct world_edge *e, const char *output)
{
	return wire_is_active(e->node, output);
}
