/* SPDX-License-Identifier: Apache-2.0 */
/* timeline_test.c -- events on the chain, troubles with theirs. */
#include "book.h"

#include "fixture.h"

static int troubles(struct pp_ledger *l, void *user)
{
	const struct pp_trouble t = { "kendal", "boja-01", "mains", "mains", "", "server", 50 };
	int r = 0;

	for (int i = 0; r == 0 && i < 2; i++)
		r = pp_trouble_raise(l, &t);
	for (int i = 0; r == 0 && i < 2; i++)
		r = pp_trouble_end(l, &t);
	(void)user;
	return r;
}

static void a_trouble_is_told_when_it_begins_and_when_it_ends(void **state)
{
	struct pp_test_record *r = *state;

	assert_int_equal(pp_ledger_transact(r->ledger, PP_TEST_NOW, troubles, NULL), 0);
	pp_test_text_is(r,
		"SELECT group_concat(kind || ' ' || point || ' ' || body, '; ') FROM event"
		" WHERE kind LIKE 'trouble%'",
		"trouble.raised mains {\"kind\":\"mains\",\"detail\":\"\",\"since\":50}; "
		"trouble.ended mains {\"kind\":\"mains\",\"detail\":\"\",\"since\":50}");
}

static int two_tenants(struct pp_ledger *l, void *user)
{
	static const char *const tenants[] = { "kendal", "serang", "kendal" };
	int r = 0;

	(void)user;
	for (int i = 0; r == 0 && i < 3; i++)
		r = pp_timeline_write(l,
			&(struct pp_event){
				.tenant = tenants[i], .kind = "security", .actor = "server" },
			NULL);
	assert_int_equal(l->touched_count, 2);
	return r;
}

static void each_tenant_has_a_chain_of_its_own(void **state)
{
	struct pp_test_record *r = *state;

	assert_int_equal(pp_ledger_transact(r->ledger, PP_TEST_NOW, two_tenants, NULL), 0);
	pp_test_text_is(r,
		"SELECT group_concat(tenant || height, ' ') FROM (SELECT * FROM event ORDER BY"
		" event_id)",
		"kendal1 serang1 kendal2 serang2 kendal3");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event a JOIN event b ON"
					   " b.tenant = a.tenant AND b.height = a.height + 1"
					   " WHERE a.hash = b.previous"),
		3);
}

static void a_posts_name_as_an_actor(void **state)
{
	char actor[PP_ACTOR_MAX];

	(void)state;
	pp_actor_post("kendal", "boja-01", actor);
	assert_string_equal(actor, "post:kendal/boja-01");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_trouble_is_told_when_it_begins_and_when_it_ends),
		RECORD_TEST(each_tenant_has_a_chain_of_its_own),
		cmocka_unit_test(a_posts_name_as_an_actor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
