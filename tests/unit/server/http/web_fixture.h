/* SPDX-License-Identifier: Apache-2.0 */
/* web_fixture.h -- the whole HTTP side over a real record and the real engine (whose broker is
 * away), in a thread. */
#ifndef WEB_FIXTURE_H
#define WEB_FIXTURE_H

#include "http_client.h"

#include <sys/stat.h>

#include "core/file.h"
#include "core/text.h"
#include "crypto/sign.h"
#include "db/db.h"
#include "engine/engine.h"
#include "http/web.h"
#include "json/json.h"
#include "pieces.h"
#include "store/schema.h"

#define SCRIPT "<script>alert(1)</script>"

struct web_fixture {
	char *folder;
	char record[600], control[600], link[PP_WEB_LINK_SIZE];
	struct pp_loop *loop;
	struct pp_engine *engine;
	struct pp_web *web;
	struct loop_thread thread;
	uint16_t port;
	char cookie[120]; /* after web_login: "pospin_session=..." */
};

static const char web_seed[] =
	"INSERT INTO tenant VALUES ('kendal', 'Kabupaten Kendal', 'KDL', 'Asia/Jakarta', 1);"
	"INSERT INTO kecamatan VALUES ('kendal', '33.24.07', 'Boja');"
	"INSERT INTO desa VALUES ('kendal', '33.24.07.2001', '33.24.07', 'Bebengan');"
	"INSERT INTO post VALUES ('kendal', 'boja-01', '" SCRIPT "', '33.24.07.2001', '03', -7.1,"
	" 110.28, 'Pak RT', '0812', 1);"
	"INSERT INTO point VALUES ('kendal', 'boja-01', 'panic-crime', 'panic', 'crime', 0,"
	" 'Tombol', 'Button');"
	"INSERT INTO incident (tenant, number, post, class, state, rev, silent, late, drill, "
	"occurred,"
	" opened, signals, restored) VALUES"
	" ('kendal', 'KDL-26-000001', 'boja-01', 'crime', 'open', 1, 0, 0, 0, 1000, 1001, 1, 0),"
	" ('kendal', 'KDL-26-000002', 'boja-01', 'fire', 'open', 1, 0, 0, 0, 2000, 2001, 1, 0);"
	"INSERT INTO trouble (tenant, post, point, kind, since, detail)"
	" VALUES ('kendal', 'boja-01', 'panic-crime', 'stuck', 1500, '');";

static inline void web_on_commit(void *user)
{
	struct web_fixture *f = user;

	pp_web_committed(f->web);
}

static inline void web_record_make(struct web_fixture *f, const char *more)
{
	struct pp_db *db = NULL;

	assert_int_equal(pp_db_open(f->record, PP_DB_WRITE, &db), 0);
	assert_int_equal(pp_db_migrate(db, pp_store_scripts, pp_store_script_count), 0);
	assert_int_equal(pp_db_exec(db, web_seed), 0);
	if (more)
		assert_int_equal(pp_db_exec(db, more), 0);
	pp_db_close(db);
}

static inline void web_engine_make(struct web_fixture *f)
{
	char key_path[600], heads[600];
	struct pp_key *key = NULL;
	struct pp_engine_options options = {
		.record_path = f->record,
		.heads_path = heads,
		.key_path = key_path,
		.broker = { .host = "127.0.0.1",
			.port = 1,
			.client_id = "svc-server",
			.ca_path = key_path,
			.cert_path = key_path,
			.key_path = key_path },
	};

	snprintf(key_path, sizeof(key_path), "%s/signing.key", f->folder);
	snprintf(heads, sizeof(heads), "%s/heads.log", f->folder);
	assert_int_equal(pp_key_new(&key), 0);
	assert_int_equal(pp_key_save(key, key_path), 0);
	pp_key_free(key);
	assert_int_equal(pp_engine_new(&options, f->loop, &f->engine), 0);
	pp_engine_on_commit(f->engine, web_on_commit, f);
}

static inline void web_start_factor(
	struct web_fixture *f, const char *more, const char *origin, uint32_t factor_roles)
{
	char console[600];
	struct pp_web_options options = {
		.record_path = f->record,
		.address = "127.0.0.1",
		.socket = f->control,
		.console = console,
		.origin = origin,
		.session_idle_ms = 3600000,
		.session_absolute_ms = 86400000,
		.factor_roles = factor_roles,
		.version = "test",
	};

