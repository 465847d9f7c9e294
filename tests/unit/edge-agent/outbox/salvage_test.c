/* SPDX-License-Identifier: Apache-2.0 */
/* salvage_test.c -- whatever befalls the file, a signal that is whole and perhaps not recorded is
 * sent, under the epoch and number that it was signed with. */
#include "outbox_rig.h"

#include "outbox/store.h"

#include <fcntl.h>
#include <semaphore.h>
#include <sys/stat.h>

#include "db/db.h"

#define ROWS 6
#define RECEIPTED 2 /* the first of them */

static struct pp_store *store;
static sem_t woken;
static uint64_t epoch;

static void wake(void *user)
{
	(void)user;
	sem_post(&woken);
}

static void store_start(void)
{
	struct pp_store_options options = { .queue_limit = 64, .wake = wake };
	struct pp_store_request *q = calloc(1, sizeof(*q));

	options.outbox = rig_options();
	assert_int_equal(pp_store_new(&options, &store), 0);
	q->type = PP_STORE_OPEN;
	q->now = now;
	assert_int_equal(pp_store_push(store, q), 0);
}

static struct pp_store_answer *next(void)
{
	struct pp_store_answer *a;

	while (!(a = pp_store_next(store)))
		assert_int_equal(sem_wait(&woken), 0);
	return a;
}

static void want(enum pp_store_answer_type type)
{
	enum pp_store_answer_type got;

	do {
		struct pp_store_answer *a = next();

		got = a->type;
		if (got == PP_STORE_OPENED)
			epoch = a->facts.epoch;
		pp_store_answer_free(a);
	} while (got != type);
}

static void ask(enum pp_store_request_type type, int64_t number, uint64_t of)
{
	struct pp_store_request *q = calloc(1, sizeof(*q));

	q->type = type;
	q->now = now;
	q->draft = rig_draft((uint64_t)number, PP_SIGNAL_ALARM);
	q->receipt = (struct pp_receipt){ .epoch = of,
		.seq = number,
		.result = PP_RECEIPT_RECORDED,
		.incident = "KDL-26-000123" };
	assert_int_equal(pp_store_push(store, q), 0);
	want(type == PP_STORE_APPEND ? PP_STORE_APPENDED : PP_STORE_KEPT);
}

/* Six signals, two of them receipted. */
static int begin(void **state)
{
	rig_begin(state);
	sem_init(&woken, 0, 0);
	store_start();
	want(PP_STORE_ALL_LOADED);
	for (int64_t i = 1; i <= ROWS; i++)
		ask(PP_STORE_APPEND, i, 0);
	for (int64_t i = 1; i <= RECEIPTED; i++)
		ask(PP_STORE_RECEIPT, i, epoch);
	return 0;
}

static int end(void **state)
{
	store = pp_store_free(store);
	sem_destroy(&woken);
	return rig_end(state);
}

static void patch(const char *part, long at, const void *bytes, size_t length)
{
	char file[600];
	int fd;

	snprintf(file, sizeof(file), "%s%s", path, part);
	fd = open(file, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	if (at < 0)
		at += lseek(fd, 0, SEEK_END);
	assert_int_equal(pwrite(fd, bytes, length, at), length);
	close(fd);
}

static void run_sql(const char *sql)
{
	struct pp_db *db;

	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &db), 0);
	assert_int_equal(pp_db_exec(db, sql), 0);
	pp_db_close(db);
}

static void page_zero(int number)
{
	static const char nothing[4096];

	patch("", 4096L * (number - 1), nothing, sizeof(nothing));
}

static void header_break(void)
{
	patch("", 0, "This is no database", 19);
}

static void schema_break(void)
{
	page_zero(1);
}

static void index_break(void)
{
	/* Whichever page it is: all but the rows' own. */
	page_zero(2);
	page_zero(4);
}

static void file_cut(void)
{
	assert_int_equal(truncate(path, 4096L * 4), 0);
}

static void version_raise(void)
{
	run_sql("PRAGMA user_version = 9");
}

static void meta_drop(void)
{
	run_sql("DELETE FROM meta");
}

static void meta_count_back(void)
{
	run_sql("UPDATE meta SET seq = 2");
}

static void meta_count_on(void)
{
	run_sql("UPDATE meta SET seq = seq + 65536");
}

