/* SPDX-License-Identifier: Apache-2.0 */
/* compact_test.c -- what goes through a text message comes out as the bytes that were signed. */
#include "protocol/compact.h"

#include "golden.h"
#include "memory_fails.h"

#include <errno.h>

#include "protocol/seal.h"

#define TOPIC "pospin/v1/kendal/boja-bebengan-03/signal"
#define RECEIPT_TOPIC "pospin/v1/kendal/boja-bebengan-03/receipt"
#define RECEIPT                                                                                    \
	"{\"receipts\":[{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":4711,"                             \
	"\"result\":\"recorded\",\"incident\":\"KDL-26-000123\"}]}"
#define SMS 160 /* letters of GSM 03.38 in one message */

static struct pp_key *golden_key(void)
{
	struct pp_key *key;

	assert_int_equal(pp_key_load(GOLDEN_FOLDER "test-key.pem", &key), 0);
	return key;
}

/* As a post would write it. */
static int seal_and_write(const char *payload, char text[PP_COMPACT_MAX + 1])
{
	uint8_t public_key[PP_PUBLIC_KEY_SIZE], hint[PP_COMPACT_HINT], sig[PP_SIGNATURE_SIZE];
	struct pp_key *key = golden_key();

	pp_key_public(key, public_key);
	pp_compact_hint(public_key, hint);
	assert_int_equal(pp_seal(key, TOPIC, payload, strlen(payload), sig), 0);
	pp_key_free(key);
	return pp_compact_write(payload, strlen(payload), hint, sig, text);
}

static bool holds(const struct pp_compact *c)
{
	uint8_t public_key[1][PP_PUBLIC_KEY_SIZE];
	struct pp_key *key = golden_key();

	pp_key_public(key, public_key[0]);
	pp_key_free(key);
	return pp_seal_check(public_key, 1, TOPIC, c->payload, c->length, c->signature) == 0;
}

static void the_golden_alarm_is_one_message_and_comes_back_byte_for_byte(void **state)
{
	char *payload = golden_read("signal-alarm.json"), *golden = golden_read("compact.txt");
	char text[PP_COMPACT_MAX + 1];
	struct pp_compact c;

	(void)state;
	assert_int_equal(seal_and_write(payload, text), 0);
	assert_string_equal(text, golden);
	assert_true(strlen(text) <= SMS);
	assert_int_equal(pp_compact_read(text, strlen(text), &c), 0);
	assert_int_equal(c.length, strlen(payload));
	assert_memory_equal(c.payload, payload, c.length);
	assert_true(holds(&c));
	free(c.payload);
	free(payload);
	free(golden);
}

static void every_word_and_flag_comes_back(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct pp_signal s = { .epoch = 1 + (uint64_t)i * 0x9e3779b97f4a7c15,
			.seq = 1 + i * 37,
			.boot = 1 + i,
			.mono_ms = (int64_t)i << (i % 43),
			.at_ms = i % 3 ? 1763750400123 + i : PP_AT_UNKNOWN,
			.kind = 1 + i % (PP_KIND_COUNT - 1),
			.type = 1 + i % (PP_SIGNAL_COUNT - 1),
			.flags = (uint32_t)i % 16,
			.cause = i % 5 };
		char *payload, text[PP_COMPACT_MAX + 1];
		struct pp_compact c;
		size_t length;

		snprintf(s.point, sizeof(s.point), "%s", s.kind == PP_KIND_POST ? "" : "panic-1");
		snprintf(s.detail, sizeof(s.detail), "%s", i % 2 ? "stuck \xc2\xb0" : "");
		if (s.type == PP_SIGNAL_ALARM || s.type == PP_SIGNAL_TEST)
			s.class = i % PP_CLASS_COUNT;
		assert_int_equal(pp_signal_encode(&s, &payload, &length), 0);
		assert_int_equal(seal_and_write(payload, text), 0);
		assert_int_equal(pp_compact_read(text, strlen(text), &c), 0);
		assert_int_equal(c.length, length);
		assert_memory_equal(c.payload, payload, length);
		free(c.payload);
		free(payload);
	}
}

