/* SPDX-License-Identifier: Apache-2.0 */
/* web.c -- who answers which path, what every request passes first, and the start and end of the
 * HTTP side. */
#include "pieces.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "problem.h"

/* Who answers each row of the one table of endpoints (roles/roles.h). */
static pp_route_fn *const handlers[PP_ENDPOINT_COUNT] = {
	[PP_ENDPOINT_HEALTH] = pp_api_health,
	[PP_ENDPOINT_OPENAPI] = pp_api_openapi,
	[PP_ENDPOINT_SETUP_GET] = pp_setup_get,
	[PP_ENDPOINT_SETUP_POST] = pp_setup_post,
	[PP_ENDPOINT_SESSION_GET] = pp_session_get,
	[PP_ENDPOINT_SESSION_POST] = pp_session_post,
	[PP_ENDPOINT_SESSION_DELETE] = pp_session_delete,
	[PP_ENDPOINT_CONFIRM] = pp_account_confirm,
	[PP_ENDPOINT_PASSWORD] = pp_account_password,
	[PP_ENDPOINT_FACTOR_POST] = pp_factor_post,
	[PP_ENDPOINT_FACTOR_ON] = pp_factor_confirm,
	[PP_ENDPOINT_FACTOR_DELETE] = pp_factor_delete,
	[PP_ENDPOINT_INVITATION] = pp_account_invitation,
	[PP_ENDPOINT_USERS] = pp_users_get,
	[PP_ENDPOINT_USER_ADD] = pp_users_post,
	[PP_ENDPOINT_USER_SET] = pp_user_set,
	[PP_ENDPOINT_USER_DISABLE] = pp_user_disable,
	[PP_ENDPOINT_USER_ENABLE] = pp_user_enable,
	[PP_ENDPOINT_USER_RESET] = pp_user_reset,
	[PP_ENDPOINT_USER_FACTOR] = pp_user_factor_off,
	[PP_ENDPOINT_AUDIT] = pp_audit_get,
	[PP_ENDPOINT_INCIDENTS] = pp_api_incidents,
	[PP_ENDPOINT_INCIDENT] = pp_api_incident,
	[PP_ENDPOINT_ACKNOWLEDGE] = pp_act_acknowledge,
	[PP_ENDPOINT_DISPATCH] = pp_act_dispatch,
	[PP_ENDPOINT_ON_SCENE] = pp_act_on_scene,
	[PP_ENDPOINT_CLOSE] = pp_act_close,
	[PP_ENDPOINT_NOTE] = pp_act_note,
	[PP_ENDPOINT_CALL] = pp_act_call,
	[PP_ENDPOINT_HAND_OVER] = pp_act_hand_over,
	[PP_ENDPOINT_TAKE_OVER] = pp_act_take_over,
	[PP_ENDPOINT_DESK] = pp_desk_get,
	[PP_ENDPOINT_REPORT] = pp_act_report,
	[PP_ENDPOINT_MERGE] = pp_act_merge,
	[PP_ENDPOINT_SPLIT] = pp_act_split,
	[PP_ENDPOINT_LINK] = pp_act_link,
	[PP_ENDPOINT_UNLINK] = pp_act_unlink,
	[PP_ENDPOINT_CONVERT] = pp_act_convert,
	[PP_ENDPOINT_MODE_BEGIN] = pp_mode_begin,
	[PP_ENDPOINT_MODE_END] = pp_mode_end,
	[PP_ENDPOINT_POSTS] = pp_api_posts,
	[PP_ENDPOINT_CONTACT] = pp_view_contact,
	[PP_ENDPOINT_SOUND] = pp_order_sound,
	[PP_ENDPOINT_SILENCE] = pp_order_silence,
	[PP_ENDPOINT_TROUBLES] = pp_api_troubles,
	[PP_ENDPOINT_PLAN_GET] = pp_plans_get,
	[PP_ENDPOINT_PLAN_PUT] = pp_plans_put,
	[PP_ENDPOINT_PLAN_WHO] = pp_plans_who,
	[PP_ENDPOINT_CONTACT_TEST] = pp_contact_test,
	[PP_ENDPOINT_EVENTS] = pp_events_get,
	[PP_ENDPOINT_COUNTS] = pp_api_counts,
	[PP_ENDPOINT_RING] = pp_ring_post,
	[PP_ENDPOINT_SMS_INBOUND] = pp_inbound_post,
	[PP_ENDPOINT_METRICS] = pp_scrape_get,
};

