/* SPDX-License-Identifier: Apache-2.0 */
/* server.c -- the service on its machine, and everything that looks at its record. */
#include "server.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adversary.h"
#include "ledger/chain.h"
#include "core/clock.h"
#include "ledger/registrar.h"
#include "pages.h"
#include "people.h"
#include "plan.h"
#include "record.h"
#include "service/service.h"
#include "site.h"

#define DATA "/var/lib/pospin/"
#define RECORD DATA "record.db"
#define HEADS DATA "heads.log"
#define KEY "/etc/pospin/server.key"
#define START_AGAIN_US (500 * WORLD_MS)
#define ASKS_MAX 32

static char empty[] = "", key_path[] = KEY, record_path[] = RECORD, heads_path[] = HEADS,
	    host[] = "broker", file[] = "/etc/pospin/tls";

/* The one server of the one world in this process. */
static struct {
	struct world_node *node, *glass, *backup;
	struct world_process *process; /* the newest */
	struct record_eyes *eyes;
	const char *const *posts;
	size_t post_count;
	struct pp_server_settings settings;
	struct pp_site *site;
	const char *revoked;
	uint64_t backup_us; /* when the copy was taken; 0: never */
	bool restored;
	/* Of the program that runs. */
	struct pp_loop *loop;
	struct pp_loop_source *on_ask;
	struct pp_service *service;
	struct pp_db *record;
	struct ask {
		server_fn *fn;
		void *user;
	} asks[ASKS_MAX];
	size_t ask_count;
} server = {
	.settings = { .data = empty,
		.signing_key = key_path,
		.broker = { .host = host,
			.port = 8883,
			.ca = file,
			.certificate = file,
			.key = file },
		.webhook_allow_private = true,
		.record_path = record_path,
		.heads_path = heads_path },
};

struct world_node *server_node(void)
{
	return server.node;
}

/* ---- the program ---- */

static void on_term(void *user, int number)
{
	(void)number;
	pp_loop_stop(user, 0);
}

static void on_ask(void *user)
{
	struct ask asks[ASKS_MAX];
	size_t count = server.ask_count;

	(void)user;
	memcpy(asks, server.asks, count * sizeof(asks[0]));
	server.ask_count = 0;
	for (size_t i = 0; i < count && server.record; i++)
		asks[i].fn(asks[i].user, pp_service_engine(server.service), server.record);
}

/* A page that reads what was committed. */
static void on_commit(void *user)
{
	(void)user;
	if (server.record)
		(void)record_look_live(server.eyes, server.record);
}

static int service_run(void)
{
	struct pp_problem problem = { "" };
	int r = pp_service_new(&server.settings, server.loop, &problem, &server.service);

	if (r == 0)
		r = pp_db_open(RECORD, PP_DB_READ, &server.record);
	if (r < 0) {
		server.service = pp_service_free(server.service);
		return r;
	}
	pp_service_on_commit(server.service, on_commit, NULL);
	(void)record_look_live(server.eyes, server.record);
	pp_notify("READY=1");
	r = pp_loop_run(server.loop);
	server.service = pp_service_free(server.service);
	server.record = pp_db_close(server.record);
	return r;
}

static int server_main(void *user)
{
	struct pp_loop_source *term;
	int r;

	(void)user;
	r = pp_loop_new(&server.loop);
	if (r == 0)
		r = pp_loop_add_signal(server.loop, SIGTERM, on_term, server.loop, &term);
	if (r == 0)
		r = pp_loop_add_wake(server.loop, on_ask, NULL, &server.on_ask);
	return r < 0 ? EXIT_FAILURE : service_run() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool server_ask(server_fn *fn, void *user)
{
	if (!server.process || !world_process_is_alive(server.process) || !server.record)
		return false;
	for (size_t i = 0; i < server.ask_count; i++)
		if (server.asks[i].fn == fn && server.asks[i].user == user)
			return true;
	if (server.ask_count == ASKS_MAX)
		return false;
	server.asks[server.ask_count++] = (struct ask){ fn, user };
	pp_loop_wake(server.on_ask);
	return true;
}

/* ---- looks from outside ---- */

/* By the program's own means, which read the whole record and its signed heads. */
static void chain_verify(struct pp_db *db)
{
	struct pp_verify_report report = { .problems = 0 };
	struct pp_key *key;
	uint8_t public[1][PP_PUBLIC_KEY_SIZE];
	int r = pp_key_load(KEY, &key);

	assert(r == 0);
	pp_key_public(key, public[0]);
	pp_key_free(key);
	r = pp_chain_verify(
		db, NULL, HEADS, (const uint8_t(*)[PP_PUBLIC_KEY_SIZE]) public, 1, &report);
	if (r < 0)
		snprintf(report.first, sizeof(report.first), "error %d", r);
	world_history("chain", "\"ok\":%s,\"why\":\"%s\"",
		r == 0 && report.problems == 0 ? "true" : "false", report.first);
}

/* Each row of an answer is something wrong; but one that says ok. */
static int sound_verify(struct pp_db *db, const char *how, const char *sql)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(db, sql, &s);

	if (r == 0)
		r = pp_stmt_step(s);
	if (r == 1 && strcmp(pp_column_text(s, 0), "ok") != 0)
		world_history("chain",
			"\"ok\":false,\"why\":\"the record is damaged (%s): %s: %s\"", how, sql,
			pp_column_text(s, 0));
	if (r == 1)
		pp_stmt_reset(s);
	return r < 0 ? r : 0;
}

