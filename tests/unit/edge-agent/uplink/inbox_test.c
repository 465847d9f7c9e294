/* SPDX-License-Identifier: Apache-2.0 */
/* inbox_test.c -- a post believes only what the server has signed for it, now. */
#include "uplink/inbox.h"

#include "pospin_test.h"

#include <errno.h>

#include "protocol/seal.h"

#define RECEIPT "pospin/v1/kendal/boja-01/receipt"
#define BODY                                                                                       \
	"{\"receipts\":[{\"epoch\":\"00000000000000aa\",\"seq\":4,\"result\":\"recorded\","        \
	"\"incident\":\"KDL-26-000001\"}]}"

#define COMMAND "pospin/v1/kendal/boja-01/command"
#define ORDER                                                                                      \
	"{\"id\":\"00000000000000aa\",\"epoch\":\"00000000000000bb\",\"boot\":1,\"until\":9,"      \
	"\"order\":\"silence\"}"

static struct pp_key *server, *stranger;
static struct pp_inbox in;

static int begin(void **state)
{
	(void)state;
	assert_int_equal(pp_key_new(&server), 0);
	assert_int_equal(pp_key_new(&stranger), 0);
	memset(&in, 0, sizeof(in));
	memcpy(in.tenant, "kendal", 7);
	memcpy(in.post, "boja-01", 8);
	in.key_count = 2;
	pp_key_public(server, in.keys[1]);
	return 0;
}

static int end(void **state)
{
	(void)state;
	server = pp_key_free(server);
	stranger = pp_key_free(stranger);
	return 0;
}

/* Topic and body are borrowed for the test. */
static struct pp_mqtt_event event(const char *topic, const char *body, const struct pp_key *signer)
{
	static char topic_copy[128], body_copy[1024];
	struct pp_mqtt_event e = {
		.type = PP_MQTT_MESSAGE, .topic = topic_copy, .payload = body_copy
	};

	snprintf(topic_copy, sizeof(topic_copy), "%s", topic);
	e.length = (size_t)snprintf(body_copy, sizeof(body_copy), "%s", body);
	e.has_signature = signer != NULL;
	if (signer)
		assert_int_equal(pp_seal(signer, topic, body, e.length, e.signature), 0);
	return e;
}

static void a_signed_receipt_is_taken(void **state)
{
	struct pp_mqtt_event e = event(RECEIPT, BODY, server);
	struct pp_inbox_counts counts = { 0 };
	struct pp_inbox_message m;
	char why[160];

	(void)state;
	assert_int_equal(pp_inbox_read(&in, &e, &counts, &m, why), 0);
	assert_int_equal(m.channel, PP_CHANNEL_RECEIPT);
	assert_int_equal(m.count, 1);
	assert_int_equal(m.receipts[0].seq, 4);
	assert_int_equal(counts.taken, 1);
}

static void a_signed_order_is_taken(void **state)
{
	struct pp_mqtt_event e = event(COMMAND, ORDER, server);
	struct pp_inbox_counts counts = { 0 };
	struct pp_inbox_message m;
	char why[160];

	(void)state;
	assert_int_equal(pp_inbox_read(&in, &e, &counts, &m, why), 0);
	assert_int_equal(m.channel, PP_CHANNEL_COMMAND);
	assert_int_equal(m.command.order, PP_ORDER_SILENCE);
	assert_int_equal(m.command.id, 0xaa);
}

