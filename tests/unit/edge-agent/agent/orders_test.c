/* SPDX-License-Identifier: Apache-2.0 */
/* orders_test.c -- each order once, in time, across restarts of the agent. */
#include "agent/orders.h"

#include "pospin_test.h"
#include "memory_fails.h"

#include <errno.h>

#define EPOCH 0x9f3c2a77d01b44e2u

static const struct pp_orders_now now = {
	.epoch = EPOCH, .boot = 17, .mono_us = 8000000000u, .can_sound = true
};

static struct pp_command sound_order(uint64_t id)
{
	return (struct pp_command){ .id = id,
		.epoch = EPOCH,
		.boot = 17,
		.until_ms = 8060000,
		.order = PP_ORDER_SOUND,
		.class = PP_CLASS_FIRE,
		.seconds = 30 };
}

static struct pp_orders_now later(uint64_t us)
{
	struct pp_orders_now then = now;

	then.mono_us += us;
	return then;
}

static struct pp_orders *made(void)
{
	struct pp_orders *o;

	assert_int_equal(pp_orders_new(&o), 0);
	return o;
}

static bool sounds(const struct pp_orders *o, uint64_t us)
{
	struct pp_view view = { 0 };

	pp_orders_view(o, now.mono_us + us, &view);
	return view.order.active;
}

static enum pp_orders_verdict take(struct pp_orders *o, struct pp_command c, struct pp_reply *r)
{
	return pp_orders_take(o, &c, &now, r);
}

static void an_order_to_sound_waits_for_the_disk_and_sounds_for_its_time(void **state)
{
	struct pp_orders *o = made();
	struct pp_orders_now then = later(100000);
	struct pp_view view = { 0 };
	struct pp_reply reply;

	(void)state;
	assert_int_equal(take(o, sound_order(1), &reply), PP_ORDERS_KEEP);
	assert_false(sounds(o, 0));
	assert_true(pp_orders_kept(o, true, &then, &reply));
	assert_int_equal(reply.id, 1);
	assert_int_equal(reply.result, PP_RESULT_DONE);
	assert_false(pp_orders_kept(o, true, &then, &reply));
	pp_orders_view(o, then.mono_us, &view);
	assert_int_equal(view.order.class, PP_CLASS_FIRE);
	assert_true(view.order.start_us == then.mono_us);
	assert_true(sounds(o, 30000000));
	assert_false(sounds(o, 30100000));
	pp_orders_free(o);
}

static void a_siren_of_a_neighbours_alarm_says_so(void **state)
{
	static const char *const of[] = { "", "boja-01" };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(of); i++) {
		struct pp_command c = sound_order(1);
		struct pp_orders *o = made();
		struct pp_view view = { 0 };
		struct pp_reply reply;

		memcpy(c.of, of[i], strlen(of[i]) + 1);
		assert_int_equal(take(o, c, &reply), PP_ORDERS_KEEP);
		assert_true(pp_orders_kept(o, true, &now, &reply));
		pp_orders_view(o, now.mono_us, &view);
		assert_int_equal(view.order.neighbour, i == 1);
		pp_orders_free(o);
	}
}

static void an_order_that_comes_again_is_only_answered_again(void **state)
{
	struct pp_orders *o = made();
	struct pp_reply reply;

	(void)state;
	assert_int_equal(take(o, sound_order(1), &reply), PP_ORDERS_KEEP);
	assert_int_equal(take(o, sound_order(1), &reply), PP_ORDERS_AGAIN);
	assert_int_equal(reply.id, 0); /* it still waits */
	assert_true(pp_orders_kept(o, true, &now, &reply));
	assert_int_equal(take(o,
				 (struct pp_command){ .id = 2,
					 .epoch = EPOCH,
					 .boot = 17,
					 .until_ms = 8060000,
					 .order = PP_ORDER_SILENCE },
				 &reply),
		PP_ORDERS_ANSWER);
	assert_false(sounds(o, 0));
	assert_int_equal(take(o, sound_order(1), &reply), PP_ORDERS_AGAIN);
	assert_int_equal(reply.result, PP_RESULT_DONE);
	assert_false(pp_orders_kept(o, true, &now, &reply));
	assert_false(sounds(o, 0));
	pp_orders_free(o);
}

