/* SPDX-License-Identifier: Apache-2.0 */
/* session.c -- login and logout. Passwords are checked on the hasher's thread; the answer waits for
 * COMMIT. */
#include "pieces.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "problem.h"
#include "store/query.h"

#define DEVICE_DAYS 400

/* What is checked when there is no such user, so that it takes as long: the hash of a text that
 * nobody knows. */
const char pp_nobodys_hash[] = "$argon2id$v=19$m=65536,t=2,p=1$7RWvuvS1olympzFg0S3qdQ$7SsPl5HA/"
			       "6EFtJpPrKx3MhtlEikD1C3CI8c3/07+ZIo";

/* A request whose password is in work. */
struct login {
	struct pp_web *web;
	struct pp_call *call;
	struct pp_user_row user;
	bool exists;
	struct pp_tries tries;
	char code[PP_CODE_MAX + 1];
	char token[65];
};

struct pp_json *pp_roles_list(uint32_t roles)
{
	struct pp_json *list = pp_json_list();

	for (size_t i = 0; i < PP_ROLE_COUNT; i++) {
		if (roles & (UINT32_C(1) << i))
			(void)pp_json_add_text(list, pp_role_word(i));
	}
	if (roles & PP_AS_CONTROL)
		(void)pp_json_add_text(list, "control");
	return list;
}

static void session_answer(struct pp_web *w, struct pp_call *c, const struct pp_who *who)
{
	struct pp_json *answer = pp_json_object(), *tenants = NULL;

	(void)pp_json_set_text(answer, "name", who->name);
	(void)pp_json_set_text(answer, "display", who->display);
	(void)pp_json_set(answer, "roles", pp_roles_list(who->roles));
	(void)pp_json_set_bool(answer, "factor", who->factor);
	(void)pp_json_set_bool(
		answer, "factor_required", !who->factor && (who->roles & w->factor_roles) != 0);
	(void)pp_json_set_text(answer, "unit", who->unit);
	(void)pp_json_set_null(answer, "tenant");
	if (pp_query_tenants(w->db, &tenants) == 0) {
		for (size_t i = 0; i < pp_json_count(tenants); i++) {
			const char *id;

			if (pp_json_get_text(pp_json_item(tenants, i), "id", 23, &id) == 0 &&
				strcmp(id, who->tenant) == 0)
				(void)pp_json_set(
					answer, "tenant", pp_json_copy(pp_json_item(tenants, i)));
		}
		pp_json_free(tenants);
	}
	pp_call_answer_json(c, 200, answer);
}

void pp_session_get(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	(void)match;
	session_answer(w, c, who);
}

static void cookie_set(struct pp_web *w, struct pp_call *c, const char *name, const char *rest)
{
	char text[400];

	snprintf(text, sizeof(text), "%s=%s; HttpOnly; SameSite=Strict%s", name, rest,
		pp_auth_is_secure(w) ? "; Secure" : "");
	pp_call_set_header(c, "Set-Cookie", text);
}

/* A device cookie says that this browser has once logged in with this name: <nonce>.<MAC over name
 * and nonce>. */
static void device_mac(const struct pp_web *w, const struct pp_user_row *user, const char *nonce,
	char ret_hex[PP_SHA256_SIZE * 2 + 1])
{
	char text[160];
	uint8_t mac[PP_SHA256_SIZE];

	snprintf(text, sizeof(text), "%s/%s/%.32s", user->tenant, user->name, nonce);
	pp_hmac_sha256(w->device_key, sizeof(w->device_key), text, strlen(text), mac);
	pp_text_hex(mac, sizeof(mac), ret_hex);
}

static bool device_is_known(
	const struct pp_web *w, const struct pp_call *c, const struct pp_user_row *user)
{
	const char *cookie = pp_call_cookie(c, PP_COOKIE_DEVICE);
	char mac[PP_SHA256_SIZE * 2 + 1];

	if (cookie == NULL || strlen(cookie) != 32 + 1 + 64 || cookie[32] != '.')
		return false;
	device_mac(w, user, cookie, mac);
	return pp_equal_secret(mac, cookie + 33, 64);
}

static void cookies_set(struct login *l)
{
	char rest[300], mac[PP_SHA256_SIZE * 2 + 1], nonce[33];
	uint8_t bytes[16];

	snprintf(rest, sizeof(rest), "%s; Path=/", l->token);
	cookie_set(l->web, l->call, PP_COOKIE_SESSION, rest);
	pp_random(bytes, sizeof(bytes));
	pp_text_hex(bytes, sizeof(bytes), nonce);
	device_mac(l->web, &l->user, nonce, mac);
	snprintf(rest, sizeof(rest), "%s.%s; Path=/api/v1/session; Max-Age=%d", nonce, mac,
		DEVICE_DAYS * 86400);
	cookie_set(l->web, l->call, PP_COOKIE_DEVICE, rest);
}

static void login_refuse(struct login *l)
{
	l->web->counts.refused_login++;
	pp_call_refuse(l->call, 401, "name, password or code is wrong");
}

