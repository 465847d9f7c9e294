/* SPDX-License-Identifier: Apache-2.0 */
/* text_test.c -- which post a text message speaks for, and that nothing of it is believed for
 * that. */
#include "intake/text.h"

#include <errno.h>

#include "pospin_record.h"
#include "memory_fails.h"
#include "intake/verify.h"
#include "protocol/seal.h"

#define ALARM                                                                                      \
	"{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":4711,\"boot\":17,\"mono\":8123456,"               \
	"\"point\":\"panic-crime\",\"kind\":\"panic\",\"signal\":\"alarm\",\"class\":\"crime\","   \
	"\"at\":null}"
#define TOPIC(post) "pospin/v1/kendal/" post "/signal"

struct fixture {
	struct pp_test_record record;
	struct pp_key *first, *second, *foreign;
	struct pp_key *twins[2]; /* of the same two posts; found by search: they have one hint */
	struct pp_directory *directory;
};

static struct pp_key *enrolled(struct fixture *f, const char *post, struct pp_key *key)
{
	struct pp_enrolment e = { .tenant = "kendal", .post = post, .actor = "ctl:test" };

	pp_key_public(key, e.key);
	assert_int_equal(pp_ledger_enrol(f->record.ledger, &e, PP_TEST_NOW), 0);
	return key;
}

static struct pp_key *key_new(void)
{
	struct pp_key *key;

	assert_int_equal(pp_key_new(&key), 0);
	return key;
}

/* The key whose secret is a small number. */
static struct pp_key *key_of(const struct fixture *f, uint32_t secret)
{
	uint8_t der[48] = "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
	char path[700], letters[4 * ((sizeof(der) + 2) / 3) + 1];
	struct pp_key *key;
	FILE *file;