static void console_serve(struct pp_web *w, struct pp_call *c)
{
	const char *asked = pp_call_header(c, "If-None-Match");
	struct pp_static_file file;
	int r;

	if (strcmp(pp_call_method(c), "GET") != 0 && strcmp(pp_call_method(c), "HEAD") != 0) {
		pp_call_set_header(c, "Allow", "GET, HEAD");
		pp_call_refuse(c, 405, "files are only read");
		return;
	}
	r = w->console ? pp_static_read(w->console, pp_call_path(c), &file) : -ENOENT;
	if (r == -ENOENT) {
		pp_call_refuse(c, 404,
			w->console ? "there is no such page" : "no console is set: http.console");
		return;
	}
	if (r < 0) {
		pp_call_refuse(c, 503, "the file cannot be read: %s", strerrordesc_np(-r));
		return;
	}
	pp_call_set_header(c, "Cache-Control", "no-cache");
	pp_call_set_header(c, "ETag", file.etag);
	if (asked && strcmp(asked, file.etag) == 0) {
		free(file.data);
		pp_call_answer(c, 304, NULL, NULL, 0);
		return;
	}
	pp_call_answer(c, 200, file.type, file.data, file.length);
}

static void on_call(void *user, struct pp_call *c)
{
	struct pp_web *w = user;
	struct pp_route_match match;
	struct pp_who who;
	int r;

	if (pp_call_is_too_large(c)) {
		pp_call_refuse(c, 413, "a body may have %d bytes", PP_HTTP_BODY_MAX);
		return;
	}
	if (!pp_auth_host(w, c))
		return;
	if (strncmp(pp_call_path(c), "/api/", 5) != 0 && strcmp(pp_call_path(c), "/metrics") != 0) {
		console_serve(w, c);
		return;
	}
	r = pp_route_find(
		pp_endpoints, PP_ENDPOINT_COUNT, pp_call_method(c), pp_call_path(c), &match);
	if (r == -ENOENT) {
		pp_call_refuse(c, 404, "there is no such path");
	} else if (r < 0) {
		pp_call_set_header(c, "Allow", match.allow);
		pp_call_refuse(c, 405, "this path answers %s", match.allow);
	} else if (pp_endpoints[match.route].rules & PP_RULE_OPEN) {
		handlers[match.route](w, c, NULL, &match);
	} else if (pp_auth_who(w, c, &who) && pp_auth_admits(w, c, &who, &match)) {
		handlers[match.route](w, c, &who, &match);
	}
}

/* Every row is answered by somebody, or the server does not start. */
static int handlers_check(const struct pp_web_options *options)
{
	for (size_t i = 0; i < PP_ENDPOINT_COUNT; i++) {
		if (handlers[i])
			continue;
		if (options->problem)
			(void)pp_problem_at(options->problem, NULL, "nobody answers %s %s",
				pp_endpoints[i].method, pp_endpoints[i].path);
		return -ENOSYS;
	}
	return 0;
}

static void on_beat(void *user)
{
	struct pp_web *w = user;

	pp_events_beat(w);
	(void)pp_loop_arm_at(w->beat, pp_loop_now_us(w->loop) + PP_SSE_BEAT_MS * 1000);
}

static void on_presence(void *user)
{
	struct pp_web *w = user;

	pp_events_presence(w, pp_loop_now_us(w->loop));
	(void)pp_loop_arm_at(w->presence, pp_loop_now_us(w->loop) + PP_PRESENCE_MS * 1000);
}

