/* SPDX-License-Identifier: Apache-2.0 */
/* annunciator_test.c -- what each lamp and siren shows for a view. */
#include "annunciator/annunciator.h"

#include "pospin_test.h"

#define SECOND 1000000u

static enum pp_show show(enum pp_role role, int class, const struct pp_view *v, uint64_t now_us)
{
	struct pp_annunciator_output o = { .role = role, .shared = class < 0 };
	struct pp_profile p;

	if (class >= 0)
		o.class = (enum pp_class) class;
	pp_profile_default(&p);
	return pp_annunciator_show(&o, &p, v, now_us);
}

static void the_ladder_lights_every_rung_up_to_the_least_advanced_press(void **state)
{
	static const struct {
		enum pp_rung first, second;
		enum pp_show want[5]; /* taken, received, acknowledged, dispatched, on scene */
	} rows[] = {
		{ PP_RUNG_NONE, PP_RUNG_NONE, { PP_SHOW_OFF, PP_SHOW_OFF } },
		{ PP_RUNG_TAKEN, PP_RUNG_NONE, { PP_SHOW_OFF, PP_SHOW_OFF } },
		{ PP_RUNG_TAKEN, PP_RUNG_TAKEN, { PP_SHOW_ON, PP_SHOW_OFF } },
		{ PP_RUNG_ON_SCENE, PP_RUNG_TAKEN, { PP_SHOW_ON, PP_SHOW_OFF } },
		{ PP_RUNG_RECEIVED, PP_RUNG_RECEIVED, { PP_SHOW_ON, PP_SHOW_ON, PP_SHOW_OFF } },
		{ PP_RUNG_ACKNOWLEDGED, PP_RUNG_DISPATCHED,
			{ PP_SHOW_ON, PP_SHOW_ON, PP_SHOW_ON } },
		{ PP_RUNG_DISPATCHED, PP_RUNG_ON_SCENE,
			{ PP_SHOW_ON, PP_SHOW_ON, PP_SHOW_ON, PP_SHOW_ON } },
		{ PP_RUNG_ON_SCENE, PP_RUNG_ON_SCENE,
			{ PP_SHOW_ON, PP_SHOW_ON, PP_SHOW_ON, PP_SHOW_ON, PP_SHOW_ON } },
	};
	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_view v = { .count = 2 };

		v.presses[0].rung = rows[i].first;
		v.presses[1].rung = rows[i].second;
		v.presses[0].durable = v.presses[1].durable = true;
		for (int role = PP_ROLE_TAKEN; role <= PP_ROLE_ON_SCENE; role++) {
			enum pp_show got = show((enum pp_role)role, -1, &v, 0);

			if (got != rows[i].want[role])
				fail_msg("row %zu %s: got %s, want %s", i,
					pp_role_text((enum pp_role)role), pp_show_text(got),
					pp_show_text(rows[i].want[role]));
		}
	}
}

static void a_class_lamp_follows_its_class_alone(void **state)
{
	struct pp_view v = { .count = 2 };

	(void)state;
	v.presses[0] = (struct pp_view_press){
		.class = PP_CLASS_FIRE, .durable = true, .rung = PP_RUNG_RECEIVED
	};
	v.presses[1] = (struct pp_view_press){
		.class = PP_CLASS_CRIME, .durable = true, .rung = PP_RUNG_TAKEN
	};
	assert_int_equal(show(PP_ROLE_RECEIVED, PP_CLASS_FIRE, &v, 0), PP_SHOW_ON);
	assert_int_equal(show(PP_ROLE_RECEIVED, PP_CLASS_CRIME, &v, 0), PP_SHOW_OFF);
	assert_int_equal(show(PP_ROLE_TAKEN, PP_CLASS_MEDICAL, &v, 0), PP_SHOW_OFF);
	assert_int_equal(show(PP_ROLE_RECEIVED, -1, &v, 0), PP_SHOW_OFF);
}

static void a_silent_press_drives_nothing(void **state)
{
	struct pp_view v = { .count = 1 };

	(void)state;
	v.presses[0] = (struct pp_view_press){ .class = PP_CLASS_CRIME,
		.rung = PP_RUNG_NONE,
		.silent = true,
		.sounds = true,
		.doubt = true };
	for (int role = 0; role < PP_ROLE_COUNT; role++)
		assert_int_equal(show((enum pp_role)role, -1, &v, SECOND), PP_SHOW_OFF);
}

