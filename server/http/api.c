/* SPDX-License-Identifier: Apache-2.0 */
/* api.c -- what is read: incidents, posts, troubles, counts, health, the document of the API
 * itself. */
#include "pieces.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "openapi.h"
#include "problem.h"
#include "store/query.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 200

/* --- answers --- */

void pp_call_answer_json(struct pp_call *c, unsigned status, struct pp_json *json)
{
	char *text;
	size_t length;
	int r = pp_json_print(json, &text, &length);

	pp_json_free(json);
	pp_call_set_header(c, "Cache-Control", "no-store");
	if (r < 0)
		pp_call_refuse(c, 500, "the answer could not be made");
	else
		pp_call_answer(c, status, "application/json", text, length);
}

void pp_call_refuse_record(struct pp_call *c, int error)
{
	pp_call_refuse(c, 503, "the record cannot be read: %s", strerrordesc_np(-error));
}

bool pp_call_read_body(struct pp_call *c, const struct pp_body_field *fields, size_t count,
	struct pp_json **ret_json)
{
	char detail[PP_BODY_DETAIL_SIZE];
	size_t length;
	const char *text = pp_call_body(c, &length);
	int r;

	if (!pp_body_type_is_json(pp_call_header(c, "Content-Type"))) {
		pp_call_refuse(c, 415, "the body must be application/json");
		return false;
	}
	r = pp_body_read(text, length, fields, count, ret_json, detail);
	if (r == -ENOMEM)
		pp_call_refuse(c, 503, "the server is out of memory");
	else if (r < 0)
		pp_call_refuse(c, r == -EBADMSG ? 400 : 422, "%s", detail);
	return r == 0;
}

static void answer_query(struct pp_call *c, int error, struct pp_json *json)
{
	if (error < 0)
		pp_call_refuse_record(c, error);
	else
		pp_call_answer_json(c, 200, json);
}

/* A query's number, if it is there. false: it has been refused. */
static bool query_i64(struct pp_call *c, const char *name, int64_t max, int64_t *ret_value)
{
	const char *text = pp_call_query(c, name);

	if (text == NULL || pp_text_i64(text, strlen(text), 1, max, ret_value) == 0)
		return true;
	pp_call_refuse(c, 422, "'%s' must be a number from 1 to %lld", name, (long long)max);
	return false;
}

/* --- reads --- */

void pp_api_incidents(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_incident_page page = { .open_only = true, .before = 0, .limit = LIMIT_DEFAULT };
	const char *state = pp_call_query(c, "state");
	const struct pp_scope scope = pp_who_scope(who);
	struct pp_json *json = NULL;
	int r;

	(void)match;
	if (state && strcmp(state, "all") == 0)
		page.open_only = false;
	else if (state && strcmp(state, "open") != 0) {
		pp_call_refuse(c, 422, "'state' must be open or all");
		return;
	}
	if (!query_i64(c, "before", INT64_MAX, &page.before) ||
		!query_i64(c, "limit", LIMIT_MAX, &page.limit))
		return;
	r = pp_query_incidents(w->db, &scope, &page, &json);
	answer_query(c, r, json);
}

/* Names and telephone numbers are for those who have the incident or are sent to it, notes for
 * those who work incidents. -errno: the record cannot be read. */
static int sight_read(
	struct pp_web *w, const struct pp_who *who, const char *number, struct pp_scope *scope)
{
	char claimer[80];
	int r = pp_query_claimer(w->db, who->tenant, number, claimer);

	if (r < 0)
		return r;
	if (who->roles & PP_AS_AGENCY) {
		r = pp_query_unit_is_sent(w->db, scope, number);
		scope->notes = scope->contacts = r > 0;
		return r < 0 ? r : 0;
	}
	scope->notes = who->roles & (PP_AS_DESK | PP_AS_CONTROL);
	scope->contacts = (who->roles & (PP_AS_SUPERVISOR | PP_AS_CONTROL)) ||
			  ((who->roles & PP_AS_OPERATOR) && strcmp(claimer, who->actor) == 0);
	return 0;
}

/* Whether the masked answer holds less than the whole one: of the post, of what was written. */
static bool hides_text(const struct pp_json *masked, bool caller)
{
	const struct pp_json *timeline, *body;
	size_t count = 0;

	if (pp_json_get_list(masked, "timeline", &timeline) == 0)
		count = pp_json_count(timeline);
	for (size_t i = 0; i < count; i++) {
		bool hidden = false;

		if (pp_json_get_object(pp_json_item(timeline, i), "body", &body) == 0 &&
			pp_json_get_bool(body, "masked", &hidden) == 0 && hidden &&
			pp_json_has(body, "caller") == caller)
			return true;
	}
	return false;
}

static bool hides_contact(const struct pp_json *masked)
{
	const struct pp_json *post;
	bool hidden = false;

	return hides_text(masked, true) ||
	       (pp_json_get_object(masked, "post", &post) == 0 &&
		       pp_json_get_bool(post, "contact_masked", &hidden) == 0 && hidden);
}

