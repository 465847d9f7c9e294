/* SPDX-License-Identifier: Apache-2.0 */
/* memo_test.c -- the next start reads what was let go, if it is of this post and this boot. */
#include "outbox_rig.h"

#include "core/file.h"
#include "memo.h"

static char *memo;

static int begin(void **state)
{
	static char name[540];

	rig_begin(state);
	snprintf(name, sizeof(name), "%s/ends", folder);
	memo = name;
	return 0;
}

static void note(struct pp_ends *ends, uint64_t ticket, enum pp_signal_type type, int64_t mono_ms)
{
	struct pp_draft draft = rig_draft(ticket, type);

	draft.signal.mono_ms = mono_ms;
	assert_int_equal(pp_ends_note(ends, &draft), 1);
}

/* panic-crime, the rig's: when it was let go, as a start reads it; 0: it does not. */
static int64_t read_back(const struct pp_outbox_options *whose)
{
	const struct pp_signal alarm = { .point = "panic-crime", .mono_ms = 1 };
	struct pp_ends ends = { 0 };

	pp_memo_read(memo, whose, now.mono_ms, &ends);
	for (size_t i = 0; i < ends.count; i++)
		assert_int_equal(ends.list[i].ticket, 0);
	return pp_ends_over(&ends, &alarm);
}

static void restores_are_read_back_and_troubles_are_not_noted(void **state)
{
	const struct pp_outbox_options mine = rig_options();
	struct pp_ends ends = { 0 };

	(void)state;
	assert_int_equal(read_back(&mine), 0); /* there is none */
	note(&ends, 1, PP_SIGNAL_RESTORE, 5000);
	note(&ends, 2, PP_SIGNAL_TROUBLE_RESTORE, 6000);
	assert_int_equal(pp_memo_write(memo, &mine, &ends), 0);
	assert_int_equal(read_back(&mine), 5000);
	pp_ends_drop(&ends, 1);
	assert_int_equal(pp_memo_write(memo, &mine, &ends), 0);
	assert_int_equal(read_back(&mine), 0);
}

static void another_boots_and_another_posts_say_nothing(void **state)
{
	const struct pp_outbox_options mine = rig_options();
	struct pp_outbox_options other = mine;
	struct pp_ends ends = { 0 };

	(void)state;
	note(&ends, 1, PP_SIGNAL_RESTORE, 5000);
	assert_int_equal(pp_memo_write(memo, &mine, &ends), 0);
	other.boot_id = "00000000000000000000000000000002";
	assert_int_equal(read_back(&other), 0);
	other = mine;
	other.topic = "pospin/v1/kendal/boja-02/signal";
	assert_int_equal(read_back(&other), 0);
	assert_int_equal(read_back(&mine), 5000);
}

static void what_is_no_line_is_passed_over(void **state)
{
	static const char *const bad[] = { "", "panic-crime", "panic-crime ", "panic-crime x",
		"panic-crime -1", "panic-crime 99999999999999999999", "panic-crime 7 ",
		"panic-crime 5001", "PANIC 7", "panic_crime 7", " 7", "7",
		"panic-crime-of-a-name-that-is-far-too-long 7", "\xff\xfe 7" };
	const struct pp_outbox_options mine = rig_options();

	(void)state;
	for (size_t i = 0; i < PP_COUNT(bad); i++) {
		char text[512];
		int length = snprintf(text, sizeof(text), "%s %s\n%s\n", BOOT_ID, TOPIC, bad[i]);

		assert_int_equal(pp_file_put(memo, text, (size_t)length, 0600), 0);
		assert_int_equal(read_back(&mine), 0);
		length = snprintf(text, sizeof(text), "%s %s\n%s\npanic-crime 9", BOOT_ID, TOPIC,
			bad[i]);
		assert_int_equal(pp_file_put(memo, text, (size_t)length, 0600), 0);
		assert_int_equal(read_back(&mine), 9);
	}
	assert_int_equal(pp_file_put(memo, BOOT_ID, strlen(BOOT_ID), 0600), 0);
	assert_int_equal(read_back(&mine), 0);
}

static void what_cannot_be_written_is_said(void **state)
{
	const struct pp_outbox_options mine = rig_options();
	const struct pp_ends ends = { 0 };

	(void)state;
	strcat(memo, "/none/ends");
	assert_int_equal(pp_memo_write(memo, &mine, &ends), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, rig_end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(restores_are_read_back_and_troubles_are_not_noted),
		TEST(another_boots_and_another_posts_say_nothing),
		TEST(what_is_no_line_is_passed_over),
		TEST(what_cannot_be_written_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
