/* SPDX-License-Identifier: Apache-2.0 */
/* http_test.c -- what answers mean, also those of services that lie. */
#include "channel/channel.h"

#include "pospin_test.h"

#include <errno.h>

static void a_status_is_believed_only_with_what_the_target_promised(void **state)
{
	static const struct {
		int error;
		long status;
		const char *success;
		char body[40];
		enum pp_channel_word want;
	} rows[] = {
		{ 0, 200, "", "{\"error\":\"x\"}", PP_CHANNEL_TAKEN },
		{ 0, 200, "ok=true", "{\"ok\":true}", PP_CHANNEL_TAKEN },
		{ 0, 200, "ok=true", "{\"ok\":false}", PP_CHANNEL_AGAIN },
		{ 0, 200, "ok=true", "<html>", PP_CHANNEL_AGAIN },
		{ -EFBIG, 200, "", "", PP_CHANNEL_TAKEN },
		{ -EFBIG, 200, "ok=true", "{\"ok\":true}", PP_CHANNEL_AGAIN },
		{ 0, 500, "ok=true", "{\"ok\":true}", PP_CHANNEL_AGAIN },
		{ 0, 403, "ok=true", "{\"ok\":true}", PP_CHANNEL_REFUSED },
		{ 0, 307, "", "", PP_CHANNEL_REFUSED },
		{ -EACCES, 0, "", "", PP_CHANNEL_REFUSED },
		{ -ETIMEDOUT, 0, "", "", PP_CHANNEL_AGAIN },
		{ -EFBIG, 0, "", "", PP_CHANNEL_AGAIN },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		char body[40];
		struct pp_fetch_answer a = { .error = rows[i].error,
			.status = rows[i].status,
			.body = body,
			.length = strlen(rows[i].body),
			.retry_after_s = -1 };
		struct pp_form form = { "{}", "json", rows[i].success, "" };
		struct pp_channel_outcome o;

		memcpy(body, rows[i].body, sizeof(body));
		pp_channel_http_judge(&a, &form, "a.setting", &o);
		if (o.word != rows[i].want)
			fail_msg("row %zu: %s", i, o.detail);
		assert_true(o.detail[0] != '\0');
	}
}

static void what_a_machine_says_is_told_in_printable_ascii(void **state)
{
	struct pp_channel_outcome o;

	(void)state;
	pp_channel_say(&o, "550 %s", "\x1b[2J\r\nno \xe2\x80\xae<b>");
	assert_string_equal(o.detail, "550 ?[2J?" "?no ???" "<b>");
	pp_channel_error(-EINVAL, &o);
	assert_int_equal(o.word, PP_CHANNEL_REFUSED);
	pp_channel_error(-EDESTADDRREQ, &o);
	assert_int_equal(o.word, PP_CHANNEL_REFUSED);
	assert_string_equal(o.detail, "the target is gone");
	pp_channel_error(-ENOMEM, &o);
	assert_int_equal(o.word, PP_CHANNEL_AGAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_status_is_believed_only_with_what_the_target_promised),
		cmocka_unit_test(what_a_machine_says_is_told_in_printable_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
