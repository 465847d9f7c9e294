/* SPDX-License-Identifier: Apache-2.0 */
/* pack_test.c -- what gzip itself reads back. */
#include "pospin_test.h"

#include "recorder/pack.h"

static void gzip_reads_back_what_was_packed(void **state)
{
	char *folder = pp_test_folder(), path[600], command[1400], text[100000];
	void *data = NULL;
	size_t length = 0;
	FILE *file;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + (i * 7919) % 26);
	assert_int_equal(pp_pack(text, sizeof(text), &data, &length), 0);
	assert_true(length < sizeof(text));
	snprintf(path, sizeof(path), "%s/batch", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, sizeof(text), file), sizeof(text));
	fclose(file);
	snprintf(command, sizeof(command), "gzip -dc | cmp - %s", path);
	file = popen(command, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, length, file), length);
	assert_int_equal(pclose(file), 0);
	free(data);
	pp_test_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(gzip_reads_back_what_was_packed) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