	memset(f, 0, sizeof(*f));
	f->folder = pp_test_folder();
	snprintf(f->record, sizeof(f->record), "%s/record.db", f->folder);
	snprintf(f->control, sizeof(f->control), "%s/control", f->folder);
	snprintf(console, sizeof(console), "%s/console", f->folder);
	assert_int_equal(mkdir(console, 0755), 0);
	web_record_make(f, more);
	assert_int_equal(pp_loop_new(&f->loop), 0);
	web_engine_make(f);
	assert_int_equal(pp_web_new(&options, f->loop, f->engine, &f->web), 0);
	f->port = pp_web_port(f->web);
	(void)pp_web_setup_link(f->web, f->link);
	loop_thread_start(&f->thread, f->loop);
}

/* more: SQL for the record; origin: NULL or the public one. */
static inline void web_start_with(struct web_fixture *f, const char *more, const char *origin)
{
	web_start_factor(f, more, origin, 0);
}

static inline void web_start(struct web_fixture *f)
{
	web_start_with(f, NULL, NULL);
}

static inline void web_stop(struct web_fixture *f)
{
	loop_thread_stop(&f->thread);
	pp_engine_free(f->engine);
	pp_web_free(f->web);
	pp_loop_free(f->loop);
	pp_test_folder_remove(f->folder);
}

/* head: further header lines, each with its line end; body NULL: none. The caller frees it. */
static inline char *web_request(
	const char *method, const char *path, const char *head, const char *body)
{
	char *request = NULL;
	int n;

	if (body)
		n = asprintf(&request,
			"%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s"
			"Content-Length: %zu\r\n\r\n%s",
			method, path, head, strlen(body), body);
	else
		n = asprintf(&request,
			"%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n", method,
			path, head);
	assert_true(n > 0);
	return request;
}

static inline char *web_ask_with(struct web_fixture *f, const char *method, const char *path,
	const char *head, const char *body)
{
	char *request = web_request(method, path, head, body);
	char *answer = client_ask(f->port, request);

	free(request);
	return answer;
}

#define WEB_JSON "Content-Type: application/json\r\n"

/* As a page of ours: with the session's cookie if there is one. */
static inline char *web_ask(
	struct web_fixture *f, const char *method, const char *path, const char *body)
{
	char head[400];

	snprintf(head, sizeof(head), "%s%s%sX-PosPin: 1\r\nOrigin: http://localhost\r\n" WEB_JSON,
		f->cookie[0] ? "Cookie: " : "", f->cookie, f->cookie[0] ? "\r\n" : "");
	return web_ask_with(f, method, path, head, body);
}

/* On the control socket. */
static inline char *web_control(struct web_fixture *f, const char *method, const char *path,
	const char *head, const char *body)
{
	char *request = web_request(method, path, head, body);
	char *answer = client_ask_fd(client_connect_unix(f->control), request);

	free(request);
	return answer;
}

/* Checks and frees answer. part may be NULL. */
static inline void web_expect(char *answer, int status, const char *part)
{
	if (answer_status(answer) != status || (part && !strstr(answer, part)))
		fail_msg("want %d with '%s', got: %s", status, part ? part : "", answer);
	free(answer);
}

/* The body of an answer as JSON; frees answer. */
static inline struct pp_json *web_json(char *answer, int status)
{
	const char *body = strstr(answer, "\r\n\r\n");
	struct pp_json *json = NULL;
	char where[160];

	if (answer_status(answer) != status || !body ||
		pp_json_parse(body + 4, strlen(body + 4), &json, where) < 0)
		fail_msg("want %d with JSON, got: %s", status, answer);
	free(answer);
	return json;
}

#define WEB_PASSWORD "titir tanpa henti"

static inline char *web_setup(struct web_fixture *f, const char *name)
{
	const char *token = strstr(f->link, "#setup=");
	char body[400];

	assert_non_null(token);
	snprintf(body, sizeof(body),
		"{\"token\":\"%s\",\"name\":\"%s\",\"display\":\"" SCRIPT
		"\",\"password\":\"" WEB_PASSWORD "\"}",
		token + 7, name);
	return web_ask(f, "POST", "/api/v1/setup", body);
}

