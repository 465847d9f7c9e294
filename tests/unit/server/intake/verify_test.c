/* SPDX-License-Identifier: Apache-2.0 */
/* verify_test.c -- I7 and I8: only an active post can speak, only for itself, and only now. */
#include "intake/verify.h"

#include <errno.h>

#include "memory_fails.h"
#include "pospin_record.h"
#include "protocol/seal.h"

struct fixture {
	struct pp_test_record record;
	struct pp_key *post, *revoked, *inactive, *foreign;
	struct pp_directory *directory;
};

static struct pp_key *enrolled(struct fixture *f, const char *post)
{
	struct pp_enrolment e = { .tenant = "kendal", .post = post, .actor = "ctl:test" };
	struct pp_key *key;

	assert_int_equal(pp_key_new(&key), 0);
	pp_key_public(key, e.key);
	assert_int_equal(pp_ledger_enrol(f->record.ledger, &e, PP_TEST_NOW), 0);
	return key;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	pp_test_record_init(&f->record);
	f->revoked = enrolled(f, "boja-01");
	assert_int_equal(
		pp_ledger_revoke(f->record.ledger,
			&(struct pp_key_revocation){ "kendal", "boja-01", "ctl:test", NULL, NULL },
			PP_TEST_NOW),
		0);
	f->post = enrolled(f, "boja-01");
	f->inactive = enrolled(f, "boja-02");
	assert_int_equal(pp_key_new(&f->foreign), 0);
	assert_int_equal(pp_db_exec(pp_ledger_db(f->record.ledger),
				 "UPDATE post SET active = 0 WHERE post = 'boja-02';"
				 "INSERT INTO post SELECT tenant, 'boja-03', name, desa, rw,"
				 " latitude, longitude, contact_name, contact_phone, 1"
				 " FROM post WHERE post = 'boja-01'"),
		0);
	assert_int_equal(pp_directory_load(pp_ledger_db(f->record.ledger), &f->directory), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	pp_directory_free(f->directory);
	pp_key_free(f->post);
	pp_key_free(f->revoked);
	pp_key_free(f->inactive);
	pp_key_free(f->foreign);
	pp_test_record_done(&f->record);
	free(f);
	return 0;
}

/* Verifies a message signed by key (NULL: unsigned) for the topic `sealed`, that came on `topic`.
 */
static struct pp_intake verify(
	struct fixture *f, const struct pp_key *key, const char *sealed, struct pp_message m)
{
	uint8_t sig[PP_SIGNATURE_SIZE];
	struct pp_intake in;