static void the_longest_names_fit_three_messages(void **state)
{
	struct pp_signal s = { .epoch = UINT64_MAX,
		.seq = (1LL << 53) - 1,
		.boot = (1LL << 53) - 1,
		.mono_ms = (1LL << 53) - 1,
		.at_ms = (1LL << 53) - 2,
		.kind = PP_KIND_PANIC,
		.type = PP_SIGNAL_ALARM,
		.cause = (1LL << 53) - 1 };
	char *payload, text[PP_COMPACT_MAX + 1];
	size_t length;

	(void)state;
	memset(s.point, 'p', PP_POINT_MAX);
	memset(s.detail, 'd', PP_DETAIL_MAX);
	assert_int_equal(pp_signal_encode(&s, &payload, &length), 0);
	assert_int_equal(seal_and_write(payload, text), 0);
	free(payload);
}

static void what_cannot_be_made_again_is_not_written(void **state)
{
	static const char *const payloads[] = {
		"", "{}", "not JSON",
		/* another order of members, a blank, a word and a member that we do not write */
		"{\"seq\":5,\"v\":1,\"epoch\":\"9f3c2a77d01b44e2\",\"boot\":2,\"mono\":3,\"point\":"
		"\"p\",\"kind\":\"panic\",\"signal\":\"alarm\",\"class\":\"fire\",\"at\":null}",
		"{\"v\":1,\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":5,\"boot\":2,\"mono\":3,\"point\":"
		"\"p\",\"kind\":\"panic\",\"signal\":\"alarm\",\"class\":\"fire\",\"at\":null }",
		"{\"v\":1,\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":5,\"boot\":2,\"mono\":3,\"point\":"
		"\"p\",\"kind\":\"laser\",\"signal\":\"alarm\",\"class\":\"fire\",\"at\":null}",
		"{\"v\":1,\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":5,\"boot\":2,\"mono\":3,\"point\":"
		"\"p\",\"kind\":\"panic\",\"signal\":\"alarm\",\"class\":\"fire\",\"at\":null,"
		"\"x\":1}",
	};
	char *lost = golden_read("signal-trouble-lost.json"), text[PP_COMPACT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(payloads); i++)
		assert_int_equal(seal_and_write(payloads[i], text), -EBADMSG);
	assert_int_equal(seal_and_write(lost, text), -EBADMSG);
	free(lost);
}

static void blanks_and_line_ends_of_gateways_do_not_matter(void **state)
{
	char *golden = golden_read("compact.txt"), text[4 * PP_COMPACT_MAX];
	size_t count = 0;
	struct pp_compact c;

	(void)state;
	for (size_t i = 0; golden[i]; i++) {
		if (i % 40 == 0) {
			memcpy(text + count, "\r\n ", 3);
			count += 3;
		}
		text[count++] = golden[i];
	}
	assert_int_equal(pp_compact_read(text, count, &c), 0);
	assert_true(holds(&c));
	free(c.payload);
	free(golden);
}

/* Whatever letter is changed: it is no such text, or the signature does not hold. */
static void no_letter_can_be_changed(void **state)
{
	char *golden = golden_read("compact.txt");
	size_t length = strlen(golden);
	struct pp_compact c;

	(void)state;
	for (size_t i = 0; i < length; i++) {
		static const char letters[] = "ABab01+/=P\"";
		char was = golden[i];

		for (size_t j = 0; letters[j]; j++) {
			golden[i] = letters[j];
			/* (The hint only says where to look.) */
			if (letters[j] == was || i - 3 < 6 ||
				pp_compact_read(golden, length, &c) < 0)
				continue;
			assert_false(holds(&c));
			free(c.payload);
		}
		golden[i] = was;
	}
	for (size_t cut = 0; cut < length; cut++)
		assert_int_equal(pp_compact_read(golden, cut, &c), -EBADMSG);
	free(golden);
}

#define EPOCH "\x9f\x3c\x2a\x77\xd0\x1b\x44\xe2"
#define BYTES(text) text, sizeof(text) - 1

