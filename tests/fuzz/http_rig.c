/* SPDX-License-Identifier: Apache-2.0 */
/* http_rig.c -- stands in for libmicrohttpd's adapter, the engine and the password thread: same
 * names, so that the linker takes these. */
#include "http_rig.h"

#include <errno.h>
#include <strings.h>

#include "core/clock.h"
#include "core/text.h"
#include "store/schema.h"
#include "store/timeline.h"

#define WAITING_MAX 4

struct rig_engine rig_engine;
bool rig_password_is_right;
char rig_session[65];

static pp_httpd_fn *on_call;
static void *on_call_user;
static struct pp_web *web;
static struct pp_loop *loop;
static struct {
	pp_engine_done_fn *done;
	void *user;
} actions[WAITING_MAX];
static struct {
	pp_hasher_fn *fn;
	void *user;
	bool check;
} passwords[WAITING_MAX];
static size_t action_count, password_count;

/* --- the call --- */

void rig_add(struct rig_pair *pairs, size_t *count, const char *name, const char *value)
{
	if (*count == RIG_PAIRS_MAX)
		return;
	snprintf(pairs[*count].name, sizeof(pairs->name), "%s", name);
	snprintf(pairs[*count].value, sizeof(pairs->value), "%s", value);
	(*count)++;
}

static const char *pair_find(const struct rig_pair *pairs, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(pairs[i].name, name) == 0)
			return pairs[i].value;
	return NULL;
}

const char *pp_call_method(const struct pp_call *c)
{
	return c->method;
}

const char *pp_call_path(const struct pp_call *c)
{
	return c->path;
}

const char *pp_call_header(const struct pp_call *c, const char *name)
{
	return pair_find(c->headers, c->header_count, name);
}

const char *pp_call_header_last(const struct pp_call *c, const char *name)
{
	const char *last = NULL;

	for (size_t i = 0; i < c->header_count; i++) {
		if (strcasecmp(c->headers[i].name, name) == 0)
			last = c->headers[i].value;
	}
	return last;
}

const char *pp_call_query(const struct pp_call *c, const char *name)
{
	return pair_find(c->query, c->query_count, name);
}

const char *pp_call_cookie(const struct pp_call *c, const char *name)
{
	return pair_find(c->cookies, c->cookie_count, name);
}

const char *pp_call_body(const struct pp_call *c, size_t *ret_length)
{
	*ret_length = c->length;
	return c->body;
}

bool pp_call_is_connected(const struct pp_call *c)
{
	(void)c;
	return true;
}

bool pp_call_is_local(const struct pp_call *c, uid_t *ret_uid)
{
	if (c->local)
		*ret_uid = 0;
	return c->local;
}

void pp_call_address(const struct pp_call *c, char *ret_address)
{
	(void)c;
	snprintf(ret_address, PP_ADDRESS_SIZE, "127.0.0.1");
}

bool pp_call_is_too_large(const struct pp_call *c)
{
	return c->too_large;
}

void *pp_call_room(struct pp_call *c, size_t size)
{
	MUST_HOLD(!c->room);
	c->room = calloc(1, size);
	return c->room;
}

void pp_call_set_header(struct pp_call *c, const char *name, const char *value)
{
	MUST_HOLD(c->answers == 0 && c->sent_count < 16);
	MUST_HOLD(!strpbrk(name, "\r\n:") && !strpbrk(value, "\r\n"));
	rig_add(c->sent, &c->sent_count, name, value);
}

void pp_call_answer(struct pp_call *c, unsigned status, const char *type, char *data, size_t length)
{
	MUST_HOLD(c->answers++ == 0);
	c->status = status;
	snprintf(c->type, sizeof(c->type), "%s", type ? type : "");
	c->data = data;
	c->data_length = length;
}

void pp_call_answer_stream(
	struct pp_call *c, const char *type, const struct pp_call_stream *ops, void *user)
{
	pp_call_answer(c, 200, type, NULL, 0);
	c->stream = ops;
	c->stream_user = user;
}

