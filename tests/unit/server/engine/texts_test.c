/* SPDX-License-Identifier: Apache-2.0 */
/* texts_test.c -- I2 over two paths: whichever of broker and text message is first, a press is
 * recorded once. */
#include "post.h"

#include <errno.h>

#include "protocol/compact.h"

/* The text message that the post would send of this signal, signed by signer. */
static void text_make(const struct desk_fixture *f, const struct pp_signal *signal,
	const struct pp_key *signer, char text[PP_COMPACT_MAX + 1])
{
	uint8_t public_key[PP_PUBLIC_KEY_SIZE], hint[PP_COMPACT_HINT], sig[PP_SIGNATURE_SIZE];
	size_t length;
	char *payload;

	assert_int_equal(pp_signal_encode(signal, &payload, &length), 0);
	pp_key_public(f->post, public_key);
	pp_compact_hint(public_key, hint);
	assert_int_equal(
		pp_seal(signer, "pospin/v1/kendal/boja-01/signal", payload, length, sig), 0);
	assert_int_equal(pp_compact_write(payload, length, hint, sig, text), 0);
	free(payload);
}

/* Takes a text, commits, and gives the answer's error. */
static int take(struct desk_fixture *f, const char *text)
{
	struct pp_action action = { .type = PP_ACTION_TEXT,
		.text = text,
		.name = "6281234567890",
		.code = "gateway" };
	const struct pp_item *item = NULL;
	int error;

	assert_int_equal(pp_desk_text(f->desk, &action, f->now, &item), 0);
	assert_int_equal(pp_desk_commit(f->desk, f->now), 1);
	assert_int_equal(item->error, 0);
	error = item->out.action.error;
	pp_desk_clear(f->desk);
	return error;
}

static void a_text_message_becomes_an_incident_and_says_how_it_came(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_signal s = pp_test_alarm(1);
	char text[PP_COMPACT_MAX + 1];

	text_make(f, &s, f->post, text);
	assert_int_equal(take(f, text), 0);
	assert_int_equal(pp_test_number(&f->record, "SELECT count(*) FROM incident"), 1);
	assert_int_equal(pp_test_number(&f->record,
				 "SELECT count(*) FROM event WHERE kind = 'incident.opened'"
				 " AND body ->> 'path' = 'sms'"),
		1);
	assert_int_equal(f->counts.texts, 1);
	assert_string_equal(f->heard[0].topic, "pospin/v1/kendal/boja-01/receipt");
}

static void its_receipt_goes_back_to_the_number_and_by_the_way_that_it_came_from(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_action nameless = { .type = PP_ACTION_TEXT };
	struct pp_signal s = pp_test_alarm(1);
	const struct pp_item *item = NULL;
	char text[PP_COMPACT_MAX + 1];

	text_make(f, &s, f->post, text);
	assert_int_equal(take(f, text), 0);
	pp_test_text_is(&f->record,
		"SELECT address || ' ' || via || ' ' || target || ' ' || substr(text, 1, 3)"
		" FROM notification WHERE purpose = 'receipt'",
		"+6281234567890 gateway boja-01 PR1");
	assert_int_equal(f->counts.texts_answered, 1);
	/* Over the broker it is receipted over the broker alone. */
	s = pp_test_alarm(2);
	post_presses(f, &s);
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(f->counts.texts_answered + f->counts.texts_unanswered, 1);
	/* Nobody says who it came from. */
	s = pp_test_alarm(3);
	text_make(f, &s, f->post, text);
	nameless.text = text;
	assert_int_equal(pp_desk_text(f->desk, &nameless, f->now, &item), 0);
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(f->counts.texts_unanswered, 1);
	assert_int_equal(pp_test_number(&f->record, "SELECT count(*) FROM incident"), 1);
	assert_int_equal(pp_test_number(&f->record, "SELECT count(*) FROM signal"), 3);
}

static void what_is_not_recorded_is_sent_no_receipt(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_signal s = pp_test_alarm(1);
	char text[PP_COMPACT_MAX + 1];
	struct pp_key *stranger;

	assert_int_equal(pp_key_new(&stranger), 0);
	text_make(f, &s, stranger, text);
	pp_key_free(stranger);
	assert_int_equal(take(f, text), -EINVAL);
	text_make(f, &s, f->post, text);
	assert_int_equal(pp_db_exec(pp_ledger_db(f->record.ledger),
				 "CREATE TRIGGER broken BEFORE INSERT ON signal"
				 " BEGIN SELECT RAISE(ABORT, 'broken'); END"),
		0);
	{
		struct pp_action action = { .type = PP_ACTION_TEXT,
			.text = text,
			.name = "+6281234567890" };
		const struct pp_item *item = NULL;

		assert_int_equal(pp_desk_text(f->desk, &action, f->now, &item), 0);
		assert_int_equal(pp_desk_commit(f->desk, f->now), 1);
		assert_true(item->error < 0);
		pp_desk_clear(f->desk);
	}
	assert_int_equal(pp_test_number(&f->record, "SELECT count(*) FROM notification"), 0);
	assert_int_equal(f->counts.texts_answered + f->counts.texts_unanswered, 0);
}

