/* SPDX-License-Identifier: Apache-2.0 */
/* feed_test.c -- a real record and real messages into a real spool. */
#include "pospin_test.h"

#include "db/db.h"
#include "recorder/feed.h"
#include "store/schema.h"

#define TOPIC "pospin/v1/kendal/boja-01/sample"

struct feed_fixture {
	char *folder;
	struct pp_db *record;
	struct pp_spool *spool;
	struct pp_feed_counts counts;
};

static int set_up(void **state)
{
	struct feed_fixture *f = calloc(1, sizeof(*f));
	char path[600];

	f->folder = pp_test_folder();
	snprintf(path, sizeof(path), "%s/record.db", f->folder);
	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &f->record), 0);
	assert_int_equal(pp_db_migrate(f->record, pp_store_scripts, pp_store_script_count), 0);
	snprintf(path, sizeof(path), "%s/spool.db", f->folder);
	assert_int_equal(pp_spool_open(path, 1 << 20, false, &f->spool), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct feed_fixture *f = *state;

	pp_spool_close(f->spool);
	pp_db_close(f->record);
	pp_test_folder_remove(f->folder);
	free(f);
	return 0;
}

static void add_event(struct pp_db *db, int height, const char *kind, const char *body)
{
	struct pp_stmt *q;

	assert_int_equal(
		pp_db_prepare(db,
			"INSERT INTO event (tenant, height, at, kind, actor, post, point, body,"
			" previous, hash) VALUES ('kendal', ?, 1763750410000, ?, 'server', "
			"'boja-01',"
			" 'mains', ?, x'', x'')",
			&q),
		0);
	pp_stmt_i64(q, 1, height);
	pp_stmt_text(q, 2, kind);
	pp_stmt_text(q, 3, body);
	assert_int_equal(pp_stmt_run(q), 0);
}

static void check_lines(struct feed_fixture *f, const char *want)
{
	struct pp_buf text = { 0 };
	int64_t last;

	assert_true(pp_spool_peek(f->spool, 100, &text, &last) >= 0);
	pp_buf_add(&text, "", 1);
	assert_string_equal(text.data, want);
	pp_buf_done(&text);
}

static void events_are_taken_once_in_order(void **state)
{
	struct feed_fixture *f = *state;

	add_event(f->record, 1, "trouble.raised", "{\"kind\":\"mains\",\"since\":1763750409000}");
	add_event(f->record, 2, "trouble.ended", "{\"kind\":\"mains\",\"since\":1763750409000}");
	assert_int_equal(pp_feed_record(f->spool, f->record, 1, &f->counts), 1);
	assert_int_equal(pp_feed_record(f->spool, f->record, 10, &f->counts), 1);
	assert_int_equal(pp_feed_record(f->spool, f->record, 10, &f->counts), 0);
	assert_int_equal(f->counts.events, 2);
	check_lines(f,
		"event,tenant=kendal,post=boja-01,point=mains,kind=trouble.raised,trouble=mains "
		"value=1i"
		" 1763750409000000001\n"
		"event,tenant=kendal,post=boja-01,point=mains,kind=trouble.ended,trouble=mains"
		" value=1i"
		" 1763750410000000002\n");
}

static void an_event_that_makes_no_line_is_counted_and_stops_nothing(void **state)
{
	struct feed_fixture *f = *state;

	add_event(f->record, 1, "bad\nkind", "{}");
	add_event(f->record, 2, "post.supervised", "{}");
	assert_int_equal(pp_feed_record(f->spool, f->record, 10, &f->counts), 2);
	assert_int_equal(f->counts.events_refused, 1);
	check_lines(f, "event,tenant=kendal,post=boja-01,point=mains,kind=post.supervised value=1i "
		       "1763750410000000002\n");
}

static struct pp_mqtt_event message(const char *topic, const char *payload, bool retained)
{
	return (struct pp_mqtt_event){ .type = PP_MQTT_MESSAGE,
		.topic = (char *)(uintptr_t)topic,
		.payload = (char *)(uintptr_t)payload,
		.length = strlen(payload),
		.retained = retained,
		.at_us = 50000000 };
}

static void readings_are_kept_and_junk_is_counted(void **state)
{
	struct feed_fixture *f = *state;
	static const char good[] =
		"{\"boot\":17,\"mono\":8130000,\"at\":1763750406667,\"readings\":"
		"[{\"name\":\"load\",\"value\":0.5,\"unit\":\"1\",\"mono\":8129000}]}";
	static const char unknown_time[] =
		"{\"boot\":18,\"mono\":2000,\"at\":null,\"readings\":"
		"[{\"name\":\"load\",\"value\":0.75,\"unit\":\"1\",\"mono\":1000}]}";
	struct pp_mqtt_event messages[] = {
		message(TOPIC, good, false),
		message(TOPIC, good, true),
		message(TOPIC, "junk", false),
		message("pospin/v1/kendal/boja-01/signal", good, false),
		message(TOPIC, unknown_time, false),
	};
	struct pp_mqtt_event *list[PP_COUNT(messages)];
	const struct pp_feed_now now = { 1763750500000, 51000000, 1 };

	for (size_t i = 0; i < PP_COUNT(messages); i++)
		list[i] = &messages[i];
	assert_int_equal(pp_feed_samples(f->spool, list, PP_COUNT(list), &now, &f->counts), 0);
	assert_int_equal(f->counts.readings, 2);
	assert_int_equal(f->counts.messages_refused, 3);
	check_lines(f,
		"sample,tenant=kendal,post=boja-01,name=load,unit=1 value=0.5 1763750405667000000\n"
		"sample,tenant=kendal,post=boja-01,name=load,unit=1 value=0.75"
		" 1763750498000000000\n");
}

static void a_post_that_lives_in_another_time_is_dated_by_what_was_observed(void **state)
{
	struct feed_fixture *f = *state;
	static const char *const texts[] = {
		"{\"boot\":18,\"mono\":2000,\"at\":4070908800000,\"readings\":"
		"[{\"name\":\"load\",\"value\":0.25,\"unit\":\"1\",\"mono\":1000}]}",
		"{\"boot\":18,\"mono\":2000,\"at\":1000000,\"readings\":"
		"[{\"name\":\"load\",\"value\":0.25,\"unit\":\"1\",\"mono\":1500}]}",
	};
	struct pp_mqtt_event messages[] = { message(TOPIC, texts[0], false),
		message(TOPIC, texts[1], false) };
	struct pp_mqtt_event *list[] = { &messages[0], &messages[1] };
	const struct pp_feed_now now = { 1763750500000, 51000000, 1 };

	assert_int_equal(pp_feed_samples(f->spool, list, PP_COUNT(list), &now, &f->counts), 0);
	assert_int_equal(f->counts.clocks_wrong, 2);
	check_lines(f, "sample,tenant=kendal,post=boja-01,name=load,unit=1 value=0.25"
		       " 1763750498000000000\n"
		       "sample,tenant=kendal,post=boja-01,name=load,unit=1 value=0.25"
		       " 1763750498500000000\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(events_are_taken_once_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_event_that_makes_no_line_is_counted_and_stops_nothing, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			readings_are_kept_and_junk_is_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_post_that_lives_in_another_time_is_dated_by_what_was_observed, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
