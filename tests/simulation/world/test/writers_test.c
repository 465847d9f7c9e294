/* SPDX-License-Identifier: Apache-2.0 */
/* writers_test.c -- the server's record and the recorder's spool on the simulated disk: a commit
 * that has been told is there, wherever the power goes. */
#include "life.h"

#include "pospin_record.h"
#include "recorder/spool.h"

#define RECORD "/var/record.db"
#define SPOOL "/var/spool.db"
#define PLACES 60u /* of all at which the power may go */

static struct pp_ledger *record_open(void)
{
	const struct pp_ledger_options options = { RECORD, NULL, NULL };
	struct pp_ledger *l;

	self.opened = pp_ledger_open(&options, &l);
	return self.opened < 0 ? NULL : l;
}

static int record_write(void *user)
{
	struct pp_ledger *l = record_open();

	(void)user;
	pp_test_import(l, pp_test_site);
	for (int i = 1; i <= LIFE_ROWS; i++) {
		struct pp_signal s = pp_test_alarm(i);
		struct pp_item *item = pp_test_signal_item(&s, PP_TEST_NOW);

		CHECK(pp_ledger_apply(l, &item, 1, PP_TEST_NOW) == 0 && item->error == 0);
		self.durable = i; /* its receipt goes out now */
		pp_item_free(item);
	}
	world_process_kill(world_process_current());
	return 0;
}

static int record_read(void *user)
{
	struct pp_ledger *l = record_open();
	struct pp_stmt *s;

	(void)user;
	if (!l)
		return 0;
	CHECK(pp_db_prepare(pp_ledger_db(l), "SELECT count(*) FROM signal", &s) == 0);
	CHECK(pp_stmt_step(s) == 1);
	self.found = pp_column_i64(s, 0);
	pp_stmt_reset(s);
	pp_ledger_close(l);
	return 0;
}

static int spool_write(void *user)
{
	struct pp_spool *spool;

	(void)user;
	CHECK(pp_spool_open(SPOOL, 1 << 20, false, &spool) == 0);
	for (int i = 1; i <= LIFE_ROWS; i++) {
		CHECK(pp_spool_begin(spool) == 0);
		CHECK(pp_spool_add(spool, "m v=1 1", 1) == 0);
		CHECK(pp_spool_commit(spool) == 0);
		self.durable = i;
	}
	world_process_kill(world_process_current());
	return 0;
}

static int spool_read(void *user)
{
	struct pp_spool *spool;
	int64_t poison;

	(void)user;
	self.opened = pp_spool_open(SPOOL, 1 << 20, false, &spool);
	if (self.opened < 0)
		return 0;
	CHECK(pp_spool_count(spool, &self.found, &poison) == 0);
	pp_spool_close(spool);
	return 0;
}

/* Of what was not synced nothing, or every second write, survives. */
static void power_goes_everywhere(struct life *life)
{
	uint32_t points = life_points(life), step = LIFE_STRIDE * (1 + points / PLACES);

	for (uint32_t i = 0; i < points; i += step)
		for (uint32_t how = 1; how < 3; how++) {
			const struct world_choice list[] = {
				{ WORLD_CHOICE_cut, i, 2, 1 },
				{ WORLD_CHOICE_survive, 0, 3, how },
				{ WORLD_CHOICE_survive, 2, 2, 1 },
				{ WORLD_CHOICE_survive, 4, 2, 1 },
			};

			in_world_with(list, PP_COUNT(list), life_run, life);
		}
}

static void what_the_record_has_committed_is_there_wherever_the_power_goes(void **state)
{
	struct life life = { record_write, record_read, false };

	(void)state;
	power_goes_everywhere(&life);
}

static void and_what_the_spool_has(void **state)
{
	struct life life = { spool_write, spool_read, false };

	(void)state;
	power_goes_everywhere(&life);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_record_has_committed_is_there_wherever_the_power_goes),
		cmocka_unit_test(and_what_the_spool_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
