/* SPDX-License-Identifier: Apache-2.0 */
/* people.c -- users, their sessions, and who has looked at personal texts. Whatever changes what
 * somebody may do ends the sessions that knew it otherwise. */
#include "book.h"

#include <errno.h>
#include <string.h>

#include "core/text.h"
#include "roles/roles.h"
#include "store/people.h"
#include "store/registry.h"
#include "refusal.h"

#define DISPLAY_MAX 90

static const uint8_t none[32];

/* A key of zeros is none. */
static const uint8_t *given(const uint8_t key[32])
{
	return memcmp(key, none, sizeof(none)) ? key : NULL;
}

static int event_write(
	struct pp_ledger *l, const struct pp_action *a, const char *kind, struct pp_json *body)
{
	return pp_timeline_write(l,
		&(struct pp_event){
			.tenant = a->tenant, .kind = kind, .actor = a->actor, .body = body },
		NULL);
}

/* {"name": whose} */
static struct pp_json *body_of(const struct pp_action *a)
{
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_text(body, "name", a->name);
	return body;
}

/* ---- users ---- */

/* ",33.24.07,33.24.08,": each one of the tenant's. 1; 0: not so. */
static int kecamatan_check(struct pp_ledger *l, const struct pp_action *a)
{
	const char *at = a->kecamatan;
	char code[32];

	if (at == NULL || at[0] == '\0')
		return 1;
	if (*at++ != ',' || *at == '\0' || strlen(at) >= PP_KECAMATAN_MAX)
		return 0;
	while (*at) {
		size_t length = strcspn(at, ",");
		int r;

		if (length == 0 || length >= sizeof(code) || at[length] != ',')
			return 0;
		memcpy(code, at, length);
		code[length] = '\0';
		r = pp_store_kecamatan_exists(l->db, a->tenant, code);
		if (r <= 0)
			return r;
		at += length + 1;
	}
	return 1;
}

/* What an administrator says of a user; what is NULL is not said. 1: fine; 0: refused. */
static int user_check(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	const char *why;
	uint32_t roles = 0;
	int r;

	if (!a->name || !pp_text_is_slug(a->name, strlen(a->name), 40))
		return pp_action_refuse(
			item, -EINVAL, "name: expected 1 to 40 lower-case letters, digits and '-'");
	if (a->role && pp_roles_parse(a->role, &roles, &why) < 0)
		return pp_action_refuse(item, -EINVAL, "roles: %s", why);
	if (a->text && !pp_words_are_fine(a->text, DISPLAY_MAX, false))
		return pp_action_refuse(
			item, -EINVAL, "display: expected 1 to %d bytes of text", DISPLAY_MAX);
	if (a->unit && a->unit[0] && !pp_words_are_fine(a->unit, PP_UNIT_MAX, false))
		return pp_action_refuse(
			item, -EINVAL, "unit: expected 1 to %d bytes of text", PP_UNIT_MAX);
	if ((a->role || a->unit) && ((roles & PP_AS_AGENCY) != 0) != (a->unit && a->unit[0]))
		return pp_action_refuse(
			item, -EINVAL, "unit: a user of an agency has one, and nobody else");
	r = kecamatan_check(l, a);
	if (r == 0)
		return pp_action_refuse(item, -EINVAL, "kecamatan: expected codes of the registry");
	return r;
}

static void user_tell(struct pp_json *body, const struct pp_action *a)
{
	if (a->role)
		(void)pp_json_set_text(body, "roles", a->role);
	if (a->kecamatan)
		(void)pp_json_set_text(body, "kecamatan", a->kecamatan);
	if (a->unit)
		(void)pp_json_set_text(body, "unit", a->unit);
}

static int user_write(struct pp_ledger *l, const struct pp_action *a, const char *kind)
{
	struct pp_event event = { .tenant = a->tenant, .kind = kind, .actor = a->actor };

	event.body = body_of(a);
	user_tell(event.body, a);
	if (a->text) {
		event.personal_field = "display";
		event.personal = a->text;
	}
	return pp_timeline_write(l, &event, NULL);
}

static int user_create(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	const char *unit = a->unit;
	int r = user_check(l, item, a);

	if (r > 0 && unit)
		r = pp_call_unit(l, a->tenant, unit, &unit) < 0 ? -EIO : 1;
	if (r <= 0)
		return r;
	if (!a->role || !a->text)
		return pp_action_refuse(item, -EINVAL, "roles and display are needed");
	r = pp_store_user_add(l->db,
		&(struct pp_user_new){ a->tenant, a->name, a->text, a->secret ? a->secret : "",
			a->role, a->kecamatan, unit, l->now_ms });
	if (r == -EEXIST)
		return pp_action_refuse(item, -EEXIST, "there is a user %s already", a->name);
	if (r == 0 && given(a->key))
		r = pp_store_user_invite(
			l->db, &(struct pp_invitation){ a->tenant, a->name, a->key, a->until_ms });
	return r < 0 ? r : user_write(l, a, "user.created");
}

