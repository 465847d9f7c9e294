/* SPDX-License-Identifier: Apache-2.0 */
/* disk_test.c -- what programs see of a disk, what a power cut leaves of it, and how it fails. */
#include <errno.h>

#include "inside.h"
#include "rig.h"

#define STEPS_MAX 12
#define SURVIVES(how)                                                                              \
	{                                                                                          \
		WORLD_CHOICE_survive, 0, 3, how                                                    \
	}

enum { ALL = 0, NONE = 1, SOME = 2 };

/* One step: w<offset> text, t<size>, s: sync, f: sync of the folder, o: the file is made, r:
 * renamed to /d/b, x: removed. */
struct step {
	char what;
	uint64_t at;
	const char *text;
};

struct row {
	const char *name;
	struct step steps[STEPS_MAX];
	struct world_choice choices[4];
	size_t choice_count;
	const char *path, *left; /* NULL: no such file */
};

static void *run_steps(const struct row *row)
{
	struct inode *i = NULL;

	CHECK(disk_folder_make("/d") == 0);
	for (const struct step *s = row->steps; s->what; s++)
		switch (s->what) {
		case 'o':
			CHECK(disk_open("/d/a", DISK_CREATE, &i) == 0);
			break;
		case 'w':
			CHECK(disk_write(i, s->text, strlen(s->text), s->at) == 0);
			break;
		case 't':
			CHECK(disk_truncate(i, s->at) == 0);
			break;
		case 's':
			CHECK(disk_sync(i) == 0);
			break;
		case 'f':
			CHECK(disk_sync_folder("/d/a") == 0);
			break;
		case 'r':
			CHECK(disk_rename("/d/a", "/d/b") == 0);
			break;
		default:
			CHECK(disk_unlink("/d/a") == 0);
			break;
		}
	return NULL;
}

static void row_run(void *user)
{
	const struct row *row = user;
	struct world_node *n = world_node_new("n");
	size_t length = 0;
	void *data = NULL;
	bool is;

	world_node_boot(n, NULL, NULL);
	world_run_until(0);
	world_node_enter(n);
	run_steps(row);
	world_node_leave();
	world_node_cut(n);
	is = world_disk_get(n, row->path, &data, &length);
	if (!row->left != !is)
		fprintf(stderr, "%s: %s\n", row->name, is ? (char *)data : "(no file)");
	CHECK(!row->left == !is);
	if (!is)
		return;
	if (length != strlen(row->left) || memcmp(data, row->left, length) != 0)
		fprintf(stderr, "%s: got '%.*s'\n", row->name, (int)length, (char *)data);
	CHECK(length == strlen(row->left) && memcmp(data, row->left, length) == 0);
}

#define MADE                                                                                       \
	{ 'o', 0, NULL },                                                                          \
	{                                                                                          \
		'f', 0, NULL                                                                       \
	}
#define WRITE(at, text)                                                                            \
	{                                                                                          \
		'w', at, text                                                                      \
	}
#define SYNC                                                                                       \
	{                                                                                          \
		's', 0, NULL                                                                       \
	}
#define FOLDER                                                                                     \
	{                                                                                          \
		'f', 0, NULL                                                                       \
	}
#define LOST(n)                                                                                    \
	{                                                                                          \
		WORLD_CHOICE_survive, n, 2, 1                                                      \
	}

