/* SPDX-License-Identifier: Apache-2.0 */
/* state_test.c -- golden state, beat and receipts byte for byte, their limits, and what is refused.
 */
#include "protocol/state.h"

#include "golden.h"

#include <errno.h>

#define ECHO "\"epoch\":\"9f3c2a77d01b44e2\",\"boot\":2,\"mono\":3,\"n\":4"

static void the_golden_state_comes_out_byte_for_byte(void **state)
{
	char *text = golden_read("state.json"), *again = NULL, why[160] = "";
	struct pp_state s;
	size_t length;

	(void)state;
	assert_int_equal(pp_state_decode(text, strlen(text), &s, why), 0);
	assert_int_equal(s.count, 3);
	assert_string_equal(s.points[1].point, "smoke-1");
	assert_int_equal(s.points[1].state, PP_POINT_TROUBLE);
	assert_string_equal(s.points[1].detail, "chatter");
	assert_int_equal(s.n, 813);
	assert_int_equal(s.oldest, 4712);
	assert_string_equal(s.config, "3b1f0c5a9e77d264");
	assert_int_equal(pp_state_encode(&s, &again, &length), 0);
	assert_string_equal(again, text);
	free(again);
	free(text);
}

static void the_golden_beat_comes_out_byte_for_byte(void **state)
{
	char *text = golden_read("beat.json"), *again = NULL, why[160] = "";
	struct pp_beat b;
	size_t length;

	(void)state;
	assert_int_equal(pp_beat_decode(text, strlen(text), &b, why), 0);
	assert_int_equal(b.high, 4711);
	assert_int_equal(b.count, 1);
	assert_string_equal(b.open[0].incident, "KDL-26-000123");
	assert_int_equal(b.open[0].step, PP_STEP_DISPATCHED);
	assert_int_equal(b.open[0].rev, 5);
	assert_int_equal(b.key_count, 1);
	assert_int_equal(b.keys[0][0], 0xd7);
	assert_int_equal(b.head_height, 20417);
	assert_int_equal(pp_beat_encode(&b, &again, &length), 0);
	assert_string_equal(again, text);
	free(again);
	free(text);
}

static void a_drill_is_told_where_it_is_plainly_true(void **state)
{
	static const struct {
		const char *member;
		bool want;
	} rows[] = {
		{ "", false },
		{ "\"drill\":true,", true },
		{ "\"drill\":false,", false },
		{ "\"drill\":1,", false },
		{ "\"drill\":\"true\",", false },
		{ "\"drill\":null,", false },
	};
	char *text = golden_read("beat-drill.json"), *again = NULL, why[160] = "", made[300];
	struct pp_beat b;
	size_t length;

	(void)state;
	assert_int_equal(pp_beat_decode(text, strlen(text), &b, why), 0);
	assert_true(b.drill);
	assert_int_equal(pp_beat_encode(&b, &again, &length), 0);
	assert_string_equal(again, text);
	free(again);
	free(text);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		snprintf(made, sizeof(made),
			"{\"epoch\":\"9f3c2a77d01b44e2\",\"boot\":1,\"mono\":1,\"n\":1,\"high\":0,"
			"%s\"open\":[]}",
			rows[i].member);
		assert_int_equal(pp_beat_decode(made, strlen(made), &b, why), 0);
		if (b.drill != rows[i].want)
			fail_msg("row %zu", i);
	}
}

static void the_golden_receipts_come_out_byte_for_byte(void **state)
{
	char *text = golden_read("receipt.json"), *again = NULL, why[160] = "";
	struct pp_receipt r[PP_RECEIPTS_MAX];
	size_t count = 0, length;

	(void)state;
	assert_int_equal(
		pp_receipts_decode(text, strlen(text), r, PP_RECEIPTS_MAX, &count, why), 0);
	assert_int_equal(count, 3);
	assert_int_equal(r[0].result, PP_RECEIPT_RECORDED);
	assert_string_equal(r[0].incident, "KDL-26-000123");
	assert_int_equal(r[2].result, PP_RECEIPT_REFUSED);
	assert_string_equal(r[2].reason, "post is not active");
	assert_int_equal(pp_receipts_encode(r, count, &again, &length), 0);
	assert_string_equal(again, text);
	free(again);
	free(text);
}

