/* SPDX-License-Identifier: Apache-2.0 */
/* events.c -- GET /api/v1/events: a reader of the record's events as an answer without end. */
#include "pieces.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "problem.h"
#include "store/query.h"

struct pp_event_stream {
	struct pp_event_stream *previous, *next;
	struct pp_web *web;
	struct pp_call *call;
	struct pp_sse_reader *reader;
	struct pp_who who;
	bool over;         /* its session has ended, or its page is gone */
	bool left;         /* its page is gone, and will be named once more */
	bool pulse;        /* its page says that it asks for something after each beat */
	uint64_t heard_us; /* when it did last */
};

static void stream_wake(void *user)
{
	struct pp_event_stream *s = user;

	pp_call_wake(s->call);
}

static ssize_t stream_read(void *user, char *buf, size_t size)
{
	struct pp_event_stream *s = user;

	return s->over ? -1 : pp_sse_read(s->reader, buf, size);
}

static bool has_line(const char *text, const char *line)
{
	while (text && *text) {
		if (strncmp(text, line, strlen(line)) == 0)
			return true;
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return false;
}

/* Its page was there until now, however short: whoever is asked next who is there says so. */
static void left_note(struct pp_event_stream *s)
{
	char line[sizeof(s->who.tenant) + sizeof(s->who.actor) + 2];

	if (s->left || s->over || !s->who.session)
		return;
	s->left = true;
	snprintf(line, sizeof(line), "%s/%s\n", s->who.tenant, s->who.actor);
	if (!has_line(s->web->left.data, line))
		pp_buf_add(&s->web->left, line, strlen(line));
}

static void stream_close(void *user)
{
	struct pp_event_stream *s = user;

	left_note(s);
	if (s->previous)
		s->previous->next = s->next;
	else
		s->web->streams = s->next;
	if (s->next)
		s->next->previous = s->previous;
	pp_sse_leave(s->reader);
	free(s);
}

static const struct pp_call_stream stream_ops = { stream_read, stream_close };

/* Where to go on: what the browser remembers of a broken stream comes before what the page once
 * asked for. */
static bool after_read(struct pp_call *c, int64_t *ret_after)
{
	const char *text = pp_call_header(c, "Last-Event-ID");

	*ret_after = -1;
	if (text == NULL || text[0] == '\0')
		text = pp_call_query(c, "after");
	if (text == NULL || pp_text_i64(text, strlen(text), 0, INT64_MAX, ret_after) == 0)
		return true;
	pp_call_refuse(c, 422, "Last-Event-ID or 'after' must be the id of an event");
	return false;
}

/* One person's pages and programs; whoever opens more loses the oldest, and nobody else a place. */
static void oldest_end(struct pp_web *w, const struct pp_who *who)
{
	struct pp_event_stream *oldest = NULL;
	size_t count = 0;

	for (struct pp_event_stream *s = w->streams; s && who->session; s = s->next) {
		if (s->over || !s->who.session || strcmp(s->who.tenant, who->tenant) != 0 ||
			strcmp(s->who.name, who->name) != 0)
			continue;
		count++;
		oldest = s; /* the newest is the first */
	}
	if (count < PP_STREAMS_EACH)
		return;
	oldest->over = true;
	pp_call_wake(oldest->call);
}

void pp_events_get(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_scope scope = pp_who_scope(who);
	struct pp_event_stream *s;
	const char *pulse = pp_call_query(c, "pulse");
	int64_t after;
	int r;

	(void)match;
	if (!after_read(c, &after))
		return;
	oldest_end(w, who);
	s = calloc(1, sizeof(*s));
	r = s ? pp_sse_join(w->sse, &scope, after, stream_wake, s, &s->reader) : -ENOMEM;
	if (r < 0) {
		free(s);
		if (r == -ENOBUFS || r == -ENOMEM)
			pp_call_refuse(c, 503, "too many event streams are open");
		else
			pp_call_refuse_record(c, r);
		return;
	}
	s->web = w;
	s->call = c;
	s->who = *who;
	s->pulse = pulse && strcmp(pulse, "1") == 0 && who->session;
	s->heard_us = pp_loop_now_us(w->loop);
	s->next = w->streams;
	if (s->next)
		s->next->previous = s;
	w->streams = s;
	pp_call_set_header(c, "Cache-Control", "no-store");
	pp_call_set_header(c, "X-Accel-Buffering", "no"); /* nginx: pass events on at once */
	pp_call_answer_stream(c, "text/event-stream", &stream_ops, s);
}

void pp_events_ended(struct pp_web *w, const char *tenant, const char *name)
{
	for (struct pp_event_stream *s = w->streams; s; s = s->next) {
		struct pp_user_row user;

		if (!s->who.session || strcmp(s->who.tenant, tenant) != 0 ||
			strcmp(s->who.name, name) != 0 ||
			pp_query_session(w->db, s->who.digest, pp_clock_wall_ms(), &user) !=
				-ENOENT)
			continue;
		s->over = true;
		pp_call_wake(s->call);
	}
}

void pp_events_beat(struct pp_web *w)
{
	for (struct pp_event_stream *s = w->streams; s; s = s->next) {
		struct pp_user_row user;

		if (!s->who.session)
			continue;
		/* A desk that only listens is in use: it must not be logged out in silence. */
		if (pp_query_session(w->db, s->who.digest, pp_clock_wall_ms(), &user) == -ENOENT)
			s->over = true;
		else
			pp_auth_refresh(w, &s->who);
	}
	pp_sse_beat(w->sse);
}

static bool is_here(const struct pp_event_stream *s, const char *tenant)
{
	return s->who.session && !s->over && strcmp(s->who.tenant, tenant) == 0;
}

struct pp_json *pp_events_here(const struct pp_web *w, const char *tenant)
{
	struct pp_json *list = pp_json_list();

	for (const struct pp_event_stream *s = w->streams, *known; s; s = s->next) {
		if (!is_here(s, tenant))
			continue;
		for (known = w->streams; known != s; known = known->next) {
			if (is_here(known, tenant) && strcmp(known->who.name, s->who.name) == 0)
				break;
		}
		if (known == s)
			(void)pp_json_add_text(list, s->who.name);
	}
	return list;
}

void pp_events_heard(struct pp_web *w, const uint8_t digest[PP_SHA256_SIZE])
{
	for (struct pp_event_stream *s = w->streams; s; s = s->next) {
		if (s->pulse && memcmp(s->who.digest, digest, PP_SHA256_SIZE) == 0)
			s->heard_us = pp_loop_now_us(w->loop);
	}
}

/* A network that was cut without a word leaves a connection that looks alive, for TCP as for a
 * proxy in between: the page is gone when it has not answered the beat. */
static void silent_end(struct pp_web *w, uint64_t now_us)
{
	for (struct pp_event_stream *s = w->streams; s; s = s->next) {
		if (!s->pulse || s->over || now_us < s->heard_us + PP_PULSE_MS * 1000)
			continue;
		s->over = true;
		pp_call_wake(s->call);
	}
}

static void on_told(void *user, const struct pp_action_result *result)
{
	(void)user;
	(void)result; /* it is told again in a moment */
}

int pp_events_present(struct pp_web *w, char **ret_text)
{
	struct pp_buf names = { 0 };

	for (struct pp_event_stream *s = w->streams; s; s = s->next) {
		if (!s->who.session || s->over)
			continue;
		if (pp_call_is_connected(s->call))
			pp_buf_addf(&names, "%s/%s\n", s->who.tenant, s->who.actor);
		else
			left_note(s);
	}
	if (w->left.data)
		pp_buf_add(&names, w->left.data, w->left.length);
	return pp_buf_take(&names, ret_text, NULL);
}

void pp_events_said(struct pp_web *w)
{
	pp_buf_done(&w->left);
}

void pp_events_presence(struct pp_web *w, uint64_t now_us)
{
	struct pp_action action = { .type = PP_ACTION_PRESENCE, .tenant = "", .actor = "server" };
	char *text;

	silent_end(w, now_us);
	if (pp_events_present(w, &text) < 0)
		return;
	action.text = text;
	if (pp_engine_submit(w->engine, &action, on_told, NULL) == 0)
		pp_events_said(w);
	free(text);
}
