/* SPDX-License-Identifier: Apache-2.0 */
/* claims_test.c -- who is there, who is gone, and of whom nothing can be said. */
#include "claims.h"

#include "post.h"

struct scene {
	struct pp_claims *claims;
	struct pp_db *db;
};

static struct scene begin(struct desk_fixture *f)
{
	struct scene s = { .db = pp_ledger_db(f->record.ledger) };

	assert_int_equal(pp_claims_new(&s.claims), 0);
	assert_int_equal(
		pp_db_exec(s.db,
			"INSERT INTO incident (tenant, number, post, class, state, rev, silent,"
			" late, drill, occurred, opened, acknowledged_by, signals, restored) VALUES"
			" ('kendal', 'KDL-1', 'boja-01', 'fire', 'acknowledged', 1, 0, 0, 0, 1, 1,"
			" 'user:budi', 1, 0),"
			" ('kendal', 'KDL-2', 'boja-01', 'crime', 'acknowledged', 1, 0, 0, 0, 1, 1,"
			" 'user:siti', 1, 0),"
			" ('kendal', 'KDL-3', 'boja-01', 'crime', 'dispatched', 1, 0, 0, 0, 1, 1,"
			" 'user:budi', 1, 0),"
			" ('kendal', 'KDL-4', 'boja-01', 'crime', 'acknowledged', 1, 0, 0, 0, 1, 1,"
			" 'ctl:root', 1, 0)"),
		0);
	return s;
}

static void presence(struct scene *s, const char *text, int64_t mono_ms)
{
	pp_claims_heard(s->claims, &(struct pp_action){ .type = PP_ACTION_PRESENCE, .text = text },
		mono_ms);
}

/* The incidents that are returned at that time, "1 3 ". */
static void gone_is(struct scene *s, int64_t mono_ms, const char *want)
{
	struct pp_claim gone;
	char got[40] = "";
	int r;

	assert_int_equal(pp_claims_look(s->claims, s->db, mono_ms), 0);
	while ((r = pp_claims_next(s->claims, s->db, &gone)) == 1) {
		size_t used = strlen(got);

		assert_string_equal(gone.tenant, "kendal");
		snprintf(got + used, sizeof(got) - used, "%lld ", (long long)gone.incident_id);
	}
	assert_int_equal(r, 0);
	if (strcmp(got, want) != 0)
		fail_msg("at %lld: got '%s', want '%s'", (long long)mono_ms, got, want);
}

static void all_that_somebody_holds_returns_when_his_pages_are_gone_for_20_seconds(void **state)
{
	struct scene s = begin(*state);

	gone_is(&s, 1000, "");
	for (int64_t at = 5000; at <= 20000; at += 5000)
		presence(&s, "kendal/user:budi\nkendal/user:siti\n", at);
	for (int64_t at = 25000; at <= 40000; at += 5000)
		presence(&s, "kendal/user:siti\n", at);
	gone_is(&s, 39999, "");
	gone_is(&s, 40000, "1 3 ");
	presence(&s, "serang/user:budi\nkendal/user:budiman\nkendal/user:siti\n", 45000);
	gone_is(&s, 45000, "1 3 "); /* another one of that name is not he */
	presence(&s, "kendal/user:budi\nkendal/user:siti\n", 50000);
	gone_is(&s, 50000, "");
	pp_claims_free(s.claims);
}

/* His page may have come back in the five seconds of which nobody has spoken yet. */
static void nobody_is_gone_before_the_fourth_word_has_said_so(void **state)
{
	struct scene s = begin(*state);

	gone_is(&s, 1000, "");
	presence(&s, "kendal/user:budi\nkendal/user:siti\n", 5000);
	for (int64_t at = 10003; at <= 20009; at += 5003)
		presence(&s, "kendal/user:siti\n", at);
	gone_is(&s, 25011, "");
	presence(&s, "kendal/user:budi\nkendal/user:siti\n", 25012);
	gone_is(&s, 25013, "");
	for (int64_t at = 30015; at <= 40021; at += 5003)
		presence(&s, "kendal/user:siti\n", at);
	gone_is(&s, 45023, "");
	presence(&s, "kendal/user:siti\n", 45024);
	gone_is(&s, 45025, "1 3 ");
	pp_claims_free(s.claims);
}

static void while_nobody_says_who_is_there_nobody_is_gone(void **state)
{
	struct scene s = begin(*state);

	gone_is(&s, 1000, "");
	gone_is(&s, 999000, "");
	presence(&s, "", 1000000);
	gone_is(&s, 1000000, "1 3 2 ");
	gone_is(&s, 1000000 + PP_PRESENCE_STALE_MS, ""); /* not said any more */
	pp_claims_free(s.claims);
}

static void whoever_acts_is_there_and_a_shell_has_no_page(void **state)
{
	struct scene s = begin(*state);

	gone_is(&s, 1000, "");
	pp_claims_heard(s.claims,
		&(struct pp_action){
			.type = PP_ACTION_NOTE, .tenant = "kendal", .actor = "user:budi" },
		15000);
	presence(&s, "", 25000);
	gone_is(&s, 25000, "2 ");
	presence(&s, "", 35000);
	gone_is(&s, 35000, "1 3 2 ");
	pp_claims_free(s.claims);
}

static void a_text_that_makes_no_sense_says_nothing_of_anybody(void **state)
{
	struct scene s = begin(*state);

	gone_is(&s, 1000, "");
	presence(&s, "kendal/user:budi", 21000);
	presence(&s, "\n/\nkendal/user:budi\n", 21000);
	presence(&s, NULL, 21000);
	gone_is(&s, 21000, "1 3 2 ");
	pp_claims_free(s.claims);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_set_up, desk_tear_down)
		TEST(all_that_somebody_holds_returns_when_his_pages_are_gone_for_20_seconds),
		TEST(nobody_is_gone_before_the_fourth_word_has_said_so),
		TEST(while_nobody_says_who_is_there_nobody_is_gone),
		TEST(whoever_acts_is_there_and_a_shell_has_no_page),
		TEST(a_text_that_makes_no_sense_says_nothing_of_anybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
