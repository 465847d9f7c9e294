/* SPDX-License-Identifier: Apache-2.0 */
/* sender_test.c -- the sending rules, step by step in made-up time. */
#include "memory_fails.h"
#include "parcel_rig.h"

#include "uplink/sender.h"

static struct pp_sender *s;
static uint64_t now;

static int begin(void **state)
{
	(void)state;
	now = 1000 * SECOND;
	return pp_sender_new(now, &s);
}

static int end(void **state)
{
	(void)state;
	s = pp_sender_free(s);
	return 0;
}

static void add(int64_t seq, bool alarm)
{
	assert_int_equal(pp_sender_add(s, rig_parcel(seq, alarm), now), 0);
}

static struct pp_send next(void)
{
	struct pp_send send;

	pp_sender_next(s, now, &send);
	return send;
}

static void connect(void)
{
	assert_int_equal(next().type, PP_SEND_CONNECT);
	assert_int_equal(next().type, PP_SEND_NOTHING);
	pp_sender_connected(s, now);
}

/* Takes everything that is published now; how many, their tokens kept. */
static uint64_t tokens[64];
static size_t publish_all(void)
{
	size_t count = 0;
	struct pp_send send;

	while (pp_sender_next(s, now, &send)) {
		assert_int_equal(send.type, PP_SEND_PUBLISH);
		tokens[count++] = send.token;
	}
	return count;
}

static void puback_all(size_t count)
{
	for (size_t i = 0; i < count; i++)
		pp_sender_published(s, tokens[i], 0, now);
}

static void put(enum pp_loose which)
{
	static const char *const topics[] = { "state", "answer", "sample" };

	pp_sender_put(s, which, topics[which], strdup("{}"), 2, NULL);
}

static void alarms_go_first_then_the_state_then_the_rest_and_samples_last(void **state)
{
	static const char *const want[] = { "signal", "state", "answer", "signal", "sample" };

	(void)state;
	connect();
	put(PP_LOOSE_SAMPLE);
	put(PP_LOOSE_ANSWER);
	add(1, false);
	put(PP_LOOSE_STATE);
	add(2, true);
	for (size_t i = 0; i < PP_COUNT(want); i++) {
		struct pp_send send = next();

		assert_int_equal(send.type, PP_SEND_PUBLISH);
		if (!strstr(send.topic, want[i]))
			fail_msg("%zu: got %s, want %s", i, send.topic, want[i]);
		pp_sender_published(s, send.token, 0, now);
	}
}

static void the_state_that_dates_a_new_epoch_goes_before_its_alarms_once(void **state)
{
	(void)state;
	connect();
	add(1, true);
	put(PP_LOOSE_STATE);
	pp_sender_state_first(s, true);
	assert_string_equal(next().topic, "state");
	assert_int_equal(next().type, PP_SEND_PUBLISH); /* and does not wait for its PUBACK */
	put(PP_LOOSE_STATE);
	add(2, true);
	assert_non_null(strstr(next().topic, "signal"));
}

static void at_most_eight_fly_and_an_alarm_always_finds_room_among_others(void **state)
{
	(void)state;
	connect();
	for (int64_t seq = 1; seq <= 20; seq++)
		add(seq, false);
	put(PP_LOOSE_SAMPLE);
	assert_int_equal(publish_all(), 6);
	add(21, true);
	assert_int_equal(publish_all(), 1);
	add(22, true);
	assert_int_equal(publish_all(), 0);
	put(PP_LOOSE_STATE);
	assert_int_equal(publish_all(), 1);
	put(PP_LOOSE_STATE); /* the one before has no PUBACK yet */
	assert_int_equal(publish_all(), 0);
}

static void there_is_no_second_copy_before_the_puback_and_one_ten_seconds_after_it(void **state)
{
	(void)state;
	connect();
	add(1, true);
	assert_int_equal(publish_all(), 1);
	now += 9 * SECOND;
	assert_int_equal(publish_all(), 0);
	puback_all(1);
	now += 10 * SECOND - 1;
	pp_sender_inbound(s, now);
	assert_int_equal(publish_all(), 0);
	now++;
	assert_int_equal(publish_all(), 1);
	puback_all(1);
	assert_int_equal(pp_sender_recorded(s, EPOCH, 1), 0);
	assert_int_equal(pp_sender_recorded(s, EPOCH, 1), -ENOENT);
	now += 60 * SECOND;
	assert_int_equal(publish_all(), 0);
}

