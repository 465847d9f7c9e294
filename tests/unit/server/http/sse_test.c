/* SPDX-License-Identifier: Apache-2.0 */
/* sse_test.c -- readers of the record's events: replay, order, pace, other tenants, beats. */
#include "sse.h"

#include "pospin_test.h"

#include <errno.h>

#include "core/text.h"
#include "store/schema.h"
#include "store/timeline.h"

static char *folder;
static struct pp_db *writer, *db;
static struct pp_sse *sse;
static int wakes;
static int64_t heights[2];

static int set_up(void **state)
{
	char path[600];

	(void)state;
	folder = pp_test_folder();
	snprintf(path, sizeof(path), "%s/record.db", folder);
	wakes = 0;
	heights[0] = heights[1] = 0;
	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &writer), 0);
	assert_int_equal(pp_db_migrate(writer, pp_store_scripts, pp_store_script_count), 0);
	assert_int_equal(pp_db_open(path, PP_DB_READ, &db), 0);
	return pp_sse_new(db, &sse);
}

static int tear_down(void **state)
{
	(void)state;
	sse = pp_sse_free(sse);
	db = pp_db_close(db);
	writer = pp_db_close(writer);
	pp_test_folder_remove(folder);
	return 0;
}

static void add(const char *tenant, const char *kind, const char *body)
{
	struct pp_event_row row = { .tenant = tenant,
		.kind = kind,
		.actor = "server",
		.body = body,
		.at_ms = 1763750400000,
		.height = ++heights[strcmp(tenant, "kendal") != 0] };

	assert_int_equal(pp_store_event_add(writer, &row), 0);
}

static void on_wake(void *user)
{
	(void)user;
	wakes++;
}

static struct pp_sse_reader *join(const char *tenant, int64_t after)
{
	struct pp_sse_reader *r = NULL;

	assert_int_equal(pp_sse_join(sse, PP_SCOPE_ALL(tenant), after, on_wake, NULL, &r), 0);
	return r;
}

/* Everything there is now, read in pieces of `step` bytes. The caller frees it. */
static char *read_all(struct pp_sse_reader *r, size_t step)
{
	struct pp_buf b = { 0 };
	char piece[4096], *text;
	ssize_t n;

	while ((n = pp_sse_read(r, piece, step)) > 0)
		pp_buf_add(&b, piece, (size_t)n);
	assert_int_equal(n, 0);
	pp_buf_add(&b, "", 0);
	assert_int_equal(pp_buf_take(&b, &text, NULL), 0);
	return text;
}

static void expect(struct pp_sse_reader *r, const char *ids)
{
	char *text = read_all(r, 4096), got[200] = "";

	for (const char *p = text; (p = strstr(p, "id: ")); p += 4) {
		if (p == text || p[-1] == '\n')
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%ld ",
				strtol(p + 4, NULL, 10));
	}
	assert_string_equal(got, ids);
	free(text);
}

static void a_reader_gets_what_came_after_its_place_and_then_what_comes(void **state)
{
	struct pp_sse_reader *all, *some, *now;

	(void)state;
	add("kendal", "incident.opened", "{}");
	add("serang", "incident.opened", "{}");
	add("kendal", "incident.acknowledged", "{}");
	all = join("kendal", 0);
	some = join("kendal", 1);
	now = join("kendal", -1);
	expect(all, "1 3 ");
	expect(some, "3 ");
	expect(now, "");
	add("serang", "incident.opened", "{}");
	pp_sse_committed(sse);
	assert_int_equal(wakes, 0);
	add("kendal", "incident.closed", "{}");
	pp_sse_committed(sse);
	assert_int_equal(wakes, 3);
	expect(all, "5 ");
	expect(some, "5 ");
	expect(now, "5 ");
	expect(now, "");
	pp_sse_leave(all);
	pp_sse_leave(some);
	pp_sse_leave(now);
}

