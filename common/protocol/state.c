/* SPDX-License-Identifier: Apache-2.0 */
/* state.c -- state, beat and receipts: one fixed order of members, strict readers. */
#include "protocol/state.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "core/text.h"
#include "member.h"

#define BASE64_KEY_SIZE (4 * ((PP_PUBLIC_KEY_SIZE + 2) / 3) + 1)

/* ---- the echo that state and beat share ---- */

struct echo {
	uint64_t epoch;
	int64_t boot, mono_ms, n;
};

static void echo_set(struct pp_json *m, const struct echo *e)
{
	assert(e->boot >= 0 && e->mono_ms >= 0 && e->n >= 0);
	pp_member_set_epoch(m, e->epoch);
	(void)pp_json_set_i64(m, "boot", e->boot);
	(void)pp_json_set_i64(m, "mono", e->mono_ms);
	(void)pp_json_set_i64(m, "n", e->n);
}

static int echo_read(const struct pp_json *m, struct echo *ret_echo, char *why)
{
	int error = pp_member_epoch(m, &ret_echo->epoch, why);

	if (!error)
		error = pp_member_whole(m, "boot", 0, &ret_echo->boot, why);
	if (!error)
		error = pp_member_whole(m, "mono", 0, &ret_echo->mono_ms, why);
	if (!error)
		error = pp_member_whole(m, "n", 0, &ret_echo->n, why);
	return error;
}

/* ---- state ---- */

static struct pp_json *points_object(const struct pp_state *s, bool with_details)
{
	struct pp_json *points = pp_json_object();

	for (size_t i = 0; i < s->count; i++) {
		const struct pp_state_point *p = &s->points[i];
		struct pp_json *point = pp_json_object();

		(void)pp_json_set_text(point, "state", pp_point_state_text(p->state));
		if (with_details && p->detail[0])
			(void)pp_json_set_text(point, "detail", p->detail);
		(void)pp_json_set(points, p->point, point);
	}
	return points;
}

static struct pp_json *ids_list(const struct pp_state *s)
{
	struct pp_json *list = pp_json_list();

	for (size_t i = 0; i < s->key_count; i++)
		(void)pp_json_add_text(list, s->keys[i]);
	return list;
}

static int state_print(
	const struct pp_state *s, bool with_details, char **ret_text, size_t *ret_length)
{
	struct pp_json *m = pp_json_object();

	echo_set(m, &(struct echo){ s->epoch, s->boot, s->mono_ms, s->n });
	(void)pp_json_set(m, "points", points_object(s, with_details));
	if (s->config[0])
		(void)pp_json_set_text(m, "config", s->config);
	if (s->version[0])
		(void)pp_json_set_text(m, "version", s->version);
	if (s->oldest > 0)
		(void)pp_json_set_i64(m, "oldest", s->oldest);
	else
		(void)pp_json_set_null(m, "oldest");
	if (s->key_count > 0)
		(void)pp_json_set(m, "keys", ids_list(s));
	return pp_message_print(m, ret_text, ret_length);
}

int pp_state_encode(const struct pp_state *s, char **ret_text, size_t *ret_length)
{
	int error;

	assert(s->count <= PP_POINTS_MAX && s->key_count <= PP_STATE_KEYS_MAX);
	error = state_print(s, true, ret_text, ret_length);
	return error == -EMSGSIZE ? state_print(s, false, ret_text, ret_length) : error;
}

static int state_point_read(
	const char *name, const struct pp_json *object, struct pp_state_point *ret_point, char *why)
{
	char word[16];
	int state, error;

	if (!pp_json_is_object(object))
		return pp_refuse(why, "points: a member is not an object");
	error = pp_member_text(object, "state", word, sizeof(word), why);
	if (!error)
		error = pp_member_text(
			object, "detail", ret_point->detail, sizeof(ret_point->detail), why);
	if (error)
		return error;
	state = pp_point_state_parse(word);
	ret_point->state = state < 0 ? PP_POINT_UNKNOWN : (enum pp_point_state)state;
	/* As in signals, so that both speak of the same point. */
	(void)pp_point_fit(name, ret_point->point);
	return 0;
}

static int points_read(const struct pp_json *m, struct pp_state *s, char *why)
{
	const struct pp_json *points, *point;
	const char *name = NULL;

	if (pp_json_get_object(m, "points", &points))
		return pp_refuse(why, "points: missing or not an object");
	if (pp_json_count(points) > PP_POINTS_MAX)
		return pp_refuse(why, "points: more than %d", PP_POINTS_MAX);
	while ((name = pp_json_next(points, name, &point))) {
		int error = state_point_read(name, point, &s->points[s->count++], why);

		if (error)
			return error;
	}
	return 0;
}

static int ids_read(const struct pp_json *m, struct pp_state *s, char *why)
{
	const struct pp_json *list;
	int error = pp_member_list(m, "keys", PP_STATE_KEYS_MAX, &list, why);

	if (error)
		return error;
	for (; list && s->key_count < pp_json_count(list); s->key_count++) {
		const char *text = pp_json_item_text(list, s->key_count);

		if (!text || strlen(text) != PP_STATE_KEY_SIZE - 1 ||
			strspn(text, "0123456789abcdef") != PP_STATE_KEY_SIZE - 1)
			return pp_refuse(why, "keys: not 8 lower-case hex digits");
		memcpy(s->keys[s->key_count], text, PP_STATE_KEY_SIZE);
	}
	return 0;
}

