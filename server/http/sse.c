/* SPDX-License-Identifier: Apache-2.0 */
/* sse.c -- one feed per scope (a ring of the newest events in it), readers with a cursor into the
 * record. */
#include "sse.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "json/json.h"
#include "store/query.h"

#define BATCH 64

struct event_text {
	int64_t id;
	char *text;
	size_t length;
};

struct feed {
	struct feed *next;
	struct pp_sse *sse;
	char *tenant, *kecamatan, *unit;
	struct pp_scope scope; /* of these texts */
	int64_t from, last;    /* the ring holds every event of the scope in (from, last] */
	struct event_text ring[PP_SSE_RING];
	size_t head, count; /* head: the oldest */
	struct pp_sse_reader *readers;
};

struct pp_sse_reader {
	struct pp_sse_reader *previous, *next;
	struct feed *feed;
	int64_t cursor;
	bool beat;
	char *piece;
	size_t length, offset;
	pp_sse_wake_fn *wake;
	void *user;
};

struct pp_sse {
	struct pp_db *db;
	struct feed *feeds;
	size_t readers;
};

int pp_sse_new(struct pp_db *db, struct pp_sse **ret_sse)
{
	struct pp_sse *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -ENOMEM;
	s->db = db;
	*ret_sse = s;
	return 0;
}

static void feed_free(struct feed *f)
{
	for (size_t i = 0; i < PP_SSE_RING; i++)
		free(f->ring[i].text);
	free(f->tenant);
	free(f->kecamatan);
	free(f->unit);
	free(f);
}

struct pp_sse *pp_sse_free(struct pp_sse *s)
{
	while (s && s->feeds) {
		struct feed *f = s->feeds;

		s->feeds = f->next;
		feed_free(f);
	}
	free(s);
	return NULL;
}

/* "id: 7\nevent: incident.opened\ndata: {...}\n\n"; the JSON has no line feed in it. */
static int event_add(struct pp_buf *b, const struct pp_json *event, int64_t *ret_id)
{
	const char *kind;
	char *data = NULL;
	size_t length;
	int r = pp_json_get_i64(event, "id", 1, INT64_MAX, ret_id);

	if (r == 0)
		r = pp_json_get_text(event, "kind", 64, &kind);
	if (r == 0)
		r = pp_json_print(event, &data, &length);
	if (r < 0)
		return r;
	pp_buf_addf(b, "id: %lld\nevent: %s\ndata: ", (long long)*ret_id, kind);
	pp_buf_add(b, data, length);
	pp_buf_add(b, "\n\n", 2);
	free(data);
	return 0;
}

static int feed_push(struct feed *f, const struct pp_json *event)
{
	struct pp_buf b = { 0 };
	struct event_text e = { 0 }, *place;
	int r = event_add(&b, event, &e.id);

	if (r < 0) {
		pp_buf_done(&b);
		return r;
	}
	r = pp_buf_take(&b, &e.text, &e.length);
	if (r < 0)
		return r;
	if (f->count == PP_SSE_RING) {
		f->from = f->ring[f->head].id;
		free(f->ring[f->head].text);
		f->ring[f->head].text = NULL;
		f->head = (f->head + 1) % PP_SSE_RING;
		f->count--;
	}
	place = &f->ring[(f->head + f->count) % PP_SSE_RING];
	*place = e;
	f->count++;
	f->last = e.id;
	return 0;
}

/* Takes what has been committed since. Positive: there was something. */
static int feed_update(struct feed *f)
{
	int64_t newest;
	int fresh = 0, r = pp_query_last_event(f->sse->db, f->tenant, &newest);

	if (r < 0)
		return r;
	for (;;) {
		struct pp_json *events;
		size_t count;

		r = pp_query_events(f->sse->db, &f->scope, f->last, BATCH, &events);

		if (r < 0)
			return r;
		count = pp_json_count(events);
		for (size_t i = 0; i < count && r == 0; i++)
			r = feed_push(f, pp_json_item(events, i));
		pp_json_free(events);
		if (r < 0)
			return r;
		fresh = fresh || count > 0;
		if (count == BATCH)
			continue;
		/* What is outside the scope is not looked at again. */
		if (f->last < newest)
			f->last = newest;
		return fresh;
	}
}

static int scope_copy(struct feed *f, const struct pp_scope *scope)
{
	f->tenant = strdup(scope->tenant);
	f->kecamatan = strdup(scope->kecamatan ? scope->kecamatan : "");
	f->unit = strdup(scope->unit ? scope->unit : "");
	f->scope = *scope;
	f->scope.tenant = f->tenant;
	f->scope.kecamatan = f->kecamatan;
	f->scope.unit = f->unit;
	return f->tenant && f->kecamatan && f->unit ? 0 : -ENOMEM;
}

static bool is_same(const struct feed *f, const struct pp_scope *scope)
{
	return strcmp(f->tenant, scope->tenant) == 0 &&
	       strcmp(f->kecamatan, scope->kecamatan ? scope->kecamatan : "") == 0 &&
	       strcmp(f->unit, scope->unit ? scope->unit : "") == 0 &&
	       f->scope.notes == scope->notes && f->scope.contacts == scope->contacts &&
	       f->scope.people == scope->people;
}

static int feed_new(struct pp_sse *s, const struct pp_scope *scope, struct feed **ret_feed)
{
	struct feed *f = calloc(1, sizeof(*f));
	int r;

	if (f == NULL)
		return -ENOMEM;
	f->sse = s;
	r = scope_copy(f, scope);
	if (r == 0)
		r = pp_query_last_event(s->db, f->tenant, &f->last);
	if (r < 0) {
		feed_free(f);
		return r;
	}
	f->from = f->last;
	f->next = s->feeds;
	s->feeds = f;
	*ret_feed = f;
	return 0;
}