static void a_press_without_receipt_blinks_fast_where_it_is_true(void **state)
{
	struct pp_view v = { .count = 1 };

	(void)state;
	v.presses[0] =
		(struct pp_view_press){ .durable = true, .rung = PP_RUNG_TAKEN, .doubt = true };
	assert_int_equal(show(PP_ROLE_TAKEN, -1, &v, 0), PP_SHOW_FAST);
	assert_int_equal(show(PP_ROLE_RECEIVED, -1, &v, 0), PP_SHOW_OFF);
	assert_int_equal(show(PP_ROLE_TROUBLE, -1, &v, 0), PP_SHOW_OFF);
	v.presses[0].rung = PP_RUNG_NONE; /* the store is lost */
	v.presses[0].durable = false;
	assert_int_equal(show(PP_ROLE_TAKEN, -1, &v, 0), PP_SHOW_OFF);
	assert_int_equal(show(PP_ROLE_TROUBLE, -1, &v, 0), PP_SHOW_FAST);
}

static void a_doubt_beside_a_press_without_a_row_is_told_by_the_trouble_lamp(void **state)
{
	struct pp_view v = { .count = 2 };

	(void)state;
	v.presses[0].rung = PP_RUNG_RECEIVED; /* of before the store came back */
	v.presses[1] =
		(struct pp_view_press){ .durable = true, .rung = PP_RUNG_TAKEN, .doubt = true };
	assert_int_equal(show(PP_ROLE_TAKEN, -1, &v, 0), PP_SHOW_OFF);
	assert_int_equal(show(PP_ROLE_TROUBLE, -1, &v, 0), PP_SHOW_FAST);
	v.presses[1].doubt = false;
	assert_int_equal(show(PP_ROLE_TROUBLE, -1, &v, 0), PP_SHOW_OFF);
}

static void without_a_store_taken_never_lights_and_received_may(void **state)
{
	struct pp_view v = { .count = 1 };

	(void)state;
	v.presses[0].rung = PP_RUNG_DISPATCHED;
	assert_int_equal(show(PP_ROLE_TAKEN, -1, &v, 0), PP_SHOW_OFF);
	assert_int_equal(show(PP_ROLE_RECEIVED, -1, &v, 0), PP_SHOW_ON);
	assert_int_equal(show(PP_ROLE_DISPATCHED, -1, &v, 0), PP_SHOW_ON);
}

static void progress_is_unknown_while_the_server_is_away(void **state)
{
	struct pp_view v = { .server_away = true, .count = 1 };

	(void)state;
	v.presses[0].rung = PP_RUNG_ACKNOWLEDGED;
	v.presses[0].durable = true;
	assert_int_equal(show(PP_ROLE_SERVER_AWAY, -1, &v, 0), PP_SHOW_ON);
	assert_int_equal(show(PP_ROLE_TAKEN, -1, &v, 0), PP_SHOW_ON);
	assert_int_equal(show(PP_ROLE_RECEIVED, -1, &v, 0), PP_SHOW_ON);
	assert_int_equal(show(PP_ROLE_ACKNOWLEDGED, -1, &v, 0), PP_SHOW_UNKNOWN);
	assert_int_equal(show(PP_ROLE_ON_SCENE, -1, &v, 0), PP_SHOW_UNKNOWN);
	v.presses[0].rung = PP_RUNG_TAKEN;
	assert_int_equal(show(PP_ROLE_ACKNOWLEDGED, -1, &v, 0), PP_SHOW_OFF);
	v.count = 0;
	assert_int_equal(show(PP_ROLE_ACKNOWLEDGED, -1, &v, 0), PP_SHOW_OFF);
}

static void the_lamps_of_the_post_itself_follow_the_view(void **state)
{
	struct pp_view v = { .pre_alarm = true, .trouble = true };

	(void)state;
	assert_int_equal(show(PP_ROLE_PRE_ALARM, -1, &v, 0), PP_SHOW_SLOW);
	assert_int_equal(show(PP_ROLE_TROUBLE, -1, &v, 0), PP_SHOW_ON);
	assert_int_equal(show(PP_ROLE_SERVER_AWAY, -1, &v, 0), PP_SHOW_OFF);
}