/* The letters of a signal's bytes, behind a hint and a signature of zeros. */
static int bytes_read(const char *signal, size_t length, struct pp_compact *ret_compact)
{
	uint8_t bytes[400] = { 0 };
	char text[4 + 4 * (sizeof(bytes) + 2) / 3] = "PP1";
	const size_t before = PP_COMPACT_HINT + PP_SIGNATURE_SIZE;

	assert_true(before + length <= sizeof(bytes));
	memcpy(bytes + before, signal, length);
	pp_base64(bytes, before + length, text + 3);
	text[strcspn(text, "=")] = '\0';
	return pp_compact_read(text, strlen(text), ret_compact);
}

/* epoch, seq, boot, mono, at; kind, type, class, flags; cause, point, detail */
static void bytes_that_no_writer_makes_are_no_signal(void **state)
{
	static const struct {
		const char *what, *bytes;
		size_t length;
		int want;
	} rows[] = {
		{ "an alarm", BYTES(EPOCH "\1\1\1\0\1\1\2\0\0\1p\0"), 0 },
		{ "a number of two bytes", BYTES(EPOCH "\x80\1\1\1\0\1\1\2\0\0\1p\0"), 0 },
		{ "a longer way to write it", BYTES(EPOCH "\x81\0\1\1\0\1\1\2\0\0\1p\0"),
			-EBADMSG },
		{ "a number without end",
			BYTES(EPOCH "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\1\0\1\1\2\0"
				    "\0\1p\0"),
			-EBADMSG },
		{ "one beyond JSON's whole numbers",
			BYTES(EPOCH "\x80\x80\x80\x80\x80\x80\x80\x10\1\1\0\1\1\2\0\0\1p\0"),
			-EBADMSG },
		{ "no epoch", BYTES("\0\0\0\0\0\0\0\0\1\1\1\0\1\1\2\0\0\1p\0"), -EBADMSG },
		{ "the number 0", BYTES(EPOCH "\0\1\1\0\1\1\2\0\0\1p\0"), -EBADMSG },
		{ "no kind", BYTES(EPOCH "\1\1\1\0\0\1\2\0\0\1p\0"), -EBADMSG },
		{ "an unknown kind", BYTES(EPOCH "\1\1\1\0\x7f\1\2\0\0\1p\0"), -EBADMSG },
		{ "no type", BYTES(EPOCH "\1\1\1\0\1\0\2\0\0\1p\0"), -EBADMSG },
		{ "an unknown type", BYTES(EPOCH "\1\1\1\0\1\x7f\2\0\0\1p\0"), -EBADMSG },
		{ "an unknown class", BYTES(EPOCH "\1\1\1\0\1\1\x7f\0\0\1p\0"), -EBADMSG },
		{ "a class of what has none", BYTES(EPOCH "\1\1\1\0\1\2\2\0\0\1p\0"),
			-EBADMSG },
		{ "the same without it", BYTES(EPOCH "\1\1\1\0\1\2\0\0\0\1p\0"), 0 },
		{ "an unknown flag", BYTES(EPOCH "\1\1\1\0\1\1\2\x40\0\1p\0"), -EBADMSG },
		{ "a point that is too long",
			BYTES(EPOCH "\1\1\1\0\1\1\2\0\0\x21ppppppppppppppppppppppppppppppppp\0"),
			-EBADMSG },
		{ "a point cut short", BYTES(EPOCH "\1\1\1\0\1\1\2\0\0\2p"), -EBADMSG },
		{ "no UTF-8", BYTES(EPOCH "\1\1\1\0\1\1\2\0\0\1p\1\xff"), -EBADMSG },
		{ "a byte too much", BYTES(EPOCH "\1\1\1\0\1\1\2\0\0\1p\0\0"), -EBADMSG },
		{ "a byte too few", BYTES(EPOCH "\1\1\1\0\1\1\2\0\0\1p"), -EBADMSG },
		{ "half an epoch", BYTES("\x9f\x3c\x2a\x77"), -EBADMSG },
	};
	struct pp_compact c;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		int r = bytes_read(rows[i].bytes, rows[i].length, &c);

		if (r != rows[i].want)
			fail_msg("%s: %d", rows[i].what, r);
		if (r == 0)
			free(c.payload);
	}
}