static void an_order_of_another_time_does_nothing(void **state)
{
	struct pp_command rows[] = { sound_order(1), sound_order(2), sound_order(3), sound_order(4),
		sound_order(5) };
	struct pp_orders *o = made();
	struct pp_reply reply;

	(void)state;
	rows[0].epoch++;
	rows[1].boot = 16;
	rows[2].boot = 18;
	rows[3].until_ms = 7999999;
	rows[4].until_ms = 8000000 + PP_ORDERS_AHEAD_MS + 1;
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		assert_int_equal(take(o, rows[i], &reply), PP_ORDERS_EXPIRED);
	assert_int_equal(pp_orders_deadline(o), UINT64_MAX);
	pp_orders_free(o);
}

static void what_was_taken_before_a_restart_is_not_done_again(void **state)
{
	struct pp_orders *o = made(), *again = made();
	struct pp_orders_now other = now;
	struct pp_reply reply;
	char *text;

	(void)state;
	assert_int_equal(take(o, sound_order(0xabc), &reply), PP_ORDERS_KEEP);
	text = pp_orders_text(o);
	assert_non_null(text);
	pp_orders_load(again, text, &now);
	assert_int_equal(take(again, sound_order(0xabc), &reply), PP_ORDERS_AGAIN);
	assert_int_equal(reply.result, PP_RESULT_INTERRUPTED);
	assert_false(pp_orders_kept(again, true, &now, &reply));
	pp_orders_free(again);
	/* After a reboot it has expired, and need not be known. */
	again = made();
	other.boot++;
	pp_orders_load(again, text, &other);
	free(text);
	text = pp_orders_text(again);
	assert_non_null(text);
	assert_null(strstr(text, "abc"));
	pp_orders_free(again);
	pp_orders_free(o);
	free(text);
}

static void a_damaged_list_is_read_as_far_as_it_can_be(void **state)
{
	static const char text[] = "# orders taken: id epoch boot until\n"
				   "nonsense\n\n"
				   "0000000000000abc 9f3c2a77d01b44e2 17\n"
				   "0000000000000abd 9f3c2a77d01b44e2 17 8060000\n"
				   "0000000000000abd 9f3c2a77d01b44e2 17 8060000\n"
				   "0000000000000000 9f3c2a77d01b44e2 17 8060000\n"
				   "0000000000000abe 9f3c2a77d01b44e2 17 99999999999999999999\n"
				   "0000000000000abf 9f3c2a77d01b44e2 17 80";
	struct pp_orders *o = made();
	struct pp_reply reply;

	(void)state;
	pp_orders_load(o, text, &now);
	assert_int_equal(take(o, sound_order(0xabd), &reply), PP_ORDERS_AGAIN);
	assert_int_equal(take(o, sound_order(0xabc), &reply), PP_ORDERS_KEEP);
	assert_int_equal(take(o, sound_order(0xabe), &reply), PP_ORDERS_KEEP);
	pp_orders_free(o);
}

static void a_disk_that_hangs_delays_an_order_by_three_seconds(void **state)
{
	struct pp_orders *o = made();
	struct pp_orders_now soon = later(PP_ORDERS_WAIT_US - 1), then = later(PP_ORDERS_WAIT_US);
	struct pp_reply reply;

	(void)state;
	assert_int_equal(take(o, sound_order(1), &reply), PP_ORDERS_KEEP);
	assert_int_equal(pp_orders_deadline(o), then.mono_us);
	assert_false(pp_orders_kept(o, false, &soon, &reply));
	assert_true(pp_orders_kept(o, false, &then, &reply));
	assert_true(sounds(o, PP_ORDERS_WAIT_US));
	pp_orders_free(o);
}