static int feed_find(struct pp_sse *s, const struct pp_scope *scope, struct feed **ret_feed)
{
	for (struct feed *f = s->feeds; f; f = f->next) {
		if (is_same(f, scope)) {
			int r = feed_update(f);

			if (r >= 0)
				*ret_feed = f;
			return r < 0 ? r : 0;
		}
	}
	return feed_new(s, scope, ret_feed);
}

static int piece_set(struct pp_sse_reader *r, struct pp_buf *b)
{
	free(r->piece);
	r->piece = NULL;
	r->offset = r->length = 0;
	return pp_buf_take(b, &r->piece, &r->length);
}

int pp_sse_join(struct pp_sse *s, const struct pp_scope *scope, int64_t after, pp_sse_wake_fn *wake,
	void *user, struct pp_sse_reader **ret_reader)
{
	struct pp_sse_reader *r;
	struct pp_buf hello = { 0 };
	struct feed *f;
	int error;

	if (s->readers >= PP_SSE_READERS)
		return -ENOBUFS;
	error = feed_find(s, scope, &f);
	if (error < 0)
		return error;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return -ENOMEM;
	pp_buf_addf(&hello, "retry: 2000\n\n");
	if (after > f->last)
		pp_buf_addf(&hello, "id: %lld\nevent: reset\ndata: {}\n\n", (long long)f->last);
	error = piece_set(r, &hello);
	if (error < 0) {
		free(r);
		return error;
	}
	r->cursor = after < 0 || after > f->last ? f->last : after;
	r->feed = f;
	r->wake = wake;
	r->user = user;
	r->next = f->readers;
	if (r->next)
		r->next->previous = r;
	f->readers = r;
	s->readers++;
	*ret_reader = r;
	return 0;
}

static void feed_remove(struct feed *f)
{
	struct feed **place = &f->sse->feeds;

	while (*place != f)
		place = &(*place)->next;
	*place = f->next;
	feed_free(f);
}

struct pp_sse_reader *pp_sse_leave(struct pp_sse_reader *r)
{
	if (r == NULL)
		return NULL;
	if (r->previous)
		r->previous->next = r->next;
	else
		r->feed->readers = r->next;
	if (r->next)
		r->next->previous = r->previous;
	r->feed->sse->readers--;
	if (r->feed->readers == NULL)
		feed_remove(r->feed); /* it would only fall behind */
	free(r->piece);
	free(r);
	return NULL;
}

static void piece_from_ring(struct pp_sse_reader *r, struct pp_buf *b)
{
	const struct feed *f = r->feed;

	for (size_t i = 0; i < f->count && b->length < PP_SSE_PIECE; i++) {
		const struct event_text *e = &f->ring[(f->head + i) % PP_SSE_RING];

		if (e->id <= r->cursor)
			continue;
		pp_buf_add(b, e->text, e->length);
		r->cursor = e->id;
	}
}

static int piece_from_record(struct pp_sse_reader *r, struct pp_buf *b)
{
	struct pp_json *events;
	int error = pp_query_events(r->feed->sse->db, &r->feed->scope, r->cursor, BATCH, &events);

	if (error < 0)
		return error;
	if (pp_json_count(events) == 0)
		r->cursor = r->feed->from; /* nothing up to there is within the scope */
	for (size_t i = 0; i < pp_json_count(events) && b->length < PP_SSE_PIECE; i++) {
		error = event_add(b, pp_json_item(events, i), &r->cursor);
		if (error < 0)
			break;
	}
	pp_json_free(events);
	return error;
}

static int piece_fill(struct pp_sse_reader *r)
{
	struct pp_buf b = { 0 };
	int error = 0;

	if (r->cursor < r->feed->from)
		error = piece_from_record(r, &b);
	else if (r->cursor < r->feed->last)
		piece_from_ring(r, &b);
	if (error == 0 && b.length == 0 && !b.failed && r->beat)
		pp_buf_addf(&b, ":\n\n");
	r->beat = false;
	if (error < 0 || (b.length == 0 && !b.failed)) {
		pp_buf_done(&b);
		return error;
	}
	return piece_set(r, &b);
}

ssize_t pp_sse_read(struct pp_sse_reader *r, char *buf, size_t size)
{
	size_t n = r->length - r->offset;

	if (n == 0) {
		int error = piece_fill(r);

		if (error < 0)
			return error;
		n = r->length - r->offset;
	}
	if (n > size)
		n = size;
	if (n == 0)
		return 0;
	memcpy(buf, r->piece + r->offset, n);
	r->offset += n;
	if (r->offset == r->length) {
		free(r->piece);
		r->piece = NULL;
		r->offset = r->length = 0;
	}
	return (ssize_t)n;
}

static void feed_wake(struct feed *f)
{
	struct pp_sse_reader *next;

	for (struct pp_sse_reader *r = f->readers; r; r = next) {
		next = r->next;
		r->wake(r->user);
	}
}

void pp_sse_committed(struct pp_sse *s)
{
	for (struct feed *f = s->feeds; f; f = f->next) {
		/* What cannot be read now is read at the next commit or beat. */
		if (f->readers && feed_update(f) != 0)
			feed_wake(f);
	}
}

void pp_sse_beat(struct pp_sse *s)
{
	for (struct feed *f = s->feeds; f; f = f->next) {
		if (f->readers)
			(void)feed_update(f);
		for (struct pp_sse_reader *r = f->readers; r; r = r->next)
			r->beat = true;
		feed_wake(f);
	}
}
