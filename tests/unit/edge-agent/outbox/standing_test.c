/* SPDX-License-Identifier: Apache-2.0 */
/* standing_test.c -- an alarm stands until its restore, a trouble until its end, across openings.
 */
#include "outbox_rig.h"

static struct pp_outbox *o;

static void open_outbox(const char *boot_id)
{
	struct pp_outbox_options options = rig_options();

	options.boot_id = boot_id;
	assert_int_equal(pp_outbox_open(&options, &o), 0);
}

static int begin(void **state)
{
	rig_begin(state);
	open_outbox(BOOT_ID);
	return 0;
}

static int end(void **state)
{
	o = pp_outbox_close(o);
	return rig_end(state);
}

static void append(const char *point, enum pp_signal_type type, const char *detail)
{
	static uint64_t ticket;
	struct pp_draft draft = rig_draft(++ticket, type);
	struct pp_parcel *parcel;

	memset(draft.signal.point, 0, sizeof(draft.signal.point));
	memcpy(draft.signal.point, point, strlen(point));
	memcpy(draft.signal.detail, detail, strlen(detail));
	draft.signal.mono_ms = 77;
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_outbox_append(o, &draft, &now, &parcel), 0);
	assert_int_equal(pp_outbox_commit(o), 0);
	pp_parcel_free(parcel);
}

static char text[4096];

static void see(void *user, const struct pp_signal *signal)
{
	size_t length = strlen(text);

	(void)user;
	snprintf(text + length, sizeof(text) - length, "%s%s:%s:%s#%lld/%lld", length ? " " : "",
		signal->point, pp_signal_text(signal->type), signal->detail, (long long)signal->seq,
		(long long)signal->boot);
	assert_int_equal(signal->mono_ms, 77);
}

static const char *standing(void)
{
	text[0] = '\0';
	assert_int_equal(pp_outbox_standing(o, see, NULL), 0);
	return text;
}

static void what_is_taken_back_stands_no_more(void **state)
{
	(void)state;
	assert_string_equal(standing(), "");
	append("panic", PP_SIGNAL_ALARM, "");
	append("panic", PP_SIGNAL_TROUBLE, "stuck");
	append("panic", PP_SIGNAL_TROUBLE, "unreadable: no device");
	append("smoke", PP_SIGNAL_ALARM, "");
	append("smoke", PP_SIGNAL_TEST, "");
	append("", PP_SIGNAL_TROUBLE, "storage");
	assert_string_equal(standing(), ":trouble:storage#6/1 smoke:alarm:#4/1"
					" panic:trouble:unreadable: no device#3/1"
					" panic:trouble:stuck#2/1 panic:alarm:#1/1");
	append("panic", PP_SIGNAL_TROUBLE_RESTORE, "unreadable");
	append("smoke", PP_SIGNAL_RESTORE, "");
	append("", PP_SIGNAL_TROUBLE_RESTORE, "storage");
	append("panic", PP_SIGNAL_ALARM, "");
	assert_string_equal(standing(), "panic:alarm:#10/1 panic:trouble:stuck#2/1");
}

static void what_ends_without_a_row_stands_no_more_and_takes_no_number(void **state)
{
	const struct pp_signal restore = {
		.type = PP_SIGNAL_RESTORE, .point = "panic", .mono_ms = 78
	};
	const struct pp_signal end = { .type = PP_SIGNAL_TROUBLE_RESTORE,
		.point = "panic",
		.detail = "stuck",
		.mono_ms = 77 };
	struct pp_outbox_facts facts;

	(void)state;
	append("panic", PP_SIGNAL_ALARM, "");
	append("panic", PP_SIGNAL_TROUBLE, "stuck");
	append("smoke", PP_SIGNAL_ALARM, "");
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_outbox_end(o, &restore), 0);
	assert_int_equal(pp_outbox_end(o, &end), 0);
	assert_int_equal(pp_outbox_commit(o), 0);
	pp_outbox_close(o);
	open_outbox(BOOT_ID);
	assert_string_equal(standing(), "smoke:alarm:#3/1");
	pp_outbox_facts(o, &facts);
	assert_int_equal(facts.last_seq, 3);
}

static void what_went_down_again_before_the_end_was_heard_of_stands(void **state)
{
	const struct pp_signal restore = {
		.type = PP_SIGNAL_RESTORE, .point = "panic", .mono_ms = 76
	};

	(void)state;
	append("panic", PP_SIGNAL_ALARM, "");
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_outbox_end(o, &restore), 0);
	assert_int_equal(pp_outbox_commit(o), 0);
	assert_string_equal(standing(), "panic:alarm:#1/1");
	/* Of another boot: its milliseconds say nothing. */
	pp_outbox_close(o);
	open_outbox("00000000000000000000000000000002");
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_outbox_end(o, &restore), 0);
	assert_int_equal(pp_outbox_commit(o), 0);
	assert_string_equal(standing(), "");
}

static void what_found_no_room_at_first_is_not_noted_as_standing(void **state)
{
	struct pp_draft draft = rig_draft(1, PP_SIGNAL_ALARM);
	struct pp_parcel *parcel;

	(void)state;
	draft.late = true;
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_outbox_append(o, &draft, &now, &parcel), 0);
	assert_int_equal(pp_outbox_commit(o), 0);
	pp_parcel_free(parcel);
	assert_string_equal(standing(), "");
}

static void it_stands_across_openings_and_boots(void **state)
{
	(void)state;
	append("panic", PP_SIGNAL_ALARM, "");
	pp_outbox_close(o);
	open_outbox("00000000000000000000000000000002");
	append("smoke", PP_SIGNAL_ALARM, "");
	assert_string_equal(standing(), "smoke:alarm:#2/2 panic:alarm:#1/1");
}

static void what_is_rolled_back_never_stood(void **state)
{
	struct pp_draft draft = rig_draft(1, PP_SIGNAL_ALARM);
	struct pp_parcel *parcel;

	(void)state;
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_outbox_append(o, &draft, &now, &parcel), 0);
	pp_parcel_free(parcel);
	pp_outbox_rollback(o);
	assert_string_equal(standing(), "");
}

static void in_a_new_epoch_it_stands_without_a_number(void **state)
{
	(void)state;
	append("panic", PP_SIGNAL_ALARM, "");
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_outbox_renew(o), 0);
	assert_int_equal(pp_outbox_commit(o), 0);
	assert_string_equal(standing(), "panic:alarm:#0/1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_taken_back_stands_no_more, begin, end),
		cmocka_unit_test_setup_teardown(
			what_ends_without_a_row_stands_no_more_and_takes_no_number, begin, end),
		cmocka_unit_test_setup_teardown(
			what_went_down_again_before_the_end_was_heard_of_stands, begin, end),
		cmocka_unit_test_setup_teardown(
			what_found_no_room_at_first_is_not_noted_as_standing, begin, end),
		cmocka_unit_test_setup_teardown(it_stands_across_openings_and_boots, begin, end),
		cmocka_unit_test_setup_teardown(what_is_rolled_back_never_stood, begin, end),
		cmocka_unit_test_setup_teardown(
			in_a_new_epoch_it_stands_without_a_number, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
