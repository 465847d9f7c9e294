/* SPDX-License-Identifier: Apache-2.0 */
/* intake_nth.c -- what comes in is judged rightly or, short of memory, not at all: never is a
 * post's own word called forged, and never a forged one believed. */
#include "nth.h"
#include "pospin_record.h"

#include <errno.h>

#include "intake/answers.h"
#include "intake/verify.h"
#include "protocol/seal.h"

#define SIGNALS "pospin/v1/kendal/boja-01/signal"
#define STATES "pospin/v1/kendal/boja-01/state"

static struct pp_test_record record;
static struct pp_key *post;
static struct {
	const char *topic;
	char *text;
	size_t length;
	uint8_t sig[PP_SIGNATURE_SIZE];
	enum pp_refusal want;
} messages[4];

static void message_set(size_t i, const char *topic, const char *text, bool forged)
{
	struct pp_signal signal = pp_test_alarm(1);

	messages[i].topic = topic;
	if (!text)
		NTH_WANT(pp_signal_encode(&signal, &messages[i].text, &messages[i].length) == 0);
	else if ((messages[i].text = strdup(text)))
		messages[i].length = strlen(text);
	NTH_WANT(pp_seal(post, topic, messages[i].text, messages[i].length, messages[i].sig) == 0);
	messages[i].sig[3] = (uint8_t)(messages[i].sig[3] ^ (forged ? 1 : 0));
	messages[i].want = forged ? PP_REFUSED_FORGED : PP_REFUSED_NONE;
}

static void once_prepare(void)
{
	struct pp_enrolment e = { .tenant = "kendal", .post = "boja-01", .actor = "ctl:test" };

	pp_test_record_init(&record);
	NTH_WANT(pp_key_new(&post) == 0);
	pp_key_public(post, e.key);
	NTH_WANT(pp_ledger_enrol(record.ledger, &e, PP_TEST_NOW) == 0);
	message_set(0, SIGNALS, NULL, false);
	message_set(1, SIGNALS, NULL, true);
	message_set(2, STATES,
		"{\"epoch\":\"9f3c2a77d01b44e2\",\"boot\":17,\"mono\":8123456,\"n\":3,"
		"\"points\":{\"panic-crime\":{\"state\":\"normal\"}},\"config\":\"c\","
		"\"version\":\"1\",\"oldest\":null}",
		false);
	message_set(3, SIGNALS, "{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":\"x\"}", false);
	messages[3].want = PP_REFUSED_FORM;
}

static void prepare(const char *folder)
{
	(void)folder;
}

static void verify_all(const struct pp_directory *directory)
{
	for (size_t i = 0; i < PP_COUNT(messages); i++) {
		const struct pp_message m = { .topic = messages[i].topic,
			.payload = messages[i].text,
			.length = messages[i].length,
			.signature = messages[i].sig,
			.arrived_ms = PP_TEST_NOW };
		struct pp_intake in = { .item = NULL };
		int r = pp_intake_verify(directory, &m, &in);

		if (r < 0) {
			NTH_WANT(r == -ENOMEM && nth_has_failed());
			NTH_WANT(pp_intake_verify(directory, &m, &in) == 0);
		}
		if (in.refusal != messages[i].want)
			nth_wrong("message %zu: refusal %d, want %d (%s)", i, (int)in.refusal,
				(int)messages[i].want, in.why);
		NTH_WANT((in.item != NULL) == (messages[i].want == PP_REFUSED_NONE));
		pp_item_free(in.item);
	}
}

static void answer_all(void)
{
	const struct pp_addressee to = { record.key, "kendal", "boja-01" };
	const struct pp_receipt receipt = { .epoch = 1, .seq = 1, .incident = "KDL-25-000001" };
	struct pp_answer answer;
	int r = pp_answer_receipts(&to, &receipt, 1, &answer);

	if (r < 0) {
		NTH_WANT(r == -ENOMEM && nth_has_failed());
		r = pp_answer_receipts(&to, &receipt, 1, &answer);
	}
	NTH_WANT(r == 0);
	NTH_WANT(pp_seal_check(record.public_key, 1, answer.topic, answer.text, answer.length,
			 answer.sig) == 0 ||
		 nth_has_failed());
	pp_answer_done(&answer);
}

static void play(const char *folder)
{
	struct pp_directory *directory = NULL;
	int r;

	(void)folder;
	nth_begin();
	r = pp_directory_load(pp_ledger_db(record.ledger), &directory);
	if (r < 0) {
		NTH_WANT(nth_has_failed());
		NTH_WANT(pp_directory_load(pp_ledger_db(record.ledger), &directory) == 0);
	}
	verify_all(directory);
	answer_all();
	nth_end();
	pp_directory_free(directory);
	for (size_t i = 0; i < PP_COUNT(messages); i++)
		free(messages[i].text);
	pp_key_free(post);
	pp_ledger_close(record.ledger);
	pp_key_free(record.key);
	free(record.folder);
}

static void judge(const char *folder, const struct nth_note *notes, size_t count)
{
	(void)folder;
	(void)notes;
	(void)count;
}

int main(void)
{
	static const struct nth_scenario scenario = { "intake", prepare, play, judge };
	int r;

	once_prepare();
	for (size_t i = 0; i < PP_COUNT(messages); i++) /* what OpenSSL sets up once */
		(void)pp_seal_check(record.public_key, 1, messages[i].topic, messages[i].text,
			messages[i].length, messages[i].sig);
	r = nth_run(&scenario);
	for (size_t i = 0; i < PP_COUNT(messages); i++)
		free(messages[i].text);
	pp_key_free(post);
	pp_test_record_done(&record);
	return r;
}