static void without_memory_nothing_is_written_and_no_text_is_called_wrong(void **state)
{
	char *payload = golden_read("signal-alarm.json"), *golden = golden_read("compact.txt");
	const uint8_t hint[PP_COMPACT_HINT] = { 0 }, signature[PP_SIGNATURE_SIZE] = { 0 };
	char text[PP_COMPACT_MAX + 1] = "";
	unsigned long failed = 0;
	struct pp_compact c;
	int r = -1;

	(void)state;
	for (unsigned long nth = 1; r != 0; nth++) {
		memory_fail(nth);
		r = pp_compact_write(payload, strlen(payload), hint, signature, text);
		assert_int_equal(r, memory_has_failed() ? -ENOMEM : 0);
		assert_true((r == 0) == (text[0] != '\0'));
		failed += r != 0;
	}
	assert_true(failed > 0);
	r = -1;
	failed = 0;
	for (unsigned long nth = 1; r != 0; nth++) {
		memory_fail(nth);
		r = pp_compact_read(golden, strlen(golden), &c);
		assert_int_equal(r, memory_has_failed() ? -ENOMEM : 0);
		failed += r != 0;
	}
	assert_true(failed > 0);
	free(c.payload);
	free(payload);
	free(golden);
}

static void what_is_no_such_text_is_refused(void **state)
{
	static const char *const texts[] = { "", "PP1", "PP2AAAA", "Tolong ada maling di pos 3",
		"PP1====", "PP1AAAAA", "PP1 AAAA AAAA AAAA" };
	char big[4000];
	struct pp_compact c;

	(void)state;
	assert_true(pp_compact_is("PP1abc") && pp_compact_is("\r\n PP1abc"));
	assert_false(pp_compact_is("YA 123456") || pp_compact_is("PP") || pp_compact_is(""));
	for (size_t i = 0; i < PP_COUNT(texts); i++)
		assert_int_equal(pp_compact_read(texts[i], strlen(texts[i]), &c), -EBADMSG);
	memset(big, 'A', sizeof(big));
	memcpy(big, "PP1", 3);
	/* letters that are not whole bytes, the most that there may be, one more */
	for (size_t length = 4; length <= PP_COMPACT_MAX + 1; length++)
		assert_int_equal(pp_compact_read(big, length, &c), -EBADMSG);
	assert_int_equal(pp_compact_read(big, sizeof(big), &c), -EBADMSG);
}

/* ---- receipts ---- */

/* As the server would write it. */
static int receipt_write(const char *payload, char text[PP_COMPACT_RECEIPT_MAX + 1])
{
	uint8_t sig[PP_SIGNATURE_SIZE];
	struct pp_key *key = golden_key();

	assert_int_equal(pp_seal(key, RECEIPT_TOPIC, payload, strlen(payload), sig), 0);
	pp_key_free(key);
	return pp_compact_receipt_write(payload, strlen(payload), sig, text);
}

static bool receipt_holds(const struct pp_compact_receipt *c, const char *topic)
{
	uint8_t public_key[1][PP_PUBLIC_KEY_SIZE];
	struct pp_key *key = golden_key();

	pp_key_public(key, public_key[0]);
	pp_key_free(key);
	return pp_seal_check(public_key, 1, topic, c->payload, c->length, c->signature) == 0;
}

static void the_golden_receipt_is_one_message_and_comes_back_byte_for_byte(void **state)
{
	char *golden = golden_read("compact-receipt.txt"), text[PP_COMPACT_RECEIPT_MAX + 1];
	struct pp_compact_receipt c;

	(void)state;
	assert_int_equal(receipt_write(RECEIPT, text), 0);
	assert_string_equal(text, golden);
	assert_int_equal(pp_compact_receipt_read(text, strlen(text), &c), 0);
	assert_string_equal(c.payload, RECEIPT);
	assert_int_equal(c.length, strlen(RECEIPT));
	assert_int_equal(c.receipt.epoch, 0x9f3c2a77d01b44e2);
	assert_int_equal(c.receipt.seq, 4711);
	assert_int_equal(c.receipt.result, PP_RECEIPT_RECORDED);
	assert_string_equal(c.receipt.incident, "KDL-26-000123");
	assert_true(receipt_holds(&c, RECEIPT_TOPIC));
	/* It is for that post alone, and for nothing but a receipt. */
	assert_false(receipt_holds(&c, "pospin/v1/kendal/boja-bebengan-04/receipt"));
	assert_false(receipt_holds(&c, "pospin/v1/kendal/boja-bebengan-03/signal"));
	free(c.payload);
	free(golden);
}

