/* SPDX-License-Identifier: Apache-2.0 */
/* letter_test.c -- nothing foreign gets into a header. */
#include "mail/letter.h"

#include "pospin_test.h"

#include <errno.h>
#include <stdbool.h>

static const struct pp_letter fire = {
	.from = "pospin@kendal.example",
	.to = "piket@kendal.example",
	.name = "PosPin",
	.text = "KEBAKARAN KDL-26-000123: Pos\nTempat: RW 03",
	.key = "k-1",
	.now_ms = 1763750400123,
};

static void a_letter_is_whole(void **state)
{
	size_t length;
	char *text;

	(void)state;
	assert_int_equal(pp_letter_make(&fire, &text, &length), 0);
	assert_int_equal(length, strlen(text));
	assert_string_equal(text,
		"From: PosPin <pospin@kendal.example>\r\nTo: <piket@kendal.example>\r\n"
		"Subject: KEBAKARAN KDL-26-000123: Pos\r\n"
		"Date: Fri, 21 Nov 2025 18:40:00 +0000\r\n"
		"Message-ID: <pospin.k-1@kendal.example>\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n"
		"X-Priority: 1\r\n\r\n"
		"S0VCQUtBUkFOIEtETC0yNi0wMDAxMjM6IFBvcw0KVGVtcGF0OiBSVyAwMw==\r\n");
	free(text);
}

static void lines_are_short_and_of_printable_ascii(const char *text)
{
	size_t column = 0;

	for (const char *c = text; *c; c++) {
		if (*c == '\r') {
			assert_int_equal(c[1], '\n');
			column = 0;
			c++;
			continue;
		}
		assert_in_range(*c, ' ', '~');
		assert_true(++column <= 78);
	}
}

static void attacks_stay_inside_of_their_field(void **state)
{
	static const char *const attacks[] = {
		"a\r\nBcc: all@evil.example\r\n\r\nbody",
		"a\nSubject: b",
		"\xc3\xa9\xc3\xa9\xc3\xa9\r\n.\r\nMAIL FROM:<x@y>",
		"=?UTF-8?B?QmNjOg==?=",
		"\x1b[2J\x7f",
		"\xe2\x80\xaetxt",
		".",
		"",
	};
	char many[2000];

	(void)state;
	for (size_t i = 0; i <= PP_COUNT(attacks); i++) {
		struct pp_letter l = fire;
		size_t length, headers = 0;
		char *text;

		memset(many, 0, sizeof(many));
		for (int k = 0; k < 600; k++)
			memcpy(many + 3 * k, "\xe2\x82\xac", 3);
		l.text = l.name = l.key = i < PP_COUNT(attacks) ? attacks[i] : many;
		assert_int_equal(pp_letter_make(&l, &text, &length), 0);
		if (i < PP_COUNT(attacks))
			lines_are_short_and_of_printable_ascii(text);
		for (const char *c = text; strncmp(c, "\r\n\r\n", 4) != 0; c++)
			headers += c == text || (c[-1] == '\n' && *c != ' ');
		assert_int_equal(headers, 10);
		free(text);
	}
}

static void an_address_is_one_address(void **state)
{
	static const struct {
		const char *address;
		bool fine;
	} rows[] = {
		{ "piket@kendalkab.go.id", true },
		{ "a.b+c_d@x-y.example", true },
		{ "", false },
		{ "piket", false },
		{ "@x", false },
		{ "a@", false },
		{ "a@b@c", false },
		{ "a@b,c@d", false },
		{ "a@b>\r\nRCPT TO:<c@d", false },
		{ "<a@b>", false },
		{ "a b@c", false },
		{ "\"a\"@b", false },
		{ ".a@b", false },
		{ "a@b.", false },
		{ "a..b@c", false },
		{ "-oX@c", false },
		{ "a@[127.0.0.1]", false },
		{ "\xc3\xa9@b", false },
	};
	struct pp_letter l = fire;
	size_t length;
	char *text;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		if ((pp_mailbox_check(rows[i].address) == NULL) != rows[i].fine)
			fail_msg("%s", rows[i].address);
		l.to = rows[i].address;
		if (!rows[i].fine)
			assert_int_equal(pp_letter_make(&l, &text, &length), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_is_whole),
		cmocka_unit_test(attacks_stay_inside_of_their_field),
		cmocka_unit_test(an_address_is_one_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
