/* SPDX-License-Identifier: Apache-2.0 */
/* parcel_test.c -- a signal is numbered and signed once, and a changed byte shows. */
#include "outbox_rig.h"

static struct pp_mint mint_new(void)
{
	struct pp_mint m = { .epoch = 0xabcdef, .boot = 4, .key = key };

	memcpy(m.topic, TOPIC, sizeof(TOPIC));
	return m;
}

static void numbers_have_no_gaps_and_signatures_hold(void **state)
{
	struct pp_mint m = mint_new();
	struct pp_key_list signers = { .count = 1 };

	(void)state;
	pp_key_public(key, signers.keys[0]);
	for (int64_t seq = 1; seq <= 3; seq++) {
		struct pp_draft draft = rig_draft((uint64_t)seq, PP_SIGNAL_ALARM);
		struct pp_parcel *parcel;
		struct pp_signal signal;

		assert_int_equal(pp_mint_make(&m, &draft, &parcel), 0);
		assert_int_equal(parcel->seq, seq);
		assert_true(parcel->alarm);
		assert_int_equal(pp_parcel_check(parcel, &signers, &signal), 0);
		assert_int_equal(signal.boot, 4);
		assert_int_equal(signal.mono_ms, 1000 + seq);
		parcel->payload[3] ^= 1;
		assert_int_equal(pp_parcel_check(parcel, &signers, NULL), -EBADMSG);
		parcel->payload[3] ^= 1;
		parcel->seq++;
		assert_int_equal(pp_parcel_check(parcel, &signers, NULL), -EBADMSG);
		pp_parcel_free(parcel);
	}
}

static void a_cause_is_found_by_ticket_and_holds_in_its_epoch_only(void **state)
{
	static const struct {
		uint64_t cause_ticket, cause_epoch;
		int64_t cause, want;
	} rows[] = { { 1, 0, 0, 1 }, { 1, 0xabcdef, 1, 1 }, { 9, 0, 0, 0 }, { 9, 0x999, 5, 0 },
		{ 1, 0x999, 5, 1 } };
	struct pp_mint m = mint_new();
	struct pp_draft draft = rig_draft(1, PP_SIGNAL_ALARM);
	struct pp_parcel *parcel;
	struct pp_key_list signers = { .count = 1 };

	(void)state;
	pp_key_public(key, signers.keys[0]);
	assert_int_equal(pp_mint_make(&m, &draft, &parcel), 0);
	pp_parcel_free(parcel);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_signal signal;

		draft = rig_draft(10 + i, PP_SIGNAL_RESTORE);
		draft.cause_ticket = rows[i].cause_ticket;
		draft.cause_epoch = rows[i].cause_epoch;
		draft.signal.cause = rows[i].cause;
		assert_int_equal(pp_mint_make(&m, &draft, &parcel), 0);
		assert_int_equal(pp_parcel_check(parcel, &signers, &signal), 0);
		if (signal.cause != rows[i].want)
			fail_msg("row %zu: got %d, want %d", i, (int)signal.cause,
				(int)rows[i].want);
		pp_parcel_free(parcel);
	}
}

static void too_long_a_payload_is_refused(void **state)
{
	static char payload[PP_PAYLOAD_MAX + 1];
	uint8_t signature[PP_SIGNATURE_SIZE] = { 0 };
	struct pp_parcel *parcel;

	(void)state;
	assert_int_equal(
		pp_parcel_new(TOPIC, payload, sizeof(payload), signature, &parcel), -EMSGSIZE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_begin, rig_end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_have_no_gaps_and_signatures_hold),
		TEST(a_cause_is_found_by_ticket_and_holds_in_its_epoch_only),
		TEST(too_long_a_payload_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
