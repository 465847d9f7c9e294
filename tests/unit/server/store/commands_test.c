/* SPDX-License-Identifier: Apache-2.0 */
/* commands_test.c -- orders are kept until they are answered, and a post's own time is its newest
 * state's. */
#include "record.h"

#include "store/commands.h"
#include "store/signals.h"

static int64_t add(struct record *r, const char *post, uint64_t id)
{
	struct pp_command_row row = { .id = id, .expires_ms = 5000, .payload = "{\"a\":1}" };
	int64_t command_id;

	snprintf(row.tenant, sizeof(row.tenant), "kendal");
	snprintf(row.post, sizeof(row.post), "%s", post);
	assert_int_equal(pp_store_command_add(r->db, &row), 0);
	assert_int_equal(pp_store_command_find(r->db, "kendal", post, id, &row), 1);
	command_id = row.command_id;
	return command_id;
}

static void an_order_is_found_by_its_post_and_id_alone(void **state)
{
	struct record *r = *state;
	struct pp_command_row row;

	add(r, "boja-01", 0xabcdef0123456789u);
	assert_int_equal(
		pp_store_command_find(r->db, "kendal", "boja-01", 0xabcdef0123456789u, &row), 1);
	assert_true(row.id == 0xabcdef0123456789u);
	assert_int_equal(row.state, PP_COMMAND_OPEN);
	assert_int_equal(row.expires_ms, 5000);
	assert_int_equal(
		pp_store_command_find(r->db, "kendal", "boja-02", 0xabcdef0123456789u, &row), 0);
	assert_int_equal(
		pp_store_command_find(r->db, "serang", "boja-01", 0xabcdef0123456789u, &row), 0);
	assert_int_equal(pp_store_command_find(r->db, "kendal", "boja-01", 1, &row), 0);
}

static void open_orders_come_in_their_order(void **state)
{
	struct record *r = *state;
	struct pp_command_row row = { 0 };
	int64_t first = add(r, "boja-01", 1), second = add(r, "boja-02", 2), count;
	char *payload;

	add(r, "boja-01", 3);
	assert_int_equal(pp_store_command_set(r->db, second, PP_COMMAND_ANSWERED), 0);
	assert_int_equal(pp_store_command_next(r->db, 0, &row, &payload), 1);
	assert_int_equal(row.command_id, first);
	assert_string_equal(payload, "{\"a\":1}");
	free(payload);
	assert_int_equal(pp_store_command_next(r->db, first, &row, NULL), 1);
	assert_true(row.id == 3);
	assert_int_equal(pp_store_command_next(r->db, row.command_id, &row, NULL), 0);
	assert_int_equal(pp_store_commands_open(r->db, "kendal", "boja-01", &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(pp_store_commands_open(r->db, "kendal", "boja-02", &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(pp_store_command_find(r->db, "kendal", "boja-02", 2, &row), 1);
	assert_int_equal(row.state, PP_COMMAND_ANSWERED);
}

static void a_posts_own_time_is_what_its_newest_state_says(void **state)
{
	struct record *r = *state;
	static struct pp_state s = { .epoch = 0xfedcba9876543210u, .boot = 3, .mono_ms = 77 };
	struct pp_origin origin;
	struct pp_post_now now;
	bool again;

	assert_int_equal(pp_store_post_now(r->db, "kendal", "boja-01", &now), 0);
	pp_origin_init(&origin, "kendal", "boja-01", s.epoch);
	assert_int_equal(pp_store_state_put(r->db, &origin, &s, 1000, &again), 0);
	s.mono_ms = 99;
	assert_int_equal(pp_store_state_put(r->db, &origin, &s, 2000, &again), 0);
	assert_int_equal(pp_store_post_now(r->db, "kendal", "boja-01", &now), 1);
	assert_true(now.epoch == 0xfedcba9876543210u);
	assert_int_equal(now.boot, 3);
	assert_int_equal(now.mono_ms, 99);
	assert_int_equal(now.arrived_ms, 2000);
	assert_true(now.supervised && now.active);
	assert_int_equal(pp_store_state_lost(r->db, "kendal", "boja-01"), 1);
	assert_int_equal(pp_store_post_now(r->db, "kendal", "boja-01", &now), 1);
	assert_false(now.supervised);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(an_order_is_found_by_its_post_and_id_alone),
		RECORD_TEST(open_orders_come_in_their_order),
		RECORD_TEST(a_posts_own_time_is_what_its_newest_state_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
