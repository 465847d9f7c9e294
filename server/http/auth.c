/* SPDX-License-Identifier: Apache-2.0 */
/* auth.c -- who is asking: a cookie's session, or a user of this machine on the control socket. */
#include "pieces.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/clock.h"
#include "core/text.h"
#include "problem.h"
#include "store/query.h"

#define REFRESH_MS 600000

void pp_token_make(char ret_hex[65])
{
	uint8_t bytes[32];

	pp_random(bytes, sizeof(bytes));
	pp_text_hex(bytes, sizeof(bytes), ret_hex);
	explicit_bzero(bytes, sizeof(bytes));
}

bool pp_auth_is_secure(const struct pp_web *w)
{
	return strncmp(w->origin, "https://", 8) == 0;
}

bool pp_auth_tenant(struct pp_web *w, struct pp_call *c, const char *asked, char ret_tenant[24])
{
	struct pp_json *tenants;
	const char *found = NULL;
	size_t count;
	int r = pp_query_tenants(w->db, &tenants);

	if (r < 0) {
		pp_call_refuse_record(c, r);
		return false;
	}
	count = pp_json_count(tenants);
	for (size_t i = 0; i < count && !found; i++) {
		const char *id = NULL;

		if (pp_json_get_text(pp_json_item(tenants, i), "id", 23, &id) == 0 &&
			(asked ? strcmp(asked, id) == 0 : count == 1))
			found = id;
	}
	if (found)
		snprintf(ret_tenant, 24, "%s", found);
	pp_json_free(tenants);
	if (found)
		return true;
	if (count == 0)
		pp_call_refuse(c, 409, "the registry is empty: import a site first");
	else
		pp_call_refuse(
			c, 422, asked ? "no such tenant" : "there are several tenants: say which");
	return false;
}

static bool local_who(struct pp_web *w, struct pp_call *c, uid_t uid, struct pp_who *who)
{
	struct passwd entry, *found = NULL;
	char buf[1024];

	if (getpwuid_r(uid, &entry, buf, sizeof(buf), &found) == 0 && found)
		snprintf(who->name, sizeof(who->name), "%.40s", found->pw_name);
	else
		snprintf(who->name, sizeof(who->name), "%u", (unsigned)uid);
	snprintf(who->actor, sizeof(who->actor), "ctl:%s", who->name);
	snprintf(who->display, sizeof(who->display), "%s", who->name);
	who->roles = PP_AS_CONTROL;
	return pp_auth_tenant(w, c, pp_call_header(c, "X-Tenant"), who->tenant);
}

/* 0; -EACCES: no cookie or no session; else the record cannot be read. */
static int session_who(struct pp_web *w, struct pp_call *c, struct pp_who *who)
{
	const char *cookie = pp_call_cookie(c, PP_COOKIE_SESSION);
	struct pp_user_row user;
	const char *why;
	uint8_t token[32];
	int r;

	if (cookie == NULL || pp_text_unhex(cookie, strlen(cookie), token, sizeof(token)) < 0)
		return -EACCES;
	pp_sha256(token, sizeof(token), who->digest);
	r = pp_query_session(w->db, who->digest, pp_clock_wall_ms(), &user);
	if (r < 0)
		return r == -ENOENT ? -EACCES : r;
	who->session = true;
	memcpy(who->tenant, user.tenant, sizeof(who->tenant));
	memcpy(who->name, user.name, sizeof(who->name));
	memcpy(who->display, user.display, sizeof(who->display));
	/* Words that are none, of a record that another program wrote, are no role. */
	(void)pp_roles_parse(user.role, &who->roles, &why);
	memcpy(who->kecamatan, user.kecamatan, sizeof(who->kecamatan));
	memcpy(who->unit, user.unit, sizeof(who->unit));
	who->ends_ms = user.ends_ms;
	who->confirmed_ms = user.confirmed_ms;
	who->factor = user.factor;
	snprintf(who->actor, sizeof(who->actor), "user:%s", user.name);
	return 0;
}

