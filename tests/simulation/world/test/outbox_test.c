/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_test.c -- the shipped outbox on the simulated disk: every call at which it could die or
 * fail, one after the other. */
#include <errno.h>

#include "core/clock.h"
#include "life.h"
#include "outbox/outbox.h"

#define PATH "/var/outbox.db"

static struct pp_outbox_options options(struct pp_key **ret_key)
{
	static char boot_id[33];

	CHECK(pp_clock_boot_id(boot_id) == 0);
	CHECK(pp_key_load("/key", ret_key) == 0);
	return (struct pp_outbox_options){ .path = PATH,
		.topic = "pospin/v1/kendal/boja-01/signal",
		.key = *ret_key,
		.boot_id = boot_id,
		.rows_max = 100,
		.bytes_max = 1 << 20 };
}

static int append(struct pp_outbox *o, uint64_t ticket)
{
	const struct pp_outbox_now now = { .mono_ms = 1000, .wall_ms = PP_AT_UNKNOWN };
	struct pp_draft draft = { .ticket = ticket,
		.signal = { .kind = PP_KIND_PANIC,
			.type = PP_SIGNAL_ALARM,
			.class = PP_CLASS_CRIME,
			.mono_ms = 1000,
			.at_ms = PP_AT_UNKNOWN,
			.point = "panic-crime" } };
	struct pp_parcel *parcel = NULL;
	int r = pp_outbox_begin(o);

	if (r == 0)
		r = pp_outbox_append(o, &draft, &now, &parcel);
	pp_parcel_free(parcel);
	if (r < 0) {
		pp_outbox_rollback(o);
		return r;
	}
	return pp_outbox_commit(o);
}

/* Stops at the first failure, as the outbox's thread does. */
static int write_rows(void *user)
{
	struct pp_key *key;
	struct pp_outbox_options o = options(&key);
	struct pp_outbox *outbox;

	(void)user;
	if (pp_outbox_open(&o, &outbox) < 0)
		return 0;
	for (int i = 1; i <= LIFE_ROWS && append(outbox, (uint64_t)i) == 0; i++)
		self.durable = i;
	/* It dies with the file open: the log stays. */
	world_process_kill(world_process_current());
	return 0;
}

static int open_again(void *user)
{
	struct pp_key *key;
	struct pp_outbox_options o = options(&key);
	struct pp_outbox_facts facts = { 0 };
	struct pp_outbox *outbox;

	(void)user;
	self.opened = pp_outbox_open(&o, &outbox);
	if (self.opened < 0)
		return 0;
	pp_outbox_facts(outbox, &facts);
	self.found = facts.last_seq;
	CHECK(facts.unreceipted == facts.last_seq);
	pp_outbox_close(outbox);
	return 0;
}

static struct life outbox_life = { write_rows, open_again, false };
static struct life outbox_life_cut = { write_rows, open_again, true };

static void what_was_called_durable_is_there_wherever_the_program_is_killed(void **state)
{
	uint32_t points = life_points(&outbox_life);

	(void)state;
	for (uint32_t i = 0; i < points; i += LIFE_STRIDE)
		in_world_with(&(struct world_choice){ WORLD_CHOICE_kill, i, 2, 1 }, 1, life_run,
			&outbox_life);
}

static void and_wherever_the_power_goes_whatever_of_the_rest_survives(void **state)
{
	uint32_t points = life_points(&outbox_life);

	(void)state;
	for (uint32_t i = 0; i < points; i += LIFE_STRIDE)
		for (uint32_t how = 0; how < 3; how++) {
			const struct world_choice list[] = {
				{ WORLD_CHOICE_cut, i, 2, 1 },
				{ WORLD_CHOICE_survive, 0, 3, how },
				/* Of some: every second write, and one torn. */
				{ WORLD_CHOICE_survive, 2, 2, 1 },
				{ WORLD_CHOICE_survive, 4, 2, 1 },
				{ WORLD_CHOICE_tear, 0, 4, 1 + i % 3 },
				{ WORLD_CHOICE_tear, 1, 9, i % 9 },
			};

			in_world_with(list, PP_COUNT(list), life_run, &outbox_life);
		}
}