	if (key) {
		assert_int_equal(pp_seal(key, sealed, m.payload, m.length, sig), 0);
		m.signature = sig;
	}
	m.arrived_ms = PP_TEST_NOW;
	assert_int_equal(pp_intake_verify(f->directory, &m, &in), 0);
	return in;
}

#define ALARM                                                                                      \
	"{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":4711,\"boot\":17,\"mono\":8123456,"               \
	"\"point\":\"panic-crime\",\"kind\":\"panic\",\"signal\":\"alarm\",\"class\":\"crime\","   \
	"\"at\":null,\"flags\":[\"silent\"]}"
#define SIGNAL "pospin/v1/kendal/boja-01/signal"

static void an_authentic_signal_becomes_an_item_with_its_signed_bytes(void **state)
{
	struct fixture *f = *state;
	struct pp_message m = { .topic = SIGNAL, .payload = ALARM, .length = strlen(ALARM) };
	struct pp_intake in = verify(f, f->post, SIGNAL, m);

	assert_int_equal(in.refusal, PP_REFUSED_NONE);
	assert_int_equal(in.item->type, PP_ITEM_SIGNAL);
	assert_string_equal(in.item->tenant, "kendal");
	assert_string_equal(in.item->post, "boja-01");
	assert_int_equal(in.item->arrived_ms, PP_TEST_NOW);
	assert_int_equal(in.item->in.signal.signal.seq, 4711);
	assert_int_equal(in.item->in.signal.length, strlen(ALARM));
	assert_memory_equal(in.item->in.signal.payload, ALARM, strlen(ALARM));
	pp_item_free(in.item);
}

static void an_authentic_state_becomes_an_item(void **state)
{
	static const char topic[] = "pospin/v1/kendal/boja-01/state";
	struct fixture *f = *state;
	const struct pp_state s = { .epoch = 5,
		.boot = 17,
		.mono_ms = 1000,
		.n = 3,
		.config = "0011223344556677",
		.version = "0.1.0" };
	struct pp_message m = { .topic = topic };
	struct pp_intake in;
	char *text;

	assert_int_equal(pp_state_encode(&s, &text, &m.length), 0);
	m.payload = text;
	in = verify(f, f->post, topic, m);
	assert_int_equal(in.refusal, PP_REFUSED_NONE);
	assert_int_equal(in.item->type, PP_ITEM_STATE);
	assert_int_equal(in.item->in.state.n, 3);
	pp_item_free(in.item);
	free(text);
}

static void what_is_too_long_is_unreadable_and_not_called_forged(void **state)
{
	struct fixture *f = *state;
	const uint8_t sig[PP_SIGNATURE_SIZE] = { 0 };
	char *text = calloc(1, PP_PAYLOAD_MAX + 1);
	struct pp_message m = { .topic = SIGNAL, .payload = text, .signature = sig };
	struct pp_intake in;

	memset(text, ' ', PP_PAYLOAD_MAX + 1);
	m.length = PP_PAYLOAD_MAX + 1;
	assert_int_equal(pp_intake_verify(f->directory, &m, &in), 0);
	assert_int_equal(in.refusal, PP_REFUSED_FORM);
	assert_false(in.has_receipt);
	m.length = PP_PAYLOAD_MAX;
	assert_int_equal(pp_intake_verify(f->directory, &m, &in), 0);
	assert_int_equal(in.refusal, PP_REFUSED_FORGED);
	free(text);
}

static void whatever_is_not_authentic_is_refused_for_its_reason(void **state)
{
	struct fixture *f = *state;
	const struct {
		const char *name, *topic, *sealed;
		const struct pp_key *key;
		const char *payload;
		bool retained;
		enum pp_refusal want;
		bool receipt;
	} cases[] = {
		{ "retained", SIGNAL, SIGNAL, f->post, ALARM, true, PP_REFUSED_RETAINED, false },
		{ "other version", "pospin/v2/kendal/boja-01/signal", SIGNAL, f->post, ALARM, false,
			PP_REFUSED_VERSION, false },
		{ "no topic of ours", "kendal/boja-01/signal", SIGNAL, f->post, ALARM, false,
			PP_REFUSED_TOPIC, false },
		{ "server's channel", "pospin/v1/kendal/boja-01/receipt", SIGNAL, f->post, ALARM,
			false, PP_REFUSED_TOPIC, false },
		{ "unknown post", "pospin/v1/kendal/boja-09/signal", SIGNAL, f->post, ALARM, false,
			PP_REFUSED_UNKNOWN_POST, false },
		{ "in the register and not enrolled", "pospin/v1/kendal/boja-03/signal", SIGNAL,
			f->post, ALARM, false, PP_REFUSED_UNKNOWN_POST, false },
		{ "unknown tenant", "pospin/v1/serang/boja-01/signal", SIGNAL, f->post, ALARM,
			false, PP_REFUSED_UNKNOWN_POST, false },
		{ "unsigned", SIGNAL, SIGNAL, NULL, ALARM, false, PP_REFUSED_UNSIGNED, false },
		{ "foreign key", SIGNAL, SIGNAL, f->foreign, ALARM, false, PP_REFUSED_FORGED,
			false },
		{ "another post's key", SIGNAL, SIGNAL, f->inactive, ALARM, false,
			PP_REFUSED_FORGED, false },
		{ "sealed for another topic", SIGNAL, "pospin/v1/kendal/boja-01/state", f->post,
			ALARM, false, PP_REFUSED_FORGED, false },
		{ "revoked key", SIGNAL, SIGNAL, f->revoked, ALARM, false, PP_REFUSED_REVOKED,
			true },
		{ "inactive post", "pospin/v1/kendal/boja-02/signal",
			"pospin/v1/kendal/boja-02/signal", f->inactive, ALARM, false,
			PP_REFUSED_REVOKED, true },
		{ "no JSON", SIGNAL, SIGNAL, f->post, "{\"epoch\":", false, PP_REFUSED_FORM,
			false },
		{ "empty", SIGNAL, SIGNAL, f->post, "", false, PP_REFUSED_FORM, false },
		{ "broken UTF-8", SIGNAL, SIGNAL, f->post, "{\"epoch\":\"\xff\"}", false,
			PP_REFUSED_FORM, false },
		{ "doubled members", SIGNAL, SIGNAL, f->post,
			"{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":1,\"seq\":2}", false,
			PP_REFUSED_FORM, false },
		{ "a real where an integer belongs, but a name", SIGNAL, SIGNAL, f->post,
			"{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":7,\"boot\":1.5}", false,
			PP_REFUSED_FORM, true },
		{ "no name", SIGNAL, SIGNAL, f->post, "{\"seq\":7}", false, PP_REFUSED_FORM,
			false },
		{ "a list", SIGNAL, SIGNAL, f->post, "[1]", false, PP_REFUSED_FORM, false },
		{ "a bad state", "pospin/v1/kendal/boja-01/state", "pospin/v1/kendal/boja-01/state",
			f->post, "{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":7}", false,
			PP_REFUSED_FORM, false },
	};

	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_message m = { .topic = cases[i].topic,
			.payload = cases[i].payload,
			.length = strlen(cases[i].payload),
			.retained = cases[i].retained };
		struct pp_intake in = verify(f, cases[i].key, cases[i].sealed, m);

