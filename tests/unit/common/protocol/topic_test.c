/* SPDX-License-Identifier: Apache-2.0 */
/* topic_test.c -- topics of this contract, of another version, and of nobody. */
#include "protocol/topic.h"

#include "pospin_test.h"

#include <errno.h>

#define TENANT_20 "aaaaaaaaaabbbbbbbbbb"
#define POST_40 "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"

static void every_channel_goes_there_and_back(void **state)
{
	char text[PP_TOPIC_MAX];
	struct pp_topic topic;

	(void)state;
	for (int i = 0; i < PP_CHANNEL_COUNT; i++) {
		assert_int_equal(pp_topic_format(TENANT_20, POST_40, (enum pp_channel)i, text), 0);
		assert_int_equal(pp_topic_parse(text, &topic), 0);
		assert_string_equal(topic.tenant, TENANT_20);
		assert_string_equal(topic.post, POST_40);
		assert_int_equal(topic.channel, i);
	}
	assert_int_equal(pp_topic_format("kendal", "boja-03", PP_CHANNEL_SIGNAL, text), 0);
	assert_string_equal(text, "pospin/v1/kendal/boja-03/signal");
	assert_int_equal(pp_topic_format("+", "+", PP_CHANNEL_STATE, text), 0);
	assert_string_equal(text, "pospin/v1/+/+/state");
}

static void what_is_no_topic_of_ours_is_refused(void **state)
{
	static const struct {
		const char *text;
		int want;
	} rows[] = {
		{ "", -EBADMSG },
		{ "pospin", -EBADMSG },
		{ "pospin/v1/", -EBADMSG },
		{ "pospin/v1/kendal/boja-03", -EBADMSG },
		{ "pospin/v1/kendal/boja-03/", -EBADMSG },
		{ "pospin/v1/kendal/boja-03/signal/", -EBADMSG },
		{ "pospin/v1/kendal/boja-03/signal/x", -EBADMSG },
		{ "pospin/v1/kendal/boja-03/Signal", -EBADMSG },
		{ "/pospin/v1/kendal/boja-03/signal", -EBADMSG },
		{ "pospin/v1//boja-03/signal", -EBADMSG },
		{ "pospin/v1/kendal//signal", -EBADMSG },
		{ "pospin/v1/+/boja-03/signal", -EBADMSG },
		{ "pospin/v1/kendal/-boja/signal", -EBADMSG },
		{ "pospin/v1/kendal/boja_03/signal", -EBADMSG },
		{ "pospin/v1/kendal/svc-server/signal", -EBADMSG },
		{ "pospin/v1/" TENANT_20 "x/boja-03/signal", -EBADMSG },
		{ "pospin/v1/kendal/" POST_40 "x/signal", -EBADMSG },
		{ "pospin/v01/kendal/boja-03/signal", -EBADMSG },
		{ "pospin/v/kendal/boja-03/signal", -EBADMSG },
		{ "pospin/v1x/kendal/boja-03/signal", -EBADMSG },
		{ "pospin/v2/kendal/boja-03/signal", -EPROTONOSUPPORT },
		{ "pospin/v10/anything", -EPROTONOSUPPORT },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_topic topic = { .tenant = "untouched" };
		int got = pp_topic_parse(rows[i].text, &topic);

		if (got != rows[i].want)
			fail_msg(
				"row %zu: %s: got %d, want %d", i, rows[i].text, got, rows[i].want);
		assert_string_equal(topic.tenant, "untouched");
	}
}

static void names_are_checked_by_form_length_and_reserve(void **state)
{
	static const struct {
		const char *name;
		int tenant, post;
	} rows[] = {
		{ "kendal", 0, 0 },
		{ "3kings", 0, 0 },
		{ "", -EINVAL, -EINVAL },
		{ "-a", -EINVAL, -EINVAL },
		{ "a b", -EINVAL, -EINVAL },
		{ "Kendal", -EINVAL, -EINVAL },
		{ "#", -EINVAL, -EINVAL },
		{ "svc-server", 0, -EINVAL },
		{ "svc", 0, 0 },
		{ TENANT_20, 0, 0 },
		{ TENANT_20 "c", -ENAMETOOLONG, 0 },
		{ POST_40, -ENAMETOOLONG, 0 },
		{ POST_40 "e", -ENAMETOOLONG, -ENAMETOOLONG },
	};
	char text[PP_TOPIC_MAX];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		const char *name = rows[i].name;

		assert_int_equal(pp_tenant_check(name), rows[i].tenant);
		assert_int_equal(pp_post_check(name), rows[i].post);
		assert_int_equal(pp_topic_format(name, "p", PP_CHANNEL_BEAT, text), rows[i].tenant);
		assert_int_equal(pp_topic_format("t", name, PP_CHANNEL_BEAT, text), rows[i].post);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_channel_goes_there_and_back),
		cmocka_unit_test(what_is_no_topic_of_ours_is_refused),
		cmocka_unit_test(names_are_checked_by_form_length_and_reserve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
