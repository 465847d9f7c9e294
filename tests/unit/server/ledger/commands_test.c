/* SPDX-License-Identifier: Apache-2.0 */
/* commands_test.c -- who may order what, and what the timeline says of it. */
#include "fixture.h"

#include <errno.h>

#include "ledger/commands.h"
#include "plan_put.h"
#include "store/commands.h"

#define STATE_AT (PP_TEST_NOW + 1000) /* actions of the fixture come at + 5000 */

static void hear(struct pp_test_record *r)
{
	state_apply(r, state_item(17, 100000, STATE_AT));
}

static struct pp_item order(
	struct pp_test_record *r, const char *word, const char *class, int64_t seconds)
{
	return action_apply(r, (struct pp_action){ .type = PP_ACTION_ORDER,
				       .post = "boja-01",
				       .order = word,
				       .class = class,
				       .seconds = seconds });
}

static struct pp_command sent(struct pp_test_record *r)
{
	struct pp_command_row row;
	struct pp_command c;
	char *payload;

	assert_int_equal(pp_store_command_next(pp_ledger_db(r->ledger), 0, &row, &payload), 1);
	assert_int_equal(pp_command_decode(payload, strlen(payload), &c, NULL), 0);
	free(payload);
	return c;
}

static struct pp_item reply(struct pp_test_record *r, const char *post, uint64_t id)
{
	struct pp_item *item = pp_item_new(PP_ITEM_REPLY), answers;

	snprintf(item->tenant, sizeof(item->tenant), "kendal");
	snprintf(item->post, sizeof(item->post), "%s", post);
	item->in.reply = (struct pp_reply){ .id = id, .result = PP_RESULT_DONE };
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + 6000), 0);
	assert_int_equal(item->error, 0);
	answers = *item;
	pp_item_free(item);
	return answers;
}

static int64_t events(struct pp_test_record *r, const char *kind)
{
	char sql[120];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM event WHERE kind = '%s'", kind);
	return pp_test_number(r, sql);
}

static void an_order_holds_for_a_minute_of_the_posts_own_time(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item item;
	struct pp_command c;

	hear(r);
	item = order(r, "sound", "fire", 30);
	assert_int_equal(item.out.action.error, 0);
	assert_true(item.out.commands);
	c = sent(r);
	assert_true(c.epoch == 0x9f3c2a77d01b44e2u);
	assert_int_equal(c.boot, 17);
	assert_int_equal(c.until_ms, 100000 + 4000 + PP_COMMAND_TTL_MS);
	assert_int_equal(c.order, PP_ORDER_SOUND);
	assert_int_equal(c.class, PP_CLASS_FIRE);
	assert_int_equal(c.seconds, 30);
	pp_test_text_is(r, "SELECT actor FROM event WHERE kind = 'command.ordered'", "user:siti");
	pp_test_text_is(r, "SELECT post FROM event WHERE kind = 'command.ordered'", "boja-01");
	pp_test_text_is(r,
		"SELECT json_extract(body, '$.class') FROM event WHERE kind = 'command.ordered'",
		"fire");
}

static void what_cannot_be_ordered_is_refused_and_leaves_nothing(void **state)
{
	static const struct {
		const char *word, *class;
		int64_t seconds;
		const char *want;
	} rows[] = {
		{ "dance", "fire", 3, "order: expected" },
		{ "unknown", "fire", 3, "order: expected" },
		{ NULL, "fire", 3, "order: expected" },
		{ "sound", NULL, 3, "class: expected" },
		{ "sound", "loud", 3, "class: expected" },
		{ "sound", "fire", 0, "for: expected" },
		{ "sound", "fire", 181, "for: expected" },
	};
	struct pp_test_record *r = *state;

	hear(r);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_item item = order(r, rows[i].word, rows[i].class, rows[i].seconds);

		assert_int_equal(item.out.action.error, -EINVAL);
		assert_true(
			strncmp(item.out.action.reason, rows[i].want, strlen(rows[i].want)) == 0);
		assert_false(item.out.commands);
	}
	assert_int_equal(events(r, "command.ordered"), 0);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM command"), 0);
}

