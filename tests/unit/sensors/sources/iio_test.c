/* SPDX-License-Identifier: Apache-2.0 */
/* iio_test.c -- Industrial I/O devices as a copied sysfs tree in a temporary folder: the files,
 * their names and their texts are those of the kernel's ABI; no driver stands behind them. */
#include "sources/iio.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>

#include "pospin_test.h"

static char *folder;

static void put(const char *device, const char *file, const char *text)
{
	char path[700];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, device);
	(void)mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%s/%s", folder, device, file);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void move(const char *from, const char *to)
{
	char a[700], b[700];

	snprintf(a, sizeof(a), "%s/%s", folder, from);
	snprintf(b, sizeof(b), "%s/%s", folder, to);
	assert_int_equal(rename(a, b), 0);
}

static int set_up(void **state)
{
	(void)state;
	folder = pp_test_folder();
	put("iio:device0", "name", "bme280\n");
	put("iio:device0", "in_temp_input", "24120\n");
	put("iio:device0", "in_humidityrelative_input", "51234.375\n");
	put("iio:device1", "name", "ads1015\n");
	put("iio:device1", "label", "smoke-adc\n");
	put("iio:device1", "in_voltage0_raw", "400\n");
	put("iio:device1", "in_voltage_scale", "3.000000000 \n");
	put("iio:device1", "in_voltage1_raw", "-12\n");
	put("iio:device1", "in_voltage1_scale", "0.5\n");
	put("iio:device1", "in_voltage1_offset", "2\n");
	put("iio:device1", "in_voltage0-voltage1_raw", "7\n");
	put("iio:device1", "in_voltage-voltage_scale", "2\n");
	put("iio_sysfs_trigger", "name", "ads1015\n");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	pp_test_folder_remove(folder);
	return 0;
}

static struct pp_iio_channel one;

static int read_one(const char *device, const char *channel, double *ret_value, char *ret_why)
{
	struct pp_source_why why = { "" };
	struct pp_iio *iio;
	int r;

	one = (struct pp_iio_channel){ .id = "x", .device = device, .channel = channel };
	assert_int_equal(pp_iio_new(folder, &one, 1, &iio), 0);
	r = pp_iio_read(iio, 0, ret_value, &why);
	if (ret_why)
		memcpy(ret_why, why.text, sizeof(why.text));
	assert_null(pp_iio_free(iio));
	return r;
}

static void readings_are_scaled_as_the_kernels_files_say(void **state)
{
	static const struct {
		const char *device, *channel;
		double want;
		const char *unit;
	} rows[] = {
		{ "bme280", "temp", 24.12, "Cel" },
		{ "bme280", "humidityrelative", 51.234375, "%" },
		{ "ads1015", "voltage0", 1.2, "V" },
		{ "smoke-adc", "voltage1", -0.005, "V" },
		{ "smoke-adc", "voltage0-voltage1", 0.014, "V" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		double value = 0;
		int r = read_one(rows[i].device, rows[i].channel, &value, NULL);

		if (r != 0 || fabs(value - rows[i].want) > 1e-9)
			fail_msg("%s: %d, %g", rows[i].channel, r, value);
		assert_string_equal(pp_iio_unit(rows[i].channel), rows[i].unit);
	}
	assert_string_equal(pp_iio_unit("intensity_both"), "1");
}

static void what_is_no_number_names_its_file(void **state)
{
	static const struct {
		const char *text;
		int want;
		const char *why;
	} rows[] = {
		{ "nan\n", -EBADMSG, "unreadable in_voltage0_raw: not a number" },
		{ "inf\n", -EBADMSG, "unreadable in_voltage0_raw: not a number" },
		{ "\n", -EBADMSG, "unreadable in_voltage0_raw: not a number" },
		{ "", -EBADMSG, "unreadable in_voltage0_raw: not a number" },
		{ "12 34\n", -EBADMSG, "unreadable in_voltage0_raw: not a number" },
		{ "0x10\n", -EBADMSG, "unreadable in_voltage0_raw: not a number" },
		{ "12\n13\n", -EBADMSG, "unreadable in_voltage0_raw: not a number" },
		{ "1e400\n", -ERANGE, "unreadable in_voltage0_raw: too big a number" },
		{ "99999999999999999999\n", -ERANGE,
			"unreadable in_voltage0_raw: too big a number" },
		{ "900000000000\n", -ERANGE,
			"unreadable in_voltage0_raw: too big a number when scaled" },
	};
	double value = 42;
	char why[256];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		put("iio:device1", "in_voltage0_raw", rows[i].text);
		assert_int_equal(read_one("ads1015", "voltage0", &value, why), rows[i].want);
		assert_string_equal(why, rows[i].why);
	}
	put("iio:device1", "in_voltage0_raw", "1\n");
	put("iio:device1", "in_voltage_scale", "1,5\n");
	assert_int_equal(read_one("ads1015", "voltage0", &value, why), -EBADMSG);
	assert_string_equal(why, "unreadable in_voltage_scale: not a number");
	assert_int_equal(read_one("ads1015", "voltage7", &value, why), -ENOENT);
	assert_string_equal(why, "unreadable in_voltage7_raw: no such file");
	assert_true(value == 42);
}

