/* SPDX-License-Identifier: Apache-2.0 */
/* modes.c -- posts that are being tested or hold a drill, and points that are disabled: begun by
 * people with a reason and an end, ended by time. What comes from them is recorded and shown all
 * the same. */
#include "gather.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "refusal.h"
#include "store/modes.h"
#include "store/registry.h"
#include "supervision/boot_clock.h"

#define SHORTEST_S 60
#define TEST_MAX_S (8 * 3600)
#define DRILL_MAX_S (4 * 3600)
#define DISABLED_MAX_S (30 * 86400)
#define PRESSED_SLACK_MS 1000 /* when it was pressed is known a little too early, never too late */
#define ENDED_AT_ONCE_MAX 64 /* more end a second later */

static int event_write(
	struct pp_ledger *l, const struct pp_mode *m, const char *kind, const char *actor)
{
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_text(body, "mode", pp_mark_text(m->mark));
	(void)pp_json_set_text(body, "owner", m->owner);
	(void)pp_json_set_i64(body, "until", m->until_ms);
	return pp_timeline_write(l,
		&(struct pp_event){ .tenant = m->tenant,
			.kind = kind,
			.actor = actor,
			.post = m->post,
			.point = m->point[0] ? m->point : NULL,
			.body = body,
			.personal_field = "reason",
			.personal = m->reason },
		NULL);
}

/* 1: it says which post or point, and which mode; 0: refused. */
static int mode_name(struct pp_ledger *l, struct pp_item *item, struct pp_mode *ret_mode)
{
	const struct pp_action *a = item->in.action;
	const char *point = a->name ? a->name : "";
	struct pp_store_point about;
	int mark = a->state ? pp_mark_parse(a->state) : -EINVAL, r;

	if (mark != PP_MARK_TEST && mark != PP_MARK_DISABLED && mark != PP_MARK_DRILL)
		return pp_action_refuse(item, -EINVAL, "mode: expected test, drill or disabled");
	if (mark == PP_MARK_DRILL && point[0])
		return pp_action_refuse(item, -EINVAL, "point: a drill is of a whole post");
	if (mark == PP_MARK_DISABLED && !point[0])
		return pp_action_refuse(item, -EINVAL, "point: a whole post is not disabled");
	r = a->post ? pp_store_post_exists(l->db, a->tenant, a->post) : 0;
	if (r > 0 && point[0])
		r = pp_store_point(l->db, a->tenant, a->post, point, &about);
	if (r <= 0)
		return r < 0 ? r : pp_action_refuse(item, -ENOENT, "there is no such point");
	*ret_mode = (struct pp_mode){ .mark = (enum pp_mark)mark };
	snprintf(ret_mode->tenant, sizeof(ret_mode->tenant), "%s", a->tenant);
	snprintf(ret_mode->post, sizeof(ret_mode->post), "%s", a->post);
	snprintf(ret_mode->point, sizeof(ret_mode->point), "%s", point);
	return 1;
}

/* Its lamp says so with the next beat, which it asks for now. */
static void post_hears(struct pp_item *item, const struct pp_mode *m)
{
	item->out.progress = m->mark == PP_MARK_DRILL;
	snprintf(item->post, sizeof(item->post), "%s", m->post);
}

/* Where help is called for, nobody exercises. 1: nothing is in the way; 0: refused. */
static int mode_check(struct pp_ledger *l, struct pp_item *item, const struct pp_mode *m)
{
	char number[40];
	int r = m->mark == PP_MARK_DISABLED
			? 0
			: pp_store_real_open(l->db, m->tenant, m->post, number);

	if (r <= 0)
		return r < 0 ? r : 1;
	return pp_action_refuse(item, -EPERM, "%s has an alarm that is open, %s: close it first",
		m->post, number);
}

static int mode_begin(struct pp_ledger *l, struct pp_item *item, struct pp_mode *m)
{
	const struct pp_action *a = item->in.action;
	int64_t longest = m->mark == PP_MARK_TEST    ? TEST_MAX_S
			  : m->mark == PP_MARK_DRILL ? DRILL_MAX_S
						     : DISABLED_MAX_S;
	int r;

	if (!pp_words_are_fine(a->text, PP_MODE_REASON_MAX, false))
		return pp_action_refuse(item, -EINVAL, "reason: expected 1 to %d bytes of text",
			PP_MODE_REASON_MAX);
	if (a->seconds < SHORTEST_S || a->seconds > longest)
		return pp_action_refuse(
			item, -EINVAL, "for: expected 1min to %dh", (int)(longest / 3600));
	r = mode_check(l, item, m);
	if (r <= 0)
		return r;
	snprintf(m->reason, sizeof(m->reason), "%s", a->text);
	snprintf(m->owner, sizeof(m->owner), "%s", a->actor);
	m->began_ms = l->now_ms;
	m->until_ms = l->now_ms + a->seconds * 1000;
	r = pp_store_mode_put(l->db, m);
	if (r == 0)
		post_hears(item, m);
	return r < 0 ? r : event_write(l, m, "mode.begun", a->actor);
}

