/* SPDX-License-Identifier: Apache-2.0 */
/* factor.c -- the second factor: setting it, taking it off, and what a code is worth. */
#include "pieces.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "crypto/totp.h"
#include "problem.h"

#define RECOVERY_CODES 10
#define RECOVERY_BYTES 10 /* 80 bits: 16 letters */

/* "abcd-efgh ..." as the letters that were hashed; 0: no recovery code. */
static size_t recovery_read(const char *code, char ret_letters[PP_CODE_MAX + 1])
{
	size_t length = 0;

	for (; *code; code++) {
		if (*code != '-' && *code != ' ')
			ret_letters[length++] = (char)toupper((unsigned char)*code);
	}
	ret_letters[length] = '\0';
	return length == 16 ? length : 0;
}

int pp_factor_read(const struct pp_user_row *user, const char *code, struct pp_action *ret_action)
{
	char letters[PP_CODE_MAX + 1];
	size_t length;

	if (!user->factor)
		return 0;
	if (pp_totp_check(user->factor_key, code, pp_clock_wall_ms() / 1000, user->factor_step,
		    &ret_action->step) == 0)
		return 0;
	length = recovery_read(code, letters);
	if (length == 0)
		return -EACCES;
	pp_sha256(letters, length, ret_action->key); /* the ledger knows whether it is one */
	return 0;
}

struct factor {
	struct pp_web *web;
	struct pp_call *call;
	char tenant[24], name[48];
	char secret[PP_TOTP_KEY_SIZE * 8 / 5 + 1];
	char codes[RECOVERY_CODES][20]; /* "ABCD-EFGH-IJKL-MNOP" */
};

static struct factor *factor_new(struct pp_web *w, struct pp_call *c, const struct pp_who *who)
{
	struct factor *f;

	if (!who->session) {
		pp_call_refuse(c, 422, "the control socket has no sessions");
		return NULL;
	}
	f = pp_call_room(c, sizeof(*f));
	if (f == NULL) {
		pp_call_refuse(c, 503, "the server is out of memory");
		return NULL;
	}
	f->web = w;
	f->call = c;
	memcpy(f->tenant, who->tenant, sizeof(f->tenant));
	memcpy(f->name, who->name, sizeof(f->name));
	return f;
}

static void factor_submit(struct factor *f, const struct pp_who *who, struct pp_action *action,
	pp_engine_done_fn *done)
{
	action->type = PP_ACTION_USER_FACTOR;
	action->tenant = who->tenant;
	action->actor = who->actor;
	action->name = who->name;
	memcpy(action->digest, who->digest, sizeof(action->digest));
	if (pp_engine_submit(f->web->engine, action, done, f) < 0)
		pp_call_refuse(f->call, 503, "the server is busy: try again");
}

static void on_begun(void *user, const struct pp_action_result *result)
{
	struct factor *f = user;
	struct pp_json *answer;
	char uri[200];

	if (result->error < 0) {
		pp_engine_answer(f->call, result);
		return;
	}
	/* Names are slugs: nothing in them needs escaping. */
	snprintf(uri, sizeof(uri), "otpauth://totp/PosPin:%s@%s?secret=%s&issuer=PosPin", f->name,
		f->tenant, f->secret);
	answer = pp_json_object();
	(void)pp_json_set_text(answer, "secret", f->secret);
	(void)pp_json_set_text(answer, "uri", uri);
	explicit_bzero(f->secret, sizeof(f->secret));
	pp_call_answer_json(f->call, 200, answer);
}

void pp_factor_post(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .state = "begun" };
	struct pp_json *body;
	struct factor *f;

	(void)match;
	if (!pp_call_read_body(c, NULL, 0, &body))
		return;
	pp_json_free(body);
	f = factor_new(w, c, who);
	if (f == NULL)
		return;
	pp_random(action.key, PP_TOTP_KEY_SIZE);
	pp_base32(action.key, PP_TOTP_KEY_SIZE, f->secret);
	factor_submit(f, who, &action, on_begun);
	explicit_bzero(action.key, sizeof(action.key));
}

static void on_on(void *user, const struct pp_action_result *result)
{
	struct factor *f = user;
	struct pp_json *answer, *list;

	if (result->error < 0) {
		pp_engine_answer(f->call, result);
		return;
	}
	answer = pp_json_object();
	list = pp_json_list();
	for (size_t i = 0; i < RECOVERY_CODES; i++)
		(void)pp_json_add_text(list, f->codes[i]);
	explicit_bzero(f->codes, sizeof(f->codes));
	(void)pp_json_set(answer, "codes", list);
	pp_call_answer_json(f->call, 200, answer);
}

/* Makes the recovery codes; hashes: their digests in hex, a space behind each. */
static void codes_make(struct factor *f, char ret_hashes[RECOVERY_CODES * 65 + 1])
{
	char *at = ret_hashes;

	for (size_t i = 0; i < RECOVERY_CODES; i++) {
		uint8_t bytes[RECOVERY_BYTES], digest[PP_SHA256_SIZE];
		char letters[17];

		pp_random(bytes, sizeof(bytes));
		pp_base32(bytes, sizeof(bytes), letters);
		pp_sha256(letters, 16, digest);
		pp_text_hex(digest, sizeof(digest), at);
		at[64] = ' ';
		at += 65;
		snprintf(f->codes[i], sizeof(f->codes[i]), "%.4s-%.4s-%.4s-%.4s", letters,
			letters + 4, letters + 8, letters + 12);
	}
	*at = '\0';
}

static void factor_on(struct pp_web *w, struct pp_call *c, const struct pp_who *who, int64_t step)
{
	char hashes[RECOVERY_CODES * 65 + 1];
	struct pp_action action = { .state = "on", .step = step, .codes = hashes };
	struct factor *f = factor_new(w, c, who);

	if (f == NULL)
		return;
	codes_make(f, hashes);
	factor_submit(f, who, &action, on_on);
}

void pp_factor_confirm(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	const char *code;
	const struct pp_body_field fields[] = { { "code", 1, PP_CODE_MAX, false, false, &code } };
	struct pp_user_row user;
	struct pp_json *body;
	int64_t step;
	int r;

	(void)match;
	if (!pp_call_read_body(c, fields, 1, &body))
		return;
	r = pp_query_user(w->db, who->tenant, who->name, &user);
	if (r < 0 && r != -ENOENT)
		pp_call_refuse_record(c, r);
	else if (r < 0 || !user.factor_begun)
		pp_call_refuse(c, 409, "no second factor was begun");
	else if (pp_totp_check(user.factor_next, code, pp_clock_wall_ms() / 1000, 0, &step) < 0)
		pp_call_refuse(c, 422, "the code does not fit: is the telephone's clock right?");
	else
		factor_on(w, c, who, step);
	pp_json_free(body);
}

static void on_off(void *user, const struct pp_action_result *result)
{
	struct factor *f = user;

	if (result->error < 0)
		pp_engine_answer(f->call, result);
	else
		pp_call_answer(f->call, 204, NULL, NULL, 0);
}

void pp_factor_delete(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .state = "off" };
	struct factor *f = factor_new(w, c, who);

	(void)match;
	if (f)
		factor_submit(f, who, &action, on_off);
}