static void a_state_too_full_drops_its_details_and_is_still_sent(void **state)
{
	struct pp_state s = { .epoch = 1, .boot = 1, .count = PP_POINTS_MAX };
	char *text = NULL, why[160];
	struct pp_state got;
	size_t length;

	(void)state;
	for (size_t i = 0; i < PP_POINTS_MAX; i++) {
		snprintf(s.points[i].point, sizeof(s.points[i].point),
			"0123456789abcdef0123456789abcd%02zu", i);
		s.points[i].state = PP_POINT_DISABLED;
		memset(s.points[i].detail, 'd', PP_DETAIL_MAX);
	}
	assert_int_equal(pp_state_encode(&s, &text, &length), 0);
	assert_true(length <= PP_PAYLOAD_MAX);
	assert_int_equal(pp_state_decode(text, length, &got, why), 0);
	assert_int_equal(got.count, PP_POINTS_MAX);
	assert_string_equal(got.points[63].point, "0123456789abcdef0123456789abcd63");
	assert_string_equal(got.points[63].detail, "");
	free(text);
}

static void a_full_beat_fits_and_an_empty_one_is_short(void **state)
{
	struct pp_beat b = {
		.epoch = 1, .boot = 1, .count = PP_OPEN_MAX, .key_count = PP_BEAT_KEYS_MAX
	};
	char *text = NULL, why[160];
	struct pp_beat got;
	size_t length;

	(void)state;
	for (size_t i = 0; i < PP_OPEN_MAX; i++) {
		b.open[i] = (struct pp_open_press){ .seq = 9007199254740991,
			.step = PP_STEP_ACKNOWLEDGED,
			.rev = 9007199254740991 };
		memset(b.open[i].incident, 'K', PP_INCIDENT_MAX);
	}
	b.head_height = 9007199254740991;
	memset(b.head_hash, 'a', 64);
	assert_int_equal(pp_beat_encode(&b, &text, &length), 0);
	assert_int_equal(pp_beat_decode(text, length, &got, why), 0);
	assert_memory_equal(&got, &b, sizeof(b));
	free(text);
	b = (struct pp_beat){ .epoch = 1, .boot = 1 };
	assert_int_equal(pp_beat_encode(&b, &text, &length), 0);
	assert_string_equal(text,
		"{\"epoch\":\"0000000000000001\",\"boot\":1,\"mono\":0,\"n\":0,\"high\":0,"
		"\"open\":[]}");
	free(text);
}

static void a_state_with_anything_missing_or_wrong_is_refused_by_name(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "{\"boot\":2,\"mono\":3,\"n\":4,\"points\":{}}", "epoch: " },
		{ "{\"epoch\":\"9f3c2a77d01b44e2\",\"mono\":3,\"n\":4,\"points\":{}}", "boot: " },
		{ "{\"epoch\":\"9f3c2a77d01b44e2\",\"boot\":2,\"mono\":3.0,\"n\":4,\"points\":{}}",
			"mono: " },
		{ "{\"epoch\":\"9f3c2a77d01b44e2\",\"boot\":2,\"mono\":3,\"points\":{}}", "n: " },
		{ "{" ECHO "}", "points: " },
		{ "{" ECHO ",\"points\":[]}", "points: " },
		{ "{" ECHO ",\"points\":{\"p\":\"alarm\"}}", "points: " },
		{ "{" ECHO ",\"points\":{\"p\":{\"state\":1}}}", "state: " },
		{ "{" ECHO ",\"points\":{\"p\":{\"state\":\"alarm\",\"detail\":[]}}}", "detail: " },
		{ "{" ECHO ",\"points\":{},\"config\":1}", "config: " },
		{ "{" ECHO ",\"points\":{},\"version\":1}", "version: " },
		{ "{" ECHO ",\"points\":{},\"oldest\":\"1\"}", "oldest: " },
		{ "{" ECHO ",\"points\":{},\"keys\":\"66687aad\"}", "keys: " },
		{ "{" ECHO ",\"points\":{},\"keys\":[1]}", "keys: " },
		{ "{" ECHO ",\"points\":{},\"keys\":[\"66687AAD\"]}", "keys: " },
		{ "{" ECHO ",\"points\":{},\"keys\":[\"66687aa\"]}", "keys: " },
		{ "{" ECHO ",\"points\":{},\"keys\":[\"66687aad0\"]}", "keys: " },
		{ "{" ECHO ",\"points\":{},\"keys\":[\"00000001\",\"00000002\",\"00000003\","
		  "\"00000004\",\"00000005\",\"00000006\",\"00000007\",\"00000008\","
		  "\"00000009\"]}",
			"keys: " },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_state s = { .n = 77 };
		char why[160] = "";

		assert_int_equal(
			pp_state_decode(rows[i].text, strlen(rows[i].text), &s, why), -EBADMSG);
		if (strncmp(why, rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("%s: got %s, want %s", rows[i].text, why, rows[i].why);
		assert_int_equal(s.n, 77);
	}
}