static int state_read(const struct pp_json *m, struct pp_state *s, char *why)
{
	struct echo echo;
	int error = echo_read(m, &echo, why);

	if (!error)
		error = points_read(m, s, why);
	if (!error)
		error = pp_member_text(m, "config", s->config, sizeof(s->config), why);
	if (!error)
		error = pp_member_text(m, "version", s->version, sizeof(s->version), why);
	if (!error)
		error = pp_member_whole_or(m, "oldest", 0, &s->oldest, why);
	if (!error)
		error = ids_read(m, s, why);
	if (error)
		return error;
	s->epoch = echo.epoch;
	s->boot = echo.boot;
	s->mono_ms = echo.mono_ms;
	s->n = echo.n;
	return 0;
}

int pp_state_decode(const char *text, size_t length, struct pp_state *ret_state, char ret_why[160])
{
	struct pp_state s = { .count = 0 };
	struct pp_json *m;
	int error = pp_message_parse(text, length, &m, ret_why);

	if (error)
		return error;
	error = state_read(m, &s, ret_why);
	if (!error)
		*ret_state = s;
	pp_json_free(m);
	return error;
}

/* ---- beat ---- */

static struct pp_json *open_list(const struct pp_beat *b)
{
	struct pp_json *list = pp_json_list();

	for (size_t i = 0; i < b->count; i++) {
		const struct pp_open_press *p = &b->open[i];
		struct pp_json *press = pp_json_object();

		(void)pp_json_set_i64(press, "seq", p->seq);
		(void)pp_json_set_text(press, "incident", p->incident);
		(void)pp_json_set_text(press, "step", pp_step_text(p->step));
		(void)pp_json_set_i64(press, "rev", p->rev);
		(void)pp_json_add(list, press);
	}
	return list;
}

static struct pp_json *keys_list(const struct pp_beat *b)
{
	struct pp_json *list = pp_json_list();

	for (size_t i = 0; i < b->key_count; i++) {
		char text[BASE64_KEY_SIZE];

		pp_base64(b->keys[i], PP_PUBLIC_KEY_SIZE, text);
		(void)pp_json_add_text(list, text);
	}
	return list;
}

int pp_beat_encode(const struct pp_beat *b, char **ret_text, size_t *ret_length)
{
	struct pp_json *m = pp_json_object();
	struct pp_json *head;

	assert(b->count <= PP_OPEN_MAX && b->key_count <= PP_BEAT_KEYS_MAX && b->high >= 0);
	echo_set(m, &(struct echo){ b->epoch, b->boot, b->mono_ms, b->n });
	(void)pp_json_set_i64(m, "high", b->high);
	if (b->drill)
		(void)pp_json_set_bool(m, "drill", true);
	(void)pp_json_set(m, "open", open_list(b));
	if (b->key_count > 0)
		(void)pp_json_set(m, "keys", keys_list(b));
	if (b->head_hash[0]) {
		head = pp_json_object();
		(void)pp_json_set_i64(head, "height", b->head_height);
		(void)pp_json_set_text(head, "hash", b->head_hash);
		(void)pp_json_set(m, "head", head);
	}
	return pp_message_print(m, ret_text, ret_length);
}

static int open_read(const struct pp_json *m, struct pp_beat *b, char *why)
{
	const struct pp_json *list;
	int error = pp_member_list(m, "open", PP_OPEN_MAX, &list, why);

	while (!error && list && b->count < pp_json_count(list)) {
		const struct pp_json *press = pp_json_item(list, b->count);
		struct pp_open_press *p = &b->open[b->count++];
		char word[16];
		int step;

		error = pp_member_whole(press, "seq", 1, &p->seq, why);
		if (!error)
			error = pp_member_text(
				press, "incident", p->incident, sizeof(p->incident), why);
		if (!error)
			error = pp_member_text(press, "step", word, sizeof(word), why);
		if (!error)
			error = pp_member_whole(press, "rev", 0, &p->rev, why);
		step = error ? -1 : pp_step_parse(word);
		p->step = step < 0 ? PP_STEP_UNKNOWN : (enum pp_step)step;
	}
	return error;
}

static int keys_read(const struct pp_json *m, struct pp_beat *b, char *why)
{
	const struct pp_json *list;
	int error = pp_member_list(m, "keys", PP_BEAT_KEYS_MAX, &list, why);

	if (error)
		return error;
	for (; list && b->key_count < pp_json_count(list); b->key_count++) {
		const char *text = pp_json_item_text(list, b->key_count);

		if (!text ||
			pp_unbase64(text, strlen(text), b->keys[b->key_count], PP_PUBLIC_KEY_SIZE))
			return pp_refuse(why, "keys: not base64 of %d bytes", PP_PUBLIC_KEY_SIZE);
	}
	return 0;
}