static void meta_other_epoch(void)
{
	run_sql("UPDATE meta SET epoch = '0123456789abcdef'");
}

static void meta_other_boot(void)
{
	run_sql("UPDATE meta SET boot = boot + 64");
}

static void number_beyond(void)
{
	run_sql("UPDATE signal SET seq = 4102 WHERE seq = 6");
}

static void two_damages(void)
{
	run_sql("UPDATE meta SET seq = 3;"
		"UPDATE signal SET signature = zeroblob(64) WHERE seq = 4");
}

struct seen {
	size_t count, damaged;
	int64_t saved;
	uint64_t epochs[64];
	int64_t seqs[64];
};

static void load(struct seen *seen)
{
	*seen = (struct seen){ .saved = -1 };
	for (;;) {
		struct pp_store_answer *a = next();
		enum pp_store_answer_type type = a->type;

		if (type == PP_STORE_DAMAGED) {
			seen->damaged++;
			seen->saved = a->seq;
		}
		if (type == PP_STORE_OPENED)
			epoch = a->facts.epoch;
		if (type == PP_STORE_LOADED) {
			assert_true(seen->count < 64);
			seen->epochs[seen->count] = a->parcel->epoch;
			seen->seqs[seen->count++] = a->parcel->seq;
		}
		pp_store_answer_free(a);
		if (type == PP_STORE_ALL_LOADED)
			return;
		if (type == PP_STORE_LOST)
			fail_msg("the store was lost");
	}
}

static void each_damage_loses_nothing_that_is_whole(void **state)
{
	static const struct {
		const char *name;
		void (*make)(void);
		size_t saved;
	} damages[] = {
		{ "header", header_break, ROWS - RECEIPTED },
		{ "schema", schema_break, ROWS - RECEIPTED },
		{ "index", index_break, ROWS - RECEIPTED },
		{ "cut", file_cut, ROWS - RECEIPTED },
		{ "version", version_raise, ROWS - RECEIPTED },
		{ "no meta", meta_drop, ROWS - RECEIPTED },
		{ "count back", meta_count_back, ROWS - RECEIPTED },
		{ "count on", meta_count_on, ROWS - RECEIPTED },
		{ "epoch", meta_other_epoch, ROWS - RECEIPTED },
		{ "boot", meta_other_boot, ROWS - RECEIPTED },
		{ "number", number_beyond, ROWS - RECEIPTED },
		{ "two", two_damages, ROWS - RECEIPTED - 1 },
	};

	for (size_t i = 0; i < PP_COUNT(damages); i++) {
		struct seen seen;
		uint64_t old;

		end(state);
		begin(state);
		old = epoch;
		store = pp_store_free(store);
		damages[i].make();
		store_start();
		load(&seen);
		if (seen.damaged != 1 || seen.count != damages[i].saved ||
			seen.saved != (int64_t)damages[i].saved)
			fail_msg("%s: %zu damaged, %zu loaded, %lld saved", damages[i].name,
				seen.damaged, seen.count, (long long)seen.saved);
		assert_true(epoch != old);
		for (size_t k = 0; k < seen.count; k++) {
			assert_true(seen.epochs[k] == old);
			assert_true(seen.seqs[k] > RECEIPTED && seen.seqs[k] <= ROWS);
		}
	}
}

static void what_was_saved_is_sent_until_it_is_receipted(void **state)
{
	struct seen seen;
	uint64_t old = epoch;

	(void)state;
	store = pp_store_free(store);
	header_break();
	store_start();
	load(&seen);
	assert_int_equal(seen.count, 4);
	ask(PP_STORE_RECEIPT, 3, old);
	store = pp_store_free(store);
	store_start();
	load(&seen);
	assert_int_equal(seen.damaged, 0);
	assert_int_equal(seen.count, 3);
	assert_true(seen.epochs[0] == old);
	ask(PP_STORE_APPEND, 9, 0);
	for (int64_t i = 4; i <= ROWS; i++)
		ask(PP_STORE_RECEIPT, i, old);
	store = pp_store_free(store);
	store_start();
	load(&seen);
	assert_int_equal(seen.count, 1);
	assert_true(seen.epochs[0] == epoch);
}

