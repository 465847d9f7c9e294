/* SPDX-License-Identifier: Apache-2.0 */
/* second_test.c -- what goes out by text message, when, and how often; in made-up time; and which
 * texts that come in are looked at. */
#include "parcel_rig.h"

#include "memory_fails.h"
#include "uplink/second.h"

#include <errno.h>

static struct pp_sender *sender;
static struct pp_second second;
static uint64_t now;

static int begin(void **state)
{
	(void)state;
	now = 1000 * SECOND;
	second = (struct pp_second){ .after_us = 30 * SECOND };
	assert_int_equal(pp_sender_new(now, &sender), 0);
	assert_null(pp_second_next(&second, sender, now)); /* as the daemon's first turn */
	return 0;
}

static int end(void **state)
{
	(void)state;
	sender = pp_sender_free(sender);
	return 0;
}

static void add(int64_t seq, bool alarm)
{
	assert_int_equal(pp_sender_add(sender, rig_parcel(seq, alarm), now), 0);
	pp_second_stir(&second, now);
}

/* The number that is sent now; 0: none. */
static int64_t next(void)
{
	const struct pp_parcel *parcel = pp_second_next(&second, sender, now);

	return parcel ? parcel->seq : 0;
}

static void done(int error)
{
	pp_second_done(&second, sender, error, now);
}

/* To the next deadline. */
static void wait_for_it(void)
{
	assert_true(pp_second_deadline(&second) < UINT64_MAX);
	if (pp_second_deadline(&second) > now)
		now = pp_second_deadline(&second);
}

static void an_alarm_without_receipt_goes_out_after_its_time(void **state)
{
	(void)state;
	assert_int_equal(next(), 0);
	assert_true(pp_second_deadline(&second) == UINT64_MAX);
	add(1, true);
	now += 30 * SECOND - 1;
	assert_int_equal(next(), 0);
	now += 1;
	assert_true(pp_second_deadline(&second) <= now);
	assert_int_equal(next(), 1);
	assert_int_equal(next(), 0); /* one at a time */
	assert_true(pp_second_deadline(&second) == UINT64_MAX);
}

static void what_is_receipted_or_no_alarm_or_refused_does_not(void **state)
{
	(void)state;
	add(1, true);
	add(2, false);
	add(3, true);
	assert_int_equal(pp_sender_recorded(sender, EPOCH, 1), 0);
	assert_int_equal(pp_sender_refused(sender, EPOCH, 3, now), 0);
	now += 3600 * (uint64_t)SECOND;
	assert_int_equal(next(), 0);
	assert_true(pp_second_deadline(&second) == UINT64_MAX);
}

static void the_oldest_goes_first_whatever_the_connection_does_with_it(void **state)
{
	struct pp_send send;

	(void)state;
	add(1, true);
	add(2, true);
	while (pp_sender_next(sender, now, &send))
		if (send.type == PP_SEND_CONNECT)
			pp_sender_connected(sender, now);
	now += 30 * SECOND;
	assert_int_equal(next(), 1);
	done(0);
	assert_int_equal(next(), 2);
	done(0);
	assert_int_equal(next(), 0);
}

static void it_is_told_three_times_ten_minutes_apart(void **state)
{
	(void)state;
	add(1, true);
	for (int i = 0; i < PP_SECOND_TIMES; i++) {
		uint64_t before = now;

		wait_for_it();
		assert_true(now - before == (i ? PP_SECOND_AGAIN_US : 30 * SECOND));
		assert_int_equal(next(), 1);
		done(0);
		assert_int_equal(next(), 0);
	}
	assert_true(pp_second_deadline(&second) == UINT64_MAX);
}

static void a_failure_is_tried_again_ever_more_slowly_and_a_new_alarm_hastens_it(void **state)
{
	uint64_t pause = PP_SECOND_RETRY_FIRST_US;

	(void)state;
	add(1, true);
	now += 30 * SECOND;
	for (int i = 0; i < 8; i++) {
		uint64_t before;

		assert_int_equal(next(), 1);
		done(-ENOTCONN);
		before = now;
		wait_for_it();
		assert_true(now - before == pause);
		pause = 2 * pause < PP_SECOND_RETRY_LAST_US ? 2 * pause : PP_SECOND_RETRY_LAST_US;
	}
	assert_int_equal(next(), 1);
	done(-ETIMEDOUT);
	add(2, true);
	assert_true(pp_second_deadline(&second) == now + 30 * SECOND);
}

static void what_cannot_be_told_that_way_holds_up_nobody(void **state)
{
	(void)state;
	add(1, true);
	add(2, true);
	now += 30 * SECOND;
	assert_int_equal(next(), 1);
	done(-EMSGSIZE);
	assert_int_equal(next(), 2);
	done(0);
	assert_int_equal(next(), 0);
	wait_for_it();
	assert_int_equal(next(), 2); /* and never 1 again */
}

static void twenty_in_an_hour_and_the_rest_in_the_next(void **state)
{
	uint64_t began;

	(void)state;
	for (int i = 1; i <= PP_SECOND_HOUR_MAX + 2; i++)
		add(i, true);
	now += 30 * SECOND;
	began = now;
	for (int i = 1; i <= PP_SECOND_HOUR_MAX; i++) {
		assert_int_equal(next(), i);
		done(0);
	}
	assert_int_equal(next(), 0);
	wait_for_it();
	assert_true(now - began == UINT64_C(3600000000));
	/* (Those told ten minutes ago are due again as well: the oldest first.) */
	assert_int_equal(next(), 1);
}