static int head_read(const struct pp_json *m, struct pp_beat *b, char *why)
{
	const struct pp_json *head;
	const char *hash;
	int error = pp_json_get_object(m, "head", &head);

	if (error == -ENOENT)
		return 0;
	if (error)
		return pp_refuse(why, "head: not an object");
	error = pp_member_whole(head, "height", 0, &b->head_height, why);
	if (error)
		return error;
	if (pp_json_get_text(head, "hash", 64, &hash) || strlen(hash) != 64 ||
		strspn(hash, "0123456789abcdef") != 64)
		return pp_refuse(why, "hash: not 64 lower-case hex digits");
	memcpy(b->head_hash, hash, sizeof(b->head_hash));
	return 0;
}

/* What is not plainly true is no drill. */
static void drill_read(const struct pp_json *m, struct pp_beat *b)
{
	bool drill;

	b->drill = pp_json_get_bool(m, "drill", &drill) == 0 && drill;
}

static int beat_read(const struct pp_json *m, struct pp_beat *b, char *why)
{
	struct echo echo;
	int error = echo_read(m, &echo, why);

	if (!error)
		error = pp_member_whole(m, "high", 0, &b->high, why);
	if (!error)
		error = open_read(m, b, why);
	if (!error)
		error = keys_read(m, b, why);
	if (!error)
		error = head_read(m, b, why);
	if (error)
		return error;
	drill_read(m, b);
	b->epoch = echo.epoch;
	b->boot = echo.boot;
	b->mono_ms = echo.mono_ms;
	b->n = echo.n;
	return 0;
}

int pp_beat_decode(const char *text, size_t length, struct pp_beat *ret_beat, char ret_why[160])
{
	struct pp_beat b = { .count = 0 };
	struct pp_json *m;
	int error = pp_message_parse(text, length, &m, ret_why);

	if (error)
		return error;
	error = beat_read(m, &b, ret_why);
	if (!error)
		*ret_beat = b;
	pp_json_free(m);
	return error;
}

/* ---- receipts ---- */

int pp_receipts_encode(
	const struct pp_receipt *r, size_t count, char **ret_text, size_t *ret_length)
{
	struct pp_json *m, *list;

	if (count > PP_RECEIPTS_MAX)
		return -EMSGSIZE;
	m = pp_json_object();
	list = pp_json_list();
	for (size_t i = 0; i < count; i++) {
		struct pp_json *o = pp_json_object();
		bool recorded = r[i].result == PP_RECEIPT_RECORDED;

		pp_member_set_epoch(o, r[i].epoch);
		(void)pp_json_set_i64(o, "seq", r[i].seq);
		(void)pp_json_set_text(o, "result", recorded ? "recorded" : "refused");
		if (r[i].incident[0])
			(void)pp_json_set_text(o, "incident", r[i].incident);
		if (r[i].reason[0])
			(void)pp_json_set_text(o, "reason", r[i].reason);
		(void)pp_json_add(list, o);
	}
	(void)pp_json_set(m, "receipts", list);
	return pp_message_print(m, ret_text, ret_length);
}

/* 1: read; 0: its result is a word of a later version. */
static int receipt_read(const struct pp_json *o, struct pp_receipt *r, char *why)
{
	char word[16];
	int error = pp_member_epoch(o, &r->epoch, why);

	if (!error)
		error = pp_member_whole(o, "seq", 1, &r->seq, why);
	if (!error)
		error = pp_member_text(o, "result", word, sizeof(word), why);
	if (!error)
		error = pp_member_text(o, "incident", r->incident, sizeof(r->incident), why);
	if (!error)
		error = pp_member_text(o, "reason", r->reason, sizeof(r->reason), why);
	if (error)
		return error;
	r->result = strcmp(word, "recorded") == 0 ? PP_RECEIPT_RECORDED : PP_RECEIPT_REFUSED;
	return r->result == PP_RECEIPT_RECORDED || strcmp(word, "refused") == 0;
}

int pp_receipts_decode(const char *text, size_t length, struct pp_receipt *ret_receipts,
	size_t size, size_t *ret_count, char ret_why[160])
{
	struct pp_receipt receipts[PP_RECEIPTS_MAX] = { 0 };
	const struct pp_json *list;
	struct pp_json *m;
	size_t kept = 0;
	int read = 0;
	int error = pp_message_parse(text, length, &m, ret_why);

	if (error)
		return error;
	error = pp_member_list(
		m, "receipts", size < PP_RECEIPTS_MAX ? size : PP_RECEIPTS_MAX, &list, ret_why);
	if (!error && !list)
		error = pp_refuse(ret_why, "receipts: missing");
	for (size_t i = 0; !error && i < pp_json_count(list); i++) {
		read = receipt_read(pp_json_item(list, i), &receipts[kept], ret_why);
		error = read < 0 ? read : 0;
		kept += read > 0;
	}
	pp_json_free(m);
	if (error)
		return error;
	memcpy(ret_receipts, receipts, kept * sizeof(receipts[0]));
	*ret_count = kept;
	return 0;
}