		if (in.refusal != cases[i].want || in.has_receipt != cases[i].receipt || in.item ||
			!in.why[0])
			fail_msg("%s: refusal %d, receipt %d, why '%s'", cases[i].name, in.refusal,
				in.has_receipt, in.why);
	}
}

static void a_refused_receipt_names_the_signal(void **state)
{
	struct fixture *f = *state;
	struct pp_message m = { .topic = SIGNAL, .payload = ALARM, .length = strlen(ALARM) };
	struct pp_intake in = verify(f, f->revoked, SIGNAL, m);

	assert_int_equal(in.receipt.result, PP_RECEIPT_REFUSED);
	assert_true(in.receipt.epoch == 0x9f3c2a77d01b44e2);
	assert_int_equal(in.receipt.seq, 4711);
	assert_string_equal(in.receipt.reason, "the key of this post has been revoked");
}

static void a_will_needs_no_signature_but_an_enrolled_post(void **state)
{
	struct fixture *f = *state;
	struct pp_message m = { .topic = "pospin/v1/kendal/boja-01/will", .payload = "" };
	struct pp_intake in = verify(f, NULL, NULL, m);

	assert_int_equal(in.refusal, PP_REFUSED_NONE);
	assert_null(in.item);
	assert_int_equal(in.topic.channel, PP_CHANNEL_WILL);
	m.topic = "pospin/v1/kendal/boja-09/will";
	assert_int_equal(verify(f, NULL, NULL, m).refusal, PP_REFUSED_UNKNOWN_POST);
}

static void unknown_words_are_no_reason_to_refuse(void **state)
{
	static const char payload[] =
		"{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":1,\"boot\":1,\"mono\":1,\"point\":\"new\","
		"\"kind\":\"drone\",\"signal\":\"alarm\",\"class\":\"flood\",\"at\":null,"
		"\"flags\":[\"loud\"],\"extra\":{}}";
	struct fixture *f = *state;
	struct pp_message m = { .topic = SIGNAL, .payload = payload, .length = strlen(payload) };
	struct pp_intake in = verify(f, f->post, SIGNAL, m);

	assert_int_equal(in.refusal, PP_REFUSED_NONE);
	assert_true(in.item->in.signal.signal.foreign_words);
	pp_item_free(in.item);
}

static void refusals_of_identity_have_a_word(void **state)
{
	(void)state;
	assert_null(pp_refusal_word(PP_REFUSED_FORM));
	assert_null(pp_refusal_word(PP_REFUSED_RETAINED));
	assert_string_equal(pp_refusal_word(PP_REFUSED_FORGED), "forged");
	assert_string_equal(pp_refusal_word(PP_REFUSED_REVOKED), "revoked-post");
}

#define INTAKE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void what_a_refused_signal_does_not_say_of_itself_is_not_answered(void **state)
{
	static const char *const bodies[] = { "[]", "{}", "{\"epoch\":7,\"seq\":1}",
		"{\"epoch\":\"9f3c\",\"seq\":1}", "{\"epoch\":\"9f3c2a77d01b44eX\",\"seq\":1}",
		"{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":0}" };
	struct fixture *f = *state;

	for (size_t i = 0; i < PP_COUNT(bodies); i++) {
		struct pp_intake in = verify(f, f->post, SIGNAL,
			(struct pp_message){ .topic = SIGNAL,
				.payload = bodies[i],
				.length = strlen(bodies[i]) });

		assert_int_equal(in.refusal, PP_REFUSED_FORM);
		assert_false(in.has_receipt);
		assert_null(in.item);
	}
}