static void more_points_than_a_post_has_are_refused(void **state)
{
	char text[4000] = "{" ECHO ",\"points\":{\"p\":{}", why[160];
	struct pp_state s;

	(void)state;
	for (int i = 0; i < PP_POINTS_MAX; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), ",\"p%d\":{}", i);
	strncat(text, "}}", 3);
	assert_int_equal(pp_state_decode(text, strlen(text), &s, why), -EBADMSG);
	assert_string_equal(why, "points: more than 64");
}

static void foreign_words_of_a_state_become_unknown(void **state)
{
	static const char text[] =
		"{" ECHO ",\"later\":1,\"points\":{\"P 1\":{\"state\":\"glowing\"},\"q\":{}}}";
	struct pp_state s;
	char why[160];

	(void)state;
	assert_int_equal(pp_state_decode(text, sizeof(text) - 1, &s, why), 0);
	assert_string_equal(s.points[0].point, "x-1");
	assert_int_equal(s.points[0].state, PP_POINT_UNKNOWN);
	assert_int_equal(s.points[1].state, PP_POINT_UNKNOWN);
	assert_int_equal(s.oldest, 0);
}

static void a_beat_with_anything_missing_or_wrong_is_refused_by_name(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "{\"high\":0}", "epoch: " },
		{ "{" ECHO "}", "high: " },
		{ "{" ECHO ",\"high\":-1}", "high: " },
		{ "{" ECHO ",\"high\":0,\"open\":{}}", "open: " },
		{ "{" ECHO ",\"high\":0,\"open\":[1]}", "seq: " },
		{ "{" ECHO ",\"high\":0,\"open\":[{\"seq\":0}]}", "seq: " },
		{ "{" ECHO ",\"high\":0,\"open\":[{\"seq\":1,\"incident\":2}]}", "incident: " },
		{ "{" ECHO ",\"high\":0,\"open\":[{\"seq\":1,\"step\":2}]}", "step: " },
		{ "{" ECHO ",\"high\":0,\"open\":[{\"seq\":1,\"step\":\"closed\"}]}", "rev: " },
		{ "{" ECHO ",\"high\":0,\"open\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,"
		  "20,21,22,23,"
		  "24,25,26,27,28,29,30,31,32,33]}",
			"open: more than 32" },
		{ "{" ECHO ",\"high\":0,\"keys\":[\"AAAA\"]}", "keys: " },
		{ "{" ECHO ",\"high\":0,\"keys\":[1]}", "keys: " },
		{ "{" ECHO ",\"high\":0,\"keys\":[1,2,3,4,5]}", "keys: more than 4" },
		{ "{" ECHO ",\"high\":0,\"head\":1}", "head: " },
		{ "{" ECHO ",\"high\":0,\"head\":{}}", "height: " },
		{ "{" ECHO ",\"high\":0,\"head\":{\"height\":1,\"hash\":\"ab\"}}", "hash: " },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_beat b = { .n = 77 };
		char why[160] = "";

		assert_int_equal(
			pp_beat_decode(rows[i].text, strlen(rows[i].text), &b, why), -EBADMSG);
		if (strncmp(why, rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("%s: got %s, want %s", rows[i].text, why, rows[i].why);
		assert_int_equal(b.n, 77);
	}
}

static void an_unknown_step_is_told_as_unknown(void **state)
{
	static const char text[] =
		"{" ECHO ",\"high\":9,\"open\":[{\"seq\":1,\"step\":\"flying\",\"rev\":0}]}";
	struct pp_beat b;
	char why[160];

	(void)state;
	assert_int_equal(pp_beat_decode(text, sizeof(text) - 1, &b, why), 0);
	assert_int_equal(b.open[0].step, PP_STEP_UNKNOWN);
	assert_string_equal(b.open[0].incident, "");
}

#define RECEIPT(seq, result)                                                                       \
	"{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":" seq ",\"result\":\"" result "\"}"