static void a_post_that_is_not_there_or_not_heard_gets_no_order(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item item = order(r, "silence", NULL, 0);

	assert_int_equal(item.out.action.error, -EPERM); /* never heard */
	item = action_apply(
		r, (struct pp_action){
			   .type = PP_ACTION_ORDER, .post = "nowhere", .order = "silence" });
	assert_int_equal(item.out.action.error, -ENOENT);
	state_apply(r, state_item(17, 100000, PP_TEST_NOW + 5000 - 60001));
	item = order(r, "silence", NULL, 0);
	assert_int_equal(item.out.action.error, -EPERM); /* too long ago */
	state_apply(r, state_item(17, 200000, PP_TEST_NOW + 5001));
	item = order(r, "silence", NULL, 0);
	assert_int_equal(item.out.action.error, -EPERM); /* the clock was set back since */
	assert_int_equal(events(r, "command.ordered"), 0);
}

static void a_post_has_eight_orders_to_answer_at_most(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item item;

	hear(r);
	for (int i = 0; i < 8; i++) {
		item = order(r, "silence", NULL, 0);
		assert_int_equal(item.out.action.error, 0);
	}
	item = order(r, "silence", NULL, 0);
	assert_int_equal(item.out.action.error, -EPERM);
	reply(r, "boja-01", sent(r).id);
	item = order(r, "silence", NULL, 0);
	assert_int_equal(item.out.action.error, 0);
}

static void the_first_answer_of_the_right_post_stands_on_the_timeline(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item item;
	uint64_t id;

	hear(r);
	order(r, "silence", NULL, 0);
	id = sent(r).id;
	item = reply(r, "boja-02", id);
	assert_true(item.out.duplicate); /* it was not asked */
	item = reply(r, "boja-01", id + 1);
	assert_true(item.out.duplicate);
	item = reply(r, "boja-01", id);
	assert_false(item.out.duplicate);
	item = reply(r, "boja-01", id);
	assert_true(item.out.duplicate);
	assert_int_equal(events(r, "command.answered"), 1);
	pp_test_text_is(r, "SELECT actor FROM event WHERE kind = 'command.answered'",
		"post:kendal/boja-01");
	pp_test_text_is(r,
		"SELECT json_extract(body, '$.result') FROM event WHERE kind = 'command.answered'",
		"done");
}

static void an_order_that_nobody_answers_is_said_to_be_so_once(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item answers;

	hear(r);
	order(r, "silence", NULL, 0);
	answers.in.expired = sent(r).id;
	for (int i = 0; i < 2; i++) {
		struct pp_item *item = pp_item_new(PP_ITEM_EXPIRY);

		snprintf(item->tenant, sizeof(item->tenant), "kendal");
		snprintf(item->post, sizeof(item->post), "boja-01");
		item->in.expired = answers.in.expired;
		assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + 70000), 0);
		assert_int_equal(item->out.commands, i == 0);
		pp_item_free(item);
	}
	assert_int_equal(events(r, "command.unanswered"), 1);
	/* A late answer is a fact all the same. */
	assert_false(reply(r, "boja-01", answers.in.expired).out.duplicate);
	assert_int_equal(events(r, "command.answered"), 1);
}

/* ---- what the channel has in its hands while others take the alarm ---- */

#define SIREN_IS                                                                                   \
	"SELECT group_concat(state || ' ' || purpose, ', ') FROM (SELECT * FROM notification"      \
	" WHERE channel = 'siren' ORDER BY notification_id)"