static void everything_else_is_ignored_and_counted(void **state)
{
	static const struct {
		const char *topic, *body;
		int signer; /* 0 none, 1 server, 2 a stranger */
		bool retained;
		int want;
		size_t count; /* place in struct pp_inbox_counts */
	} rows[] = {
		{ RECEIPT, BODY, 1, true, -EPERM, 1 },
		{ "pospin/v1/kendal/boja-02/receipt", BODY, 1, false, -EADDRNOTAVAIL, 2 },
		{ "pospin/v1/serang/boja-01/receipt", BODY, 1, false, -EADDRNOTAVAIL, 2 },
		{ "pospin/v1/kendal/boja-01/signal", BODY, 1, false, -EADDRNOTAVAIL, 2 },
		{ "pospin/v2/kendal/boja-01/receipt", BODY, 1, false, -EADDRNOTAVAIL, 2 },
		{ RECEIPT, BODY, 0, false, -ENOKEY, 3 },
		{ RECEIPT, BODY, 2, false, -EKEYREJECTED, 4 },
		{ RECEIPT, "{\"receipts\":7}", 1, false, -EBADMSG, 5 },
		{ "pospin/v1/kendal/boja-01/beat", "{}", 1, false, -EBADMSG, 5 },
		{ COMMAND, ORDER, 1, true, -EPERM, 1 },
		{ "pospin/v1/kendal/boja-02/command", ORDER, 1, false, -EADDRNOTAVAIL, 2 },
		{ COMMAND, ORDER, 0, false, -ENOKEY, 3 },
		{ COMMAND, ORDER, 2, false, -EKEYREJECTED, 4 },
		{ COMMAND, "{\"order\":\"silence\"}", 1, false, -EBADMSG, 5 },
	};
	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		const struct pp_key *signers[] = { NULL, server, stranger };
		struct pp_mqtt_event e =
			event(rows[i].topic, rows[i].body, signers[rows[i].signer]);
		union {
			struct pp_inbox_counts named;
			uint64_t list[6];
		} counts = { 0 };
		static struct pp_inbox_message m, before;
		char why[160];
		int r;

		e.retained = rows[i].retained;
		memset(&m, 0x5a, sizeof(m));
		before = m;
		r = pp_inbox_read(&in, &e, &counts.named, &m, why);
		assert_memory_equal(&m, &before, sizeof(m));
		if (r != rows[i].want || counts.list[rows[i].count] != 1 || counts.named.taken)
			fail_msg("row %zu: got %d, want %d", i, r, rows[i].want);
	}
}

static void a_signature_of_another_topic_is_forged(void **state)
{
	struct pp_mqtt_event e = event("pospin/v1/kendal/boja-01/progress", "{}", server);
	struct pp_inbox_counts counts = { 0 };
	struct pp_inbox_message m;
	char why[160], topic[] = RECEIPT;

	(void)state;
	assert_int_equal(pp_inbox_read(&in, &e, &counts, &m, why), 0);
	assert_int_equal(m.channel, PP_CHANNEL_PROGRESS);
	e.topic = topic;
	assert_int_equal(pp_inbox_read(&in, &e, &counts, &m, why), -EKEYREJECTED);
}

static void key_lists_are_read_and_written(void **state)
{
	struct pp_inbox other = { 0 };
	char *text = pp_inbox_keys_print(&in, "since today");
	unsigned line = 99;

	(void)state;
	assert_non_null(text);
	assert_int_equal(strncmp(text, "# since today\n", 14), 0);
	assert_int_equal(pp_inbox_keys_parse(text, &other, &line), 0);
	assert_int_equal(other.key_count, 2);
	assert_memory_equal(other.keys, in.keys, 2 * PP_PUBLIC_KEY_SIZE);
	free(text);
	assert_int_equal(pp_inbox_keys_parse("# none\n\n", &other, &line), -EINVAL);
	assert_int_equal(line, 0);
	assert_int_equal(pp_inbox_keys_parse("# a\nAAAA\n", &other, &line), -EINVAL);
	assert_int_equal(line, 2);
}

static void a_new_list_is_taken_and_the_same_one_is_no_news(void **state)
{
	struct pp_beat beat = { .key_count = 1 };

	(void)state;
	pp_key_public(stranger, beat.keys[0]);
	assert_true(pp_inbox_keys_set(&in, &beat));
	assert_false(pp_inbox_keys_set(&in, &beat));
	assert_int_equal(in.key_count, 1);
	beat.key_count = 0;
	assert_false(pp_inbox_keys_set(&in, &beat));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_signed_receipt_is_taken),
		TEST(a_signed_order_is_taken),
		TEST(everything_else_is_ignored_and_counted),
		TEST(a_signature_of_another_topic_is_forged),
		TEST(key_lists_are_read_and_written),
		TEST(a_new_list_is_taken_and_the_same_one_is_no_news),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
