/* SPDX-License-Identifier: Apache-2.0 */
/* contact_test.c -- tamper, mains, battery and plain inputs: two states each. */
#include "contact/contact.h"

#include <errno.h>

#include "kind_play.h"

static void each_contact_speaks_its_own_words(void **state)
{
	static const struct {
		enum pp_kind kind;
		uint64_t debounce_us;
		const char *on, *off, *detail;
		enum pp_point_state want;
	} rows[] = {
		{ PP_KIND_TAMPER, 50000, "trouble:open@1000", "trouble-restore:open@9000", "open",
			PP_POINT_TROUBLE },
		{ PP_KIND_MAINS, 500000, "trouble:mains-lost@1000",
			"trouble-restore:mains-lost@9000", "mains-lost", PP_POINT_TROUBLE },
		{ PP_KIND_BATTERY, 50000, "trouble:low@1000", "trouble-restore:low@9000", "low",
			PP_POINT_TROUBLE },
		{ PP_KIND_INPUT, 50000, "alarm@1000", "restore@9000", NULL, PP_POINT_ALARM },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		const struct pp_sensor_config config = { .kind = rows[i].kind };
		double hold_ms = (double)rows[i].debounce_us / 1000;
		const struct kind_step steps[] = {
			{ 100, START_OFF, "" },
			{ 1000, ON, "" },
			{ 1000 + hold_ms - 0.001, WAIT, "" },
			{ 1000 + hold_ms, WAIT, rows[i].on },
			{ 9000, OFF, "" },
			{ 9000 + hold_ms - 0.001, WAIT, "" },
			{ 9000 + hold_ms, WAIT, rows[i].off },
		};
		struct kind_player p;
		struct pp_kind_view view;

		kind_play(&pp_contact_ops, &config, steps, PP_COUNT(steps));
		kind_player_begin(&p, &pp_contact_ops, &config);
		kind_player_act(&p, START_ON, 1000000);
		kind_player_wait(&p, 2000000);
		pp_contact_ops.view(p.k, &view);
		assert_int_equal(view.state, rows[i].want);
		assert_true(
			view.detail == rows[i].detail || strcmp(view.detail, rows[i].detail) == 0);
		kind_player_end(&p);
	}
}

static void a_dip_shorter_than_the_debounce_is_ignored(void **state)
{
	static const struct pp_sensor_config mains = { .kind = PP_KIND_MAINS };
	static const struct kind_step steps[] = { { 100, START_OFF, "" }, { 1000, ON, "" },
		{ 1499, OFF, "" }, { 9000, WAIT, "" } };

	(void)state;
	kind_play(&pp_contact_ops, &mains, steps, PP_COUNT(steps));
}

static void an_activation_at_start_is_flagged(void **state)
{
	static const struct pp_sensor_config tamper = { .kind = PP_KIND_TAMPER };
	static const struct kind_step steps[] = {
		{ 100, START_ON, "" },
		{ 150, WAIT, "trouble:open@100!at-start" },
		{ 5000, OFF, "" },
		{ 5050, WAIT, "trouble-restore:open@5000" },
	};

	(void)state;
	kind_play(&pp_contact_ops, &tamper, steps, PP_COUNT(steps));
}

static void a_chattering_input_is_trouble_and_hides_no_alarm(void **state)
{
	static const struct pp_sensor_config input = { .kind = PP_KIND_INPUT };
	struct kind_player p;

	(void)state;
	kind_player_begin(&p, &pp_contact_ops, &input);
	kind_player_act(&p, START_OFF, 100000);
	for (uint64_t i = 0; i < 500; i++) /* never held for 50 ms */
		kind_player_act(&p, i % 2 ? OFF : ON, 1000000 + i * 20000);
	kind_player_wait(&p, 60000000);
	assert_string_equal(p.log.text, "alarm@1000 trouble:chatter@1800 restore@10940 "
					"trouble-restore:chatter@20980");
	kind_player_end(&p);
}

static void what_is_no_contact_or_out_of_range_is_refused(void **state)
{
	static const struct pp_sensor_config bad[] = {
		{ .kind = PP_KIND_PANIC },
		{ .kind = PP_KIND_UNKNOWN },
		{ .kind = PP_KIND_TAMPER, .debounce_us = 500001 },
	};
	void *k = NULL;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(bad); i++)
		assert_int_equal(pp_contact_ops.new(&bad[i], &k), -EINVAL);
	assert_null(k);
	assert_null(pp_contact_ops.free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_contact_speaks_its_own_words),
		cmocka_unit_test(a_dip_shorter_than_the_debounce_is_ignored),
		cmocka_unit_test(an_activation_at_start_is_flagged),
		cmocka_unit_test(a_chattering_input_is_trouble_and_hides_no_alarm),
		cmocka_unit_test(what_is_no_contact_or_out_of_range_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