static void on_session_open(void *user, const struct pp_action_result *result)
{
	struct login *l = user;
	struct pp_who who = { 0 };
	const char *why;

	if (result->error == -EACCES) {
		login_refuse(l); /* the code has been used */
		return;
	}
	if (result->error < 0) {
		pp_engine_answer(l->call, result);
		return;
	}
	pp_tries_clear(l->web, &l->tries);
	memcpy(who.tenant, l->user.tenant, sizeof(who.tenant));
	memcpy(who.name, l->user.name, sizeof(who.name));
	memcpy(who.display, l->user.display, sizeof(who.display));
	(void)pp_roles_parse(l->user.role, &who.roles, &why);
	who.factor = l->user.factor;
	memcpy(who.unit, l->user.unit, sizeof(who.unit));
	cookies_set(l);
	explicit_bzero(l->token, sizeof(l->token));
	session_answer(l->web, l->call, &who);
}

static void on_password_checked(void *user, bool ok, const char *hash)
{
	struct login *l = user;
	char actor[64];
	struct pp_action action = {
		.type = PP_ACTION_SESSION_OPEN,
		.tenant = l->user.tenant,
		.actor = actor,
		.name = l->user.name,
		.until_ms = pp_clock_wall_ms() + l->web->session_idle_ms,
		.ends_ms = pp_clock_wall_ms() + l->web->session_absolute_ms,
	};
	uint8_t token[32];

	(void)hash;
	/* One answer, whatever it is that does not fit. */
	if (!ok || !l->exists || (l->user.factor && !pp_tries_code(l->web, &l->tries)) ||
		pp_factor_read(&l->user, l->code, &action) < 0) {
		login_refuse(l);
		return;
	}
	snprintf(actor, sizeof(actor), "user:%s", l->user.name);
	pp_token_make(l->token);
	(void)pp_text_unhex(l->token, 64, token, sizeof(token));
	pp_sha256(token, sizeof(token), action.digest);
	explicit_bzero(token, sizeof(token));
	if (pp_engine_submit(l->web->engine, &action, on_session_open, l) < 0)
		pp_call_refuse(l->call, 503, "the server is busy: try again");
}

struct credentials {
	const char *name, *password, *tenant, *code;
};

static void login_start(struct pp_web *w, struct pp_call *c, const struct credentials *given)
{
	const char *name = given->name, *tenant = given->tenant;
	struct login *l = pp_call_room(c, sizeof(*l));
	struct pp_hasher_check check = { .password = given->password };
	int r;

	if (l == NULL) {
		pp_call_refuse(c, 503, "the server is out of memory");
		return;
	}
	l->web = w;
	l->call = c;
	snprintf(l->code, sizeof(l->code), "%s", given->code ? given->code : "");
	r = pp_query_user(w->db, tenant, name, &l->user);
	l->exists = r == 0;
	if (r < 0 && r != -ENOENT) {
		pp_call_refuse_record(c, r);
		return;
	}
	if (!l->exists) {
		snprintf(l->user.tenant, sizeof(l->user.tenant), "%s", tenant);
		snprintf(l->user.name, sizeof(l->user.name), "%s", name);
	}
	check.known = device_is_known(w, c, &l->user);
	/* Somebody who is invited has none yet: it must take as long. */
	l->exists = l->exists && l->user.password[0];
	check.hash = l->exists ? l->user.password : pp_nobodys_hash;
	if (!pp_tries_pass(w, c, &l->user, check.known, &l->tries))
		return;
	if (pp_hasher_check(w->hasher, &check, on_password_checked, l) < 0) {
		pp_call_set_header(c, "Retry-After", "1");
		pp_call_refuse(c, 503, "too many logins at once: try again");
	}
}

void pp_session_post(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	const char *name, *password, *asked, *code;
	const struct pp_body_field fields[] = {
		{ "name", 1, PP_NAME_MAX, false, false, &name },
		{ "password", 1, PP_HASHER_PASSWORD_MAX, false, false, &password },
		{ "tenant", 1, 20, true, false, &asked },
		{ "code", 0, PP_CODE_MAX, true, false, &code },
	};
	struct pp_json *body;
	char tenant[24];

	(void)who;
	(void)match;
	if (!pp_auth_origin(w, c) || !pp_call_read_body(c, fields, 4, &body))
		return;
	if (pp_auth_tenant(w, c, asked, tenant))
		login_start(w, c, &(struct credentials){ name, password, tenant, code });
	pp_json_free(body);
}

static void on_session_closed(void *user, const struct pp_action_result *result)
{
	struct pp_call *c = user;

	if (result->error < 0 && result->error != -ENOENT)
		pp_engine_answer(c, result);
	else
		pp_call_answer(c, 204, NULL, NULL, 0);
}

void pp_session_delete(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = {
		.type = PP_ACTION_SESSION_CLOSE,
		.tenant = who->tenant,
		.actor = who->actor,
	};

	(void)match;
	if (!who->session) {
		pp_call_refuse(c, 422, "the control socket has no sessions");
		return;
	}
	memcpy(action.digest, who->digest, sizeof(action.digest));
	pp_auth_forget(w, who->digest);
	cookie_set(w, c, PP_COOKIE_SESSION, "; Path=/; Max-Age=0");
	if (pp_engine_submit(w->engine, &action, on_session_closed, c) < 0)
		pp_call_refuse(c, 503, "the server is busy: try again");
}