static void the_siren_sounds_at_once_or_on_doubt_and_not_for_ever(void **state)
{
	static const struct {
		enum pp_class class;
		bool sounds, doubt;
		uint64_t now_s;
		enum pp_show want;
	} rows[] = {
		/* pressed at 100 s, in doubt since 110 s, sounds for 180 s */
		{ PP_CLASS_FIRE, true, false, 100, PP_SHOW_SOUND },
		{ PP_CLASS_FIRE, true, false, 279, PP_SHOW_SOUND },
		{ PP_CLASS_FIRE, true, false, 280, PP_SHOW_OFF },
		{ PP_CLASS_FIRE, false, true, 120, PP_SHOW_OFF },
		{ PP_CLASS_MEDICAL, true, false, 100, PP_SHOW_OFF },
		{ PP_CLASS_MEDICAL, true, true, 110, PP_SHOW_SOUND },
		{ PP_CLASS_MEDICAL, true, true, 289, PP_SHOW_SOUND },
		{ PP_CLASS_MEDICAL, true, true, 290, PP_SHOW_OFF },
	};
	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_view v = { .count = 1 };
		enum pp_show got;

		v.presses[0] = (struct pp_view_press){ .class = rows[i].class,
			.sounds = rows[i].sounds,
			.doubt = rows[i].doubt,
			.pressed_us = 100 * SECOND,
			.doubt_us = 110 * SECOND };
		got = show(PP_ROLE_SIREN, -1, &v, rows[i].now_s * SECOND);
		if (got != rows[i].want)
			fail_msg("row %zu: got %s, want %s", i, pp_show_text(got),
				pp_show_text(rows[i].want));
	}
}

static void of_two_alarms_the_graver_one_is_played(void **state)
{
	struct pp_annunciator_output o = { .role = PP_ROLE_KENTONGAN, .shared = true };
	struct pp_view v = { .count = 2 };
	struct pp_profile p;
	unsigned strokes = 0;
	bool was = false;

	(void)state;
	pp_profile_default(&p);
	v.presses[0] =
		(struct pp_view_press){ .class = PP_CLASS_CRIME, .sounds = true, .pressed_us = 0 };
	v.presses[1] = (struct pp_view_press){
		.class = PP_CLASS_FIRE, .sounds = true, .pressed_us = SECOND
	};
	for (uint64_t t = SECOND; t < SECOND + 2200000;) {
		bool on;
		uint64_t next = pp_annunciator_run(&o, 1, &p, &v, t, &on);

		strokes += on && !was;
		was = on;
		assert_true(next > t);
		t = next;
	}
	assert_int_equal(strokes, 3);
}

static void blinking_lamps_tell_when_they_change(void **state)
{
	struct pp_annunciator_output outputs[] = { { .role = PP_ROLE_TAKEN, .shared = true },
		{ .role = PP_ROLE_SERVER_AWAY, .shared = true } };
	struct pp_view v = { .server_away = true, .count = 1 };
	struct pp_profile p;
	bool active[2];

	(void)state;
	pp_profile_default(&p);
	v.presses[0] =
		(struct pp_view_press){ .durable = true, .rung = PP_RUNG_TAKEN, .doubt = true };
	assert_int_equal(pp_annunciator_run(outputs, 2, &p, &v, 1000000, active), 1125000);
	assert_true(active[0] && active[1]);
	assert_int_equal(pp_annunciator_run(outputs, 2, &p, &v, 1125000, active), 1250000);
	assert_false(active[0]);
	assert_true(active[1]);
	v.presses[0].doubt = false;
	assert_true(pp_annunciator_run(outputs, 2, &p, &v, 1125000, active) == UINT64_MAX);
}

static void an_ordered_sound_drives_sirens_alone_and_gives_way_to_an_alarm(void **state)
{
	struct pp_view v = { .order = { .active = true,
				     .class = PP_CLASS_FIRE,
				     .start_us = 10 * SECOND,
				     .end_us = 40 * SECOND } };
	const struct pp_annunciator_output siren = { .role = PP_ROLE_SIREN, .shared = true };
	struct pp_profile p;
	bool active;

	(void)state;
	pp_profile_default(&p);
	for (int role = 0; role < PP_ROLE_COUNT; role++) {
		bool sounds = role == PP_ROLE_SIREN || role == PP_ROLE_KENTONGAN;

		assert_int_equal(show((enum pp_role)role, -1, &v, 11 * SECOND),
			sounds ? PP_SHOW_SOUND : PP_SHOW_OFF);
	}
	assert_int_equal(show(PP_ROLE_SIREN, PP_CLASS_CRIME, &v, 11 * SECOND), PP_SHOW_OFF);
	assert_int_equal(show(PP_ROLE_SIREN, PP_CLASS_FIRE, &v, 11 * SECOND), PP_SHOW_SOUND);
	assert_int_equal(show(PP_ROLE_SIREN, -1, &v, 40 * SECOND), PP_SHOW_OFF);
	assert_true(pp_annunciator_run(&siren, 1, &p, &v, 10 * SECOND, &active) <= 40 * SECOND);
	assert_true(active);
	v.count = 1;
	v.presses[0] = (struct pp_view_press){
		.class = PP_CLASS_CRIME, .sounds = true, .pressed_us = 10 * SECOND
	};
	for (uint64_t us = 0; us < 5 * SECOND; us += 50000) {
		bool want, ordered;
		struct pp_view alarm = v;

		alarm.order.active = false;
		pp_annunciator_run(&siren, 1, &p, &alarm, 10 * SECOND + us, &want);
		pp_annunciator_run(&siren, 1, &p, &v, 10 * SECOND + us, &ordered);
		assert_int_equal(ordered, want);
	}
}