static void every_reconnect_sends_again_in_order_and_a_puback_means_nothing(void **state)
{
	(void)state;
	connect();
	for (int64_t seq = 1; seq <= 3; seq++)
		add(seq, true);
	publish_all();
	pp_sender_published(s, tokens[1], 0, now);
	pp_sender_lost(s, now, 0);
	assert_int_equal(next().type, PP_SEND_NOTHING);
	now += 5 * SECOND;
	connect();
	assert_int_equal(publish_all(), 3);
	assert_int_equal(pp_sender_depth(s), 3);
	assert_int_equal(pp_sender_oldest(s, EPOCH), 1);
}

static void silence_with_something_waiting_drops_the_connection(void **state)
{
	static const struct {
		uint64_t wait_ms;
		enum pp_send_type want;
	} steps[] = { { 0, PP_SEND_PUBLISH }, { 10999, PP_SEND_NOTHING }, { 1, PP_SEND_DROP },
		{ 0, PP_SEND_NOTHING } };

	(void)state;
	connect();
	now += 100 * SECOND;
	assert_int_equal(
		next().type, PP_SEND_NOTHING); /* idle silence is the keepalive's business */
	add(1, true);
	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		struct pp_send send;

		now += steps[i].wait_ms * 1000;
		send = next();
		if (send.type != steps[i].want)
			fail_msg(
				"step %zu: got %d, want %d", i, (int)send.type, (int)steps[i].want);
	}
}

static void a_link_that_dies_after_the_puback_is_dropped_as_soon(void **state)
{
	(void)state;
	connect();
	add(1, true);
	publish_all();
	now += SECOND / 10;
	puback_all(1);
	now += 10 * SECOND;
	assert_int_equal(publish_all(), 1); /* again; no PUBACK this time */
	assert_int_equal(pp_sender_deadline(s), now + SECOND);
	now += SECOND;
	assert_int_equal(next().type, PP_SEND_DROP);
}

static void a_broker_without_a_server_behind_it_is_not_dropped(void **state)
{
	(void)state;
	connect();
	add(1, true);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(publish_all(), 1);
		now += SECOND / 10;
		puback_all(1);
		now += 10 * SECOND;
	}
}

static void a_puback_that_never_comes_drops_a_link_that_lives(void **state)
{
	(void)state;
	connect();
	add(1, true);
	publish_all();
	for (int i = 0; i < 10; i++) {
		now += SECOND;
		pp_sender_inbound(s, now);
		assert_int_equal(next().type, PP_SEND_NOTHING);
	}
	now += SECOND;
	assert_int_equal(next().type, PP_SEND_DROP);
}

static void the_back_off_is_short_while_something_is_unreceipted(void **state)
{
	uint64_t longest = 0;

	(void)state;
	add(1, true);
	assert_int_equal(next().type, PP_SEND_CONNECT);
	for (int i = 0; i < 10; i++) {
		pp_sender_lost(s, now, UINT32_MAX);
		uint64_t wait = pp_sender_deadline(s) - now;
		longest = wait > longest ? wait : longest;
		assert_true(wait >= SECOND / 4 && wait <= 5 * SECOND);
		now += wait;
		assert_int_equal(next().type, PP_SEND_CONNECT);
	}
	assert_true(longest > 4 * SECOND);
}

static void an_idle_back_off_grows_to_a_minute_and_ends_with_a_press(void **state)
{
	(void)state;
	assert_int_equal(next().type, PP_SEND_CONNECT);
	for (int i = 0; i < 12; i++) {
		pp_sender_lost(s, now, UINT32_MAX);
		now = pp_sender_deadline(s);
		assert_int_equal(next().type, PP_SEND_CONNECT);
	}
	pp_sender_lost(s, now, UINT32_MAX);
	assert_true(pp_sender_deadline(s) - now > 50 * SECOND);
	assert_true(pp_sender_deadline(s) - now <= 60 * SECOND);
	assert_int_equal(next().type, PP_SEND_NOTHING);
	add(1, true);
	assert_int_equal(next().type, PP_SEND_CONNECT);
}