/* A sound that was lost on its way comes again, also after the silence that followed it. */
static void a_silence_ends_what_was_ordered_before_it_and_comes_later(void **state)
{
	struct pp_orders *o = made();
	struct pp_command silence = sound_order(9), newer = sound_order(3);
	struct pp_reply reply;

	(void)state;
	silence.order = PP_ORDER_SILENCE;
	silence.until_ms++;
	newer.until_ms += 2;
	snprintf(newer.of, sizeof(newer.of), "boja-02");
	assert_int_equal(take(o, sound_order(1), &reply), PP_ORDERS_KEEP); /* for the disk */
	assert_int_equal(take(o, silence, &reply), PP_ORDERS_ANSWER);
	assert_true(pp_orders_kept(o, true, &now, &reply));
	assert_int_equal(reply.id, 1);
	assert_int_equal(reply.result, PP_RESULT_REFUSED);
	assert_int_equal(take(o, sound_order(2), &reply), PP_ORDERS_ANSWER);
	assert_int_equal(reply.result, PP_RESULT_REFUSED);
	assert_string_equal(reply.detail, "a later order has silenced it");
	assert_false(sounds(o, 0));
	assert_int_equal(take(o, newer, &reply), PP_ORDERS_KEEP);
	assert_true(pp_orders_kept(o, true, &now, &reply));
	assert_true(sounds(o, 0));
	pp_orders_free(o);
}

/* Its times are of that start. */
static void a_silence_of_another_epoch_or_boot_ends_nothing_that_comes_later(void **state)
{
	(void)state;
	for (int what = 0; what < 2; what++) {
		struct pp_orders *o = made();
		struct pp_command silence = sound_order(9);
		struct pp_orders_now before = now;
		struct pp_reply reply;

		before.epoch += what == 0;
		before.boot += what == 1;
		silence.order = PP_ORDER_SILENCE;
		silence.until_ms++;
		silence.epoch = before.epoch;
		silence.boot = before.boot;
		assert_int_equal(pp_orders_take(o, &silence, &before, &reply), PP_ORDERS_ANSWER);
		assert_int_equal(reply.result, PP_RESULT_DONE);
		assert_int_equal(take(o, sound_order(1), &reply), PP_ORDERS_KEEP);
		silence.id = 10;
		assert_int_equal(pp_orders_take(o, &silence, &before, &reply), PP_ORDERS_ANSWER);
		assert_true(pp_orders_kept(o, true, &now, &reply));
		assert_int_equal(reply.result, PP_RESULT_DONE);
		pp_orders_free(o);
	}
}

static void what_a_post_cannot_do_is_refused(void **state)
{
	struct pp_orders_now mute = now;
	struct pp_command c = sound_order(1);
	struct pp_orders *o = made();
	struct pp_reply reply;

	(void)state;
	mute.can_sound = false;
	assert_int_equal(pp_orders_take(o, &c, &mute, &reply), PP_ORDERS_ANSWER);
	assert_int_equal(reply.result, PP_RESULT_REFUSED);
	assert_string_equal(reply.detail, "this post has no siren for it");
	c = sound_order(2);
	c.order = PP_ORDER_UNKNOWN;
	assert_int_equal(take(o, c, &reply), PP_ORDERS_ANSWER);
	assert_int_equal(reply.result, PP_RESULT_REFUSED);
	pp_orders_free(o);
}

static void the_memory_of_orders_is_bounded_and_frees_itself(void **state)
{
	struct pp_orders *o = made();
	struct pp_orders_now then = later(61000000);
	struct pp_command c = sound_order(1000);
	struct pp_reply reply;

	(void)state;
	for (uint64_t id = 1; id <= PP_ORDERS_MAX; id++)
		assert_int_equal(take(o, sound_order(id), &reply), PP_ORDERS_KEEP);
	assert_int_equal(take(o, c, &reply), PP_ORDERS_FULL);
	c.until_ms += 61000;
	assert_int_equal(pp_orders_take(o, &c, &then, &reply), PP_ORDERS_KEEP);
	pp_orders_free(o);
}

static void without_memory_there_are_no_orders_and_no_list(void **state)
{
	struct pp_orders *o = NULL;
	char *text;

	(void)state;
	memory_fail(1);
	assert_int_equal(pp_orders_new(&o), -ENOMEM);
	assert_true(memory_has_failed());
	assert_null(o);
	o = made();
	memory_fail(1);
	text = pp_orders_text(o);
	assert_true(memory_has_failed());
	assert_null(text);
	pp_orders_free(o);
}