static void an_event_is_framed_and_foreign_words_stay_json(void **state)
{
	struct pp_sse_reader *r = join("kendal", 0);
	char *text = read_all(r, 7);

	(void)state;
	assert_string_equal(text, "retry: 2000\n\n");
	free(text);
	add("kendal", "incident.note", "{\"text\":\"<script>alert(1)</script>\\n\\nid: 99\"}");
	pp_sse_committed(sse);
	text = read_all(r, 3);
	assert_true(strncmp(text, "id: 1\nevent: incident.note\ndata: {\"id\":1,", 41) == 0);
	assert_non_null(strstr(text, "\\n\\nid: 99\"}}\n\n"));
	free(text);
	pp_sse_leave(r);
}

static void a_slow_reader_finds_everything_in_the_record(void **state)
{
	struct pp_sse_reader *slow = join("kendal", 0), *quick = join("kendal", 0);
	char *text;
	int count = 0;

	(void)state;
	free(read_all(slow, 4096));
	free(read_all(quick, 4096));
	assert_int_equal(pp_db_begin(writer), 0);
	for (int i = 0; i < 3 * PP_SSE_RING; i++)
		add("kendal", "incident.opened", "{\"class\":\"fire\"}");
	assert_int_equal(pp_db_commit(writer), 0);
	pp_sse_committed(sse);
	for (int k = 0; k < 2; k++) {
		long last = 0;

		text = read_all(k ? quick : slow, 1000);
		for (const char *p = text; (p = strstr(p, "id: ")); p += 4) {
			assert_int_equal(strtol(p + 4, NULL, 10), last + 1);
			last++;
			count++;
		}
		free(text);
	}
	assert_int_equal(count, 6 * PP_SSE_RING);
	pp_sse_leave(slow);
	pp_sse_leave(quick);
}

static void a_place_that_the_record_has_not_reached_means_a_reset(void **state)
{
	struct pp_sse_reader *r;
	char *text;

	(void)state;
	add("kendal", "incident.opened", "{}");
	r = join("kendal", 500);
	text = read_all(r, 4096);
	assert_non_null(strstr(text, "id: 1\nevent: reset\ndata: {}\n\n"));
	free(text);
	add("kendal", "incident.closed", "{}");
	pp_sse_committed(sse);
	expect(r, "2 ");
	pp_sse_leave(r);
}

static void a_beat_is_one_comment_and_not_between_the_lines_of_an_event(void **state)
{
	struct pp_sse_reader *r = join("kendal", 0);
	char *text, piece[10];

	(void)state;
	free(read_all(r, 4096));
	pp_sse_beat(sse);
	pp_sse_beat(sse);
	text = read_all(r, 4096);
	assert_string_equal(text, ":\n\n");
	free(text);
	add("kendal", "incident.opened", "{}");
	pp_sse_committed(sse);
	assert_int_equal(pp_sse_read(r, piece, 10), 10);
	pp_sse_beat(sse);
	text = read_all(r, 4096);
	assert_non_null(strstr(text, "\n\n:\n\n"));
	free(text);
	pp_sse_leave(r);
}

static void readers_are_limited_and_a_place_comes_free(void **state)
{
	static struct pp_sse_reader *readers[PP_SSE_READERS];
	struct pp_sse_reader *more = NULL;

	(void)state;
	for (size_t i = 0; i < PP_SSE_READERS; i++)
		readers[i] = join(i % 2 ? "kendal" : "serang", -1);
	assert_int_equal(
		pp_sse_join(sse, PP_SCOPE_ALL("kendal"), -1, on_wake, NULL, &more), -ENOBUFS);
	assert_null(more);
	pp_sse_leave(readers[0]);
	readers[0] = join("kendal", -1);
	for (size_t i = 0; i < PP_SSE_READERS; i++)
		pp_sse_leave(readers[i]);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_reader_gets_what_came_after_its_place_and_then_what_comes),
		CASE(an_event_is_framed_and_foreign_words_stay_json),
		CASE(a_slow_reader_finds_everything_in_the_record),
		CASE(a_place_that_the_record_has_not_reached_means_a_reset),
		CASE(a_beat_is_one_comment_and_not_between_the_lines_of_an_event),
		CASE(readers_are_limited_and_a_place_comes_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