	for (int i = 0; i < 4; i++)
		der[44 + i] = (uint8_t)(secret >> (24 - 8 * i));
	pp_base64(der, sizeof(der), letters);
	snprintf(path, sizeof(path), "%s/small-key.pem", f->record.folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n", letters);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(pp_key_load(path, &key), 0);
	return key;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	pp_test_record_init(&f->record);
	f->first = enrolled(f, "boja-01", key_new());
	f->second = enrolled(f, "boja-02", key_new());
	f->twins[0] = enrolled(f, "boja-01", key_of(f, 34433));
	f->twins[1] = enrolled(f, "boja-02", key_of(f, 170398));
	f->foreign = key_new();
	assert_int_equal(pp_directory_load(pp_ledger_db(f->record.ledger), &f->directory), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	pp_directory_free(f->directory);
	pp_key_free(f->first);
	pp_key_free(f->second);
	pp_key_free(f->foreign);
	pp_key_free(f->twins[0]);
	pp_key_free(f->twins[1]);
	pp_test_record_done(&f->record);
	free(f);
	return 0;
}

/* A text that says to be of `claimed' and was signed by `signer' for `topic'. */
static void text_make(const struct pp_key *claimed, const struct pp_key *signer, const char *topic,
	char text[PP_COMPACT_MAX + 1])
{
	uint8_t public_key[PP_PUBLIC_KEY_SIZE], hint[PP_COMPACT_HINT], sig[PP_SIGNATURE_SIZE];

	pp_key_public(claimed, public_key);
	pp_compact_hint(public_key, hint);
	assert_int_equal(pp_seal(signer, topic, ALARM, strlen(ALARM), sig), 0);
	assert_int_equal(pp_compact_write(ALARM, strlen(ALARM), hint, sig, text), 0);
}

static enum pp_refusal judge(struct fixture *f, const struct pp_text_message *m)
{
	const struct pp_message message = { .topic = m->topic,
		.payload = m->compact.payload,
		.length = m->compact.length,
		.signature = m->compact.signature,
		.arrived_ms = PP_TEST_NOW };
	enum pp_refusal refusal;
	struct pp_intake in;

	assert_int_equal(pp_intake_verify(f->directory, &message, &in), 0);
	refusal = in.refusal;
	pp_item_free(in.item);
	return refusal;
}

static void a_text_is_the_message_that_its_post_would_have_published(void **state)
{
	struct fixture *f = *state;
	char text[PP_COMPACT_MAX + 1];
	struct pp_text_message m;

	text_make(f->second, f->second, TOPIC("boja-02"), text);
	assert_int_equal(pp_intake_text(f->directory, text, &m), 0);
	assert_string_equal(m.topic, TOPIC("boja-02"));
	assert_int_equal(m.compact.length, strlen(ALARM));
	assert_memory_equal(m.compact.payload, ALARM, strlen(ALARM));
	assert_int_equal(judge(f, &m), PP_REFUSED_NONE);
	pp_text_message_done(&m);
}

static void who_signs_for_another_is_called_a_forger_by_the_intake(void **state)
{
	struct fixture *f = *state;
	char text[PP_COMPACT_MAX + 1];
	struct pp_text_message m;

	text_make(f->first, f->second, TOPIC("boja-01"), text);
	assert_int_equal(pp_intake_text(f->directory, text, &m), 0);
	assert_string_equal(m.topic, TOPIC("boja-01"));
	assert_int_equal(judge(f, &m), PP_REFUSED_FORGED);
	pp_text_message_done(&m);
	/* Nor does what was signed for one topic hold on another. */
	text_make(f->first, f->first, TOPIC("boja-02"), text);
	assert_int_equal(pp_intake_text(f->directory, text, &m), 0);
	assert_int_equal(judge(f, &m), PP_REFUSED_FORGED);
	pp_text_message_done(&m);
}

static void a_stranger_and_what_is_no_signal_are_told_apart(void **state)
{
	struct fixture *f = *state;
	char text[PP_COMPACT_MAX + 1];
	struct pp_text_message m;

	text_make(f->foreign, f->foreign, TOPIC("boja-01"), text);
	assert_int_equal(pp_intake_text(f->directory, text, &m), -ENOENT);
	assert_int_equal(pp_intake_text(f->directory, "Tolong, ada maling!", &m), -EBADMSG);
	assert_int_equal(pp_intake_text(f->directory, "", &m), -EBADMSG);
}

static void of_two_posts_with_one_hint_the_one_that_has_signed_speaks(void **state)
{
	static const char *const topics[] = { TOPIC("boja-01"), TOPIC("boja-02") };
	struct fixture *f = *state;
	char text[PP_COMPACT_MAX + 1];
	struct pp_text_message m;

	for (size_t i = 0; i < 2; i++) {
		text_make(f->twins[0], f->twins[i], topics[i], text);
		assert_int_equal(pp_intake_text(f->directory, text, &m), 0);
		assert_string_equal(m.topic, topics[i]);
		assert_int_equal(judge(f, &m), PP_REFUSED_NONE);
		pp_text_message_done(&m);
	}
	/* Neither has signed this: it is one forgery, laid to the first of them. */
	text_make(f->twins[1], f->foreign, topics[1], text);
	assert_int_equal(pp_intake_text(f->directory, text, &m), 0);
	assert_string_equal(m.topic, topics[0]);
	assert_int_equal(judge(f, &m), PP_REFUSED_FORGED);
	pp_text_message_done(&m);
}

static void a_text_that_memory_fails_is_neither_refused_nor_laid_to_another(void **state)
{
	struct fixture *f = *state;
	char text[PP_COMPACT_MAX + 1];
	struct pp_text_message m;
	unsigned long failed = 0;
	int r = -1;

	text_make(f->twins[1], f->twins[1], TOPIC("boja-02"), text);
	for (unsigned long nth = 1; r != 0; nth++) {
		memory_fail(nth);
		r = pp_intake_text(f->directory, text, &m);
		assert_int_equal(r, memory_has_failed() ? -ENOMEM : 0);
		failed += r != 0;
	}
	assert_true(failed > 0);
	assert_string_equal(m.topic, TOPIC("boja-02"));
	pp_text_message_done(&m);
}

static void a_number_is_written_as_messages_are_sent_to_it_or_not_at_all(void **state)
{
	static const struct {
		const char *from, *want;
	} rows[] = {
		{ "+6281234567890", "+6281234567890" },
		{ "6281234567890", "+6281234567890" },
		{ " +62 812-3456-7890 ", "+6281234567890" },
		{ "12345678", "+12345678" },
		{ "+123456789012345", "+123456789012345" },
		{ "1234567", "" },           /* a service's */
		{ "+1234567890123456", "" }, /* more than there are */
		{ "081234567890", "" },      /* of which country? */
		{ "+0812345678", "" },
		{ "++6281234567890", "" },
		{ "INDOSAT", "" },
		{ "+628123456789x", "" },
		{ "+62812345;6789", "" },
		{ "", "" },
		{ "+", "" },
		{ "        ", "" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		char number[PP_TEXT_NUMBER_SIZE] = "untouched";
		bool got = pp_text_number(rows[i].from, number);

		if (got != (rows[i].want[0] != '\0') || strcmp(number, rows[i].want) != 0)
			fail_msg("'%s': '%s'", rows[i].from, number);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_the_message_that_its_post_would_have_published),
		cmocka_unit_test(who_signs_for_another_is_called_a_forger_by_the_intake),
		cmocka_unit_test(of_two_posts_with_one_hint_the_one_that_has_signed_speaks),
		cmocka_unit_test(a_text_that_memory_fails_is_neither_refused_nor_laid_to_another),
		cmocka_unit_test(a_number_is_written_as_messages_are_sent_to_it_or_not_at_all),
		cmocka_unit_test(a_stranger_and_what_is_no_signal_are_told_apart),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
