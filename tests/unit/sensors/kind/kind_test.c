/* SPDX-License-Identifier: Apache-2.0 */
/* kind_test.c -- what all kinds share: events, chatter's words, the wire made from the settings. */
#include "kind/kind.h"

#include <errno.h>

#include "kind_play.h"

static void chatter_is_told_by_its_bits(void **state)
{
	struct kind_log log = { 0 };
	const struct pp_kind_out out = { .emit = kind_log_add, .user = &log };

	(void)state;
	pp_kind_emit_chatter(&out, PP_WIRE_CHANGED, 1000);
	assert_int_equal(log.length, 0);
	pp_kind_emit_chatter(&out, PP_WIRE_CHANGED | PP_WIRE_CHATTERS, 2000);
	pp_kind_emit_chatter(&out, PP_WIRE_CALMED, 3000);
	assert_string_equal(log.text, "trouble:chatter@2 trouble-restore:chatter@3");
}

static void an_event_is_handed_on_whole(void **state)
{
	struct kind_log log = { 0 };
	const struct pp_kind_out out = { .emit = kind_log_add, .user = &log };

	(void)state;
	pp_kind_emit(&out, PP_SIGNAL_ALARM, 1500, PP_FLAG_AT_START | PP_FLAG_VERIFIED, NULL);
	pp_kind_emit(&out, PP_SIGNAL_TROUBLE, 2000, 0, "open");
	assert_string_equal(log.text, "alarm@1.500!at-start!verified trouble:open@2");
}

static void a_wire_takes_the_settings_or_the_kinds_default(void **state)
{
	static const struct {
		uint64_t debounce_us, default_us, off_us, want_on_us, want_off_us;
	} rows[] = {
		{ 0, 5000, 0, 5000, 5000 },
		{ 0, 5000, 50000, 5000, 50000 },
		{ 80000, 5000, 50000, 80000, 80000 },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_sensor_config config = { .debounce_us = rows[i].debounce_us };
		struct pp_wire *w;

		assert_int_equal(
			pp_kind_wire_new(&config, rows[i].default_us, rows[i].off_us, &w), 0);
		pp_wire_feed(w, true, 1000000);
		assert_int_equal(pp_wire_deadline(w), 1000000 + rows[i].want_on_us);
		pp_wire_step(w, 2000000);
		pp_wire_feed(w, false, 3000000);
		assert_int_equal(pp_wire_deadline(w), 3000000 + rows[i].want_off_us);
		pp_wire_free(w);
	}
}

static void settings_out_of_range_are_refused(void **state)
{
	static const struct pp_sensor_config bad[] = {
		{ .debounce_us = 999 },
		{ .debounce_us = 500001 },
		{ .chatter_edges = 3 },
		{ .chatter_edges = 1001 },
		{ .chatter_us = 99999 },
		{ .chatter_us = 600000001 },
	};
	struct pp_wire *w = NULL;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(bad); i++)
		assert_int_equal(pp_kind_wire_new(&bad[i], 5000, 0, &w), -EINVAL);
	assert_null(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chatter_is_told_by_its_bits),
		cmocka_unit_test(an_event_is_handed_on_whole),
		cmocka_unit_test(a_wire_takes_the_settings_or_the_kinds_default),
		cmocka_unit_test(settings_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