/* His pages end. What he holds may be what he sees no more: it rings for those who do. */
static int rights_end(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_action *a = item->in.action;
	int r = pp_store_sessions_end(l->db, a->tenant, a->name, NULL);

	return r < 0 ? r : pp_claims_return(l, item, a->name);
}

/* Somebody must be able to make others. 1: so it stays; 0: refused. */
static int administrator_check(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	int64_t others;
	int r = pp_store_administrators(l->db, a->tenant, a->name, &others);

	if (r < 0 || others > 0)
		return r < 0 ? r : 1;
	r = pp_store_is_administrator(l->db, a->tenant, a->name);
	return r <= 0 ? (r < 0 ? r : 1)
		      : pp_action_refuse(item, -EPERM, "%s is the last administrator", a->name);
}

static int user_set(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	const char *why, *unit = a->unit;
	uint32_t roles = 0;
	int r = user_check(l, item, a);
	bool leaves;

	if (r > 0 && unit)
		r = pp_call_unit(l, a->tenant, unit, &unit) < 0 ? -EIO : 1;
	if (r <= 0)
		return r;
	if (a->role && pp_roles_parse(a->role, &roles, &why) == 0 &&
		(roles & PP_AS_ADMINISTRATOR) == 0) {
		r = administrator_check(l, item, a);
		if (r <= 0)
			return r;
	}
	leaves = a->role && (roles & PP_AS_AGENCY) == 0;
	r = pp_store_user_set(l->db, &(struct pp_user_new){ .tenant = a->tenant,
					     .name = a->name,
					     .display = a->text,
					     .role = a->role,
					     .kecamatan = a->kecamatan,
					     .unit = leaves ? "" : unit });
	if (r <= 0)
		return r < 0 ? r : pp_action_refuse(item, -ENOENT, "there is no such user");
	if (a->role || a->kecamatan || a->unit)
		r = rights_end(l, item);
	return r < 0 ? r : user_write(l, a, "user.changed");
}

static int user_active(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	bool enabled = a->state && strcmp(a->state, "enabled") == 0;
	int r = enabled ? 1 : administrator_check(l, item, a);

	if (r <= 0)
		return r;
	r = pp_store_user_enable(l->db, a->tenant, a->name, enabled);
	if (r <= 0)
		return r < 0 ? r : pp_action_refuse(item, -ENOENT, "there is no such user");
	if (!enabled)
		r = rights_end(l, item);
	return r < 0 ? r
		     : event_write(l, a, enabled ? "user.enabled" : "user.disabled", body_of(a));
}

static int user_invite(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	int r = pp_store_user_invite(
		l->db, &(struct pp_invitation){ a->tenant, a->name, a->key, a->until_ms });

	if (r <= 0)
		return r < 0 ? r : pp_action_refuse(item, -ENOENT, "there is no such active user");
	return event_write(l, a, "user.invited", body_of(a));
}

static int user_password(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	const uint8_t *key = given(a->key);
	struct pp_json *body;
	int r = pp_store_user_password(
		l->db, &(struct pp_password_new){ a->tenant, a->name, a->secret, key, l->now_ms });

	if (r == 0)
		return pp_action_refuse(item, -ENOENT, "the link is not valid any more");
	if (r > 0)
		r = pp_store_sessions_end(l->db, a->tenant, a->name, key ? NULL : given(a->digest));
	if (r < 0)
		return r;
	body = body_of(a);
	(void)pp_json_set_text(body, "by", key ? "invitation" : "password");
	return event_write(l, a, "user.password", body);
}

/* ---- the second factor ---- */