static void failures_do_not_use_up_the_hour(void **state)
{
	(void)state;
	add(1, true);
	now += 30 * SECOND;
	for (int i = 0; i < 3 * PP_SECOND_HOUR_MAX; i++) {
		assert_int_equal(next(), 1);
		done(-EREMOTEIO);
		second.look_us = now; /* impatient */
	}
	assert_int_equal(next(), 1);
}

static void a_receipt_while_it_is_under_way_is_the_end_of_it(void **state)
{
	(void)state;
	add(1, true);
	now += 30 * SECOND;
	assert_int_equal(next(), 1);
	assert_int_equal(pp_sender_recorded(sender, EPOCH, 1), 0);
	done(0);
	assert_int_equal(next(), 0);
	assert_true(pp_second_deadline(&second) == UINT64_MAX);
}

/* What the server would text of this, with a signature that nobody checks here. */
static void receipt_text(uint64_t epoch, int64_t seq, char text[PP_COMPACT_RECEIPT_MAX + 1])
{
	const struct pp_receipt receipt = { .epoch = epoch, .seq = seq };
	const uint8_t signature[PP_SIGNATURE_SIZE] = { 0 };
	size_t length;
	char *payload;

	assert_int_equal(pp_receipts_encode(&receipt, 1, &payload, &length), 0);
	assert_int_equal(pp_compact_receipt_write(payload, length, signature, text), 0);
	free(payload);
}

static void only_a_receipt_of_what_waits_for_one_is_looked_at(void **state)
{
	static const struct {
		const char *what;
		uint64_t epoch;
		int64_t seq;
		int want;
	} rows[] = {
		{ "an alarm that waits", EPOCH, 1, 0 },
		{ "one that was receipted", EPOCH, 2, -ENOENT },
		{ "one that the server has lost since", EPOCH, 3, -ESTALE },
		{ "what is no alarm, and waits", EPOCH, 4, 0 },
		{ "a number that was never given", EPOCH, 5, -ENOENT },
		{ "another epoch", EPOCH + 1, 1, -ENOENT },
	};
	static const char *const others[] = { "", "Tolong!", "PR1", "PR1AAAA", "PP1AAAA",
		"Sisa kuota Anda 1,2 GB. Beli lagi di *123#" };
	char text[PP_COMPACT_RECEIPT_MAX + 1];
	struct pp_compact_receipt c;
	struct pp_parcel *lost = rig_parcel(3, true);

	(void)state;
	add(1, true);
	add(2, true);
	assert_int_equal(pp_sender_recorded(sender, EPOCH, 2), 0);
	lost->again = true;
	assert_int_equal(pp_sender_add(sender, lost, now), 0);
	add(4, false);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		int r;

		receipt_text(rows[i].epoch, rows[i].seq, text);
		r = pp_second_read(sender, text, strlen(text), &c);
		if (r != rows[i].want)
			fail_msg("%s: %d", rows[i].what, r);
		if (r == 0) {
			assert_int_equal(c.receipt.seq, rows[i].seq);
			free(c.payload);
		}
	}
	for (size_t i = 0; i < PP_COUNT(others); i++)
		assert_int_equal(
			pp_second_read(sender, others[i], strlen(others[i]), &c), -EBADMSG);
	/* Reading has changed nothing: it is for the signature to say. */
	assert_true(pp_sender_holds(sender, EPOCH, 1));
}

static void a_receipt_that_memory_fails_is_not_called_wrong(void **state)
{
	char text[PP_COMPACT_RECEIPT_MAX + 1];
	struct pp_compact_receipt c;
	unsigned long failed = 0;
	int r = -1;

	(void)state;
	add(1, true);
	receipt_text(EPOCH, 1, text);
	for (unsigned long nth = 1; r != 0; nth++) {
		memory_fail(nth);
		r = pp_second_read(sender, text, strlen(text), &c);
		assert_int_equal(r, memory_has_failed() ? -ENOMEM : 0);
		failed += r != 0;
	}
	assert_true(failed > 0);
	free(c.payload);
}

#define TIMED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TIMED(an_alarm_without_receipt_goes_out_after_its_time),
		TIMED(what_is_receipted_or_no_alarm_or_refused_does_not),
		TIMED(the_oldest_goes_first_whatever_the_connection_does_with_it),
		TIMED(it_is_told_three_times_ten_minutes_apart),
		TIMED(a_failure_is_tried_again_ever_more_slowly_and_a_new_alarm_hastens_it),
		TIMED(what_cannot_be_told_that_way_holds_up_nobody),
		TIMED(twenty_in_an_hour_and_the_rest_in_the_next),
		TIMED(failures_do_not_use_up_the_hour),
		TIMED(only_a_receipt_of_what_waits_for_one_is_looked_at),
		TIMED(a_receipt_that_memory_fails_is_not_called_wrong),
		TIMED(a_receipt_while_it_is_under_way_is_the_end_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
