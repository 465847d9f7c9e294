/* SPDX-License-Identifier: Apache-2.0 */
/* import_test.c -- a site file becomes the registry, once. */
#include "streams.h"

#include "core/file.h"
#include "db/db.h"

#define SAMPLE POSPIN_SOURCE_DIR "/packaging/examples/site-kendal.yaml"

static char *folder, record[600], site[600];

static int folder_make(void **state)
{
	(void)state;
	folder = pp_test_folder();
	snprintf(record, sizeof(record), "%s/record.db", folder);
	snprintf(site, sizeof(site), "%s/site.yaml", folder);
	return 0;
}

static int folder_remove(void **state)
{
	(void)state;
	pp_test_folder_remove(folder);
	return 0;
}

static int64_t number(const char *sql)
{
	struct pp_stmt *s;
	struct pp_db *db;
	int64_t value;

	assert_int_equal(pp_db_open(record, PP_DB_READ, &db), 0);
	assert_int_equal(pp_db_prepare(db, sql, &s), 0);
	assert_int_equal(pp_stmt_step(s), 1);
	value = pp_column_i64(s, 0);
	pp_db_close(db);
	return value;
}

/* The sample with its first `from` replaced by `to`. */
static void sample_write_changed(const char *from, const char *to)
{
	size_t length;
	char *text, *place, *changed;
	FILE *out = open_memstream(&changed, &length);

	assert_int_equal(pp_file_read(SAMPLE, 1 << 20, &text, NULL), 0);
	place = strstr(text, from);
	assert_non_null(place);
	fprintf(out, "%.*s%s%s", (int)(place - text), text, to, place + strlen(from));
	fclose(out);
	assert_int_equal(pp_file_write(site, changed, length, 0644), 0);
	free(changed);
	free(text);
}

static void the_sample_is_imported_once(void **state)
{
	struct said s;

	(void)state;
	SAY(&s, "import", "--record", record, SAMPLE);
	assert_string_equal(s.err, "");
	assert_int_equal(s.status, 0);
	assert_says(s.out, "1 tenants, 20 kecamatan, ");
	assert_says(s.out, "5 posts, 35 points");
	assert_says(s.out, "kendal: sample data");
	assert_says(s.out, "rows added, changed or removed");
	said_done(&s);
	assert_int_equal(number("SELECT count(*) FROM post WHERE active"), 5);
	assert_int_equal(number("SELECT count(*) FROM event WHERE kind = 'registry.imported'"), 1);
	SAY(&s, "import", "--record", record, SAMPLE);
	assert_int_equal(s.status, 0);
	assert_says(s.out, "says all of this already, nothing is written");
	said_done(&s);
	assert_int_equal(number("SELECT count(*) FROM event WHERE kind = 'registry.imported'"), 1);
}

static void a_change_is_told(void **state)
{
	struct said s;

	(void)state;
	SAY(&s, "import", "--record", record, SAMPLE);
	said_done(&s);
	sample_write_changed("Poskamling Bebengan", "Poskamling Bebengan Baru");
	SAY(&s, "import", "--record", record, site);
	assert_int_equal(s.status, 0);
	assert_says(s.out, ": 1 rows added, changed or removed");
	said_done(&s);
}

static void a_check_writes_nothing_and_needs_no_record(void **state)
{
	struct said s;

	(void)state;
	SAY(&s, "import", "--check", SAMPLE);
	assert_int_equal(s.status, 0);
	said_done(&s);
	SAY(&s, "import", "--check", "--record", record, SAMPLE);
	assert_int_equal(s.status, 0);
	said_done(&s);
	assert_int_equal(access(record, F_OK), -1);
	SAY(&s, "import", SAMPLE);
	assert_int_equal(s.status, 2);
	assert_says(s.err, "--record FILE is missing");
	said_done(&s);
}

static void a_wrong_file_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *from, *to, *says;
	} rows[] = {
		{ "desa: \"33.24.07.2002\"", "desa: \"99\"", "is not the code of a desa" },
		{ "id: boja-01", "id: kaliwungu-01", "is there twice" },
		{ "id: boja-01", "id: svc-boja", "svc-" },
		{ "sample: true", "sampel: true", "sampel" },
		{ "latitude: -7.10", "latitude: 7.10", "latitude" },
	};
	char where[700];
	struct said s;

	(void)state;
	snprintf(where, sizeof(where), "%s:", site);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		sample_write_changed(rows[i].from, rows[i].to);
		SAY(&s, "import", "--record", record, site);
		assert_int_equal(s.status, 1);
		assert_says(s.err, where);
		assert_says(s.err, rows[i].says);
		assert_string_equal(s.out, "");
		said_done(&s);
	}
	SAY(&s, "import", "--check", "/nowhere/site.yaml");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "/nowhere/site.yaml");
	said_done(&s);
	assert_int_equal(access(record, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_sample_is_imported_once, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(a_change_is_told, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(
			a_check_writes_nothing_and_needs_no_record, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(
			a_wrong_file_is_refused_with_its_place, folder_make, folder_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
