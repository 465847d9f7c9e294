/* SPDX-License-Identifier: Apache-2.0 */
/* auth.c -- who is asking: a cookie's session, or a user of this machine on the control socket. */
#include "pieces.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

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
	snprintf(who->actor, sizeof(who->actor), "user:%s", user.name);
	return 0;
}

static bool method_changes(const struct pp_call *c)
{
	return strcmp(pp_call_method(c), "GET") != 0 && strcmp(pp_call_method(c), "HEAD") != 0;
}

/* Browsers send Origin with every change; it must be the one that the page came from. */
bool pp_auth_origin(struct pp_web *w, struct pp_call *c)
{
	const char *origin = pp_call_header(c, "Origin"), *host = pp_call_header(c, "Host");
	char ours[300];
	uid_t uid;

	if (origin == NULL || pp_call_is_local(c, &uid))
		return true;
	snprintf(ours, sizeof(ours), "http://%s", host ? host : "");
	if (w->origin[0] ? strcmp(origin, w->origin) == 0 : strcmp(origin, ours) == 0)
		return true;
	w->counts.refused_origin++;
	pp_call_refuse(c, 403, "the request comes from a page of another origin");
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
	*ret_who = who;
	return true;
}

bool pp_auth_admits(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	if (pp_endpoint_admits(&pp_endpoints[match->route], who->roles))
		return true;
	w->counts.refused_role++;
	pp_call_refuse(c, 403, "this is not for your role");
	return false;
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
		.type = PP_ACTION_SESSION_OPEN,
		.tenant = who->tenant,
		.actor = who->actor,
		.name = who->name,
		.until_ms = now + w->session_idle_ms,
	};
	struct pp_user_row user;

	if (is_forgotten(w, who->digest))
		return;
	/* Still valid shortly before its full time: it has been refreshed a moment ago. */
	if (pp_query_session(w->db, who->digest, now + w->session_idle_ms - spare, &user) !=
		-ENOENT)
		return;
	memcpy(action.digest, who->digest, sizeof(action.digest));
	(void)pp_engine_submit(w->engine, &action, on_refreshed, NULL);
}