static void a_device_that_is_not_there_is_lost_and_two_of_one_name_are_ambiguous(void **state)
{
	double value;
	char why[256];

	(void)state;
	assert_int_equal(read_one("mcp3008", "voltage0", &value, why), -ENODEV);
	assert_true(strncmp(why, "lost mcp3008: no such device in ", 32) == 0);
	put("iio:device7", "name", "ads1015\n");
	assert_int_equal(read_one("ads1015", "voltage0", &value, why), -ENOTUNIQ);
	assert_true(strncmp(why, "ambiguous ads1015: both ", 24) == 0);
	assert_int_equal(read_one("smoke-adc", "voltage0", &value, why), 0);
}

static void a_device_that_comes_back_under_another_number_is_found(void **state)
{
	struct pp_source_why why;
	struct pp_iio *iio;
	double value;

	(void)state;
	one = (struct pp_iio_channel){ .id = "x", .device = "ads1015", .channel = "voltage0" };
	assert_int_equal(pp_iio_new(folder, &one, 1, &iio), 0);
	assert_int_equal(pp_iio_read(iio, 0, &value, &why), 0);
	/* Its number belongs to another by now, which has a channel of that name too. */
	put("iio:device0", "in_voltage0_raw", "7\n");
	move("iio:device1", "away");
	move("iio:device0", "iio:device1");
	assert_int_equal(pp_iio_read(iio, 0, &value, &why), -ENODEV);
	move("iio:device1", "iio:device0");
	assert_int_equal(pp_iio_read(iio, 0, &value, &why), -ENODEV);
	move("away", "iio:device12");
	assert_int_equal(pp_iio_read(iio, 0, &value, &why), 0);
	assert_true(fabs(value - 1.2) < 1e-9);
	pp_iio_free(iio);
}

static void a_folder_that_is_not_there_is_a_lost_device(void **state)
{
	struct pp_source_why why;
	struct pp_iio *iio;
	double value;

	(void)state;
	one = (struct pp_iio_channel){ .id = "x", .device = "ads1015", .channel = "voltage0" };
	assert_int_equal(pp_iio_new("/nonexistent/iio", &one, 1, &iio), 0);
	assert_int_equal(pp_iio_read(iio, 0, &value, &why), -ENODEV);
	pp_iio_free(iio);
	assert_int_equal(pp_iio_new(folder, &one, PP_IIO_MAX + 1, &iio), -E2BIG);
}

static void a_channel_name_leads_to_no_other_folder(void **state)
{
	static const struct {
		const char *name;
		bool want;
	} rows[] = {
		{ "voltage0", true },
		{ "temp_object", true },
		{ "voltage0-voltage1", true },
		{ "", false },
		{ "../x", false },
		{ "a/b", false },
		{ "_a", false },
		{ "a_", false },
		{ "Voltage0", false },
		{ "a%s", false },
		{ "a1234567890123456789012345678901234567890123456789012345678901234", false },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		if (pp_iio_channel_check(rows[i].name) != rows[i].want)
			fail_msg("'%s'", rows[i].name);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(readings_are_scaled_as_the_kernels_files_say),
		TEST(what_is_no_number_names_its_file),
		TEST(a_device_that_is_not_there_is_lost_and_two_of_one_name_are_ambiguous),
		TEST(a_device_that_comes_back_under_another_number_is_found),
		TEST(a_folder_that_is_not_there_is_a_lost_device),
		TEST(a_channel_name_leads_to_no_other_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