static void look(enum world_disk_view view, const char *how)
{
	struct pp_db *db;
	int r;

	world_disk_copy(server.node, view, server.glass);
	world_node_enter(server.glass);
	r = pp_db_open(RECORD, PP_DB_WRITE, &db);
	if (r == 0) {
		r = record_look_whole(server.eyes, db, how);
		if (r == 0)
			r = sound_verify(db, how, "PRAGMA quick_check(1)");
		if (r == 0)
			r = sound_verify(db, how, "PRAGMA foreign_key_check");
		if (r == 0 && strcmp(how, "end") == 0)
			chain_verify(db);
		pp_db_close(db);
	}
	world_node_leave();
	if (r < 0)
		world_history("chain",
			"\"ok\":false,\"why\":\"the record cannot be read (%s): %s\"", how,
			strerrordesc_np(-r));
}

void server_look_durable(void)
{
	look(WORLD_DISK_LEAST, "durable");
}

void server_look_end(void)
{
	look(WORLD_DISK_SEEN, "end");
}

/* ---- what it has counted ---- */

static void counts_write(void *user, struct pp_engine *engine, struct pp_db *record)
{
	struct pp_engine_counts c;

	(void)user;
	(void)record;
	pp_engine_counts(engine, &c);
#define WRITE(member, by, reason, help)                                                            \
	if (c.member)                                                                              \
		world_history("count",                                                             \
			"\"node\":\"server\",\"name\":\"" #member "\",\"value\":%" PRIu64,         \
			c.member);
	PP_ENGINE_COUNTS(WRITE)
#undef WRITE
}

void server_counts(void)
{
	(void)server_ask(counts_write, NULL);
}

/* ---- other programs on the record ---- */

/* pospinctl, started by the administrator while the server works. */
static int clerk_main(void *user)
{
	struct pp_ledger_options options = { RECORD, HEADS, NULL };
	const char **of = user, *revoked = of ? *of : NULL;
	struct pp_import_counts counts;
	struct pp_problem problem = { "" };
	struct pp_ledger *l = NULL;
	struct pp_key *key = NULL;
	int r = pp_key_load(KEY, &key);

	options.key = key;
	if (r == 0)
		r = pp_ledger_open(&options, &l);
	if (r == 0 && revoked) {
		const struct pp_key_revocation revocation = {
			.tenant = SERVER_TENANT, .post = revoked, .actor = "ctl:town"
		};

		r = pp_ledger_revoke(l, &revocation, pp_clock_wall_ms());
	} else if (r == 0) {
		r = pp_ledger_import(
			l, server.site, "ctl:town", pp_clock_wall_ms(), &counts, &problem);
	}
	pp_ledger_close(l);
	pp_key_free(key);
	return r < 0;
}

void server_clerk(const char *revoked)
{
	if (!world_node_is_on(server.node))
		return;
	server.revoked = revoked;
	(void)world_process_start(
		server.node, "pospinctl", clerk_main, revoked ? &server.revoked : NULL);
}

/* ---- starting it ---- */

static void start(void *user);

static void on_end(void *user, struct world_process *p, int code)
{
	(void)user;
	(void)code;
	if (p != server.process)
		return;
	server.process = NULL;
	server.service = NULL;
	server.record = NULL;
	server.ask_count = 0;
	people_unanswered();
	world_after(START_AGAIN_US, start, NULL);
}

static void start(void *user)
{
	(void)user;
	if (server.process || !world_node_is_on(server.node))
		return;
	server.process = world_process_start(server.node, "pospin-server", server_main, NULL);
	world_process_on_end(server.process, on_end, NULL);
}

void server_boot(void)
{
	if (!world_node_is_on(server.node))
		world_node_boot(server.node, start, NULL);
}

static void power_on(void *user)
{
	(void)user;
	server_boot();
}

static void look_after_cut(void *user)
{
	(void)user;
	look(WORLD_DISK_SEEN, "cut");
}

static void on_cut(void *user)
{
	static const uint64_t boots_s[] = { 12, 30, 8, 120 };

	(void)user;
	world_after(0, look_after_cut, NULL);
	world_after(boots_s[world_pick(WORLD_CHOICE_boot, 4)] * WORLD_S, power_on, NULL);
}

void server_end_and_start(void)
{
	if (server.process)
		world_process_signal(server.process, SIGTERM);
}

void server_kill(void)
{
	if (server.process)
		world_process_kill(server.process);
}

/* ---- an old copy ---- */

void server_backup(void)
{
	world_disk_copy(server.node, WORLD_DISK_LEAST, server.backup);
	server.backup_us = world_now_us();
}