int pp_apply_mode(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_action *a = item->in.action;
	struct pp_mode m;
	int r = mode_name(l, item, &m);

	if (r <= 0)
		return r;
	if (a->type == PP_ACTION_MODE_BEGIN)
		return mode_begin(l, item, &m);
	r = pp_store_mode_end(l->db, &m);
	if (r == 1)
		post_hears(item, &m);
	return r <= 0 ? r : event_write(l, &m, "mode.ended", a->actor);
}

static int modes_end(struct pp_ledger *l, bool all_tests)
{
	struct pp_mode m;
	int r = 1;

	for (int i = 0; r == 1 && i < ENDED_AT_ONCE_MAX; i++) {
		r = pp_store_mode_due(l->db, l->now_ms, all_tests, &m);
		if (r == 1)
			r = pp_store_mode_end(l->db, &m);
		if (r == 1) {
			r = event_write(l, &m, "mode.ended", "server");
			r = r < 0 ? r : 1;
		}
	}
	return r < 0 ? r : 0;
}

int pp_modes_expire(struct pp_ledger *l)
{
	return modes_end(l, false);
}

int pp_modes_end_tests(struct pp_ledger *l)
{
	return modes_end(l, true);
}

int pp_modes_end_at(struct pp_ledger *l, const struct pp_incident *incident, const char *actor)
{
	struct pp_mode m;
	int r;

	while ((r = pp_store_mode_at(l->db, incident->incident_id, &m)) == 1) {
		r = pp_store_mode_end(l->db, &m);
		if (r == 1)
			r = event_write(l, &m, "mode.ended", actor);
		if (r < 0)
			break;
	}
	return r;
}

int pp_mode_drill(struct pp_ledger *l, const char *tenant, const char *post)
{
	struct pp_mode m;
	int r = pp_store_mode_of(l->db, tenant, post, "", l->now_ms, &m);

	return r <= 0 ? r : m.mark == PP_MARK_DRILL;
}

/* Whoever pressed before people had said that it is an exercise, or that the point is not to be
 * believed, meant it. What a disabled point sends late is not believed all the same, if it is known
 * to be of after that. */
static bool is_before(const struct pp_mode *m, const struct pp_occurrence *o)
{
	bool unsure =
		o->late && (m->mark != PP_MARK_DISABLED || o->by == PP_OCCURRED_BY_ARRIVAL);

	return unsure || o->at_ms < m->began_ms - PRESSED_SLACK_MS;
}

/* Where an alarm that is no exercise is open, whoever presses means it. 1, 0. */
static int is_serious(struct pp_ledger *l, const struct pp_item *item, enum pp_mark *ret_mark)
{
	char number[40];
	int r = pp_store_real_open(l->db, item->tenant, item->post, number);

	if (r == 1)
		*ret_mark = PP_MARK_REAL;
	return r;
}

int pp_mode_mark(struct pp_ledger *l, const struct pp_mode_asked *asked, struct pp_mode *ret_mode,
	enum pp_mark *ret_mark)
{
	const struct pp_item *item = asked->item;
	const char *point = asked->point;
	int r = pp_store_mode_of(l->db, item->tenant, item->post, point, l->now_ms, ret_mode);

	if (r <= 0 || is_before(ret_mode, asked->occurrence) ||
		(ret_mode->mark == PP_MARK_DRILL && asked->silent))
		return r < 0 ? r : 0;
	r = ret_mode->mark == PP_MARK_DISABLED ? 0 : is_serious(l, item, ret_mark);
	if (r != 0)
		return r < 0 ? r : 0;
	r = 1;
	/* Who presses what has had its test is not testing: that alarms. */
	if (ret_mode->mark == PP_MARK_TEST)
		r = pp_store_mode_tested(l->db, ret_mode, point, l->now_ms);
	if (r > 0)
		*ret_mark = ret_mode->mark;
	return r < 0 ? r : 0;
}