static void the_longest_receipt_is_one_message_too(void **state)
{
	struct pp_receipt r = { .epoch = UINT64_MAX, .seq = (1LL << 53) - 1 };
	char *payload, text[PP_COMPACT_RECEIPT_MAX + 1];
	struct pp_compact_receipt c;
	size_t length;

	(void)state;
	memset(r.incident, '"', PP_INCIDENT_MAX);
	assert_int_equal(pp_receipts_encode(&r, 1, &payload, &length), 0);
	assert_int_equal(receipt_write(payload, text), 0);
	assert_true(strlen(text) <= SMS);
	assert_int_equal(pp_compact_receipt_read(text, strlen(text), &c), 0);
	assert_string_equal(c.payload, payload);
	free(c.payload);
	free(payload);
}

#define ONE(members) "{\"receipts\":[{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":4711," members "}]}"
static void only_one_receipt_that_says_recorded_is_written(void **state)
{
	static const char *const payloads[] = { "", "{}", "not JSON", "{\"receipts\":[]}",
		ONE("\"result\":\"refused\",\"reason\":\"revoked\""),
		ONE("\"result\":\"recorded\",\"reason\":\"why\""),
		ONE("\"result\":\"recorded\",\"incident\":\"KDL\",\"x\":1"),
		ONE("\"result\":\"kept\""),
		ONE("\"result\":\"recorded\"},{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":4712,"
		    "\"result\":\"recorded\"") };
	char text[PP_COMPACT_RECEIPT_MAX + 1];

	(void)state;
	assert_int_equal(receipt_write(ONE("\"result\":\"recorded\""), text), 0);
	for (size_t i = 0; i < PP_COUNT(payloads); i++)
		assert_int_equal(receipt_write(payloads[i], text), -EBADMSG);
}

static void no_letter_of_a_receipt_can_be_changed(void **state)
{
	char *golden = golden_read("compact-receipt.txt");
	size_t length = strlen(golden);
	struct pp_compact_receipt c;

	(void)state;
	for (size_t i = 0; i < length; i++) {
		static const char letters[] = "ABab01+/=P\"";
		char was = golden[i];

		for (size_t j = 0; letters[j]; j++) {
			golden[i] = letters[j];
			if (letters[j] == was || pp_compact_receipt_read(golden, length, &c) < 0)
				continue;
			assert_false(receipt_holds(&c, RECEIPT_TOPIC));
			free(c.payload);
		}
		golden[i] = was;
	}
	for (size_t cut = 0; cut < length; cut++)
		assert_int_equal(pp_compact_receipt_read(golden, cut, &c), -EBADMSG);
	free(golden);
}

/* epoch, seq; incident */
static void bytes_that_no_writer_makes_are_no_receipt(void **state)
{
	static const struct {
		const char *what, *bytes;
		size_t length;
		int want;
	} rows[] = {
		{ "a receipt", BYTES(EPOCH "\1\1I"), 0 },
		{ "of no incident", BYTES(EPOCH "\1\0"), 0 },
		{ "no epoch", BYTES("\0\0\0\0\0\0\0\0\1\0"), -EBADMSG },
		{ "half an epoch", BYTES("\x9f\x3c\x2a"), -EBADMSG },
		{ "the number 0", BYTES(EPOCH "\0\0"), -EBADMSG },
		{ "a longer way to write it", BYTES(EPOCH "\x81\0\0"), -EBADMSG },
		{ "a control character", BYTES(EPOCH "\1\1\n"), -EBADMSG },
		{ "a NUL", BYTES(EPOCH "\1\2A\0"), -EBADMSG },
		{ "no ASCII", BYTES(EPOCH "\1\2\xc2\xb0"), -EBADMSG },
		{ "an incident that is too long",
			BYTES(EPOCH "\1\x19IIIIIIIIIIIIIIIIIIIIIIIII"), -EBADMSG },
		{ "an incident cut short", BYTES(EPOCH "\1\2I"), -EBADMSG },
		{ "a byte too much", BYTES(EPOCH "\1\1II"), -EBADMSG },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		uint8_t bytes[PP_SIGNATURE_SIZE + 64] = { 0 };
		char text[4 + 4 * (sizeof(bytes) + 2) / 3] = "PR1";
		struct pp_compact_receipt c;
		int r;

		memcpy(bytes + PP_SIGNATURE_SIZE, rows[i].bytes, rows[i].length);
		pp_base64(bytes, PP_SIGNATURE_SIZE + rows[i].length, text + 3);
		text[strcspn(text, "=")] = '\0';
		r = pp_compact_receipt_read(text, strlen(text), &c);
		if (r != rows[i].want)
			fail_msg("%s: %d", rows[i].what, r);
		if (r == 0)
			free(c.payload);
	}
}