static void incident_answer(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_scope *scope, const struct pp_view *view)
{
	bool contact = scope->contacts && hides_contact(view->masked);
	bool notes = scope->notes && hides_text(view->masked, false);
	struct pp_view shown = *view;

	shown.what = contact && notes ? "contact,notes" : contact ? "contact" : "notes";
	if (contact || notes) {
		pp_view_answer(w, c, who, &shown);
		return;
	}
	pp_json_free(view->masked);
	pp_call_answer_json(c, 200, view->json);
}

void pp_api_incident(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	const struct pp_scope blind = pp_who_scope(who);
	struct pp_scope scope = blind;
	struct pp_view view = { .incident = match->parameter };
	int r = sight_read(w, who, match->parameter, &scope);

	if (r == 0)
		r = pp_query_incident(w->db, &scope, match->parameter, &view.json);
	if (r == 0) {
		r = pp_query_incident(w->db, &blind, match->parameter, &view.masked);
		if (r < 0)
			pp_json_free(view.json);
	}
	if (r == -ENOENT)
		pp_call_refuse(c, 404, "there is no incident %s", match->parameter);
	else if (r < 0)
		pp_call_refuse_record(c, r);
	else
		incident_answer(w, c, who, &scope, &view);
}

void pp_api_posts(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	const struct pp_scope scope = pp_who_scope(who);
	struct pp_json *json = NULL;
	int r = pp_query_posts(w->db, &scope, &json);

	(void)match;
	answer_query(c, r, json);
}

void pp_api_troubles(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	const struct pp_scope scope = pp_who_scope(who);
	struct pp_json *json = NULL;
	int r = pp_query_troubles(w->db, &scope, &json);

	(void)match;
	answer_query(c, r, json);
}

/* --- the server itself --- */

void pp_api_health(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_engine_counts counts;
	struct pp_json *answer = pp_json_object();
	int64_t event;
	bool record = pp_query_last_event(w->db, NULL, &event) == 0;

	(void)who;
	(void)match;
	pp_engine_counts(w->engine, &counts);
	record = record && counts.record_error == 0;
	(void)pp_json_set_text(answer, "status", record ? "ok" : "failing");
	(void)pp_json_set_bool(answer, "broker", counts.broker_connected);
	(void)pp_json_set_bool(answer, "record", record);
	(void)pp_json_set_text(answer, "version", w->version);
	(void)pp_json_set_i64(answer, "time", pp_clock_wall_ms());
	pp_call_answer_json(c, record ? 200 : 503, answer);
}

static void counts_add(
	struct pp_json *o, const struct pp_counter *table, size_t count, const void *counts)
{
	for (size_t i = 0; i < count; i++)
		(void)pp_json_set_i64(
			o, table[i].name, (int64_t)pp_counter_value(&table[i], counts));
}

static struct pp_json *http_counts(struct pp_web *w)
{
	const struct pp_httpd_counts *h = pp_httpd_counts(w->httpd);
	struct pp_json *o = pp_json_object();

	counts_add(o, pp_httpd_table, pp_httpd_table_count, h);
	counts_add(o, pp_web_table, pp_web_table_count, &w->counts);
	(void)pp_json_set_i64(o, "open_connections", (int64_t)h->open_connections);
	(void)pp_json_set_i64(o, "open_streams", (int64_t)h->open_streams);
	for (size_t i = 0; i < pp_http_status_count; i++)
		(void)pp_json_set_i64(o, pp_http_statuses[i].name,
			(int64_t)h->status[pp_http_statuses[i].status]);
	return o;
}

void pp_api_counts(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_json *answer = pp_json_object(), *more;
	struct pp_engine_counts e;

	(void)who;
	(void)match;
	pp_engine_counts(w->engine, &e);
	counts_add(answer, pp_engine_table, pp_engine_table_count, &e);
	(void)pp_json_set_bool(answer, "broker_connected", e.broker_connected);
	(void)pp_json_set(answer, "http", http_counts(w));
	for (size_t i = 0; i < w->counter_count; i++) {
		more = pp_json_object();
		counts_add(more, w->counters[i].table, w->counters[i].count, w->counters[i].counts);
		(void)pp_json_set(answer, w->counters[i].name, more);
	}
	pp_call_answer_json(c, 200, answer);
}

void pp_api_openapi(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	char *copy = malloc(pp_openapi_length);

	(void)w;
	(void)who;
	(void)match;
	if (copy == NULL) {
		pp_call_refuse(c, 503, "the server is out of memory");
		return;
	}
	memcpy(copy, pp_openapi_text, pp_openapi_length);
	pp_call_set_header(c, "Cache-Control", "no-cache");
	pp_call_answer(c, 200, "application/json", copy, pp_openapi_length);
}