void pp_call_wake(struct pp_call *c)
{
	MUST_HOLD(c->stream);
}

const char *rig_sent(const struct pp_call *c, const char *name)
{
	return pair_find(c->sent, c->sent_count, name);
}

void rig_done(struct pp_call *c)
{
	if (c->stream)
		c->stream->close(c->stream_user);
	free(c->data);
	free(c->room);
}

/* --- the listening side --- */

int pp_httpd_new(struct pp_loop *l, const struct pp_httpd_options *options, pp_httpd_fn *fn,
	void *user, struct pp_httpd **ret_httpd)
{
	(void)l;
	(void)options;
	on_call = fn;
	on_call_user = user;
	*ret_httpd = NULL;
	return 0;
}

struct pp_httpd *pp_httpd_free(struct pp_httpd *h)
{
	return h;
}

uint16_t pp_httpd_port(const struct pp_httpd *h)
{
	(void)h;
	return 8080;
}

const struct pp_httpd_counts *pp_httpd_counts(const struct pp_httpd *h)
{
	static const struct pp_httpd_counts counts;

	(void)h;
	return &counts;
}

/* --- the engine --- */

static void text_check(const char *text, size_t max)
{
	MUST_HOLD(!text || (strlen(text) <= max && pp_text_is_utf8(text, strlen(text))));
}

int pp_engine_submit(
	struct pp_engine *e, const struct pp_action *action, pp_engine_done_fn *done, void *user)
{
	(void)e;
	if (action->type == PP_ACTION_USER_CREATE)
		rig_engine.users++;
	else if (action->type == PP_ACTION_VIEW)
		rig_engine.views++;
	else if (action->type != PP_ACTION_SESSION_OPEN && action->type != PP_ACTION_SESSION_KEEP &&
		 action->type != PP_ACTION_SESSION_CLOSE)
		rig_engine.actions++;
	MUST_HOLD(action->tenant && action->actor && action->actor[0]);
	MUST_HOLD(strcmp(action->tenant, "kendal") == 0 || strcmp(action->tenant, "serang") == 0);
	text_check(action->incident, PP_ROUTE_PARAMETER_MAX);
	text_check(action->post, PP_ROUTE_PARAMETER_MAX);
	text_check(action->unit, 80);
	text_check(action->code, 16);
	text_check(action->text, 2000);
	text_check(action->name, PP_NAME_MAX);
	if (rig_engine.refuses < 0)
		return rig_engine.refuses;
	MUST_HOLD(action_count < WAITING_MAX);
	actions[action_count].done = done;
	actions[action_count++].user = user;
	return 0;
}

void pp_engine_counts(struct pp_engine *e, struct pp_engine_counts *ret_counts)
{
	(void)e;
	memset(ret_counts, 0, sizeof(*ret_counts));
}

static void actions_finish(void)
{
	while (action_count > 0) {
		struct pp_action_result result = { .error = rig_engine.answers, .rev = 7 };

		snprintf(result.reason, sizeof(result.reason), "because");
		snprintf(result.state, sizeof(result.state), "open");
		action_count--;
		actions[action_count].done(actions[action_count].user, &result);
	}
}

/* --- the password thread --- */

int pp_hasher_new(struct pp_loop *l, struct pp_hasher **ret_hasher)
{
	(void)l;
	*ret_hasher = NULL;
	return 0;
}

struct pp_hasher *pp_hasher_free(struct pp_hasher *h)
{
	return h;
}

static int password_wait(pp_hasher_fn *fn, void *user, bool check)
{
	MUST_HOLD(password_count < WAITING_MAX);
	passwords[password_count].check = check;
	passwords[password_count].fn = fn;
	passwords[password_count++].user = user;
	return 0;
}

int pp_hasher_make(struct pp_hasher *h, const char *password, pp_hasher_fn *fn, void *user)
{
	(void)h;
	MUST_HOLD(strlen(password) <= PP_HASHER_PASSWORD_MAX);
	return password_wait(fn, user, false);
}