static void put_back(const char *path)
{
	void *data;
	size_t length;

	if (world_disk_get(server.backup, path, &data, &length)) {
		world_disk_put(server.node, path, data, length);
		free(data);
	} else {
		world_disk_remove(server.node, path);
	}
}

bool server_restore(bool with_heads)
{
	if (!server.backup_us || server.restored || !world_node_is_on(server.node))
		return false;
	server.restored = true;
	server_kill();
	put_back(RECORD);
	put_back(RECORD "-wal");
	world_disk_remove(server.node, RECORD "-shm");
	if (with_heads)
		put_back(HEADS);
	world_history("restore", "\"where\":\"record\",\"of\":%" PRIu64 ",\"heads\":%s",
		server.backup_us / 1000, with_heads ? "true" : "false");
	record_forget(server.eyes);
	look(WORLD_DISK_SEEN, "cut");
	return true;
}

/* ---- making it ---- */

static void enrol(struct pp_ledger *l, const char *post, const struct pp_key *key)
{
	struct pp_enrolment e = { .tenant = SERVER_TENANT, .post = post, .actor = "ctl:town" };
	int r;

	pp_key_public(key, e.key);
	r = pp_ledger_enrol(l, &e, world_true_wall_ms());
	assert(r == 0);
}

static void user_make(struct pp_ledger *l, const char *name)
{
	const struct pp_action create = { .type = PP_ACTION_USER_CREATE,
		.tenant = SERVER_TENANT,
		.actor = "ctl:town",
		.name = name,
		.text = name,
		.role = "operator",
		.kecamatan = "",
		.unit = "",
		.secret = "none" };
	struct pp_item *item = pp_item_new(PP_ITEM_ACTION);
	int r;

	assert(item);
	snprintf(item->tenant, sizeof(item->tenant), "%s", SERVER_TENANT);
	item->in.action = &create;
	r = pp_ledger_apply(l, &item, 1, world_true_wall_ms());
	assert(r == 0 && item->error == 0 && item->out.action.error == 0);
	pp_item_free(item);
}

static void record_make(struct pp_key *const *keys, bool has_plan)
{
	struct pp_ledger_options options = { RECORD, HEADS, NULL };
	struct pp_import_counts counts;
	struct pp_problem problem = { "" };
	struct pp_ledger *l;
	struct pp_key *key;
	int r = pp_key_load(KEY, &key);

	assert(r == 0);
	options.key = key;
	r = pp_ledger_open(&options, &l);
	assert(r == 0);
	r = pp_ledger_import(l, server.site, "ctl:town", world_true_wall_ms(), &counts, &problem);
	if (r < 0)
		fprintf(stderr, "site: %s\n", problem.text);
	assert(r == 0);
	for (size_t i = 0; i < server.post_count; i++)
		enrol(l, server.posts[i], keys[i]);
	for (size_t i = 0; i < PAGES_COUNT; i++)
		user_make(l, pages_names[i] + strlen("user:"));
	if (has_plan)
		plan_import(l, world_true_wall_ms());
	pp_ledger_close(l);
	pp_key_free(key);
}

/* How people are reached whom only the plan names. */
static void ways_set(void)
{
	static char relay[] = "smtp://relay:25", from[] = "pospin@kendal.example",
		    gateway[] = "https://gateway/", type[] = "json", success[] = "ok=true",
		    letter[] = "{\"to\": \"{{address}}\", \"text\": \"{{text}}\","
			       " \"purpose\": \"{{purpose}}\", \"number\": \"{{number}}\"}";

	server.settings.mail.server = relay;
	server.settings.mail.from = from;
	server.settings.mail.plain = true;
	server.settings.sms.url = gateway;
	server.settings.sms.template = letter;
	server.settings.sms.type = type;
	server.settings.sms.success = success;
	server.settings.sms.reference = empty;
}

void server_begin(const char *const *posts, size_t count, bool has_plan)
{
	char pem[WORLD_PEM_MAX];
	struct pp_key *keys[SERVER_POSTS_MAX];
	static const int32_t drifts_ppm[] = { 0, 40, -40, 100, -100 };

	assert(count <= SERVER_POSTS_MAX);
	server.node = world_node_new("server");
	world_node_on_cut(server.node, on_cut, NULL);
	world_drift_set(server.node, drifts_ppm[world_pick(WORLD_CHOICE_drift, 5)]);
	server.glass = world_node_new("glass");
	server.backup = world_node_new("backup");
	server.eyes = record_eyes_new(SERVER_TENANT);
	server.posts = posts;
	server.post_count = count;
	world_key_pem(SERVER_KEY, pem);
	world_disk_put(server.node, KEY, pem, strlen(pem));
	world_disk_put(server.node, DATA ".keep", "", 0);
	adversary_key(site_key("nobody", "mallory"));
	for (size_t i = 0; i < count; i++) {
		keys[i] = site_key(SERVER_TENANT, posts[i]);
		adversary_key(keys[i]);
		adversary_post(SERVER_TENANT, posts[i]);
	}
	server.site = site_make(posts, count);
	world_node_enter(server.node);
	if (has_plan)
		ways_set();
	record_make(keys, has_plan);
	world_node_leave();
}
