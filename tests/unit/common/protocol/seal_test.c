/* SPDX-License-Identifier: Apache-2.0 */
/* seal_test.c -- the golden signatures, and what a signature does not cover up. */
#include "protocol/seal.h"

#include "golden.h"

#include <errno.h>

#include "json/json.h"
#include "protocol/limits.h"
#include "protocol/state.h"

#define TOPIC "pospin/v1/kendal/boja-bebengan-03/signal"

static struct pp_key *golden_key(uint8_t ret_public[PP_PUBLIC_KEY_SIZE])
{
	struct pp_key *key = NULL;

	assert_int_equal(pp_key_load(GOLDEN_FOLDER "test-key.pem", &key), 0);
	pp_key_public(key, ret_public);
	return key;
}

static const char *text_of(const struct pp_json *object, const char *name)
{
	const char *text = NULL;

	assert_int_equal(pp_json_get_text(object, name, 200, &text), 0);
	return text;
}

static void the_golden_signatures_are_made_and_accepted(void **state)
{
	uint8_t public[1][PP_PUBLIC_KEY_SIZE], want[PP_PUBLIC_KEY_SIZE];
	struct pp_key *key = golden_key(public[0]);
	char *text = golden_read("vectors.json");
	const struct pp_json *vectors = NULL;
	struct pp_json *v = NULL;

	(void)state;
	assert_int_equal(pp_json_parse(text, strlen(text), &v, NULL), 0);
	assert_int_equal(
		pp_unbase64(text_of(v, "public"), strlen(text_of(v, "public")), want, sizeof(want)),
		0);
	assert_memory_equal(public[0], want, sizeof(want));
	assert_int_equal(pp_json_get_list(v, "vectors", &vectors), 0);
	assert_int_equal(pp_json_count(vectors), 13);
	for (size_t i = 0; i < pp_json_count(vectors); i++) {
		const struct pp_json *row = pp_json_item(vectors, i);
		const char *topic = text_of(row, "topic");
		char *payload = golden_read(text_of(row, "file"));
		uint8_t sig[PP_SIGNATURE_SIZE];
		char base64[100];

		assert_int_equal(pp_seal(key, topic, payload, strlen(payload), sig), 0);
		pp_base64(sig, sizeof(sig), base64);
		assert_string_equal(base64, text_of(row, "sig"));
		assert_int_equal(pp_seal_check(public, 1, topic, payload, strlen(payload), sig), 0);
		free(payload);
	}
	pp_json_free(v);
	free(text);
	pp_key_free(key);
}

static void progress_says_nothing_but_its_topic(void **state)
{
	char *text = golden_read("progress.json");

	(void)state;
	assert_string_equal(text, PP_PROGRESS_PAYLOAD);
	free(text);
}

static void another_topic_payload_or_key_is_rejected(void **state)
{
	uint8_t public[1][PP_PUBLIC_KEY_SIZE], other[1][PP_PUBLIC_KEY_SIZE];
	struct pp_key *key = golden_key(public[0]), *second = NULL;
	uint8_t sig[PP_SIGNATURE_SIZE];

	(void)state;
	assert_int_equal(pp_key_new(&second), 0);
	pp_key_public(second, other[0]);
	assert_int_equal(pp_seal(key, TOPIC, "{}", 2, sig), 0);
	assert_int_equal(pp_seal_check(public, 1, TOPIC, "{}", 2, sig), 0);
	assert_int_equal(pp_seal_check(public, 1, TOPIC, "{ }", 3, sig), -EKEYREJECTED);
	assert_int_equal(pp_seal_check(public, 1, TOPIC, NULL, 0, sig), -EKEYREJECTED);
	assert_int_equal(pp_seal_check(public, 1, TOPIC "s", "{}", 2, sig), -EKEYREJECTED);
	/* Bytes may not move over the border between topic and payload. */
	assert_int_equal(pp_seal_check(public, 1, TOPIC "\n{", "}", 1, sig), -EKEYREJECTED);
	assert_int_equal(pp_seal_check(other, 1, TOPIC, "{}", 2, sig), -EKEYREJECTED);
	assert_int_equal(pp_seal_check(public, 0, TOPIC, "{}", 2, sig), -EKEYREJECTED);
	pp_key_free(second);
	pp_key_free(key);
}

static void any_key_of_a_rotating_list_may_have_signed(void **state)
{
	uint8_t public[3][PP_PUBLIC_KEY_SIZE] = { 0 };
	struct pp_key *key = golden_key(public[2]);
	uint8_t sig[PP_SIGNATURE_SIZE];

	(void)state;
	assert_int_equal(pp_seal(key, TOPIC, "{}", 2, sig), 0);
	assert_int_equal(pp_seal_check((const uint8_t(*)[PP_PUBLIC_KEY_SIZE]) public, 3, TOPIC,
				 "{}", 2, sig),
		0);
	assert_int_equal(pp_seal_check((const uint8_t(*)[PP_PUBLIC_KEY_SIZE]) public, 2, TOPIC,
				 "{}", 2, sig),
		-EKEYREJECTED);
	pp_key_free(key);
}

static void what_is_too_long_is_neither_signed_nor_accepted(void **state)
{
	static char payload[PP_PAYLOAD_MAX + 1];
	char topic[PP_TOPIC_MAX + 1];
	uint8_t public[1][PP_PUBLIC_KEY_SIZE];
	struct pp_key *key = golden_key(public[0]);
	uint8_t sig[PP_SIGNATURE_SIZE] = { 0 };

	(void)state;
	memset(topic, 't', PP_TOPIC_MAX);
	topic[PP_TOPIC_MAX] = '\0';
	assert_int_equal(pp_seal(key, topic, "{}", 2, sig), -EMSGSIZE);
	assert_int_equal(pp_seal(key, topic + 1, payload, PP_PAYLOAD_MAX, sig), 0);
	assert_int_equal(pp_seal_check(public, 1, topic + 1, payload, PP_PAYLOAD_MAX, sig), 0);
	assert_int_equal(pp_seal(key, topic + 1, payload, PP_PAYLOAD_MAX + 1, sig), -EMSGSIZE);
	assert_int_equal(pp_seal_check(public, 1, topic + 1, payload, PP_PAYLOAD_MAX + 1, sig),
		-EKEYREJECTED);
	pp_key_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_golden_signatures_are_made_and_accepted),
		cmocka_unit_test(progress_says_nothing_but_its_topic),
		cmocka_unit_test(another_topic_payload_or_key_is_rejected),
		cmocka_unit_test(any_key_of_a_rotating_list_may_have_signed),
		cmocka_unit_test(what_is_too_long_is_neither_signed_nor_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
