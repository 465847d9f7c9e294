/* SPDX-License-Identifier: Apache-2.0 */
/* samples_test.c -- readings of a host that the test has made up. */
#include "samples/samples.h"

#include "pospin_test.h"

#include <errno.h>
#include <sys/stat.h>

static char *folder;

static int begin(void **state)
{
	(void)state;
	folder = pp_test_folder();
	return 0;
}

static int end(void **state)
{
	(void)state;
	pp_test_folder_remove(folder);
	return 0;
}

static void put(const char *name, const char *text)
{
	char path[600], *slash;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	slash = strrchr(path, '/');
	*slash = '\0';
	mkdir(path, 0700);
	*slash = '/';
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void the_hottest_zone_counts(void **state)
{
	double celsius = 0;

	(void)state;
	assert_int_equal(pp_samples_temperature(folder, &celsius), -ENOENT);
	put("thermal_zone0/temp", "41250\n");
	put("thermal_zone1/temp", "62000\n");
	put("thermal_zone2/temp", "hot\n");
	put("cooling_device0/temp", "99000\n");
	assert_int_equal(pp_samples_temperature(folder, &celsius), 0);
	assert_true(celsius > 61.99 && celsius < 62.01);
}

static void load_is_read_as_the_kernel_writes_it(void **state)
{
	static const struct {
		const char *text;
		double want; /* negative: refused */
	} rows[] = { { "0.00 0.01 0.05 1/123 4567\n", 0.0 }, { "1.05 0 0\n", 1.05 },
		{ "12.42 1 1\n", 12.42 }, { "1.5 1 1\n", -1 }, { "", -1 }, { "x.00 1\n", -1 } };
	char path[600];

	(void)state;
	snprintf(path, sizeof(path), "%s/loadavg", folder);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		double load = -1;

		put("loadavg", rows[i].text);
		(void)pp_samples_load(path, &load);
		if (load < rows[i].want - 0.001 || load > rows[i].want + 0.001)
			fail_msg("row %zu: got %f, want %f", i, load, rows[i].want);
	}
}

static void what_cannot_be_read_is_left_out(void **state)
{
	struct pp_samples_paths paths = {
		.thermal = "/nonexistent", .load = "/nonexistent", .data = folder
	};
	struct pp_samples_agent agent = {
		.round_trip_s = -1, .outbox_depth = 3, .clock_synchronised = true
	};
	static const char *const want[] = { "disk_free", "outbox_depth", "clock_synchronised" };
	struct pp_sample sample = { 0 };
	char *text;
	size_t length;

	(void)state;
	pp_samples_read(&paths, &agent, 1234, &sample);
	assert_int_equal(sample.count, PP_COUNT(want));
	for (size_t i = 0; i < PP_COUNT(want); i++) {
		assert_string_equal(sample.readings[i].name, want[i]);
		assert_int_equal(sample.readings[i].mono_ms, 1234);
	}
	assert_true(sample.readings[0].value > 0);
	sample.boot = 1;
	sample.at_ms = INT64_MIN;
	assert_int_equal(pp_sample_encode(&sample, &text, &length), 0);
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_hottest_zone_counts),
		TEST(load_is_read_as_the_kernel_writes_it),
		TEST(what_cannot_be_read_is_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