/* Its siren may sound for both; the lamp says that the next post calls for help. */
static void a_near_posts_alarm_lights_its_lamp_for_as_long_as_it_sounds(void **state)
{
	const struct pp_annunciator_output lamp = { .role = PP_ROLE_NEIGHBOUR, .shared = true };
	struct pp_profile p;
	struct pp_view v = { .order = { .active = true,
				     .neighbour = true,
				     .class = PP_CLASS_CRIME,
				     .end_us = 60 * SECOND } };
	bool lit;

	(void)state;
	pp_profile_default(&p);
	assert_true(pp_annunciator_run(&lamp, 1, &p, &v, 59 * SECOND, &lit) == 60 * SECOND);
	assert_true(lit);
	assert_true(pp_annunciator_run(&lamp, 1, &p, &v, 60 * SECOND, &lit) == UINT64_MAX);
	assert_false(lit);
	v.count = 1;
	v.presses[0] = (struct pp_view_press){ .class = PP_CLASS_FIRE, .sounds = true };
	assert_int_equal(show(PP_ROLE_NEIGHBOUR, -1, &v, SECOND), PP_SHOW_ON);
	assert_int_equal(show(PP_ROLE_TAKEN, -1, &v, SECOND), PP_SHOW_OFF);
	v.order.neighbour = false; /* a station's, or by hand */
	assert_int_equal(show(PP_ROLE_NEIGHBOUR, -1, &v, SECOND), PP_SHOW_OFF);
}

static void a_drill_is_shown_while_a_server_that_is_heard_says_so(void **state)
{
	struct pp_view v = { .drill = true };

	(void)state;
	assert_int_equal(show(PP_ROLE_DRILL, -1, &v, 0), PP_SHOW_ON);
	v.server_away = true;
	assert_int_equal(show(PP_ROLE_DRILL, -1, &v, 0), PP_SHOW_OFF);
	v = (struct pp_view){ 0 };
	assert_int_equal(show(PP_ROLE_DRILL, -1, &v, 0), PP_SHOW_OFF);
}

static void a_silent_press_leaves_an_ordered_sound_alone(void **state)
{
	struct pp_view v = { .count = 1,
		.order = { .active = true, .class = PP_CLASS_CRIME, .end_us = SECOND } };

	(void)state;
	v.presses[0] = (struct pp_view_press){ .class = PP_CLASS_CRIME, .silent = true };
	assert_int_equal(show(PP_ROLE_SIREN, -1, &v, 0), PP_SHOW_SOUND);
	v.order.active = false;
	assert_int_equal(show(PP_ROLE_SIREN, -1, &v, 0), PP_SHOW_OFF);
}

static void only_sirens_and_kentongan_of_the_class_can_sound(void **state)
{
	static const struct pp_annunciator_output outputs[] = {
		{ .role = PP_ROLE_TAKEN, .shared = true },
		{ .role = PP_ROLE_KENTONGAN, .class = PP_CLASS_FIRE },
	};

	(void)state;
	assert_true(pp_annunciator_can_sound(outputs, 2, PP_CLASS_FIRE));
	assert_false(pp_annunciator_can_sound(outputs, 2, PP_CLASS_CRIME));
	assert_false(pp_annunciator_can_sound(outputs, 1, PP_CLASS_FIRE));
}

static void role_words_are_read_back(void **state)
{
	(void)state;
	for (int i = 0; i < PP_ROLE_COUNT; i++)
		assert_int_equal(pp_role_parse(pp_role_text((enum pp_role)i)), i);
	assert_true(pp_role_parse("lamp") < 0);
}