static void a_refused_alarm_is_offered_again_every_ten_minutes(void **state)
{
	(void)state;
	connect();
	add(1, true);
	publish_all();
	puback_all(1);
	assert_int_equal(pp_sender_refused(s, EPOCH, 1, now), 0);
	assert_true(pp_sender_holds(s, EPOCH, 1));
	now += 599 * SECOND;
	assert_int_equal(publish_all(), 0);
	assert_int_equal(pp_sender_deadline(s), now + SECOND);
	now += SECOND;
	assert_int_equal(publish_all(), 1);
}

static void a_long_outbox_goes_in_windows_but_a_new_alarm_never_waits(void **state)
{
	size_t sent = 0, count;

	(void)state;
	connect();
	for (int64_t seq = 1; seq <= 200; seq++)
		add(seq, false);
	while ((count = publish_all())) {
		puback_all(count);
		sent += count;
	}
	assert_in_range(sent, 64, 72); /* the server says nothing */
	add(201, true);
	assert_int_equal(publish_all(), 1);
	puback_all(1);
	for (int64_t seq = 1; seq <= 64; seq++)
		pp_sender_recorded(s, EPOCH, seq);
	assert_true(publish_all() > 0);
}

static void states_and_samples_do_not_outlive_the_connection(void **state)
{
	(void)state;
	connect();
	put(PP_LOOSE_STATE);
	put(PP_LOOSE_SAMPLE);
	pp_sender_lost(s, now, 0);
	now += 60 * SECOND;
	connect();
	assert_int_equal(publish_all(), 0);
}

static void what_the_server_says_it_has_is_sent_again_once_for_its_receipt(void **state)
{
	(void)state;
	for (int64_t seq = 1; seq <= 5; seq++)
		add(seq, true);
	connect();
	puback_all(publish_all());
	assert_int_equal(publish_all(), 0);
	pp_sender_again(s, EPOCH + 1, 5, now);
	assert_int_equal(publish_all(), 0);
	pp_sender_again(s, EPOCH, 3, now);
	assert_int_equal(publish_all(), 3);
	pp_sender_again(s, EPOCH, 3, now); /* no PUBACK yet: not a second copy */
	assert_int_equal(publish_all(), 0);
	assert_int_equal(pp_sender_oldest(s, EPOCH), 1);
}

static void what_a_server_that_answers_has_not_recorded_is_sent_again_at_once(void **state)
{
	uint64_t asked_us;

	(void)state;
	connect();
	add(1, true);
	add(2, false);
	puback_all(publish_all());
	now += SECOND;
	add(3, true);
	assert_int_equal(publish_all(), 1); /* no PUBACK before the server is asked */
	asked_us = now;
	now += SECOND;
	puback_all(1);
	add(4, true);
	puback_all(publish_all());
	pp_sender_unheard(s, asked_us - 2 * SECOND, now); /* asked before all of them */
	assert_int_equal(publish_all(), 0);
	pp_sender_unheard(s, asked_us, now);
	assert_int_equal(publish_all(), 2);
	pp_sender_unheard(s, now, now); /* no PUBACK yet: not a second copy; but 3 and 4 */
	puback_all(publish_all());
	pp_sender_unheard(s, now, now);
	assert_int_equal(publish_all(), 0);
	assert_int_equal(pp_sender_oldest(s, EPOCH), 1);
}

static void a_server_that_drops_what_it_gets_is_not_sent_more_of_it_with_every_beat(void **state)
{
	static const struct {
		uint64_t wait_us;
		size_t want;
	} steps[] = { { 1, 3 }, { SECOND, 0 }, { 3 * SECOND, 0 }, { 6 * SECOND, 3 },
		{ SECOND, 0 } };

	(void)state;
	connect();
	for (int64_t seq = 1; seq <= 3; seq++)
		add(seq, seq != 2);
	puback_all(publish_all());
	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		size_t got;

		now += steps[i].wait_us;
		pp_sender_inbound(s, now);
		pp_sender_unheard(s, now, now);
		got = publish_all();
		if (got != steps[i].want)
			fail_msg("step %zu: got %zu, want %zu", i, got, steps[i].want);
		puback_all(got);
	}
}

static void what_was_refused_is_not_hurried(void **state)
{
	(void)state;
	connect();
	add(1, true);
	puback_all(publish_all());
	assert_int_equal(pp_sender_refused(s, EPOCH, 1, now), 0);
	pp_sender_unheard(s, now, now);
	assert_int_equal(publish_all(), 0);
}