static inline char *web_login_answer(struct web_fixture *f, const char *name, const char *password)
{
	char body[200];

	snprintf(body, sizeof(body), "{\"name\":\"%s\",\"password\":\"%s\"}", name, password);
	return web_ask(f, "POST", "/api/v1/session", body);
}

/* Guesses budi's password, with further header lines, until a guess must wait: a slow machine takes
 * longer for a password than the first waits are. */
static inline void web_guess_until_told_to_wait(struct web_fixture *f, const char *more)
{
	char head[300];
	int status = 0;

	snprintf(head, sizeof(head), "%s" WEB_JSON, more);
	for (int i = 0; i < 12 && status != 429; i++) {
		char *answer = web_ask_with(f, "POST", "/api/v1/session", head,
			"{\"name\":\"budi\",\"password\":\"tebak tebak\"}");

		status = answer_status(answer);
		if (status == 429)
			assert_non_null(strstr(answer, "Retry-After: "));
		free(answer);
	}
	assert_int_equal(status, 429);
}

/* Remembers the session's cookie of a login's answer; frees it. */
static inline void web_keep_cookie(struct web_fixture *f, char *answer)
{
	const char *cookie = strstr(answer, "Set-Cookie: pospin_session=");

	if (answer_status(answer) != 200 || !cookie)
		fail_msg("no login: %s", answer);
	snprintf(f->cookie, sizeof(f->cookie), "%.*s", (int)strcspn(cookie + 12, ";"), cookie + 12);
	free(answer);
}

/* Changes the record beside the server. */
static inline void web_exec(struct web_fixture *f, const char *sql)
{
	struct pp_db *db = NULL;

	assert_int_equal(pp_db_open(f->record, PP_DB_WRITE, &db), 0);
	if (pp_db_exec(db, sql) < 0)
		fail_msg("%s", pp_db_error(db));
	pp_db_close(db);
}

/* The one number that a statement gives. */
static inline int64_t web_number(struct web_fixture *f, const char *sql)
{
	struct pp_db *db = NULL;
	struct pp_stmt *s;
	int64_t value;

	assert_int_equal(pp_db_open(f->record, PP_DB_READ, &db), 0);
	assert_int_equal(pp_db_prepare(db, sql, &s), 0);
	assert_int_equal(pp_stmt_step(s), 1);
	value = pp_column_i64(s, 0);
	pp_db_close(db);
	return value;
}

/* A text member of an answer's object. */
static inline void web_member(char *answer, int status, const char *name, char ret_text[300])
{
	struct pp_json *json = web_json(answer, status);
	const char *text;

	assert_int_equal(pp_json_get_text(json, name, 299, &text), 0);
	snprintf(ret_text, 300, "%s", text);
	pp_json_free(json);
}

/* Adds a user on the control socket, sets the password by the link, and logs in as it. */
static inline void web_become(struct web_fixture *f, const char *name, const char *more)
{
	char body[300], link[300];

	snprintf(body, sizeof(body), "{\"name\":\"%s\",\"display\":\"%s\",%s}", name, name, more);
	web_member(web_control(f, "POST", "/api/v1/users", WEB_JSON, body), 201, "link", link);
	assert_non_null(strstr(link, "#invitation="));
	snprintf(body, sizeof(body), "{\"token\":\"%s\",\"password\":\"" WEB_PASSWORD "\"}",
		strstr(link, "#invitation=") + 12);
	f->cookie[0] = '\0';
	web_expect(web_ask(f, "POST", "/api/v1/invitation", body), 204, NULL);
	web_expect(web_ask(f, "POST", "/api/v1/invitation", body), 403, "not valid any more");
	web_keep_cookie(f, web_login_answer(f, name, WEB_PASSWORD));
}

/* Makes the first operator and logs in. */
static inline void web_login(struct web_fixture *f)
{
	web_expect(web_setup(f, "budi"), 201, "\"name\":\"budi\"");
	web_keep_cookie(f, web_login_answer(f, "budi", WEB_PASSWORD));
}

#endif