static void an_alarm_is_no_receipt_and_a_receipt_no_alarm(void **state)
{
	char *alarm = golden_read("compact.txt"), *receipt = golden_read("compact-receipt.txt");
	struct pp_compact_receipt r;
	struct pp_compact c;

	(void)state;
	assert_int_equal(pp_compact_read(receipt, strlen(receipt), &c), -EBADMSG);
	assert_int_equal(pp_compact_receipt_read(alarm, strlen(alarm), &r), -EBADMSG);
	assert_false(pp_compact_is(receipt));
	receipt[1] = 'P'; /* nor with the other's first letters */
	assert_int_equal(pp_compact_read(receipt, strlen(receipt), &c), -EBADMSG);
	alarm[1] = 'R';
	assert_int_equal(pp_compact_receipt_read(alarm, strlen(alarm), &r), -EBADMSG);
	free(alarm);
	free(receipt);
}

static void without_memory_no_receipt_is_written_and_none_is_called_wrong(void **state)
{
	char *golden = golden_read("compact-receipt.txt"), text[PP_COMPACT_RECEIPT_MAX + 1] = "";
	const uint8_t signature[PP_SIGNATURE_SIZE] = { 0 };
	struct pp_compact_receipt c;
	unsigned long failed = 0;
	int r = -1;

	(void)state;
	for (unsigned long nth = 1; r != 0; nth++) {
		memory_fail(nth);
		r = pp_compact_receipt_write(RECEIPT, strlen(RECEIPT), signature, text);
		assert_int_equal(r, memory_has_failed() ? -ENOMEM : 0);
		assert_true((r == 0) == (text[0] != '\0'));
		failed += r != 0;
	}
	r = -1;
	for (unsigned long nth = 1; r != 0; nth++) {
		memory_fail(nth);
		r = pp_compact_receipt_read(golden, strlen(golden), &c);
		assert_int_equal(r, memory_has_failed() ? -ENOMEM : 0);
		failed += r != 0;
	}
	assert_true(failed > 1);
	free(c.payload);
	free(golden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_golden_alarm_is_one_message_and_comes_back_byte_for_byte),
		cmocka_unit_test(every_word_and_flag_comes_back),
		cmocka_unit_test(the_longest_names_fit_three_messages),
		cmocka_unit_test(what_cannot_be_made_again_is_not_written),
		cmocka_unit_test(blanks_and_line_ends_of_gateways_do_not_matter),
		cmocka_unit_test(no_letter_can_be_changed),
		cmocka_unit_test(bytes_that_no_writer_makes_are_no_signal),
		cmocka_unit_test(without_memory_nothing_is_written_and_no_text_is_called_wrong),
		cmocka_unit_test(what_is_no_such_text_is_refused),
		cmocka_unit_test(the_golden_receipt_is_one_message_and_comes_back_byte_for_byte),
		cmocka_unit_test(the_longest_receipt_is_one_message_too),
		cmocka_unit_test(only_one_receipt_that_says_recorded_is_written),
		cmocka_unit_test(no_letter_of_a_receipt_can_be_changed),
		cmocka_unit_test(bytes_that_no_writer_makes_are_no_receipt),
		cmocka_unit_test(an_alarm_is_no_receipt_and_a_receipt_no_alarm),
		cmocka_unit_test(without_memory_no_receipt_is_written_and_none_is_called_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
