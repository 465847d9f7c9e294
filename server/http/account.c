/* SPDX-License-Identifier: Apache-2.0 */
/* account.c -- one's own password: giving it again, changing it, setting it by an invitation. */
#include "pieces.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "problem.h"

/* A request whose password is in work. */
struct account {
	struct pp_web *web;
	struct pp_call *call;
	struct pp_who who;
	struct pp_user_row user;
	struct pp_tries tries;
	char code[PP_CODE_MAX + 1];
	char fresh[PP_HASHER_PASSWORD_MAX + 1]; /* the new password */
	uint8_t key[32];                        /* of an invitation */
};

static struct account *account_new(struct pp_web *w, struct pp_call *c)
{
	struct account *a = pp_call_room(c, sizeof(*a));

	if (a == NULL) {
		pp_call_refuse(c, 503, "the server is out of memory");
		return NULL;
	}
	a->web = w;
	a->call = c;
	return a;
}

static void busy(struct pp_call *c)
{
	pp_call_set_header(c, "Retry-After", "1");
	pp_call_refuse(c, 503, "the server is busy: try again");
}

static void account_refuse(struct account *a)
{
	a->web->counts.refused_login++;
	pp_call_refuse(a->call, 403, "password or code is wrong");
}

static void on_done(void *user, const struct pp_action_result *result)
{
	struct account *a = user;

	if (result->error == -EACCES) {
		account_refuse(a);
	} else if (result->error < 0) {
		pp_engine_answer(a->call, result);
	} else {
		pp_tries_clear(a->web, &a->tries);
		pp_events_ended(a->web, a->who.tenant, a->who.name);
		pp_call_answer(a->call, 204, NULL, NULL, 0);
	}
}

/* Checks the password of who asks; then goes on at fn. */
static void password_check(
	struct account *a, const struct pp_who *who, const char *password, pp_hasher_fn *fn)
{
	struct pp_hasher_check check = { .known = true, .password = password };
	int r;

	if (!who->session) {
		pp_call_refuse(a->call, 422, "the control socket has no sessions");
		return;
	}
	a->who = *who;
	r = pp_query_user(a->web->db, who->tenant, who->name, &a->user);
	if (r < 0) {
		pp_call_refuse_record(a->call, r);
		return;
	}
	/* Whoever has stolen a session must not guess the password faster than a stranger. */
	if (!pp_tries_pass(a->web, a->call, &a->user, false, &a->tries))
		return;
	check.hash = a->user.password;
	if (pp_hasher_check(a->web->hasher, &check, fn, a) < 0)
		busy(a->call);
}

/* ---- giving it again ---- */

static void on_confirm_checked(void *user, bool ok, const char *hash)
{
	struct account *a = user;
	struct pp_action action = {
		.type = PP_ACTION_SESSION_CONFIRM,
		.tenant = a->who.tenant,
		.actor = a->who.actor,
		.name = a->who.name,
	};

	(void)hash;
	if (!ok || pp_factor_read(&a->user, a->code, &action) < 0) {
		account_refuse(a);
		return;
	}
	memcpy(action.digest, a->who.digest, sizeof(action.digest));
	if (pp_engine_submit(a->web->engine, &action, on_done, a) < 0)
		busy(a->call);
}

void pp_account_confirm(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	const char *password, *code = NULL;
	const struct pp_body_field fields[] = {
		{ "password", 1, PP_HASHER_PASSWORD_MAX, false, false, &password },
		{ "code", 0, PP_CODE_MAX, true, false, &code },
	};
	struct pp_json *body;
	struct account *a;

	(void)match;
	if (!pp_call_read_body(c, fields, 2, &body))
		return;
	a = account_new(w, c);
	if (a) {
		snprintf(a->code, sizeof(a->code), "%s", code ? code : "");
		password_check(a, who, password, on_confirm_checked);
	}
	pp_json_free(body);
}

/* ---- changing it ---- */

static void on_hashed(void *user, bool ok, const char *hash)
{
	struct account *a = user;
	struct pp_action action = {
		.type = PP_ACTION_USER_PASSWORD,
		.tenant = a->who.tenant,
		.actor = a->who.actor,
		.name = a->who.name,
		.secret = hash,
	};

	memcpy(action.digest, a->who.digest, sizeof(action.digest));
	memcpy(action.key, a->key, sizeof(action.key));
	if (!ok || pp_engine_submit(a->web->engine, &action, on_done, a) < 0)
		busy(a->call);
}

static void on_old_checked(void *user, bool ok, const char *hash)
{
	struct account *a = user;

	(void)hash;
	if (!ok)
		account_refuse(a);
	else if (pp_hasher_make(a->web->hasher, a->fresh, on_hashed, a) < 0)
		busy(a->call);
	explicit_bzero(a->fresh, sizeof(a->fresh));
}

void pp_account_password(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	const char *old, *fresh;
	const struct pp_body_field fields[] = {
		{ "old", 1, PP_HASHER_PASSWORD_MAX, false, false, &old },
		{ "new", PP_PASSWORD_MIN, PP_HASHER_PASSWORD_MAX, false, false, &fresh },
	};
	struct pp_json *body;
	struct account *a;

	(void)match;
	if (!pp_call_read_body(c, fields, 2, &body))
		return;
	a = account_new(w, c);
	if (a) {
		snprintf(a->fresh, sizeof(a->fresh), "%s", fresh);
		password_check(a, who, old, on_old_checked);
	}
	pp_json_free(body);
}

/* ---- by an invitation ---- */

static void invitation_take(struct account *a, const char *token, const char *password)
{
	uint8_t bytes[32];
	int r = -ENOENT;

	if (pp_text_unhex(token, strlen(token), bytes, sizeof(bytes)) == 0) {
		pp_sha256(bytes, sizeof(bytes), a->key);
		r = pp_query_invited(a->web->db, a->key, pp_clock_wall_ms(), &a->user);
	}
	if (r < 0 && r != -ENOENT) {
		pp_call_refuse_record(a->call, r);
		return;
	}
	if (r < 0) {
		a->web->counts.refused_login++;
		pp_call_refuse(a->call, 403, "the link is not valid any more");
		return;
	}
	memcpy(a->who.tenant, a->user.tenant, sizeof(a->who.tenant));
	memcpy(a->who.name, a->user.name, sizeof(a->who.name));
	snprintf(a->who.actor, sizeof(a->who.actor), "user:%s", a->user.name);
	if (pp_hasher_make(a->web->hasher, password, on_hashed, a) < 0)
		busy(a->call);
}

void pp_account_invitation(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	const char *token, *password;
	const struct pp_body_field fields[] = {
		{ "token", 1, 64, false, false, &token },
		{ "password", PP_PASSWORD_MIN, PP_HASHER_PASSWORD_MAX, false, false, &password },
	};
	struct pp_json *body;
	struct account *a;

	(void)who;
	(void)match;
	if (!pp_auth_origin(w, c) || !pp_call_read_body(c, fields, 2, &body))
		return;
	a = account_new(w, c);
	if (a)
		invitation_take(a, token, password);
	pp_json_free(body);
}