int pp_hasher_check(
	struct pp_hasher *h, const struct pp_hasher_check *check, pp_hasher_fn *fn, void *user)
{
	(void)h;
	MUST_HOLD(strlen(check->password) <= PP_HASHER_PASSWORD_MAX && check->hash);
	return password_wait(fn, user, true);
}

static void passwords_finish(void)
{
	while (password_count > 0) {
		size_t i = --password_count;

		passwords[i].fn(passwords[i].user, !passwords[i].check || rig_password_is_right,
			passwords[i].check ? NULL : "hash");
	}
}

void rig_ask(struct pp_call *c)
{
	memset(&rig_engine, 0, offsetof(struct rig_engine, refuses));
	on_call(on_call_user, c);
	passwords_finish();
	actions_finish();
	MUST_HOLD(c->answers == 1);
}

/* --- the record --- */

static const char seed[] =
	"INSERT INTO tenant VALUES ('kendal', 'Kabupaten Kendal', 'KDL', 'Asia/Jakarta', 1),"
	" ('serang', 'Serang', 'SRG', 'Asia/Jakarta', 1);"
	"INSERT INTO kecamatan VALUES ('kendal', 'k', 'Boja');"
	"INSERT INTO desa VALUES ('kendal', 'd', 'k', 'Bebengan');"
	"INSERT INTO post VALUES ('kendal', 'boja-01', 'S', 'd', '03', -7.1, 110.28, 'RT', '0812',"
	" 1);"
	"INSERT INTO incident (tenant, number, post, class, state, rev, silent, late, drill,"
	" occurred, opened, signals, restored) VALUES"
	" ('kendal', 'KDL-26-000001', 'boja-01', 'crime', 'open', 1, 0, 0, 0, 1000, 1001, 1, 0);"
	"INSERT INTO user (tenant, name, display, password, role, active, created) VALUES"
	" ('kendal', 'budi', 'Budi', 'hash', 'administrator,operator', 1, 0);";

static void session_make(struct pp_db *db)
{
	uint8_t token[32], digest[PP_SHA256_SIZE];
	struct pp_stmt *s;

	pp_random(token, sizeof(token));
	pp_text_hex(token, sizeof(token), rig_session);
	pp_sha256(token, sizeof(token), digest);
	MUST_HOLD(pp_db_prepare(db, "INSERT INTO session (token, user_id, created, expires,"
				   " ends, confirmed) VALUES (?1, 1, 0, ?2, ?2, ?3)", &s) == 0);
	pp_stmt_blob(s, 1, digest, sizeof(digest));
	pp_stmt_i64(s, 2, pp_clock_wall_ms() + 100 * 3600000LL);
	pp_stmt_i64(s, 3, pp_clock_wall_ms());
	MUST_HOLD(pp_stmt_run(s) == 0);
}

static void record_make(const char *path)
{
	struct pp_db *db;

	MUST_HOLD(pp_db_open(path, PP_DB_WRITE, &db) == 0);
	MUST_HOLD(pp_db_migrate(db, pp_store_scripts, pp_store_script_count) == 0);
	MUST_HOLD(pp_db_exec(db, seed) == 0);
	for (int i = 0; i < 2 * RIG_EVENTS; i++) {
		struct pp_event_row row = { .tenant = i % 2 ? "serang" : "kendal",
			.kind = "incident.note",
			.actor = "server",
			.body = "{}",
			.at_ms = 1763750400000,
			.height = i / 2 + 1 };

		MUST_HOLD(pp_store_event_add(db, &row) == 0);
	}
	session_make(db);
	pp_db_close(db);
}

struct pp_web *rig_web(void)
{
	char path[256];
	struct pp_web_options options = {
		.record_path = path,
		.address = "127.0.0.1",
		.console = fuzz_folder(),
		.session_idle_ms = 3600000,
		.version = "fuzz",
	};

	if (web)
		return web;
	record_make(fuzz_path("record.db", path));
	MUST_HOLD(pp_loop_new(&loop) == 0);
	MUST_HOLD(pp_web_new(&options, loop, NULL, &web) == 0);
	return web;
}