static void and_whichever_sync_or_write_fails_before_that(void **state)
{
	static const enum world_kind kinds[] = { WORLD_CHOICE_disk_sync, WORLD_CHOICE_disk_write };

	(void)state;
	for (size_t k = 0; k < PP_COUNT(kinds); k++)
		for (uint32_t i = 0; i < 60; i++) {
			const struct world_choice list[] = {
				{ kinds[k], i, 2, 1 }, { WORLD_CHOICE_survive, 0, 3, 1 }, /* none */
			};

			in_world_with(list, PP_COUNT(list), life_run, &outbox_life_cut);
		}
}

/* The reads to come until one fails; 0: none will. And from then on until the next. */
static uint32_t until_failure, until_next, reads;

static uint32_t fail_a_read(void *user, const struct world_choice *question)
{
	(void)user;
	if (question->kind != WORLD_CHOICE_disk_read)
		return 0;
	reads++;
	if (until_failure == 0 || --until_failure > 0)
		return 0;
	until_failure = until_next;
	until_next = 0;
	return 1;
}

static int open_with_failure(void *user)
{
	struct pp_key *key;
	struct pp_outbox_options o = options(&key);
	struct pp_outbox *outbox;

	until_failure = ((const uint32_t *)user)[0];
	until_next = ((const uint32_t *)user)[1];
	reads = 0;
	self.opened = pp_outbox_open(&o, &outbox);
	if (self.opened == 0)
		pp_outbox_close(outbox);
	until_failure = until_next = 0;
	self.points = reads;
	return 0;
}

static void live_and_fail_to_read(void *user)
{
	struct world_node *n = life_machine();

	world_choose_by(fail_a_read, NULL);
	world_process_start(n, "first", write_rows, NULL);
	world_run_until(60 * WORLD_S);
	CHECK(self.durable == LIFE_ROWS);
	self.opened = 1;
	world_process_start(n, "second", open_with_failure, user);
	world_run_until(120 * WORLD_S);
	CHECK(self.opened <= 0 && self.opened != -EBADMSG);
	world_process_start(n, "third", open_again, NULL);
	world_run_until(180 * WORLD_S);
	CHECK(self.opened == 0 && self.found == LIFE_ROWS);
}

/* The child tells by a file, as in life.h. */
static void count_reads(void *user)
{
	live_and_fail_to_read((uint32_t[]){ 0, 0 });
	fprintf(user, "%u", self.points);
	fflush(user);
}

/* How many reads an opening makes. */
static uint32_t reads_of_an_opening(void)
{
	FILE *out = tmpfile();
	unsigned count = 0;

	assert_non_null(out);
	in_world(count_reads, out);
	rewind(out);
	assert_int_equal(fscanf(out, "%u", &count), 1);
	fclose(out);
	assert_in_range(count, 20, LIFE_POINTS_MAX);
	return count;
}

static void a_read_that_fails_once_is_not_taken_for_damage(void **state)
{
	uint32_t count = reads_of_an_opening();

	(void)state;
	for (uint32_t i = 1; i <= count; i++)
		in_world(live_and_fail_to_read, (uint32_t[]){ i, 0 });
}

/* The file is opened once more after what looks like damage: the disk fails there then, too. */
static void nor_is_one_that_fails_again(void **state)
{
	uint32_t count = reads_of_an_opening();

	(void)state;
	for (uint32_t i = 1; i <= count; i++)
		in_world(live_and_fail_to_read, (uint32_t[]){ i, i });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_called_durable_is_there_wherever_the_program_is_killed),
		cmocka_unit_test(and_wherever_the_power_goes_whatever_of_the_rest_survives),
		cmocka_unit_test(and_whichever_sync_or_write_fails_before_that),
		cmocka_unit_test(a_read_that_fails_once_is_not_taken_for_damage),
		cmocka_unit_test(nor_is_one_that_fails_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