/* boja-02 rings; boja-01 stands beside it, is heard, and is to sound. Returns the siren's row. */
static int64_t near_begins(struct pp_test_record *r)
{
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item *item = pp_test_signal_item(&s, PP_TEST_NOW);

	plan_put(r, "tenant: kendal\n"
		    "contacts:\n"
		    "  rt: {name: Pak Budi, role: rt, ways: [{sms: \"+6281234567890\"}]}\n"
		    "plans:\n"
		    "  all: {classes: [all], area: [all], rings: {neighbours: {until: taken, steps:"
		    " [{call: [\"posts:near\", rt], wait: 60s}]}}, fallback: {call: [rt], every:"
		    " 60s}}\n");
	assert_int_equal(
		pp_db_exec(pp_ledger_db(r->ledger),
			"UPDATE post SET latitude = -7.1, longitude = 110.2;"
			"INSERT INTO point VALUES ('kendal', 'boja-02', 'panic-crime', 'panic',"
			" 'crime', 0, 'T', 'B')"),
		0);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	hear(r);
	snprintf(item->post, sizeof(item->post), "boja-02");
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW), 0);
	assert_int_equal(item->error, 0);
	pp_item_free(item);
	pp_test_text_is(r, SIREN_IS, "queued alarm");
	return pp_test_number(
		r, "SELECT notification_id FROM notification WHERE channel = 'siren'");
}

static struct pp_action_result siren_order(struct pp_test_record *r, int64_t notification_id)
{
	return action_apply(r, (struct pp_action){ .type = PP_ACTION_ORDER,
				       .actor = "server",
				       .post = "boja-01",
				       .order = "sound",
				       .class = "crime",
				       .seconds = 60,
				       .notification_id = notification_id })
		.out.action;
}

static void take(struct pp_test_record *r)
{
	(void)action_apply(r,
		(struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = "KDL-25-000001" });
}

static void a_siren_whose_alarm_was_taken_while_it_was_being_ordered_stays_silent(void **state)
{
	struct pp_test_record *r = *state;
	int64_t id = near_begins(r);

	take(r);
	assert_int_equal(siren_order(r, id).error, -ENOENT);
	assert_int_equal(events(r, "command.ordered"), 0);
	pp_test_text_is(r, SIREN_IS, "withdrawn alarm");
}

static void a_siren_that_has_its_order_is_hushed_before_the_channel_has_said_so(void **state)
{
	struct pp_test_record *r = *state;
	int64_t id = near_begins(r);

	assert_int_equal(siren_order(r, id).error, 0);
	take(r);
	(void)action_apply(r, (struct pp_action){ .type = PP_ACTION_NOTIFICATION,
				      .actor = "server",
				      .notification_id = id,
				      .state = "sent",
				      .text = "ordered",
				      .code = "" });
	pp_test_text_is(r, SIREN_IS, "sent alarm, queued stop");
}

/* A post has one sound, and a silence ends it whoever's it is. */
static void a_siren_that_sounds_for_another_alarm_is_not_hushed(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(2);
	struct pp_item *item = pp_test_signal_item(&s, PP_TEST_NOW);

	(void)near_begins(r);
	item->in.signal.signal.class = PP_CLASS_FIRE;
	snprintf(item->post, sizeof(item->post), "boja-02");
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW), 0);
	pp_item_free(item);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = 'sent', attempts = 1"),
		0);
	pp_test_text_is(r, "SELECT group_concat(class || ' ' || state, ', ') FROM incident",
		"crime open, fire open");
	take(r);
	pp_test_text_is(r, SIREN_IS, "sent alarm, sent alarm");
	(void)action_apply(r,
		(struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = "KDL-25-000002" });
	pp_test_text_is(r, SIREN_IS, "sent alarm, sent alarm, queued stop");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(an_order_holds_for_a_minute_of_the_posts_own_time),
		RECORD_TEST(what_cannot_be_ordered_is_refused_and_leaves_nothing),
		RECORD_TEST(a_post_that_is_not_there_or_not_heard_gets_no_order),
		RECORD_TEST(a_post_has_eight_orders_to_answer_at_most),
		RECORD_TEST(the_first_answer_of_the_right_post_stands_on_the_timeline),
		RECORD_TEST(an_order_that_nobody_answers_is_said_to_be_so_once),
		RECORD_TEST(a_siren_whose_alarm_was_taken_while_it_was_being_ordered_stays_silent),
		RECORD_TEST(a_siren_that_sounds_for_another_alarm_is_not_hushed),
		RECORD_TEST(a_siren_that_has_its_order_is_hushed_before_the_channel_has_said_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