static void lines_of_a_list_that_are_none_are_passed_over(void **state)
{
	static const char *const lines[] = { "\n", "0000000000000001\n",
		"0000000000000000 9f3c2a77d01b44e2 17 8060000\n",
		"0000000000000001 9f3c2a77d01b44e2 0 8060000\n",
		"0000000000000001 9f3c2a77d01b44e2 17 -1\n",
		"x000000000000001 9f3c2a77d01b44e2 17 8060000\n",
		"00000000000000000000000000000001 9f3c2a77d01b44e2 17 8060000\n",
		"0000000000000001  9f3c2a77d01b44e2 17 8060000\n",
		"0000000000000001 9f3c2a77d01b44e2 17 8060000 and much more than any line of ours"
		" would ever have behind its last word\n" };
	struct pp_reply reply;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(lines); i++) {
		struct pp_orders *o = made();

		pp_orders_load(o, lines[i], &now);
		if (take(o, sound_order(1), &reply) != PP_ORDERS_KEEP)
			fail_msg("taken: %s", lines[i]);
		pp_orders_free(o);
	}
}

static void a_list_with_orders_twice_or_with_too_many_is_read_in_bounds(void **state)
{
	struct pp_orders *o = made();
	char text[200 * 60] = "";
	struct pp_reply reply;

	(void)state;
	for (unsigned i = 0; i < 200; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			"%016x 9f3c2a77d01b44e2 17 8060000\n", i / 2 + 1);
	pp_orders_load(o, text, &now);
	assert_int_equal(take(o, sound_order(1), &reply), PP_ORDERS_AGAIN);
	assert_int_equal(reply.result, PP_RESULT_INTERRUPTED);
	assert_int_equal(take(o, sound_order(64), &reply), PP_ORDERS_AGAIN);
	assert_int_equal(take(o, sound_order(65), &reply), PP_ORDERS_FULL);
	pp_orders_free(o);
}

static void the_list_holds_orders_to_sound_and_one_that_waited_too_long_is_refused(void **state)
{
	struct pp_orders *o = made();
	struct pp_command silence = sound_order(9), urgent = sound_order(10);
	struct pp_orders_now then = later(120000000u);
	struct pp_reply reply;
	char *text;

	(void)state;
	silence.order = PP_ORDER_SILENCE;
	(void)take(o, silence, &reply);
	assert_int_equal(take(o, sound_order(1), &reply), PP_ORDERS_KEEP);
	assert_int_equal(
		pp_orders_take(o, &urgent,
			&(struct pp_orders_now){ EPOCH, 17, now.mono_us + 1000000u, true }, &reply),
		PP_ORDERS_KEEP);
	assert_int_equal(pp_orders_deadline(o), now.mono_us + 3000000u);
	text = pp_orders_text(o);
	assert_non_null(strstr(text, "0000000000000001 "));
	assert_null(strstr(text, "0000000000000009 "));
	free(text);
	assert_true(pp_orders_kept(o, true, &then, &reply));
	assert_int_equal(reply.result, PP_RESULT_REFUSED);
	assert_true(pp_orders_kept(o, true, &then, &reply));
	assert_false(pp_orders_kept(o, true, &then, &reply));
	pp_orders_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_order_to_sound_waits_for_the_disk_and_sounds_for_its_time),
		cmocka_unit_test(a_siren_of_a_neighbours_alarm_says_so),
		cmocka_unit_test(an_order_that_comes_again_is_only_answered_again),
		cmocka_unit_test(an_order_of_another_time_does_nothing),
		cmocka_unit_test(what_was_taken_before_a_restart_is_not_done_again),
		cmocka_unit_test(a_damaged_list_is_read_as_far_as_it_can_be),
		cmocka_unit_test(a_disk_that_hangs_delays_an_order_by_three_seconds),
		cmocka_unit_test(a_silence_ends_what_was_ordered_before_it_and_comes_later),
		cmocka_unit_test(a_silence_of_another_epoch_or_boot_ends_nothing_that_comes_later),
		cmocka_unit_test(what_a_post_cannot_do_is_refused),
		cmocka_unit_test(the_memory_of_orders_is_bounded_and_frees_itself),
		cmocka_unit_test(without_memory_there_are_no_orders_and_no_list),
		cmocka_unit_test(lines_of_a_list_that_are_none_are_passed_over),
		cmocka_unit_test(a_list_with_orders_twice_or_with_too_many_is_read_in_bounds),
		cmocka_unit_test(
			the_list_holds_orders_to_sound_and_one_that_waited_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