static bool method_changes(const struct pp_call *c)
{
	return strcmp(pp_call_method(c), "GET") != 0 && strcmp(pp_call_method(c), "HEAD") != 0;
}

/* What newer browsers say besides of where a request comes from. */
static bool is_cross_site(const struct pp_call *c)
{
	const char *site = pp_call_header(c, "Sec-Fetch-Site");

	return site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

/* Browsers send Origin with every change; it must be the one that the page came from. */
bool pp_auth_origin(struct pp_web *w, struct pp_call *c)
{
	const char *origin = pp_call_header(c, "Origin"), *host = pp_call_header(c, "Host");
	char ours[300];
	uid_t uid;

	if (pp_call_is_local(c, &uid))
		return true;
	if (origin == NULL && !is_cross_site(c))
		return true;
	if (origin == NULL)
		origin = "";
	snprintf(ours, sizeof(ours), "http://%s", host ? host : "");
	if (w->origin[0] ? strcmp(origin, w->origin) == 0 : strcmp(origin, ours) == 0)
		return true;
	w->counts.refused_origin++;
	pp_call_refuse(c, 403, "the request comes from a page of another origin");
	return false;
}

/* The name of "host:port", or "[v6]:port". */
static size_t name_length(const char *host)
{
	return host[0] == '[' ? strcspn(host, "]") + (strchr(host, ']') != NULL)
			      : strcspn(host, ":");
}

static bool is_literal(const char *host, size_t length)
{
	return host[0] == '[' || (length == 9 && strncasecmp(host, "localhost", 9) == 0) ||
	       (length > 0 && strspn(host, "0123456789.") == length);
}

/* Against names that are made to point here (DNS rebinding): a browser that was lured to another
 * name says that name. Figures and "localhost" are nobody's to point elsewhere. */
bool pp_auth_host(struct pp_web *w, struct pp_call *c)
{
	const char *host = pp_call_header(c, "Host"), *ours = strstr(w->origin, "://");
	size_t length = host ? name_length(host) : 0;
	uid_t uid;

	if (pp_call_is_local(c, &uid) || (host && is_literal(host, length)))
		return true;
	if (host && ours && strcasecmp(host, ours + 3) == 0)
		return true;
	w->counts.refused_host++;
	pp_call_refuse(c, 421, "this server has another name: see 'origin' in its settings");
	return false;
}

bool pp_auth_who(struct pp_web *w, struct pp_call *c, struct pp_who *ret_who)
{
	struct pp_who who = { 0 };
	uid_t uid;
	int r;

	if (pp_call_is_local(c, &uid)) {
		if (!local_who(w, c, uid, &who))
			return false;
		*ret_who = who;
		return true;
	}
	r = session_who(w, c, &who);
	if (r == -EACCES) {
		w->counts.refused_session++;
		pp_call_refuse(c, 401, "log in first");
		return false;
	}
	if (r < 0) {
		pp_call_refuse_record(c, r);
		return false;
	}
	if (method_changes(c)) {
		if (!pp_auth_origin(w, c))
			return false;
		if (pp_call_header(c, "X-PosPin") == NULL) {
			w->counts.refused_origin++;
			pp_call_refuse(c, 403, "a change needs the header 'X-PosPin: 1'");
			return false;
		}
	}
	pp_auth_refresh(w, &who);
	pp_events_heard(w, who.digest);
	*ret_who = who;
	return true;
}

struct pp_scope pp_who_scope(const struct pp_who *who)
{
	return (struct pp_scope){
		.tenant = who->tenant, .kecamatan = who->kecamatan, .unit = who->unit
	};
}

/* An incident or a post that the path names and that the asker may not see is not there. */
static bool is_in_scope(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	const char *path = pp_endpoints[match->route].path;
	const struct pp_scope scope = pp_who_scope(who);
	int r = 1;

	if (who->kecamatan[0] == '\0' && who->unit[0] == '\0')
		return true;
	if (strstr(path, "{number}"))
		r = pp_query_sees_incident(w->db, &scope, match->parameter);
	else if (strstr(path, "{post}"))
		r = pp_query_sees_post(w->db, &scope, match->parameter);
	if (r < 0)
		pp_call_refuse_record(c, r);
	else if (r == 0)
		pp_call_refuse(c, 404,
			strstr(path, "{number}") ? "there is no such incident"
						 : "there is no such post");
	return r > 0;
}

/* Whoever must have a second factor sets it before anything else. */
static bool is_factor_set(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_endpoint *endpoint)
{
	if (!who->session || who->factor || (endpoint->rules & PP_RULE_BEFORE) ||
		(who->roles & w->factor_roles) == 0)
		return true;
	w->counts.refused_role++;
	pp_call_set_header(c, "X-PosPin-Needs", "factor");
	pp_call_refuse(c, 403, "your role needs a second factor: set it first");
	return false;
}

/* What is dangerous wants the password again; a login counts as that, for some minutes. */
static bool is_confirmed(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_endpoint *endpoint)
{
	const int64_t age = pp_clock_wall_ms() - who->confirmed_ms;

	if (!who->session || (endpoint->rules & PP_RULE_CONFIRM) == 0 ||
		(age >= 0 && age <= PP_CONFIRM_MS))
		return true;
	w->counts.refused_role++;
	pp_call_set_header(c, "X-PosPin-Needs", "password");
	pp_call_refuse(c, 403, "give your password again first");
	return false;
}

bool pp_auth_admits(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	const struct pp_endpoint *endpoint = &pp_endpoints[match->route];

	if (!pp_endpoint_admits(endpoint, who->roles)) {
		w->counts.refused_role++;
		pp_call_refuse(c, 403, "this is not for your role");
		return false;
	}
	return (is_factor_set(w, c, who, endpoint) && is_confirmed(w, c, who, endpoint)) &&
	       is_in_scope(w, c, who, match);
}

static void on_refreshed(void *user, const struct pp_action_result *result)
{
	(void)user;
	(void)result; /* the next request tries again */
}

void pp_auth_forget(struct pp_web *w, const uint8_t digest[PP_SHA256_SIZE])
{
	memcpy(w->closed[w->closed_next], digest, PP_SHA256_SIZE);
	w->closed_next = (w->closed_next + 1) % PP_CLOSED_SESSIONS;
}

static bool is_forgotten(const struct pp_web *w, const uint8_t digest[PP_SHA256_SIZE])
{
	for (size_t i = 0; i < PP_CLOSED_SESSIONS; i++) {
		if (memcmp(w->closed[i], digest, PP_SHA256_SIZE) == 0)
			return true;
	}
	return false;
}

void pp_auth_refresh(struct pp_web *w, const struct pp_who *who)
{
	const int64_t now = pp_clock_wall_ms();
	const int64_t spare =
		w->session_idle_ms / 2 < REFRESH_MS ? w->session_idle_ms / 2 : REFRESH_MS;
	struct pp_action action = {
		.type = PP_ACTION_SESSION_KEEP,
		.tenant = who->tenant,
		.actor = who->actor,
		.name = who->name,
		.until_ms = now + w->session_idle_ms,
	};
	int64_t at = now + w->session_idle_ms - spare;
	struct pp_user_row user;

	if (is_forgotten(w, who->digest))
		return;
	/* Still valid shortly before its full time, or as long as it can be: it has been refreshed
	 * a moment ago. */
	if (at >= who->ends_ms)
		at = who->ends_ms - 1;
	if (pp_query_session(w->db, who->digest, at, &user) != -ENOENT)
		return;
	memcpy(action.digest, who->digest, sizeof(action.digest));
	(void)pp_engine_submit(w->engine, &action, on_refreshed, NULL);
}