static void a_body_of_another_version_is_refused_as_such_whatever_its_topic_says(void **state)
{
	static const char *const bodies[] = {
		"{\"v\":2,\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":4711}",
		"{\"v\":\"1\",\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":4711}",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < PP_COUNT(bodies); i++) {
		struct pp_intake in = verify(f, f->post, SIGNAL,
			(struct pp_message){ .topic = SIGNAL,
				.payload = bodies[i],
				.length = strlen(bodies[i]) });

		assert_int_equal(in.refusal, PP_REFUSED_VERSION);
		assert_null(in.item);
	}
}

static void an_answer_to_an_order_becomes_an_item(void **state)
{
	static const char topic[] = "pospin/v1/kendal/boja-01/answer",
			  body[] = "{\"id\":\"00000000000000aa\",\"result\":\"done\"}";
	struct fixture *f = *state;
	struct pp_intake in = verify(f, f->post, topic,
		(struct pp_message){ .topic = topic, .payload = body, .length = strlen(body) });

	assert_int_equal(in.refusal, PP_REFUSED_NONE);
	assert_int_equal(in.item->type, PP_ITEM_REPLY);
	pp_item_free(in.item);
}

static void a_signal_that_was_believed_is_judged_again_by_another_registry(void **state)
{
	static const struct {
		const char *sql;
		bool holds;
	} cases[] = {
		{ "UPDATE post SET name = 'Lain' WHERE post = 'boja-01'", true },
		{ "UPDATE post SET active = 0 WHERE post = 'boja-01'", false },
		{ "UPDATE post SET active = 1 WHERE post = 'boja-01'", true },
		{ "UPDATE post_key SET revoked = 1 WHERE post = 'boja-01'", false },
	};
	struct fixture *f = *state;
	struct pp_intake in = verify(f, f->post, SIGNAL,
		(struct pp_message){
			.topic = SIGNAL, .payload = ALARM, .length = strlen(ALARM) });
	struct pp_db *db = pp_ledger_db(f->record.ledger);

	assert_non_null(in.item);
	assert_true(pp_intake_holds(f->directory, in.item));
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_directory *other;

		assert_int_equal(pp_db_exec(db, cases[i].sql), 0);
		assert_int_equal(pp_directory_load(db, &other), 0);
		if (pp_intake_holds(other, in.item) != cases[i].holds)
			fail_msg("%s", cases[i].sql);
		pp_directory_free(other);
	}
	snprintf(in.item->post, sizeof(in.item->post), "boja-09");
	assert_false(pp_intake_holds(f->directory, in.item));
	snprintf(in.item->post, sizeof(in.item->post), "boja-02");
	assert_false(pp_intake_holds(f->directory, in.item));
	pp_item_free(in.item);
}

static void without_memory_nothing_is_refused_and_nothing_is_taken(void **state)
{
	struct fixture *f = *state;
	uint8_t sig[PP_SIGNATURE_SIZE];
	struct pp_message m = {
		.topic = SIGNAL, .payload = ALARM, .length = strlen(ALARM), .signature = sig
	};
	bool failed = true;

	assert_int_equal(pp_seal(f->post, SIGNAL, m.payload, m.length, sig), 0);
	for (unsigned long nth = 1; failed; nth++) {
		struct pp_intake in = { .item = NULL };
		int r;

		memory_fail(nth);
		r = pp_intake_verify(f->directory, &m, &in);
		failed = memory_has_failed();
		assert_int_equal(r, failed ? -ENOMEM : 0);
		assert_true(failed ? !in.item : in.item != NULL);
		pp_item_free(in.item);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INTAKE_TEST(an_authentic_signal_becomes_an_item_with_its_signed_bytes),
		INTAKE_TEST(an_authentic_state_becomes_an_item),
		INTAKE_TEST(what_is_too_long_is_unreadable_and_not_called_forged),
		INTAKE_TEST(whatever_is_not_authentic_is_refused_for_its_reason),
		INTAKE_TEST(a_refused_receipt_names_the_signal),
		INTAKE_TEST(a_will_needs_no_signature_but_an_enrolled_post),
		INTAKE_TEST(unknown_words_are_no_reason_to_refuse),
		cmocka_unit_test(refusals_of_identity_have_a_word),
		INTAKE_TEST(what_a_refused_signal_does_not_say_of_itself_is_not_answered),
		INTAKE_TEST(a_body_of_another_version_is_refused_as_such_whatever_its_topic_says),
		INTAKE_TEST(an_answer_to_an_order_becomes_an_item),
		INTAKE_TEST(a_signal_that_was_believed_is_judged_again_by_another_registry),
		INTAKE_TEST(without_memory_nothing_is_refused_and_nothing_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
