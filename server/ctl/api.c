/* SPDX-License-Identifier: Apache-2.0 */
/* api.c -- one HTTP exchange with the server over its control socket. */
#include "api.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/fetch.h"

#define TIMEOUT_MS 15000
#define ANSWER_MAX ((size_t)8 * 1024 * 1024)

static int unanswered(
	struct pp_ctl_call *call, const struct pp_api *api, const struct pp_fetch_answer *answer)
{
	switch (answer->error) {
	case -ENOENT:
	case -ECONNREFUSED:
		return pp_ctl_fail(call,
			"%s: no server listens there (is pospin-server running, and is "
			"http.socket set in its settings?)",
			api->socket);
	case -EACCES:
		return pp_ctl_fail(call, "%s: this account may not use the server's control socket",
			api->socket);
	case -ETIMEDOUT:
		return pp_ctl_fail(call,
			"%s: no answer within %d s: look whether it was done before "
			"doing it again",
			api->socket, TIMEOUT_MS / 1000);
	default:
		return pp_ctl_fail(call, "%s: %s%s%s", api->socket, pp_ctl_words_of(answer->error),
			answer->why[0] ? ": " : "", answer->why);
	}
}

/* The server's own words stand in `detail` (application/problem+json, RFC 9457). */
static int refused(struct pp_ctl_call *call, long status, const struct pp_json *problem)
{
	const char *text = NULL;

	if (problem && pp_json_is_object(problem) &&
		pp_json_get_text(problem, "detail", 4096, &text) < 0)
		(void)pp_json_get_text(problem, "title", 4096, &text);
	if (text)
		return pp_ctl_fail(call, "%s", text);
	return pp_ctl_fail(call, "the server answered with status %ld and no reason", status);
}

static int answer_read(struct pp_ctl_call *call, const struct pp_api *api,
	const struct pp_fetch_answer *answer, struct pp_json **ret_json)
{
	struct pp_json *json = NULL;
	char where[160] = "";
	int r;

	if (answer->error < 0)
		return unanswered(call, api, answer);
	r = pp_json_parse(answer->body ? answer->body : "", answer->length, &json, where);
	if (answer->status < 200 || answer->status > 299)
		r = refused(call, answer->status, r == 0 ? json : NULL);
	else if (r < 0 || !pp_json_is_object(json))
		r = pp_ctl_fail(
			call, "%s: an answer that is no JSON object: %s", api->socket, where);
	if (r != PP_CTL_DONE) {
		pp_json_free(json);
		return r;
	}
	*ret_json = json;
	return PP_CTL_DONE;
}

int pp_api_ask(struct pp_ctl_call *call, const struct pp_api *api, const char *target,
	struct pp_json *body, struct pp_json **ret_answer)
{
	char url[256], tenant[64], *text = NULL;
	const char *headers[4] = { "Accept: application/json" };
	struct pp_fetch_request request = { .method = body ? "POST" : "GET",
		.url = url,
		.unix_socket = api->socket,
		.headers = headers,
		.timeout_ms = TIMEOUT_MS,
		.answer_limit = ANSWER_MAX };
	struct pp_fetch_answer answer = { 0 };
	int r = 0;

	snprintf(url, sizeof(url), "http://localhost/api/v1%s", target);
	if (body) {
		headers[1] = "Content-Type: application/json";
		r = pp_json_print(body, &text, &request.length);
		request.body = text;
		pp_json_free(body);
	}
	if (api->tenant) {
		snprintf(tenant, sizeof(tenant), "X-Tenant: %s", api->tenant);
		headers[body ? 2 : 1] = tenant;
	}
	if (r < 0)
		return pp_ctl_fail(
			call, "%s", r == -EINVAL ? "a text is not UTF-8" : pp_ctl_words_of(r));
	r = pp_fetch(&request, &answer);
	free(text);
	if (r < 0 && answer.error == 0)
		answer.error = r;
	r = answer_read(call, api, &answer, ret_answer);
	pp_fetch_answer_done(&answer);
	return r;
}