static void of_two_alarms_the_graver_is_heard_and_of_one_class_the_older(void **state)
{
	struct pp_annunciator_output siren = { .role = PP_ROLE_KENTONGAN, .shared = true };
	struct pp_profile p;
	struct pp_view v = { .count = 3 };
	bool both[2] = { false }, alone[2] = { false };

	(void)state;
	pp_profile_default(&p);
	for (int i = 0; i < PP_CLASS_COUNT; i++)
		p.at_once[i] = true;
	v.presses[0] = (struct pp_view_press){
		.class = PP_CLASS_FIRE, .sounds = true, .pressed_us = 10 * SECOND
	};
	v.presses[1] = (struct pp_view_press){
		.class = PP_CLASS_FIRE, .sounds = true, .pressed_us = 12 * SECOND
	};
	v.presses[2] = (struct pp_view_press){
		.class = PP_CLASS_MEDICAL, .sounds = true, .pressed_us = 9 * SECOND
	};
	for (uint64_t us = 13 * SECOND; us < 20 * SECOND; us += SECOND / 10) {
		(void)pp_annunciator_run(&siren, 1, &p, &v, us, both);
		v.count = 1;
		(void)pp_annunciator_run(&siren, 1, &p, &v, us, alone);
		v.count = 3;
		assert_int_equal(both[0], alone[0]);
	}
	v.presses[1].pressed_us = 8 * SECOND; /* the second one is the older now */
	(void)pp_annunciator_run(&siren, 1, &p, &v, 13 * SECOND, both);
	v.presses[0].sounds = false;
	(void)pp_annunciator_run(&siren, 1, &p, &v, 13 * SECOND, alone);
	assert_int_equal(both[0], alone[0]);
}

static void a_press_of_the_future_is_silent_and_lamps_wake_for_the_earliest_change(void **state)
{
	static const struct pp_annunciator_output outputs[] = { { .role = PP_ROLE_TAKEN,
									.shared = true },
		{ .role = PP_ROLE_PRE_ALARM }, { .role = PP_ROLE_DISPATCHED, .shared = true },
		{ .role = PP_ROLE_SERVER_AWAY }, { .role = PP_ROLE_SIREN, .shared = true },
		{ .role = PP_ROLE_TROUBLE, .shared = true } };
	struct pp_view v = { .count = 1, .pre_alarm = true, .server_away = true };
	bool active[6];
	struct pp_profile p;
	uint64_t next;

	(void)state;
	pp_profile_default(&p);
	v.presses[0] = (struct pp_view_press){ .rung = PP_RUNG_RECEIVED,
		.durable = true,
		.doubt = true,
		.sounds = true,
		.doubt_us = 99 * SECOND,
		.pressed_us = 99 * SECOND };
	next = pp_annunciator_run(outputs, 6, &p, &v, 10 * SECOND, active);
	assert_true(next > 10 * SECOND && next <= 10 * SECOND + 125000);
	assert_true(active[3]);
	assert_false(active[4]);
	assert_false(active[5]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ladder_lights_every_rung_up_to_the_least_advanced_press),
		cmocka_unit_test(a_class_lamp_follows_its_class_alone),
		cmocka_unit_test(a_silent_press_drives_nothing),
		cmocka_unit_test(a_press_without_receipt_blinks_fast_where_it_is_true),
		cmocka_unit_test(a_doubt_beside_a_press_without_a_row_is_told_by_the_trouble_lamp),
		cmocka_unit_test(without_a_store_taken_never_lights_and_received_may),
		cmocka_unit_test(progress_is_unknown_while_the_server_is_away),
		cmocka_unit_test(the_lamps_of_the_post_itself_follow_the_view),
		cmocka_unit_test(the_siren_sounds_at_once_or_on_doubt_and_not_for_ever),
		cmocka_unit_test(of_two_alarms_the_graver_one_is_played),
		cmocka_unit_test(blinking_lamps_tell_when_they_change),
		cmocka_unit_test(an_ordered_sound_drives_sirens_alone_and_gives_way_to_an_alarm),
		cmocka_unit_test(a_silent_press_leaves_an_ordered_sound_alone),
		cmocka_unit_test(a_near_posts_alarm_lights_its_lamp_for_as_long_as_it_sounds),
		cmocka_unit_test(a_drill_is_shown_while_a_server_that_is_heard_says_so),
		cmocka_unit_test(only_sirens_and_kentongan_of_the_class_can_sound),
		cmocka_unit_test(role_words_are_read_back),
		cmocka_unit_test(of_two_alarms_the_graver_is_heard_and_of_one_class_the_older),
		cmocka_unit_test(
			a_press_of_the_future_is_silent_and_lamps_wake_for_the_earliest_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