static int codes_add(struct pp_ledger *l, const struct pp_action *a)
{
	const char *at = a->codes ? a->codes : "";
	int r = 0;

	while (r == 0 && *at) {
		uint8_t code[32];

		if (pp_text_unhex(at, strcspn(at, " "), code, sizeof(code)) < 0)
			return -EINVAL;
		r = pp_store_recovery_add(l->db, a->tenant, a->name, code);
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
	return r;
}

static int user_factor(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	bool on = a->state && strcmp(a->state, "on") == 0;
	struct pp_json *body;
	int r;

	if (a->state && strcmp(a->state, "begun") == 0) {
		r = pp_store_factor_begin(l->db, a->tenant, a->name, a->key);
		return r == 0  ? pp_action_refuse(item, -ENOENT, "there is no such user")
		       : r < 0 ? r
			       : 0;
	}
	r = on ? pp_store_factor_on(l->db, a->tenant, a->name, a->step)
	       : pp_store_factor_off(l->db, a->tenant, a->name);
	if (r <= 0)
		return r < 0 ? r : pp_action_refuse(item, -ENOENT, "no second factor was begun");
	r = codes_add(l, a);
	if (r == 0)
		r = pp_store_sessions_end(l->db, a->tenant, a->name, on ? given(a->digest) : NULL);
	if (r < 0)
		return r;
	body = body_of(a);
	(void)pp_json_set_text(body, "state", on ? "on" : "off");
	return event_write(l, a, "user.factor", body);
}

/* The second factor that was shown, once. 1: counts (or none was); 0: it has been shown before. */
static int factor_use(struct pp_ledger *l, const struct pp_action *a)
{
	if (a->step > 0)
		return pp_store_factor_step(l->db, a->tenant, a->name, a->step);
	if (given(a->key))
		return pp_store_recovery_use(l->db, a->tenant, a->name, a->key);
	return 1;
}

static const char *factor_word(const struct pp_action *a)
{
	return a->step > 0 ? "code" : given(a->key) ? "recovery" : "none";
}

/* ---- sessions ---- */

static int session_write(struct pp_ledger *l, const struct pp_action *a, const char *kind)
{
	struct pp_json *body = body_of(a);

	(void)pp_json_set_text(body, "factor", factor_word(a));
	return event_write(l, a, kind, body);
}

static struct pp_session_new session_of(const struct pp_ledger *l, const struct pp_action *a)
{
	return (struct pp_session_new){ a->tenant, a->name ? a->name : "", a->digest, l->now_ms,
		a->until_ms, a->ends_ms };
}

static int session_open(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	const struct pp_session_new session = session_of(l, a);
	int r = factor_use(l, a);

	if (r <= 0)
		return r < 0 ? r : pp_action_refuse(item, -EACCES, "the code has been used");
	r = pp_store_session_open(l->db, &session);
	if (r == -ENOENT)
		return pp_action_refuse(item, -ENOENT, "there is no such user");
	return r < 0 ? r : session_write(l, a, "session.opened");
}

static int session_confirm(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	const struct pp_session_new session = session_of(l, a);
	int r = factor_use(l, a);

	if (r <= 0)
		return r < 0 ? r : pp_action_refuse(item, -EACCES, "the code has been used");
	r = pp_store_session_confirm(l->db, &session);
	if (r <= 0)
		return r < 0 ? r : pp_action_refuse(item, -ENOENT, "there is no such session");
	return session_write(l, a, "session.confirmed");
}

static int session_close(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	struct pp_json *body;
	char name[48];
	int r = pp_store_session_end(l->db, a->tenant, a->digest, name);

	if (r <= 0)
		return r < 0 ? r : pp_action_refuse(item, -ENOENT, "there is no such session");
	body = pp_json_object();
	(void)pp_json_set_text(body, "name", name);
	return event_write(l, a, "session.closed", body);
}

/* ---- who has looked ---- */

static int view_write(struct pp_ledger *l, const struct pp_action *a)
{
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_text(body, "what", a->text ? a->text : "");
	if (a->incident)
		(void)pp_json_set_text(body, "number", a->incident);
	if (a->post)
		(void)pp_json_set_text(body, "post", a->post);
	return event_write(l, a, "personal.viewed", body);
}

int pp_apply_person(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_action *a = item->in.action;

	switch (a->type) {
	case PP_ACTION_USER_CREATE:
		return user_create(l, item, a);
	case PP_ACTION_USER_SET:
		return user_set(l, item, a);
	case PP_ACTION_USER_ACTIVE:
		return user_active(l, item, a);
	case PP_ACTION_USER_INVITE:
		return user_invite(l, item, a);
	case PP_ACTION_USER_PASSWORD:
		return user_password(l, item, a);
	case PP_ACTION_USER_FACTOR:
		return user_factor(l, item, a);
	case PP_ACTION_SESSION_OPEN:
		return session_open(l, item, a);
	case PP_ACTION_SESSION_KEEP:
		return pp_store_session_keep(l->db, a->digest, a->until_ms);
	case PP_ACTION_SESSION_CONFIRM:
		return session_confirm(l, item, a);
	case PP_ACTION_SESSION_CLOSE:
		return session_close(l, item, a);
	default:
		return view_write(l, a);
	}
}
