/* SPDX-License-Identifier: Apache-2.0 */
/* http_fuzz.c -- every request gets one answer that the API knows; nobody without a session reads
 * or changes anything but what is open to all; a reading request changes nothing, and a change
 * comes only from a page of ours. Input: a byte of circumstances, then lines: "METHOD path",
 * headers "name:value", queries "?name=value", cookies "!name=value", an empty line, the body. */
#include "fuzz.h"

#include <errno.h>

#include "core/text.h"
#include "http_rig.h"

enum { LOCAL = 1, LOGGED_IN = 2, ENGINE_BUSY = 4, ENGINE_REFUSES = 8, RIGHT = 16, OURS = 32 };

static void pair_read(char *line, char by, struct rig_pair *pairs, size_t *count)
{
	char *value = strchr(line, by);

	if (!value)
		return;
	*value++ = '\0';
	rig_add(pairs, count, line, value);
}

static void call_read(struct fuzz_input *in, struct pp_call *c)
{
	char line[700];

	(void)fuzz_text(in, ' ', c->method, sizeof(c->method));
	(void)fuzz_text(in, '\n', c->path, sizeof(c->path));
	while (in->left > 0 && fuzz_text(in, '\n', line, sizeof(line))[0]) {
		if (line[0] == '?')
			pair_read(line + 1, '=', c->query, &c->query_count);
		else if (line[0] == '!')
			pair_read(line + 1, '=', c->cookies, &c->cookie_count);
		else
			pair_read(line, ':', c->headers, &c->header_count);
	}
	/* Without a name the library below refuses it. */
	if (!pp_call_header(c, "Host"))
		rig_add(c->headers, &c->header_count, "Host", "localhost");
	c->body = (const char *)in->at;
	c->length = in->left;
	c->too_large = in->left > 65536;
}

static bool is_open(const struct pp_call *c)
{
	static const char *const open[] = { "/api/v1/health", "/api/v1/openapi.json",
		"/api/v1/setup", "/api/v1/session", "/api/v1/invitation", "/metrics" };

	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (strcmp(c->path, open[i]) == 0)
			return true;
	return strncmp(c->path, "/api/", 5) != 0;
}

static bool status_is_known(unsigned status)
{
	static const unsigned known[] = { 200, 201, 204, 304, 400, 401, 403, 404, 405, 409, 413,
		415, 421, 422, 429, 503 };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == status)
			return true;
	return false;
}

static void body_check(const struct pp_call *c)
{
	struct pp_json *json = NULL;
	char where[160] = "";
	int64_t status = 0;

	if (strncmp(c->type, "application/", 12) != 0 || !strstr(c->type, "json"))
		return;
	MUST_HOLD(pp_json_parse(c->data, c->data_length, &json, where) == 0);
	if (strcmp(c->type, "application/problem+json") == 0) {
		MUST_HOLD(pp_json_get_i64(json, "status", 400, 599, &status) == 0);
		MUST_HOLD(status == c->status);
	} else {
		MUST_HOLD(c->status < 400 || strcmp(c->path, "/api/v1/health") == 0);
	}
	pp_json_free(json);
}

static void rights_check(const struct pp_call *c, bool logged_in)
{
	bool reads = strcmp(c->method, "GET") == 0 || strcmp(c->method, "HEAD") == 0;
	bool known = c->local || logged_in;
	const char *origin = pp_call_header(c, "Origin"), *host = pp_call_header(c, "Host");
	char ours[500];

	snprintf(ours, sizeof(ours), "http://%s", host ? host : "");
	/* Over the link nobody: there is one already. */
	MUST_HOLD(rig_engine.users == 0 || (known && !reads));
	MUST_HOLD(rig_engine.views == 0 || (known && reads && rig_engine.views == 1));
	if (rig_engine.actions == 0) {
		MUST_HOLD(known || c->status >= 400 || is_open(c));
		return;
	}
	MUST_HOLD(known && !reads && rig_engine.actions == 1);
	MUST_HOLD(c->local || pp_call_header(c, "X-PosPin"));
	MUST_HOLD(c->local || !origin || strcmp(origin, ours) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pp_call call;
	struct fuzz_input in = { data, size };
	unsigned circumstances = fuzz_byte(&in);

	(void)rig_web();
	memset(&call, 0, sizeof(call));
	if (circumstances & LOGGED_IN)
		rig_add(call.cookies, &call.cookie_count, PP_COOKIE_SESSION, rig_session);
	if (circumstances & OURS) {
		rig_add(call.headers, &call.header_count, "X-PosPin", "1");
		rig_add(call.headers, &call.header_count, "Content-Type", "application/json");
	}
	call.local = circumstances & LOCAL;
	rig_engine.refuses = circumstances & ENGINE_BUSY ? -ENOBUFS : 0;
	rig_engine.answers = circumstances & ENGINE_REFUSES ? -EPERM : 0;
	rig_password_is_right = circumstances & RIGHT;
	call_read(&in, &call);
	if (!call.method[0] || call.path[0] != '/') /* the library below has refused it */
		return 0;
	rig_ask(&call);
	MUST_HOLD(status_is_known(call.status));
	body_check(&call);
	rights_check(&call, circumstances & LOGGED_IN);
	rig_done(&call);
	return 0;
}
