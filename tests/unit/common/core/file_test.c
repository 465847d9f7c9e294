/* SPDX-License-Identifier: Apache-2.0 */
/* file_test.c -- files are read within a limit and replaced whole. */
#include "pospin_test.h"

#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "core/file.h"

static char *folder;

static int folder_make(void **state)
{
	(void)state;
	folder = pp_test_folder();
	return 0;
}

static int folder_remove(void **state)
{
	(void)state;
	pp_test_folder_remove(folder);
	return 0;
}

static const char *in_folder(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static size_t entries(void)
{
	DIR *dir = opendir(folder);
	size_t n = 0;

	assert_non_null(dir);
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void what_was_written_is_read_back(void **state)
{
	char *text = NULL;
	size_t length = 0;

	(void)state;
	assert_int_equal(pp_file_write(in_folder("a"), "x\0y", 3, 0640), 0);
	assert_int_equal(pp_file_read(in_folder("a"), 3, &text, &length), 0);
	assert_int_equal(length, 3);
	assert_memory_equal(text, "x\0y", 4);
	free(text);
}

static void a_file_over_the_limit_is_refused(void **state)
{
	static char big[40000];
	char *text = NULL;
	size_t length = 7;

	(void)state;
	assert_int_equal(pp_file_write(in_folder("a"), big, sizeof(big), 0600), 0);
	assert_int_equal(pp_file_read(in_folder("a"), sizeof(big) - 1, &text, &length), -EFBIG);
	assert_null(text);
	assert_int_equal(length, 7);
	assert_int_equal(pp_file_read(in_folder("a"), sizeof(big), &text, &length), 0);
	assert_int_equal(length, sizeof(big));
	free(text);
}

static void an_empty_file_reads_as_an_empty_text(void **state)
{
	char *text = NULL;
	size_t length = 7;

	(void)state;
	assert_int_equal(pp_file_write(in_folder("a"), NULL, 0, 0600), 0);
	assert_int_equal(pp_file_read(in_folder("a"), 0, &text, &length), 0);
	assert_int_equal(length, 0);
	assert_string_equal(text, "");
	free(text);
}

static void reading_tells_why_it_failed(void **state)
{
	char *text = NULL;
	size_t length;

	(void)state;
	assert_int_equal(pp_file_read(in_folder("absent"), 9, &text, &length), -ENOENT);
	assert_int_equal(pp_file_read(folder, 9, &text, &length), -EISDIR);
}

static void writing_replaces_and_leaves_no_other_file(void **state)
{
	char *text = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(pp_file_write(in_folder("a"), "old old", 7, 0644), 0);
	assert_int_equal(pp_file_write(in_folder("a"), "new", 3, 0600), 0);
	assert_int_equal(pp_file_read(in_folder("a"), 99, &text, NULL), 0);
	assert_string_equal(text, "new");
	free(text);
	assert_int_equal(stat(in_folder("a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(entries(), 1);
}

static void a_failed_write_keeps_the_old_and_cleans_up(void **state)
{
	(void)state;
	assert_int_equal(pp_dir_make(in_folder("taken/inside"), 0700), 0);
	assert_int_equal(pp_file_write(in_folder("taken"), "x", 1, 0600), -EISDIR);
	assert_int_equal(entries(), 1);
	assert_int_equal(pp_file_write(in_folder("no/where"), "x", 1, 0600), -ENOENT);
}

static void folders_are_made_with_their_parents_and_again(void **state)
{
	struct stat st;

	(void)state;
	for (int round = 0; round < 2; round++)
		assert_int_equal(pp_dir_make(in_folder("a/b//c/"), 0750), 0);
	assert_int_equal(stat(in_folder("a/b/c"), &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(pp_dir_make("/", 0755), 0);
	assert_int_equal(pp_dir_make("", 0755), -EINVAL);
}

static void a_file_in_the_way_is_not_a_folder(void **state)
{
	(void)state;
	assert_int_equal(pp_file_write(in_folder("a"), "x", 1, 0600), 0);
	assert_int_equal(pp_dir_make(in_folder("a"), 0700), -ENOTDIR);
	assert_int_equal(pp_dir_make(in_folder("a/b"), 0700), -ENOTDIR);
}

static void a_new_name_replaces_who_had_it(void **state)
{
	char from[512], *text = NULL;

	(void)state;
	snprintf(from, sizeof(from), "%s", in_folder("a"));
	assert_int_equal(pp_file_rename(from, in_folder("b")), -ENOENT);
	assert_int_equal(pp_file_write(in_folder("b"), "old", 3, 0600), 0);
	assert_int_equal(pp_file_write(from, "new", 3, 0600), 0);
	assert_int_equal(pp_file_rename(from, in_folder("b")), 0);
	assert_int_equal(pp_file_read(in_folder("b"), 10, &text, NULL), 0);
	assert_string_equal(text, "new");
	free(text);
	assert_int_equal(entries(), 1);
}

static void only_one_holds_a_lock(void **state)
{
	int first = -1, second = -1;

	(void)state;
	assert_int_equal(pp_file_lock(in_folder("lock"), &first), 0);
	assert_int_equal(pp_file_lock(in_folder("lock"), &second), -EBUSY);
	assert_int_equal(second, -1);
	pp_file_unlock(first);
	assert_int_equal(pp_file_lock(in_folder("lock"), &second), 0);
	pp_file_unlock(second);
	pp_file_unlock(-1);
	assert_int_equal(pp_file_lock(in_folder("no/lock"), &second), -ENOENT);
}

static void count_name(void *user, const char *name)
{
	*(size_t *)user += name[0] != '.';
}

static void a_folder_tells_its_names_and_its_room(void **state)
{
	uint64_t bytes = 0;
	size_t count = 0;

	(void)state;
	assert_int_equal(pp_file_write(in_folder("a"), "x", 1, 0600), 0);
	assert_int_equal(pp_file_write(in_folder("b"), "x", 1, 0600), 0);
	assert_int_equal(pp_dir_each(folder, count_name, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(pp_dir_each(in_folder("none"), count_name, &count), -ENOENT);
	assert_int_equal(pp_dir_free(folder, &bytes), 0);
	assert_true(bytes > 0);
	assert_int_equal(pp_dir_free(in_folder("none"), &bytes), -ENOENT);
}

static void a_file_that_is_put_is_read_back_and_replaced(void **state)
{
	char *text;

	(void)state;
	for (char text_now[] = "a"; text_now[0] < 'c'; text_now[0]++) {
		assert_int_equal(pp_file_put(in_folder("note"), text_now, 1, 0640), 0);
		assert_int_equal(pp_file_read(in_folder("note"), 10, &text, NULL), 0);
		assert_string_equal(text, text_now);
		free(text);
	}
	assert_int_equal(entries(), 1);
	assert_int_equal(pp_file_put(in_folder("none/note"), "x", 1, 0640), -ENOENT);
}

static void memory_is_told_from_disks(void **state)
{
	struct statfs facts;

	(void)state;
	if (statfs("/dev/shm", &facts) == 0 && facts.f_type == TMPFS_MAGIC)
		assert_true(pp_file_is_in_memory("/dev/shm/note"));
	assert_false(pp_file_is_in_memory("/proc/note"));
	assert_false(pp_file_is_in_memory("/nowhere/note"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(what_was_written_is_read_back),
		IN_FOLDER(a_file_over_the_limit_is_refused),
		IN_FOLDER(an_empty_file_reads_as_an_empty_text),
		IN_FOLDER(reading_tells_why_it_failed),
		IN_FOLDER(writing_replaces_and_leaves_no_other_file),
		IN_FOLDER(a_failed_write_keeps_the_old_and_cleans_up),
		IN_FOLDER(folders_are_made_with_their_parents_and_again),
		IN_FOLDER(a_file_in_the_way_is_not_a_folder),
		IN_FOLDER(a_new_name_replaces_who_had_it),
		IN_FOLDER(only_one_holds_a_lock),
		IN_FOLDER(a_folder_tells_its_names_and_its_room),
		IN_FOLDER(a_file_that_is_put_is_read_back_and_replaced),
		IN_FOLDER(memory_is_told_from_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