static void whichever_path_is_first_the_press_is_recorded_once(void **state)
{
	struct desk_fixture *f = *state;
	char text[PP_COMPACT_MAX + 1];

	for (int64_t seq = 1; seq <= 4; seq++) {
		struct pp_signal s = pp_test_alarm(seq);

		text_make(f, &s, f->post, text);
		if (seq % 2)
			assert_int_equal(take(f, text), 0);
		post_presses(f, &s);
		assert_int_equal(desk_turn(f), 1);
		assert_int_equal(take(f, text), 0);
		assert_int_equal(pp_test_number(&f->record, "SELECT count(*) FROM signal"), seq);
		assert_int_equal(pp_test_number(&f->record, "SELECT sum(signals) FROM incident"),
			seq);
	}
	assert_int_equal(f->counts.conflicts, 0);
}

static void what_no_post_has_signed_opens_nothing(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_signal s = pp_test_alarm(1);
	char text[PP_COMPACT_MAX + 1];
	struct pp_key *stranger;

	assert_int_equal(pp_key_new(&stranger), 0);
	text_make(f, &s, stranger, text);
	pp_key_free(stranger);
	assert_int_equal(take(f, text), -EINVAL);
	assert_int_equal(take(f, "Tolong! Ada maling di pos Boja"), -EINVAL);
	assert_int_equal(take(f, ""), -EINVAL);
	assert_int_equal(pp_test_number(&f->record, "SELECT count(*) FROM incident"), 0);
	assert_int_equal(f->counts.texts_refused, 3);
	assert_int_equal(pp_test_number(&f->record,
				 "SELECT count(*) FROM event WHERE kind = 'security'"
				 " AND body ->> 'kind' = 'forged'"),
		1);
}

static void who_was_revoked_while_the_batch_waited_has_not_spoken(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_action action = { .type = PP_ACTION_TEXT };
	struct pp_ledger_options options = { .record_path = f->record.record_path };
	const struct pp_item *item = NULL;
	char text[PP_COMPACT_MAX + 1];
	struct pp_ledger *other;

	text_make(f, &s, f->post, text);
	action.text = text;
	assert_int_equal(pp_desk_text(f->desk, &action, f->now, &item), 0);
	assert_int_equal(pp_ledger_open(&options, &other), 0);
	assert_int_equal(
		pp_ledger_revoke(other,
			&(struct pp_key_revocation){ "kendal", "boja-01", "ctl:test", NULL, NULL },
			PP_TEST_NOW),
		0);
	pp_ledger_close(other);
	assert_int_equal(pp_desk_commit(f->desk, f->now), 1);
	assert_int_equal(item->out.action.error, 0); /* the answer's item is there still */
	assert_int_equal(pp_test_number(&f->record, "SELECT count(*) FROM incident"), 0);
	pp_desk_clear(f->desk);
}

static void what_could_not_be_recorded_is_not_called_taken(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_action action = { .type = PP_ACTION_TEXT };
	const struct pp_item *item = NULL;
	char text[PP_COMPACT_MAX + 1];

	text_make(f, &s, f->post, text);
	action.text = text;
	assert_int_equal(pp_db_exec(pp_ledger_db(f->record.ledger),
				 "CREATE TRIGGER broken BEFORE INSERT ON signal"
				 " BEGIN SELECT RAISE(ABORT, 'broken'); END"),
		0);
	assert_int_equal(pp_desk_text(f->desk, &action, f->now, &item), 0);
	assert_int_equal(pp_desk_commit(f->desk, f->now), 1);
	assert_true(item->error < 0);
	pp_desk_clear(f->desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(a_text_message_becomes_an_incident_and_says_how_it_came),
		DESK_TEST(its_receipt_goes_back_to_the_number_and_by_the_way_that_it_came_from),
		DESK_TEST(what_is_not_recorded_is_sent_no_receipt),
		DESK_TEST(whichever_path_is_first_the_press_is_recorded_once),
		DESK_TEST(what_no_post_has_signed_opens_nothing),
		DESK_TEST(what_could_not_be_recorded_is_not_called_taken),
		DESK_TEST(who_was_revoked_while_the_batch_waited_has_not_spoken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