void pp_web_committed(struct pp_web *w)
{
	pp_sse_committed(w->sse);
}

uint16_t pp_web_port(const struct pp_web *w)
{
	return pp_httpd_port(w->httpd);
}

static int texts_copy(struct pp_web *w, const struct pp_web_options *options)
{
	w->address = strdup(options->address);
	w->origin = strdup(options->origin ? options->origin : "");
	w->version = strdup(options->version);
	return w->address && w->origin && w->version ? 0 : -ENOMEM;
}

static const char *given(const char *text)
{
	return text && text[0] ? text : NULL;
}

static int console_open(struct pp_web *w, const struct pp_web_options *options)
{
	int r = pp_static_new(options->console, &w->console);

	if (r < 0 && options->problem)
		(void)pp_problem_at(options->problem, NULL, "console folder %s: %s",
			options->console, strerrordesc_np(-r));
	return r;
}

static int web_start(struct pp_web *w, const struct pp_web_options *options)
{
	const struct pp_httpd_options httpd = {
		.address = options->address,
		.port = options->port,
		.socket_path = given(options->socket),
		.problem = options->problem,
	};
	int r = handlers_check(options);

	if (r == 0)
		r = texts_copy(w, options);
	if (r == 0)
		r = pp_scrape_open(w, options);
	if (r == 0)
		r = pp_messages_open(w, options);
	if (r == 0)
		r = pp_db_open(options->record_path, PP_DB_READ, &w->db);
	if (r == 0)
		r = pp_query_device_key(w->db, w->device_key);
	if (r == 0)
		r = pp_sse_new(w->db, &w->sse);
	if (r == 0)
		r = pp_guard_new(&w->guard);
	if (r == 0)
		r = pp_hasher_new(w->loop, &w->hasher);
	if (r == 0 && given(options->console))
		r = console_open(w, options);
	if (r == 0)
		r = pp_loop_add_timer(w->loop, 500000, on_beat, w, &w->beat);
	if (r == 0)
		r = pp_loop_arm_at(w->beat, pp_loop_now_us(w->loop) + PP_SSE_BEAT_MS * 1000);
	if (r == 0)
		r = pp_loop_add_timer(w->loop, 100000, on_presence, w, &w->presence);
	if (r == 0)
		r = pp_loop_arm_at(w->presence, pp_loop_now_us(w->loop) + PP_PRESENCE_MS * 1000);
	return r < 0 ? r : pp_httpd_new(w->loop, &httpd, on_call, w, &w->httpd);
}

int pp_web_new(const struct pp_web_options *options, struct pp_loop *loop, struct pp_engine *engine,
	struct pp_web **ret_web)
{
	struct pp_web *w = calloc(1, sizeof(*w));
	int r;

	if (w == NULL)
		return -ENOMEM;
	w->loop = loop;
	w->engine = engine;
	w->session_idle_ms = options->session_idle_ms;
	w->session_absolute_ms = options->session_absolute_ms;
	w->factor_roles = options->factor_roles;
	r = web_start(w, options);
	if (r < 0) {
		pp_web_free(w);
		return r;
	}
	*ret_web = w;
	return 0;
}

struct pp_web *pp_web_free(struct pp_web *w)
{
	if (w == NULL)
		return NULL;
	pp_hasher_free(w->hasher); /* first: its answers belong to calls */
	pp_httpd_free(w->httpd);
	pp_loop_source_free(w->beat);
	pp_loop_source_free(w->presence);
	pp_static_free(w->console);
	pp_guard_free(w->guard);
	pp_sse_free(w->sse);
	pp_buf_done(&w->left); /* of streams that have ended with the httpd */
	pp_db_close(w->db);
	free(w->address);
	free(w->origin);
	free(w->version);
	pp_scrape_close(w);
	pp_messages_close(w);
	explicit_bzero(w, sizeof(*w));
	free(w);
	return NULL;
}
