/* SPDX-License-Identifier: Apache-2.0 */
/* carve_test.c -- rows are found by what they look like, and nothing is read beyond the end. */
#include "pospin_test.h"

#include "carve.h"

#define TOPIC "pospin/v1/kendal/boja-01/signal"
#define PAYLOAD "{\"epoch\":\"00112233445566ff\",\"x\":{\"y\":\"}\\\"{\"}}"

static size_t found, done, length;

static void see(void *user, const struct pp_carved *carved)
{
	(void)user;
	found++;
	done += carved->done;
	length = carved->length;
	assert_int_equal(carved->signature[63], 's');
}

static void carve(const void *data, size_t size)
{
	/* Behind the last byte lies nothing that may be read: the sanitizer watches. */
	char *exact = malloc(size ? size : 1);

	assert_non_null(exact);
	memcpy(exact, data, size);
	found = done = length = 0;
	pp_carve(exact, size, TOPIC, see, NULL);
	free(exact);
}

/* A row as SQLite lays it out; status: its type in the header, value: its byte if it has one. */
static size_t row(char *at, uint8_t status, int value)
{
	const uint8_t header[] = { 13, 0, 9, 13 + 2 * (sizeof(TOPIC) - 1),
		12 + 2 * (sizeof(PAYLOAD) - 1), 0x81, 12, 0, status, 0, 0, 0 };
	size_t n = 0;

	memcpy(at, header, sizeof(header));
	at[0] = (char)sizeof(header);
	n += sizeof(header);
	memcpy(at + n, TOPIC, sizeof(TOPIC) - 1);
	n += sizeof(TOPIC) - 1;
	memcpy(at + n, PAYLOAD, sizeof(PAYLOAD) - 1);
	n += sizeof(PAYLOAD) - 1;
	memset(at + n, 's', 64);
	n += 64;
	if (value >= 0)
		at[n++] = (char)value;
	return n;
}

static void a_row_is_found_with_its_status(void **state)
{
	static const struct {
		uint8_t type;
		int value;
		bool done;
	} rows[] = { { 8, -1, false }, { 9, -1, true }, { 1, 2, false }, { 1, 3, true },
		{ 1, 64, false } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		char data[1024] = "....";
		size_t n = 4 + row(data + 4, rows[i].type, rows[i].value);

		carve(data, n);
		assert_int_equal(found, 1);
		assert_int_equal(length, sizeof(PAYLOAD) - 1);
		if (done != rows[i].done)
			fail_msg("row %zu: done %zu", i, done);
	}
}

static void a_row_whose_header_is_gone_may_be_unsent(void **state)
{
	char data[1024];
	size_t n = row(data, 9, -1);

	(void)state;
	data[0] = 99;
	carve(data, n);
	assert_int_equal(found, 1);
	assert_int_equal(done, 0);
}

static void what_is_cut_off_is_nothing_at_every_length(void **state)
{
	char data[1024];
	size_t n = row(data, 8, -1);

	(void)state;
	for (size_t size = 0; size < n; size++) {
		carve(data, size);
		assert_int_equal(found, 0);
	}
}

static void of_a_log_only_what_was_committed_counts(void **state)
{
	enum { FRAME = 24 + 4096 };
	static uint8_t log[32 + 3 * FRAME];

	(void)state;
	memset(log, 0, sizeof(log));
	log[10] = 0x10; /* pages of 4096 */
	for (int i = 0; i < 3; i++) {
		memset(log + 32 + i * FRAME + 8, 7, 8); /* salts */
		row((char *)log + 32 + i * FRAME + 24 + 100, 8, -1);
	}
	found = 0;
	pp_carve_log(log, sizeof(log), TOPIC, see, NULL);
	assert_int_equal(found, 0);
	log[32 + FRAME + 7] = 9; /* the second ends a transaction */
	pp_carve_log(log, sizeof(log), TOPIC, see, NULL);
	assert_int_equal(found, 2);
	found = 0;
	log[32 + FRAME + 8] = 8; /* it is of an earlier round */
	pp_carve_log(log, sizeof(log), TOPIC, see, NULL);
	assert_int_equal(found, 0);
	pp_carve_log(log, 20, TOPIC, see, NULL);
	assert_int_equal(found, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_found_with_its_status),
		cmocka_unit_test(a_row_whose_header_is_gone_may_be_unsent),
		cmocka_unit_test(what_is_cut_off_is_nothing_at_every_length),
		cmocka_unit_test(of_a_log_only_what_was_committed_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