static void without_memory_there_is_no_sender(void **state)
{
	struct pp_sender *other = NULL;

	(void)state;
	for (unsigned long nth = 1; nth <= 2; nth++) {
		memory_fail(nth);
		assert_int_equal(pp_sender_new(now, &other), -ENOMEM);
		assert_true(memory_has_failed());
	}
	assert_null(pp_sender_free(NULL));
}

static void a_receipt_for_what_is_not_here_is_nobodys(void **state)
{
	(void)state;
	assert_int_equal(pp_sender_recorded(s, EPOCH, 7), -ENOENT);
	assert_int_equal(pp_sender_refused(s, EPOCH, 7, now), -ENOENT);
}

static void a_state_that_flies_is_not_doubled_and_has_its_signature(void **state)
{
	const uint8_t signature[PP_SIGNATURE_SIZE] = { 1, 2, 3 };
	struct pp_send send;

	(void)state;
	connect();
	pp_sender_put(s, PP_LOOSE_STATE, "state", strdup("{}"), 2, signature);
	send = next();
	assert_int_equal(send.type, PP_SEND_PUBLISH);
	assert_memory_equal(send.signature, signature, sizeof(signature));
	put(PP_LOOSE_STATE);
	put(PP_LOOSE_ANSWER);
	put(PP_LOOSE_SAMPLE);
	assert_int_equal(publish_all(), 1); /* the second state waits for the first one's PUBACK */
	put(PP_LOOSE_ANSWER);
	put(PP_LOOSE_SAMPLE);
	assert_int_equal(publish_all(), 0);
	pp_sender_published(s, send.token, -1, now);
	assert_int_equal(publish_all(), 1);
}

static void it_wakes_when_the_earliest_of_its_times_comes(void **state)
{
	(void)state;
	connect();
	assert_true(pp_sender_deadline(s) == UINT64_MAX);
	add(1, false);
	puback_all(publish_all());
	assert_int_equal(pp_sender_deadline(s), now + 10 * SECOND);
	now += 3 * SECOND;
	pp_sender_inbound(s, now);
	add(2, true);
	puback_all(publish_all());
	assert_int_equal(pp_sender_deadline(s), now + 7 * SECOND);
	assert_int_equal(pp_sender_refused(s, EPOCH, 2, now), 0);
	pp_sender_lost(s, now, 0);
	assert_true(pp_sender_deadline(s) <= now + 5 * SECOND);
	while (next().type != PP_SEND_CONNECT)
		now = pp_sender_deadline(s);
	assert_true(pp_sender_deadline(s) > now + 500 * SECOND); /* the refused one alone */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(alarms_go_first_then_the_state_then_the_rest_and_samples_last),
		TEST(the_state_that_dates_a_new_epoch_goes_before_its_alarms_once),
		TEST(at_most_eight_fly_and_an_alarm_always_finds_room_among_others),
		TEST(there_is_no_second_copy_before_the_puback_and_one_ten_seconds_after_it),
		TEST(every_reconnect_sends_again_in_order_and_a_puback_means_nothing),
		TEST(silence_with_something_waiting_drops_the_connection),
		TEST(a_link_that_dies_after_the_puback_is_dropped_as_soon),
		TEST(a_broker_without_a_server_behind_it_is_not_dropped),
		TEST(a_puback_that_never_comes_drops_a_link_that_lives),
		TEST(the_back_off_is_short_while_something_is_unreceipted),
		TEST(an_idle_back_off_grows_to_a_minute_and_ends_with_a_press),
		TEST(a_refused_alarm_is_offered_again_every_ten_minutes),
		TEST(a_long_outbox_goes_in_windows_but_a_new_alarm_never_waits),
		TEST(states_and_samples_do_not_outlive_the_connection),
		TEST(what_the_server_says_it_has_is_sent_again_once_for_its_receipt),
		TEST(what_a_server_that_answers_has_not_recorded_is_sent_again_at_once),
		TEST(a_server_that_drops_what_it_gets_is_not_sent_more_of_it_with_every_beat),
		TEST(what_was_refused_is_not_hurried),
		TEST(without_memory_there_is_no_sender),
		TEST(a_receipt_for_what_is_not_here_is_nobodys),
		TEST(a_state_that_flies_is_not_doubled_and_has_its_signature),
		TEST(it_wakes_when_the_earliest_of_its_times_comes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
