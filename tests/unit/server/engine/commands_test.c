/* SPDX-License-Identifier: Apache-2.0 */
/* commands_test.c -- orders through the desk: sent after COMMIT, again until answered, ended by
 * time. */
#include "commands.h"

#include "post.h"

#include "ledger/commands.h"

static void order(struct desk_fixture *f)
{
	static const struct pp_action action = { .type = PP_ACTION_ORDER,
		.tenant = "kendal",
		.actor = "user:siti",
		.post = "boja-01",
		.order = "sound",
		.class = "fire",
		.seconds = 30 };
	const struct pp_item *item;

	assert_int_equal(pp_desk_action(f->desk, &action, &item), 0);
	assert_int_equal(heard_on(f, "command"), 0);
	assert_int_equal(pp_desk_commit(f->desk, f->now), 1);
	assert_int_equal(item->out.action.error, 0);
	pp_desk_clear(f->desk);
}

static void tick(struct desk_fixture *f, int64_t seconds)
{
	for (int64_t i = 0; i < seconds; i++) {
		f->now.mono_ms += 1000;
		f->now.wall_ms += 1000;
		assert_int_equal(pp_desk_tick(f->desk, f->now), 0);
		assert_true(desk_turn(f) >= 0);
	}
}

static struct pp_command heard_command(const struct desk_fixture *f, size_t which)
{
	struct pp_command c = { 0 };

	for (size_t i = 0; i < f->count; i++)
		if (strstr(f->heard[i].topic, "/command") && which-- == 0)
			assert_int_equal(
				pp_command_decode(f->heard[i].text, f->heard[i].length, &c, NULL),
				0);
	assert_true(c.id);
	return c;
}

static void answer(struct desk_fixture *f, uint64_t id, const struct pp_key *key)
{
	const struct pp_reply reply = { .id = id, .result = PP_RESULT_DONE };
	struct sent s = { "boja-01", PP_CHANNEL_ANSWER, key, NULL, 0, false };
	char *text;

	assert_int_equal(pp_reply_encode(&reply, &text, &s.length), 0);
	s.text = text;
	post_sends(f, &s);
	free(text);
	assert_true(desk_turn(f) >= 0);
}

static int64_t events(struct desk_fixture *f, const char *kind)
{
	char sql[120];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM event WHERE kind = '%s'", kind);
	return pp_test_number(&f->record, sql);
}

static void begin(struct desk_fixture *f)
{
	post_lives(f, 17, 5000);
	assert_int_equal(desk_turn(f), 1);
	order(f);
}

static void an_order_is_sent_after_the_commit_and_again_until_it_is_answered(void **state)
{
	struct desk_fixture *f = *state;

	begin(f);
	assert_int_equal(heard_on(f, "command"), 1);
	tick(f, 4);
	assert_int_equal(heard_on(f, "command"), 1);
	tick(f, 1);
	assert_int_equal(heard_on(f, "command"), 2);
	assert_true(heard_command(f, 0).id == heard_command(f, 1).id);
	answer(f, heard_command(f, 0).id, f->post);
	assert_int_equal(events(f, "command.answered"), 1);
	tick(f, 20);
	assert_int_equal(heard_on(f, "command"), 2);
	answer(f, heard_command(f, 0).id, f->post);
	assert_int_equal(events(f, "command.answered"), 1);
	assert_int_equal(f->counts.replies, 1);
	assert_int_equal(f->counts.replies_unknown, 1);
	assert_int_equal(f->counts.commands_sent, 2);
}

static void an_answer_that_the_post_has_not_signed_changes_nothing(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_key *other;

	begin(f);
	other = post_enrol(f, "boja-02");
	answer(f, heard_command(f, 0).id, NULL);
	answer(f, heard_command(f, 0).id, other);
	assert_int_equal(events(f, "command.answered"), 0);
	assert_int_equal(f->counts.refused_signature, 2);
	pp_key_free(other);
}

static void an_order_without_answer_ends_with_its_time(void **state)
{
	struct desk_fixture *f = *state;

	begin(f);
	tick(f, PP_COMMAND_TTL_MS / 1000);
	assert_int_equal(heard_on(f, "command"), 12);
	assert_int_equal(events(f, "command.unanswered"), 0);
	tick(f, 10);
	assert_int_equal(heard_on(f, "command"), 12);
	assert_int_equal(events(f, "command.unanswered"), 1);
	assert_int_equal(f->counts.commands_unanswered, 1);
}

static void a_server_that_starts_again_goes_on_with_what_is_open(void **state)
{
	struct desk_fixture *f = *state;

	begin(f);
	tick(f, 20);
	f->count = 0;
	desk_open(f);
	tick(f, 1);
	assert_int_equal(heard_on(f, "command"), 1);
	tick(f, 50);
	assert_int_equal(events(f, "command.unanswered"), 1);
}

static void a_step_of_the_servers_clock_neither_ends_nor_prolongs_an_order(void **state)
{
	struct desk_fixture *f = *state;

	begin(f);
	f->now.wall_ms -= 7200000;
	tick(f, 10);
	assert_int_equal(heard_on(f, "command"), 3);
	tick(f, 60);
	assert_int_equal(events(f, "command.unanswered"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(an_order_is_sent_after_the_commit_and_again_until_it_is_answered),
		DESK_TEST(an_answer_that_the_post_has_not_signed_changes_nothing),
		DESK_TEST(an_order_without_answer_ends_with_its_time),
		DESK_TEST(a_server_that_starts_again_goes_on_with_what_is_open),
		DESK_TEST(a_step_of_the_servers_clock_neither_ends_nor_prolongs_an_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