static void a_power_cut_leaves_what_was_synced_and_by_choice_of_the_rest(void **state)
{
	static const struct row rows[] = {
		{ "a synced write stays", { MADE, WRITE(0, "abc"), SYNC }, { SURVIVES(NONE) }, 1,
			"/d/a", "abc" },
		{ "one that was not may go", { MADE, WRITE(0, "abc") }, { SURVIVES(NONE) }, 1,
			"/d/a", "" },
		{ "or stay", { MADE, WRITE(0, "abc") }, { SURVIVES(ALL) }, 1, "/d/a", "abc" },
		{ "a later one may stay where an earlier goes",
			{ MADE, WRITE(0, "aa"), SYNC, WRITE(0, "b"), WRITE(1, "c") },
			{ SURVIVES(SOME), LOST(1) }, 2, "/d/a", "ac" },
		{ "and the other way", { MADE, WRITE(0, "aa"), SYNC, WRITE(0, "b"), WRITE(1, "c") },
			{ SURVIVES(SOME), LOST(2) }, 2, "/d/a", "ba" },
		{ "a hole is of zeros' length",
			{ MADE, WRITE(0, "aa"), SYNC, WRITE(0, "b"), { 't', 1, NULL } },
			{ SURVIVES(SOME), LOST(1) }, 2, "/d/a", "a" },
		{ "a shorter file may be long again",
			{ MADE, WRITE(0, "abc"), SYNC, { 't', 0, NULL } }, { SURVIVES(NONE) }, 1,
			"/d/a", "abc" },
		{ "a synced end is the end", { MADE, WRITE(0, "abc"), { 't', 1, NULL }, SYNC },
			{ SURVIVES(NONE) }, 1, "/d/a", "a" },
		{ "a name that was not synced may be forgotten",
			{ { 'o', 0, NULL }, WRITE(0, "abc"), SYNC }, { SURVIVES(NONE) }, 1, "/d/a",
			NULL },
		{ "or not", { { 'o', 0, NULL }, WRITE(0, "abc"), SYNC }, { SURVIVES(ALL) }, 1,
			"/d/a", "abc" },
		{ "a rename that was not synced may be undone",
			{ MADE, WRITE(0, "abc"), SYNC, { 'r', 0, NULL } }, { SURVIVES(NONE) }, 1,
			"/d/a", "abc" },
		{ "one that was is not", { MADE, WRITE(0, "abc"), SYNC, { 'r', 0, NULL }, FOLDER },
			{ SURVIVES(NONE) }, 1, "/d/b", "abc" },
		{ "and the old name is gone with it",
			{ MADE, WRITE(0, "abc"), SYNC, { 'r', 0, NULL }, FOLDER },
			{ SURVIVES(NONE) }, 1, "/d/a", NULL },
		{ "a rename that is half kept is kept whole",
			{ MADE, WRITE(0, "abc"), SYNC, { 'r', 0, NULL } },
			{ SURVIVES(SOME), { WORLD_CHOICE_survive, 1, 3, 1 } }, 2, "/d/a", NULL },
		{ "a removal that was not synced may be undone",
			{ MADE, WRITE(0, "abc"), SYNC, { 'x', 0, NULL } }, { SURVIVES(NONE) }, 1,
			"/d/a", "abc" },
		{ "one that was is not", { MADE, SYNC, { 'x', 0, NULL }, FOLDER },
			{ SURVIVES(NONE) }, 1, "/d/a", NULL },
		{ "a write is torn at any byte", { MADE, WRITE(0, "aaaa"), SYNC, WRITE(0, "bbbb") },
			{ SURVIVES(SOME), { WORLD_CHOICE_tear, 0, 4, 3 },
				{ WORLD_CHOICE_tear, 1, 4, 2 } },
			3, "/d/a", "bbaa" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		in_world_with(rows[i].choices, rows[i].choice_count, row_run,
			(void *)(uintptr_t)&rows[i]);
}

/* A program that writes while its disk fails. */
static struct world_node *machine_start(int (*program)(void *user))
{
	struct world_node *n = world_node_new("n");

	world_node_boot(n, NULL, NULL);
	world_run_until(0);
	world_node_enter(n);
	CHECK(disk_folder_make("/d") == 0);
	world_node_leave();
	world_process_start(n, "p", program, n);
	return n;
}

static const char *left_of(struct world_node *n)
{
	size_t length;
	void *data;

	return world_disk_get(n, "/d/a", &data, &length) ? data : NULL;
}

static int write_and_sync_again(void *user)
{
	struct inode *i;

	(void)user;
	CHECK(disk_open("/d/a", DISK_CREATE, &i) == 0);
	CHECK(disk_sync_folder("/d/a") == 0);
	CHECK(disk_write(i, "abc", 3, 0) == 0);
	CHECK(disk_sync(i) == -EIO);
	CHECK(disk_sync(i) == 0); /* as Linux says */
	return 0;
}

static void synced_again(void *user)
{
	struct world_node *n = machine_start(write_and_sync_again);

	(void)user;
	world_run_until(10 * WORLD_S);
	CHECK(strcmp(left_of(n), "abc") == 0);
	world_node_cut(n);
	CHECK(strcmp(left_of(n), "") == 0);
}

static const struct world_choice second_sync_fails = { WORLD_CHOICE_disk_sync, 1, 2, 1 };

static void what_a_failed_sync_forgot_is_not_saved_by_the_next(void **state)
{
	(void)state;
	in_world_with(&second_sync_fails, 1, synced_again, NULL);
}

static int write_beside(void *user)
{
	struct inode *i;

	(void)user;
	CHECK(disk_open("/d/a", DISK_CREATE, &i) == 0);
	CHECK(disk_sync_folder("/d/a") == 0);
	CHECK(disk_write(i, "abc", 3, 0) == 0);
	CHECK(disk_sync(i) == -EIO);
	CHECK(disk_write(i, "d", 1, 3) == 0);
	CHECK(disk_sync(i) == 0);
	return 0;
}

static void beside(void *user)
{
	struct world_node *n = machine_start(write_beside);

	(void)user;
	world_run_until(10 * WORLD_S);
	world_node_cut(n);
	CHECK(strcmp(left_of(n), "abcd") == 0);
}

static void but_it_comes_along_with_a_later_write_to_its_page(void **state)
{
	(void)state;
	in_world_with(&second_sync_fails, 1, beside, NULL);
}

static int fill_disk(void *user)
{
	struct inode *i;

	world_disk_fault(user, WORLD_DISK_FULL, WORLD_NEVER);
	CHECK(disk_open("/d/none", DISK_CREATE, &i) == -ENOSPC);
	world_disk_heal(user);
	CHECK(disk_open("/d/a", DISK_CREATE, &i) == 0);
	CHECK(disk_write(i, "abc", 3, 0) == 0);
	world_disk_fault(user, WORLD_DISK_FULL, world_now_us() + WORLD_S);
	CHECK(disk_write(i, "d", 1, 3) == -ENOSPC);
	CHECK(disk_write(i, "x", 1, 0) == 0);
	world_sleep(WORLD_S);
	CHECK(disk_write(i, "d", 1, 3) == 0);
	return 0;
}

static void full(void *user)
{
	struct world_node *n = machine_start(fill_disk);

	(void)user;
	world_run_until(10 * WORLD_S);
	CHECK(strcmp(left_of(n), "xbcd") == 0);
}

static void a_full_disk_takes_what_needs_no_room(void **state)
{
	(void)state;
	in_world(full, NULL);
}

static uint64_t stalled_us, beside_us;

static void look_at_clock(void *user)
{
	(void)user;
	world_sleep(WORLD_S);
	beside_us = world_now_us();
}

static int stall(void *user)
{
	struct inode *i;

	world_thread_start("beside", look_at_clock, NULL);
	CHECK(disk_open("/d/a", DISK_CREATE, &i) == 0);
	world_disk_fault(user, WORLD_DISK_STALLED, 5 * WORLD_S);
	CHECK(disk_write(i, "abc", 3, 0) == 0);
	stalled_us = world_now_us();
	return 0;
}

static void stalled(void *user)
{
	(void)user;
	machine_start(stall);
	world_run_until(10 * WORLD_S);
	CHECK(stalled_us >= 5 * WORLD_S);
	CHECK(beside_us > 0 && beside_us < 2 * WORLD_S);
}

static void a_disk_that_stalls_holds_only_the_thread_that_asks(void **state)
{
	(void)state;
	in_world(stalled, NULL);
}

static int lock_twice(void *user)
{
	struct inode *i;

	CHECK(disk_open("/d/a", DISK_CREATE, &i) == 0);
	CHECK(disk_lock(i, world_process_current()) == 0);
	CHECK(disk_lock(i, world_process_current()) == -EBUSY);
	CHECK(disk_write(i, "abc", 3, 0) == 0);
	world_process_kill(world_process_current());
	(void)user;
	return 0;
}

static int lock_again(void *user)
{
	struct inode *i;

	(void)user;
	CHECK(disk_open("/d/a", 0, &i) == 0);
	CHECK(disk_lock(i, world_process_current()) == 0);
	return 0;
}

static void killed(void *user)
{
	struct world_node *n = machine_start(lock_twice);

	(void)user;
	world_run_until(WORLD_S);
	CHECK(strcmp(left_of(n), "abc") == 0);
	world_process_start(n, "q", lock_again, NULL);
	world_run_until(2 * WORLD_S);
}

static void a_killed_program_loses_its_locks_and_not_what_it_wrote(void **state)
{
	(void)state;
	in_world(killed, NULL);
}

/* ---- from outside ---- */

static void pending(void *user)
{
	struct world_node *n = world_node_new("n");
	bool put = *(const bool *)user, is;
	struct inode *i;
	size_t length;
	void *data;

	world_disk_put(n, "/d/a", "old", 3);
	world_node_boot(n, NULL, NULL);
	world_run_until(0);
	world_node_enter(n);
	CHECK(disk_unlink("/d/a") == 0);
	if (!put)
		CHECK(disk_open("/d/a", DISK_CREATE, &i) == 0);
	world_node_leave();
	if (put)
		world_disk_put(n, "/d/a", "new", 3);
	else
		world_disk_remove(n, "/d/a");
	world_node_enter(n);
	CHECK(disk_sync_folder("/d/a") == 0);
	world_node_leave();
	world_node_cut(n);
	is = world_disk_get(n, "/d/a", &data, &length);
	CHECK(is == put);
	if (is)
		CHECK(length == 3 && memcmp(data, "new", 3) == 0);
}

static void what_is_put_or_removed_from_outside_stays_whatever_was_pending(void **state)
{
	static const struct world_choice list[] = { SURVIVES(NONE) };

	(void)state;
	for (int put = 0; put < 2; put++)
		in_world_with(list, PP_COUNT(list), pending, &(bool){ put });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_power_cut_leaves_what_was_synced_and_by_choice_of_the_rest),
		cmocka_unit_test(what_a_failed_sync_forgot_is_not_saved_by_the_next),
		cmocka_unit_test(but_it_comes_along_with_a_later_write_to_its_page),
		cmocka_unit_test(a_full_disk_takes_what_needs_no_room),
		cmocka_unit_test(a_disk_that_stalls_holds_only_the_thread_that_asks),
		cmocka_unit_test(a_killed_program_loses_its_locks_and_not_what_it_wrote),
		cmocka_unit_test(what_is_put_or_removed_from_outside_stays_whatever_was_pending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
