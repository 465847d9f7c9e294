/* SPDX-License-Identifier: Apache-2.0 */
/* plans_test.c -- files held against a record, and books that come out of one. */
#include "plans/plans.h"

#include "../store/record.h"
#include "memory_fails.h"
#include "sample_file.h"

#include <errno.h>

#include "store/plans.h"

#define NOW INT64_C(1763750400000)

struct heard {
	char refused[4000], told[4000];
};

static void hear(void *user, bool refused, const char *text)
{
	struct heard *h = user;
	char *all = refused ? h->refused : h->told;
	size_t used = strlen(all);

	snprintf(all + used, 4000 - used, "%s\n", text);
}

static int checked(struct record *r, const char *text, struct heard *ret_heard)
{
	struct pp_plans_file *file = NULL;
	struct pp_problem problem;
	int e = pp_plans_file_parse("p.yaml", text, strlen(text), &file, &problem);

	if (e < 0)
		fail_msg("%s", problem.text);
	memset(ret_heard, 0, sizeof(*ret_heard));
	e = pp_plans_check(r->db, &(struct pp_plans_checking){ file, NULL, NOW, hear, ret_heard });
	pp_plans_file_free(file);
	return e;
}

static void a_file_is_held_against_the_registry_with_lines(void **state)
{
	static const struct refusal rows[] = {
		{ "tenant: kendal", "tenant: kendal", "" },
		{ "desa:d1", "desa:d9", "p.yaml:19:3: plan fire: the registry has no desa 'd9'\n" },
		{ "kendal/boja-02", "boja-09",
			"p.yaml:9:3: agency damkar: the registry has no post 'boja-09'\n" },
		{ "{webhook: bot}", "{webhook: old}",
			"p.yaml:6:3: contact piket: the site has no webhook 'old'\n" },
		{ "call: [contact:rt, webhook:all]", "call: [role:operator]",
			"p.yaml:18:15: plan all, fallback: calls nobody who is not at the page at "
			"every hour in kecamatan k1, class unspecified\n" },
		{ "[rt, roster:ronda]", "[roster:ronda]",
			"p.yaml:24:42: plan fire, ring neighbours, step 1: calls nobody from mon "
			"18:00 to tue 00:00 in desa d1, class fire\n" },
		{ "    classes: [all]", "    classes: [crime]",
			"p.yaml:1:1: there is no plan at every hour in kecamatan k1, class "
			"unspecified\n"
			"p.yaml:1:1: there is no plan at every hour in kecamatan k1, class fire\n"
			"p.yaml:1:1: there is no plan at every hour in kecamatan k1, class "
			"disaster\n"
			"p.yaml:1:1: there is no plan at every hour in kecamatan k1, class "
			"medical\n" },
	};
	struct heard heard;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = sample_with(rows[i].from, rows[i].to);

		checked(*state, text, &heard);
		if (strcmp(heard.refused, rows[i].message) != 0)
			fail_msg("row %zu: got '%s', want '%s'", i, heard.refused, rows[i].message);
		free(text);
	}
	assert_int_equal(
		checked(*state,
			"tenant: nowhere\ncontacts: {a: {name: A, role: b, ways: [{mail: a@b}]}}\n"
			"plans: {p: {classes: [all], area: [all], rings: {desk: {until: taken, "
			"steps: "
			"[{call: [a], wait: 5s}]}}, fallback: {call: [a], every: 5s}}}\n",
			&heard),
		-ENOENT);
	assert_string_equal(
		heard.refused, "the record has no tenant 'nowhere': import its site file first\n");
	assert_int_equal(checked(*state, sample_file, &heard), 0);
	assert_string_equal(heard.told, "p.yaml:6:3: contact piket: has never been verified\n");
}

static void json_is_read_as_yaml_is_and_escapes_do_not_matter(void **state)
{
	static const char json[] =
		" {\"tenant\":\"kendal\",\n\"contacts\":{\"rt\":{\"name\":\"\\ud83d\\ude00 \\/ "
		"Budi\",\"role\":\"ketua-rt\",\"ways\":[{\"mail\":\"a@b\"}]}},\"plans\":{\"p\":"
		"{\"classes\":[\"all\"],\"area\":[\"all\"],\"rings\":{\"desk\":{\"until\":"
		"\"taken\","
		"\"steps\":[{\"call\":[\"rt\"],\"wait\":\"15s\"}]}},\"fallback\":{\"call\":"
		"[\"rt\"],"
		"\"every\":\"1min\"}}}}";
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "{\"tenant\": 1,}", NULL },
		{ "{\"tenant\": \"a\", \"tenant\": \"b\"}", NULL },
		{ "{\"tenant\": \"a\"}", "body:1:1: 'plans' is missing or empty" },
		{ "tenant: [", NULL },
	};
	struct pp_plans_file *file = NULL;
	struct pp_problem problem;

	(void)state;
	if (pp_plans_file_parse("body", json, strlen(json), &file, &problem) < 0)
		fail_msg("%s", problem.text);
	assert_string_equal(pp_plans_file_book(file)->contacts[0].name, "\xf0\x9f\x98\x80 / Budi");
	file = pp_plans_file_free(file);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(pp_plans_file_parse("body", rows[i].text, strlen(rows[i].text),
					 &file, &problem),
			-EINVAL);
		assert_true(problem.text[0] != '\0');
		if (rows[i].message)
			assert_string_equal(problem.text, rows[i].message);
	}
	assert_int_equal(pp_plans_file_load("/nowhere/plans.yaml", &file, &problem), -ENOENT);
}