/* Between the new name and the search the program was killed. */
static void a_file_set_aside_and_not_searched_is_searched_at_the_next_start(void **state)
{
	char aside[PP_ASIDE_MAX];
	struct seen seen;
	uint64_t old = epoch;

	(void)state;
	store = pp_store_free(store);
	header_break();
	assert_int_equal(pp_outbox_set_aside(path, 42, aside), 0);
	store_start();
	load(&seen);
	assert_int_equal(seen.damaged, 1);
	assert_int_equal(seen.count, ROWS - RECEIPTED);
	assert_true(seen.epochs[0] == old);
	for (int64_t i = RECEIPTED + 1; i <= ROWS; i++)
		ask(PP_STORE_RECEIPT, i, old);
	store = pp_store_free(store);
	store_start();
	load(&seen);
	assert_int_equal(seen.damaged, 0);
	assert_int_equal(seen.count, 0);
}

static void copy_take(void)
{
	char command[4096];

	snprintf(command, sizeof(command), "cp %s %s.copy && cp %s-wal %s.copy-wal", path, path,
		path, path);
	assert_int_equal(system(command), 0);
}

static void copy_put(void)
{
	char command[4096];

	snprintf(command, sizeof(command), "mv %s.copy %s && mv %s.copy-wal %s-wal && rm -f %s-shm",
		path, path, path, path, path);
	assert_int_equal(system(command), 0);
}

/* As a power cut leaves it: the file, and a log with everything in it. */
static void take_copy(void)
{
	copy_take();
	store = pp_store_free(store);
	copy_put();
}

static void a_log_damaged_in_its_middle_gives_no_number_twice(void **state)
{
	struct seen seen;
	uint64_t old = epoch;
	char log[600];
	struct stat st;

	(void)state;
	take_copy();
	snprintf(log, sizeof(log), "%s-wal", path);
	assert_int_equal(stat(log, &st), 0);
	/* SQLite would stop in the middle, take what came before for all there is, and go on. */
	patch("-wal", (long)(st.st_size / 2), "\xff\xff\xff\xff", 4);
	store_start();
	load(&seen);
	assert_int_equal(seen.damaged, 1);
	assert_true(epoch != old);
	assert_true(seen.count >= 4);
	assert_int_equal(seen.seqs[seen.count - 1], ROWS);
}

static void a_log_that_is_whole_is_read_as_always(void **state)
{
	struct seen seen;
	uint64_t old = epoch;

	(void)state;
	take_copy();
	store_start();
	load(&seen);
	assert_int_equal(seen.damaged, 0);
	assert_true(epoch == old);
	assert_int_equal(seen.count, 4);
}

/* It would be the newest of all, were it ours. */
static void what_none_of_our_keys_has_signed_in_the_log_is_no_sign_of_damage(void **state)
{
	static const char forge[] =
		"CREATE TABLE forged AS SELECT CAST(replace(CAST(payload AS TEXT), '\"seq\":6,',"
		" '\"seq\":9,') AS BLOB), zeroblob(64) FROM signal WHERE seq = 6";
	struct seen seen;
	uint64_t old = epoch;
	struct pp_db *db;

	(void)state;
	store = pp_store_free(store);
	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &db), 0);
	assert_int_equal(pp_db_exec(db, forge), 0);
	copy_take();
	pp_db_close(db);
	copy_put();
	store_start();
	load(&seen);
	assert_int_equal(seen.damaged, 0);
	assert_true(epoch == old);
	assert_int_equal(seen.count, ROWS - RECEIPTED);
}

static void the_outbox_of_another_post_gives_nothing(void **state)
{
	struct seen seen;
	uint64_t old = epoch;

	(void)state;
	store = pp_store_free(store);
	key = pp_key_free(key);
	assert_int_equal(pp_key_new(&key), 0);
	run_sql("UPDATE meta SET seal = zeroblob(32)"); /* its topic is in it, so it cannot fit */
	store_start();
	load(&seen);
	assert_int_equal(seen.damaged, 1);
	assert_int_equal(seen.count, 0);
	assert_true(epoch != old);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_damage_loses_nothing_that_is_whole),
		TEST(what_was_saved_is_sent_until_it_is_receipted),
		TEST(a_file_set_aside_and_not_searched_is_searched_at_the_next_start),
		TEST(a_log_damaged_in_its_middle_gives_no_number_twice),
		TEST(a_log_that_is_whole_is_read_as_always),
		TEST(what_none_of_our_keys_has_signed_in_the_log_is_no_sign_of_damage),
		TEST(the_outbox_of_another_post_gives_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
