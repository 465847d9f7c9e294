/* SPDX-License-Identifier: Apache-2.0 */
/* signal.c -- writes signals in one fixed order of members; reads them so that no alarm is lost for
 * its words. */
#include "protocol/signal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "member.h"

static const struct {
	uint32_t flag;
	const char *text;
} flag_words[] = {
	{ PP_FLAG_AT_START, "at-start" },
	{ PP_FLAG_SILENT, "silent" },
	{ PP_FLAG_DRILL, "drill" },
	{ PP_FLAG_VERIFIED, "verified" },
};
#define FLAG_WORDS (sizeof(flag_words) / sizeof(flag_words[0]))

/* ---- writing ---- */

static bool has_class(enum pp_signal_type type)
{
	return type == PP_SIGNAL_ALARM || type == PP_SIGNAL_TEST;
}

static struct pp_json *flags_list(uint32_t flags)
{
	struct pp_json *list = pp_json_list();

	for (size_t i = 0; i < FLAG_WORDS; i++)
		if (flags & flag_words[i].flag)
			(void)pp_json_add_text(list, flag_words[i].text);
	return list;
}

static struct pp_json *lost_list(const struct pp_signal *s)
{
	struct pp_json *list = pp_json_list();

	for (size_t i = 0; i < s->lost_count; i++)
		(void)pp_json_add_i64(list, s->lost[i]);
	return list;
}

int pp_signal_encode(const struct pp_signal *s, char **ret_text, size_t *ret_length)
{
	struct pp_json *m = pp_json_object();

	assert(s->seq >= 1 && s->boot >= 0 && s->mono_ms >= 0 && s->lost_count <= PP_LOST_MAX);
	/* Failures stick to m and come out of the printing. */
	pp_member_set_epoch(m, s->epoch);
	(void)pp_json_set_i64(m, "seq", s->seq);
	(void)pp_json_set_i64(m, "boot", s->boot);
	(void)pp_json_set_i64(m, "mono", s->mono_ms);
	if (s->point[0])
		(void)pp_json_set_text(m, "point", s->point);
	(void)pp_json_set_text(m, "kind", pp_kind_text(s->kind));
	(void)pp_json_set_text(m, "signal", pp_signal_text(s->type));
	if (has_class(s->type))
		(void)pp_json_set_text(m, "class", pp_class_text(s->class));
	/* A clock before 1970 knows no time either. */
	if (s->at_ms < 0 || s->at_ms > PP_WHOLE_MAX)
		(void)pp_json_set_null(m, "at");
	else
		(void)pp_json_set_i64(m, "at", s->at_ms);
	if (s->flags & ~PP_FLAG_FOREIGN)
		(void)pp_json_set(m, "flags", flags_list(s->flags));
	if (s->cause > 0)
		(void)pp_json_set_i64(m, "cause", s->cause);
	if (s->detail[0])
		(void)pp_json_set_text(m, "detail", s->detail);
	if (s->lost_count > 0)
		(void)pp_json_set(m, "lost", lost_list(s));
	return pp_message_print(m, ret_text, ret_length);
}

/* ---- reading ---- */

struct reading {
	const struct pp_json *m;
	struct pp_signal *s;
	char *why;
};

/* A member that says more about an alarm but does not identify it. A real is unreadable form and
 * refused; anything else that is no such integer counts as not told. */
static int told_read(struct reading *r, const char *key, int64_t untold, int64_t *ret_value)
{
	int error = pp_json_get_i64(r->m, key, 0, PP_WHOLE_MAX, ret_value);
	double real;

	if (!error)
		return 0;
	if (error == -EINVAL && pp_json_get_real(r->m, key, &real) == 0)
		return pp_refuse(r->why, "%s: not an integer", key);
	r->s->foreign_words |= error != -ENOENT;
	*ret_value = untold;
	return 0;
}

