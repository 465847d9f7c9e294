/* SPDX-License-Identifier: Apache-2.0 */
/* import_test.c -- site files into the record: what changes, what stays. */
#include "fixture.h"

#include <errno.h>

#include "plan_put.h"

static int import(struct pp_test_record *r, const char *yaml, struct pp_import_counts *ret_counts,
	struct pp_problem *problem)
{
	struct pp_yaml *root = NULL;
	struct pp_site *site = NULL;
	int e;

	if (pp_yaml_parse("site.yaml", yaml, strlen(yaml), &root, problem) < 0 ||
		pp_site_read(root, &site, problem) < 0)
		fail_msg("%s", problem->text);
	e = pp_ledger_import(r->ledger, site, "ctl:root", PP_TEST_NOW, ret_counts, problem);
	pp_site_free(site);
	pp_yaml_free(root);
	return e;
}

static void importing_again_changes_nothing(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_import_counts counts;
	struct pp_problem problem;
	int64_t events = pp_test_number(r, "SELECT count(*) FROM event");
	int64_t rev = pp_test_number(r, "SELECT value FROM meta WHERE key = 'registry_rev'");

	assert_int_equal(import(r, pp_test_site, &counts, &problem), 0);
	assert_int_equal(counts.changed, 0);
	assert_int_equal(counts.tenants, 2);
	assert_int_equal(counts.posts, 2);
	assert_int_equal(counts.points, 4);
	assert_int_equal(counts.webhooks, 2);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event"), events);
	assert_int_equal(
		pp_test_number(r, "SELECT value FROM meta WHERE key = 'registry_rev'"), rev);
}

static const char smaller[] =
	"tenants:\n"
	"  - id: kendal\n"
	"    name: Kabupaten Kendal\n"
	"    prefix: KDL\n"
	"    timezone: Asia/Jakarta\n"
	"    sample: true\n"
	"    kecamatan:\n"
	"      - {code: k1, name: Boja, desa: [{code: d1, name: Bebengan}]}\n"
	"    posts:\n"
	"      - {id: boja-02, name: Dua Baru, desa: d1, rw: '02', latitude: -7.2,\n"
	"         longitude: 110.3, points: [{id: mains, kind: mains, label: {id: a, en: b}}]}\n";

static void what_the_file_no_longer_names_is_retired(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_import_counts counts;
	struct pp_problem problem;
	struct pp_signal s = pp_test_alarm(1);

	signal_apply(r, &s, PP_TEST_NOW);
	assert_int_equal(import(r, smaller, &counts, &problem), 0);
	assert_int_equal(counts.changed, 5); /* a name, a point, a post, two webhooks */
	assert_int_equal(counts.deactivated, 1);
	pp_test_text_is(
		r, "SELECT group_concat(post || active, ' ') FROM post", "boja-010 boja-021");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM webhook WHERE active"), 0);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM notification WHERE state = 'failed'"), 2);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM tenant"), 2);
	pp_test_text_is(r, "SELECT body FROM event ORDER BY event_id DESC LIMIT 1",
		"{\"posts\":1,\"changed\":5,\"deactivated\":1,\"sample\":true}");
	pp_test_text_is(r, "SELECT actor FROM event ORDER BY event_id DESC LIMIT 1", "ctl:root");
	assert_int_equal(import(r, smaller, &counts, &problem), 0);
	assert_int_equal(counts.changed, 0);
	assert_int_equal(import(r, pp_test_site, &counts, &problem), 0);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM post WHERE active"), 2);
}

static void a_prefix_of_another_tenant_is_refused_and_nothing_is_written(void **state)
{
	static const char yaml[] = "tenants:\n"
				   "  - {id: kediri, name: Kediri, prefix: KDR, timezone: UTC,\n"
				   "     posts: [], kecamatan: []}\n"
				   "  - {id: kudus, name: Kudus, prefix: KDL, timezone: UTC,\n"
				   "     posts: [], kecamatan: []}\n";
	struct pp_test_record *r = *state;
	struct pp_import_counts counts;
	struct pp_problem problem;

	assert_int_equal(import(r, yaml, &counts, &problem), -EINVAL);
	assert_string_equal(problem.text,
		"tenant 'kudus': the prefix 'KDL' belongs to another tenant of the record");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM tenant"), 2);
}

static void troubles_of_points_end_with_what_the_registry_learns(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_import_counts counts;
	struct pp_problem problem;

	assert_int_equal(
		pp_db_exec(pp_ledger_db(r->ledger),
			"INSERT INTO trouble (tenant, post, point, kind, since, detail)"
			" VALUES"
			" ('kendal', 'boja-02', 'mains', 'unknown-point', 1, ''),"
			" ('kendal', 'boja-02', 'mains', 'mains', 1, '');"
			"INSERT INTO point VALUES ('kendal', 'boja-02', 'old', 'mains',"
			" 'unspecified', 0, 'a', 'b');"
			"INSERT INTO trouble (tenant, post, point, kind, since, detail)"
			" VALUES ('kendal', 'boja-02', 'old', 'stuck', 1, '')"),
		0);
	assert_int_equal(import(r, smaller, &counts, &problem), 0);
	pp_test_text_is(r, "SELECT group_concat(point || ' ' || kind) FROM trouble", "mains mains");
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'trouble.ended'"), 2);
}

static void keys_survive_an_import(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_import_counts counts;
	struct pp_problem problem;
	const struct pp_enrolment e = { "kendal", "boja-01", { 1 }, "ctl:root", PP_ENROL_ANY, NULL,
		0 };

	assert_int_equal(pp_ledger_enrol(r->ledger, &e, PP_TEST_NOW), 0);
	assert_int_equal(import(r, smaller, &counts, &problem), 0);
	assert_int_equal(import(r, pp_test_site, &counts, &problem), 0);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM post_key WHERE revoked IS NULL"), 1);
}

#define TWO_WAYS                                                                                   \
	"tenant: kendal\n"                                                                         \
	"contacts:\n"                                                                              \
	"  rt: {name: Pak Budi, role: ketua-rt, ways: [{webhook: bot},"                            \
	" {sms: \"+6281234567890\"}]}\n"                                                          \
	"plans:\n"                                                                                 \
	"  all: {classes: [all], area: [all], rings: {neighbours: {until: taken, steps: [{call:"   \
	" [rt], wait: 15s}]}}, fallback: {call: [rt], every: 60s}}\n"

static void a_contact_whose_webhook_is_gone_is_told_by_the_next_way(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_import_counts counts;
	struct pp_problem problem;

	plan_put(r, TWO_WAYS);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	(void)signal_apply(r, &s, PP_TEST_NOW);
	assert_int_equal(import(r, smaller, &counts, &problem), 0);
	pp_test_text_is(r,
		"SELECT group_concat(channel || ' ' || state, ', ') FROM (SELECT * FROM"
		" notification WHERE contact = 'rt' ORDER BY way)",
		"webhook failed, sms queued");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(importing_again_changes_nothing),
		RECORD_TEST(what_the_file_no_longer_names_is_retired),
		RECORD_TEST(a_prefix_of_another_tenant_is_refused_and_nothing_is_written),
		RECORD_TEST(troubles_of_points_end_with_what_the_registry_learns),
		RECORD_TEST(keys_survive_an_import),
		RECORD_TEST(a_contact_whose_webhook_is_gone_is_told_by_the_next_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