static const char body[] =
	"{\"tenant\":\"kendal\",\"contacts\":[\"gone\",\"rt\"],\"plans\":{\"p\":{\"classes\":"
	"[\"all\"],\"area\":[\"all\"],\"rings\":{\"desk\":{\"until\":\"taken\",\"steps\":"
	"[{\"call\":"
	"[\"contact:rt\"],\"wait\":\"15s\"}]}},\"fallback\":{\"call\":[\"contact:gone\"],\"every\":"
	"\"1min\"}}}}";

static void body_keep(struct record *r)
{
	const uint8_t digest[32] = "d";
	char id[] = "rt", name[] = "Budi", role[] = "ketua-rt", a[] = "a@b", b[] = "c@d";
	struct pp_plan_way ways[] = { { PP_WAY_MAIL, a }, { PP_WAY_MAIL, b } };
	struct pp_plan_contact rt = { id, name, role, PP_LANGUAGE_EN, 77, 2, ways };

	assert_int_equal(pp_store_plan_add(r->db, &(struct pp_plan_row){ "kendal", body, "ctl:root",
							  1, NOW, digest }),
		0);
	assert_int_equal(pp_store_contact_put(r->db, "kendal", &rt), 0);
}

static void a_kept_book_has_the_contacts_of_today(void **state)
{
	struct record *r = *state;
	struct pp_plan_book *book = NULL;
	struct heard heard = { .told = "" };

	assert_int_equal(pp_plans_load(r->db, "kendal", 0, &book), -ENOENT);
	body_keep(r);
	assert_int_equal(pp_plans_load(r->db, "kendal", 2, &book), -ENOENT);
	assert_int_equal(pp_plans_load(r->db, "nowhere", 0, &book), -ENOENT);
	assert_int_equal(pp_plans_load(r->db, "kendal", 0, &book), 0);
	assert_int_equal(book->rev, 1);
	assert_int_equal(book->zone_minutes, 420);
	assert_string_equal(book->contacts[0].id, "gone");
	assert_int_equal(book->contacts[0].way_count, 0);
	assert_int_equal(book->contacts[1].way_count, 2);
	assert_string_equal(book->contacts[1].ways[1].address, "c@d");
	assert_int_equal(book->contacts[1].verified_ms, 77);
	/* And it is known that its fallback reaches nobody any more. */
	assert_int_equal(
		pp_plans_check(r->db, &(struct pp_plans_checking){ NULL, book, NOW, hear, &heard }),
		-EINVAL);
	assert_non_null(strstr(heard.refused, "plan p, fallback: calls nobody"));
	pp_plan_book_free(book);
}

static void a_kept_book_that_cannot_be_read_is_an_error_not_an_empty_one(void **state)
{
	struct record *r = *state;
	struct pp_plan_book *book = NULL;

	body_keep(r);
	record_exec(r, "UPDATE plan_rev SET body = '{}'");
	assert_int_equal(pp_plans_load(r->db, "kendal", 0, &book), -EBADMSG);
	record_exec(r, "UPDATE plan_rev SET body = '{'");
	assert_int_equal(pp_plans_load(r->db, "kendal", 0, &book), -EBADMSG);
	assert_null(book);
}