static int numbers_read(struct reading *r)
{
	struct pp_signal *s = r->s;
	int64_t mono;
	int error = pp_member_epoch(r->m, &s->epoch, r->why);

	if (!error)
		error = pp_member_whole(r->m, "seq", 1, &s->seq, r->why);
	if (!error)
		error = told_read(r, "boot", 0, &s->boot);
	if (!error)
		error = told_read(r, "mono", -1, &mono);
	if (!error)
		error = told_read(r, "at", PP_AT_UNKNOWN, &s->at_ms);
	if (!error)
		error = told_read(r, "cause", 0, &s->cause);
	if (error)
		return error;
	/* One without the other tells no time. */
	if (s->boot == 0 || mono < 0) {
		s->boot = 0;
		mono = 0;
		s->foreign_words = true;
	}
	s->mono_ms = mono;
	return 0;
}

/* The text of a member: "" when it is missing, or of another type, which is foreign. */
static const char *word_of(const struct pp_json *m, const char *key, struct pp_signal *s)
{
	const char *text = "";
	int error = pp_json_get_text(m, key, SIZE_MAX, &text);

	s->foreign_words |= error && error != -ENOENT;
	return text;
}

static void words_read(const struct pp_json *m, struct pp_signal *s)
{
	int kind = pp_kind_parse(word_of(m, "kind", s));
	int type = pp_signal_parse(word_of(m, "signal", s));
	const char *word;
	int class;

	s->kind = kind < 0 ? PP_KIND_UNKNOWN : (enum pp_kind)kind;
	s->type = type < 0 ? PP_SIGNAL_UNKNOWN : (enum pp_signal_type)type;
	s->foreign_words |= kind < 0 || type < 0;
	/* A signal of an unknown type may be an alarm, so its class is kept. */
	if (!has_class(s->type) && s->type != PP_SIGNAL_UNKNOWN)
		return;
	word = word_of(m, "class", s);
	class = pp_class_parse(word);
	s->class = class < 0 ? PP_CLASS_UNSPECIFIED : (enum pp_class) class;
	s->foreign_words |= class < 0 && word[0];
}

static void flags_read(const struct pp_json *m, struct pp_signal *s)
{
	const struct pp_json *list = NULL;
	int error = pp_json_get_list(m, "flags", &list);

	if (error && error != -ENOENT)
		s->flags |= PP_FLAG_FOREIGN;
	for (size_t i = 0; list && i < pp_json_count(list); i++) {
		const char *text = pp_json_item_text(list, i);
		uint32_t flag = PP_FLAG_FOREIGN;

		for (size_t j = 0; text && j < FLAG_WORDS; j++)
			if (strcmp(text, flag_words[j].text) == 0)
				flag = flag_words[j].flag;
		s->flags |= flag;
	}
	s->foreign_words |= (s->flags & PP_FLAG_FOREIGN) != 0;
}

static void lost_read(const struct pp_json *m, struct pp_signal *s)
{
	const struct pp_json *list = NULL;
	int error = pp_json_get_list(m, "lost", &list);

	s->foreign_words |= error && error != -ENOENT;
	for (size_t i = 0; list && i < pp_json_count(list); i++) {
		int64_t seq;

		/* What is skipped leaves its gap open, and a gap is seen. */
		if (s->lost_count == PP_LOST_MAX || pp_json_item_i64(list, i, &seq) || seq < 1 ||
			seq > PP_WHOLE_MAX)
			s->foreign_words = true;
		else
			s->lost[s->lost_count++] = seq;
	}
}

static void texts_read(const struct pp_json *m, struct pp_signal *s)
{
	const char *point = word_of(m, "point", s);
	const char *detail = word_of(m, "detail", s);

	/* Only the post itself speaks without naming a point. */
	s->foreign_words |= !point[0] && s->kind != PP_KIND_POST;
	s->foreign_words |= pp_point_fit(point, s->point);
	s->foreign_words |= pp_text_fit(detail, s->detail, sizeof(s->detail));
}

int pp_signal_decode(
	const char *text, size_t length, struct pp_signal *ret_signal, char ret_why[160])
{
	struct pp_signal s = { .at_ms = PP_AT_UNKNOWN };
	struct pp_json *m;
	int error = pp_message_parse(text, length, &m, ret_why);

	if (error)
		return error;
	error = numbers_read(&(struct reading){ m, &s, ret_why });
	if (!error) {
		words_read(m, &s);
		flags_read(m, &s);
		lost_read(m, &s);
		texts_read(m, &s);
		*ret_signal = s;
	}
	pp_json_free(m);
	return error;
}