static void a_result_of_a_later_version_is_no_receipt(void **state)
{
	static const char text[] = "{\"receipts\":[" RECEIPT("1", "deferred") "," RECEIPT("2",
		"recorded") "," RECEIPT("3", "Recorded") "," RECEIPT("4", "recordedrecorded") "]}";
	struct pp_receipt r[4];
	size_t count = 99;
	char why[160];

	(void)state;
	assert_int_equal(pp_receipts_decode(text, sizeof(text) - 1, r, 4, &count, why), 0);
	assert_int_equal(count, 1);
	assert_int_equal(r[0].seq, 2);
	assert_int_equal(pp_receipts_decode(text, sizeof(text) - 1, r, 3, &count, why), -EBADMSG);
	assert_string_equal(why, "receipts: more than 3");
}

static void receipts_with_anything_wrong_are_refused_whole(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "{}", "receipts: missing" },
		{ "{\"receipts\":{}}", "receipts: not a list" },
		{ "{\"receipts\":[" RECEIPT("1", "recorded") ",7]}", "epoch: " },
		{ "{\"receipts\":[" RECEIPT("0", "recorded") "]}", "seq: " },
		{ "{\"receipts\":[" RECEIPT("1.0", "recorded") "]}", "seq: " },
		{ "{\"receipts\":[{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":1,\"result\":true}]}",
			"result: " },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_receipt r[4] = { { .seq = 77 } };
		size_t count = 99;
		char why[160] = "";

		assert_int_equal(
			pp_receipts_decode(rows[i].text, strlen(rows[i].text), r, 4, &count, why),
			-EBADMSG);
		if (strncmp(why, rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("%s: got %s, want %s", rows[i].text, why, rows[i].why);
		assert_int_equal(count, 99);
		assert_int_equal(r[0].seq, 77);
	}
}

static void too_many_receipts_are_not_put_into_one_message(void **state)
{
	static struct pp_receipt r[PP_RECEIPTS_MAX + 1];
	char *text = NULL;
	size_t length;

	(void)state;
	assert_int_equal(pp_receipts_encode(r, PP_RECEIPTS_MAX + 1, &text, &length), -EMSGSIZE);
	assert_int_equal(pp_receipts_encode(r, PP_RECEIPTS_MAX, &text, &length), 0);
	free(text);
	for (size_t i = 0; i < PP_RECEIPTS_MAX; i++)
		memset(r[i].reason, '"', PP_DETAIL_MAX);
	assert_int_equal(pp_receipts_encode(r, PP_RECEIPTS_MAX, &text, &length), -EMSGSIZE);
}

static void a_state_names_the_keys_that_the_post_trusts(void **state)
{
	struct pp_state s = { .epoch = 1, .key_count = 2, .keys = { "66687aad", "00000001" } };
	struct pp_state back;
	char *text, why[160];
	size_t length;

	(void)state;
	assert_int_equal(pp_state_encode(&s, &text, &length), 0);
	assert_non_null(strstr(text, "\"keys\":[\"66687aad\",\"00000001\"]"));
	assert_int_equal(pp_state_decode(text, length, &back, why), 0);
	assert_int_equal(back.key_count, 2);
	assert_string_equal(back.keys[1], "00000001");
	free(text);
	s.key_count = 0; /* an agent of before says nothing */
	assert_int_equal(pp_state_encode(&s, &text, &length), 0);
	assert_null(strstr(text, "keys"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_state_names_the_keys_that_the_post_trusts),
		cmocka_unit_test(the_golden_state_comes_out_byte_for_byte),
		cmocka_unit_test(the_golden_beat_comes_out_byte_for_byte),
		cmocka_unit_test(a_drill_is_told_where_it_is_plainly_true),
		cmocka_unit_test(the_golden_receipts_come_out_byte_for_byte),
		cmocka_unit_test(a_state_too_full_drops_its_details_and_is_still_sent),
		cmocka_unit_test(a_full_beat_fits_and_an_empty_one_is_short),
		cmocka_unit_test(a_state_with_anything_missing_or_wrong_is_refused_by_name),
		cmocka_unit_test(more_points_than_a_post_has_are_refused),
		cmocka_unit_test(foreign_words_of_a_state_become_unknown),
		cmocka_unit_test(a_beat_with_anything_missing_or_wrong_is_refused_by_name),
		cmocka_unit_test(an_unknown_step_is_told_as_unknown),
		cmocka_unit_test(a_result_of_a_later_version_is_no_receipt),
		cmocka_unit_test(receipts_with_anything_wrong_are_refused_whole),
		cmocka_unit_test(too_many_receipts_are_not_put_into_one_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