/* What administrators and their enemies send: each is refused with the place and what is wrong. */
static void a_file_that_is_none_is_refused_with_its_line(void **state)
{
#define TEXT(text) text, sizeof(text) - 1
	static const struct {
		const char *text;
		size_t length;
		const char *want;
	} rows[] = {
		{ TEXT(""), "p.yaml:1:1: 'tenant' is missing" },
		{ TEXT("# only a comment\n"), "p.yaml:1:1: 'tenant' is missing" },
		{ TEXT("kendal"), "p.yaml:1:1: expected a map" },
		{ TEXT("tenant: kendal\nplans:\n\ta: {}\n"), "p.yaml:3:1: a tab: " },
		{ TEXT("tenant: kendal\nplans:\n  a: {}\n   b: {}\n"), "p.yaml:4:" },
		{ TEXT("tenant: kendal\ntenant: serang\n"),
			"p.yaml:2:1: 'tenant' is given twice, first in line 1" },
		{ TEXT("tenant: kendal\nplan: {}\n"), "p.yaml:2:1: unknown key 'plan'" },
		{ TEXT("tenant: kendal\nplans:\n"), "p.yaml:2:7: 'plans': expected a map" },
		{ TEXT("a: &a [x]\nb: [*a, *a]\n"), "p.yaml:1:4: anchors" },
		{ TEXT("tenant: *a\n"), "p.yaml:1:9: aliases" },
		{ TEXT("tenant: !!python/object:os.system x\n"), "p.yaml:1:9: tags" },
		{ TEXT("tenant: kendal\n---\ntenant: serang\n"), "p.yaml:2:1: expected one" },
		{ TEXT("tenant: [[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]\n"),
			"p.yaml:1:24: nested more" },
		{ TEXT("\xff\xfet\0e\0n\0"), "p.yaml:1:1: " },
		{ TEXT("tenant: ken\xe9 dal\n"), "p.yaml:1:13: invalid" },
		{ TEXT("tenant: ken\0dal\n"), "p.yaml:1:12: control characters" },
		{ TEXT("tenant: \"kendal\n"), "p.yaml:" },
		{ TEXT("tenant: ../kendal\n"), "p.yaml:1:9: 'tenant': expected the id" },
		{ TEXT("{\"tenant\":\"kendal\",\"tenant\":\"x\"}"), "p.yaml:" },
		{ TEXT("{\"tenant\":\"kendal\""), "p.yaml" },
		{ TEXT("tenant: kendal\ncontacts: {a: {name: \"x\\e[31m\", role: r, ways: []}}\n"
		       "plans: {}\n"),
			"p.yaml:2:22: 'name': control characters" },
		{ TEXT("tenant: kendal\ncontacts: {a: {name: x\xe2\x80\xaey, role: r, ways: []}}\n"
		       "plans: {}\n"),
			"p.yaml:2:22: 'name': control characters, or marks that turn" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_plans_file *file = NULL;
		struct pp_problem problem = { "" };
		int e = pp_plans_file_parse(
			"p.yaml", rows[i].text, rows[i].length, &file, &problem);

		if (e != -EINVAL || strncmp(problem.text, rows[i].want, strlen(rows[i].want)) != 0)
			fail_msg("row %zu: %d, '%s', want '%s'", i, e, problem.text, rows[i].want);
		assert_null(file);
	}
}

static void the_place_of_a_post_or_desa_is_the_registrys(void **state)
{
	struct record *r = *state;
	struct pp_plan_query query = { .post = "boja-01" };
	struct pp_plans_place place;

	assert_int_equal(pp_plans_place(r->db, "kendal", &query, &place), 1);
	assert_string_equal(query.desa, "d1");
	assert_string_equal(query.kecamatan, "k1");
	query.post = "nowhere";
	assert_int_equal(pp_plans_place(r->db, "kendal", &query, &place), 0);
	assert_string_equal(query.desa, "");
	query.post = "";
	query.desa = "d1";
	assert_int_equal(pp_plans_place(r->db, "kendal", &query, &place), 1);
	assert_string_equal(query.desa, "d1");
	assert_string_equal(query.kecamatan, "k1");
	query.desa = "d9";
	assert_int_equal(pp_plans_place(r->db, "kendal", &query, &place), 0);
	assert_string_equal(query.desa, "");
}

static void what_is_silent_has_no_post_near_it(void **state)
{
	struct record *r = *state;
	struct pp_plan_query query = { .post = "boja-01" };
	struct pp_plans_place place;

	record_exec(r, "INSERT INTO post VALUES ('kendal', 'boja-03', 'Pos Tiga', 'd1', '01',"
		       " -7.1, 110.2, NULL, NULL, 1)");
	assert_int_equal(pp_plans_place(r->db, "kendal", &query, &place), 1);
	assert_int_equal(query.near_count, 1);
	query.silent = true;
	assert_int_equal(pp_plans_place(r->db, "kendal", &query, &place), 1);
	assert_int_equal(query.near_count, 0);
}

static void memory_that_ends_leaves_nothing_behind(void **state)
{
	struct record *r = *state;

	body_keep(r);
	for (unsigned long n = 1;; n++) {
		struct pp_plan_book *book = NULL;
		struct heard heard;
		struct pp_plans_file *file = NULL;
		struct pp_problem problem;
		int e;

		memory_fail(n);
		e = pp_plans_load(r->db, "kendal", 0, &book);
		if (e == 0)
			e = pp_plans_file_parse(
				"p.yaml", sample_file, strlen(sample_file), &file, &problem);
		memset(&heard, 0, sizeof(heard));
		if (e == 0)
			e = pp_plans_check(r->db,
				&(struct pp_plans_checking){ file, NULL, NOW, hear, &heard });
		pp_plan_book_free(book);
		pp_plans_file_free(file);
		if (!memory_has_failed()) {
			assert_int_equal(e, 0);
			return;
		}
		assert_int_equal(e, -ENOMEM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_file_is_held_against_the_registry_with_lines),
		RECORD_TEST(json_is_read_as_yaml_is_and_escapes_do_not_matter),
		RECORD_TEST(a_kept_book_has_the_contacts_of_today),
		RECORD_TEST(a_kept_book_that_cannot_be_read_is_an_error_not_an_empty_one),
		RECORD_TEST(a_file_that_is_none_is_refused_with_its_line),
		RECORD_TEST(the_place_of_a_post_or_desa_is_the_registrys),
		RECORD_TEST(what_is_silent_has_no_post_near_it),
		RECORD_TEST(memory_that_ends_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
