/* SPDX-License-Identifier: Apache-2.0 */
/* ends_test.c -- what is over is remembered once, as long as the disk does not know it. */
#include "pospin_test.h"

#include "ends.h"

static struct pp_ends ends;

static int begin(void **state)
{
	(void)state;
	memset(&ends, 0, sizeof(ends));
	return 0;
}

static int note(uint64_t ticket, enum pp_signal_type type, const char *point, const char *detail)
{
	struct pp_draft draft = { .ticket = ticket, .signal.type = type };

	memcpy(draft.signal.point, point, strlen(point));
	memcpy(draft.signal.detail, detail, strlen(detail));
	return pp_ends_note(&ends, &draft);
}

static void want(size_t index, uint64_t ticket, enum pp_signal_type type, const char *point,
	const char *detail)
{
	struct pp_draft draft;

	assert_true(index < ends.count);
	pp_ends_get(&ends, index, &draft);
	assert_int_equal(draft.ticket, ticket);
	assert_int_equal(draft.signal.type, type);
	assert_string_equal(draft.signal.point, point);
	assert_string_equal(draft.signal.detail, detail);
}

static void only_what_ends_something_is_noted(void **state)
{
	static const struct {
		enum pp_signal_type type;
		int noted;
	} table[] = {
		{ PP_SIGNAL_ALARM, 0 },
		{ PP_SIGNAL_RESTORE, 1 },
		{ PP_SIGNAL_TROUBLE, 0 },
		{ PP_SIGNAL_TROUBLE_RESTORE, 1 },
		{ PP_SIGNAL_TEST, 0 },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(table); i++)
		assert_int_equal(note(i + 1, table[i].type, "panic", ""), table[i].noted);
	assert_int_equal(ends.count, 2);
	want(0, 2, PP_SIGNAL_RESTORE, "panic", "");
	want(1, 4, PP_SIGNAL_TROUBLE_RESTORE, "panic", "");
}

static void the_same_is_remembered_once_and_the_newest_stays(void **state)
{
	(void)state;
	note(1, PP_SIGNAL_RESTORE, "panic", "");
	note(2, PP_SIGNAL_RESTORE, "smoke", "");
	note(3, PP_SIGNAL_TROUBLE_RESTORE, "panic", "stuck");
	note(4, PP_SIGNAL_TROUBLE_RESTORE, "panic", "unreadable");
	note(5, PP_SIGNAL_RESTORE, "panic", "");
	assert_int_equal(ends.count, 4);
	want(0, 2, PP_SIGNAL_RESTORE, "smoke", "");
	want(1, 3, PP_SIGNAL_TROUBLE_RESTORE, "panic", "stuck");
	want(2, 4, PP_SIGNAL_TROUBLE_RESTORE, "panic", "unreadable");
	want(3, 5, PP_SIGNAL_RESTORE, "panic", "");
}

static void what_the_disk_knows_goes_and_what_came_after_stays(void **state)
{
	(void)state;
	note(1, PP_SIGNAL_RESTORE, "panic", "");
	note(2, PP_SIGNAL_RESTORE, "smoke", "");
	note(3, PP_SIGNAL_RESTORE, "panic", "");
	assert_false(pp_ends_drop(&ends, 1)); /* the older one of the panic button */
	assert_true(pp_ends_drop(&ends, 2));
	assert_int_equal(ends.count, 1);
	want(0, 3, PP_SIGNAL_RESTORE, "panic", "");
}

static void of_more_than_there_is_room_for_the_oldest_goes(void **state)
{
	char point[16];

	(void)state;
	for (uint64_t i = 1; i <= PP_ENDS_MAX + 1; i++) {
		snprintf(point, sizeof(point), "panic-%d", (int)i);
		note(i, PP_SIGNAL_RESTORE, point, "");
	}
	assert_int_equal(ends.count, PP_ENDS_MAX);
	want(0, 2, PP_SIGNAL_RESTORE, "panic-2", "");
	want(PP_ENDS_MAX - 1, PP_ENDS_MAX + 1, PP_SIGNAL_RESTORE, point, "");
}

/* A chip that comes back ends a trouble of each of its lines: a press that is lost for it is worse
 * than a trouble that is told once more. */
static void troubles_put_no_restore_out(void **state)
{
	char point[PP_POINT_MAX + 1] = "";

	(void)state;
	note(1, PP_SIGNAL_RESTORE, "panic", "");
	for (uint64_t i = 2; i <= PP_ENDS_MAX + 9; i++) {
		snprintf(point, sizeof(point), "door-%d", (int)i);
		note(i, PP_SIGNAL_TROUBLE_RESTORE, point, "lost");
	}
	assert_int_equal(ends.count, PP_ENDS_MAX);
	want(0, 1, PP_SIGNAL_RESTORE, "panic", "");
	want(PP_ENDS_MAX - 1, PP_ENDS_MAX + 9, PP_SIGNAL_TROUBLE_RESTORE, point, "lost");
}

static void it_ends_the_alarm_before_it_and_none_after(void **state)
{
	static const struct {
		const char *point;
		int64_t pressed, over;
	} table[] = {
		{ "panic", 4999, 5000 },
		{ "panic", 5000, 5000 },
		{ "panic", 5001, 0 },
		{ "smoke", 1, 0 },
	};

	(void)state;
	note(1, PP_SIGNAL_RESTORE, "panic", "");
	note(2, PP_SIGNAL_TROUBLE_RESTORE, "smoke", "stuck");
	for (size_t i = 0; i < ends.count; i++)
		ends.list[i].mono_ms = 5000;
	for (size_t i = 0; i < PP_COUNT(table); i++) {
		struct pp_signal alarm = { .mono_ms = table[i].pressed };

		strcpy(alarm.point, table[i].point);
		assert_int_equal(pp_ends_over(&ends, &alarm), table[i].over);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(only_what_ends_something_is_noted, begin),
		cmocka_unit_test_setup(the_same_is_remembered_once_and_the_newest_stays, begin),
		cmocka_unit_test_setup(what_the_disk_knows_goes_and_what_came_after_stays, begin),
		cmocka_unit_test_setup(it_ends_the_alarm_before_it_and_none_after, begin),
		cmocka_unit_test_setup(of_more_than_there_is_room_for_the_oldest_goes, begin),
		cmocka_unit_test_setup(troubles_put_no_restore_out, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
