/* SPDX-License-Identifier: Apache-2.0 */
/* site_test.c -- a whole site file, and one edit at a time that breaks it. */
#include "registry/site.h"

#include "pospin_test.h"

#include <errno.h>

static const char good[] =
	"tenants:\n"                   /* 1 */
	"  - id: kendal\n"             /* 2 */
	"    name: Kabupaten Kendal\n" /* 3 */
	"    prefix: KDL\n"            /* 4 */
	"    timezone: Asia/Jakarta\n" /* 5 */
	"    sample: true\n"           /* 6 */
	"    kecamatan:\n"             /* 7 */
	"      - {code: k1, name: Boja, desa: [{code: d1, name: Bebengan}]}\n"
	"      - {code: k2, name: Weleri, desa: [{code: d2, name: Penyangkringan}]}\n"
	"    webhooks:\n" /* 10 */
	"      - {name: bot, url: 'https://x/', secret: 0123456789abcdef}\n"
	"    posts:\n"                                         /* 12 */
	"      - id: boja-01\n"                                /* 13 */
	"        name: Poskamling Boja\n"                      /* 14 */
	"        desa: d1\n"                                   /* 15 */
	"        rw: '01'\n"                                   /* 16 */
	"        latitude: -7.1\n"                             /* 17 */
	"        longitude: 110.2\n"                           /* 18 */
	"        contact: {name: Pak Budi, phone: '0294 1'}\n" /* 19 */
	"        points:\n"                                    /* 20 */
	"          - {id: panic, kind: panic, class: crime, label: {id: A, en: B}}\n"
	"          - {id: silent, kind: panic, silent: true, label: {id: A, en: B}}\n"
	"      - {id: boja-02, name: Dua, desa: d2, rw: '02', latitude: -7.2,\n"
	"         longitude: 110.3, active: false, points: []}\n";

/* The good file with `from` replaced by `to`. */
static char *edited(const char *from, const char *to)
{
	const char *at = strstr(good, from);
	size_t size = sizeof(good) + strlen(to);
	char *text = malloc(size);

	if (!at)
		fail_msg("not in the file: %s", from);
	snprintf(text, size, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
	return text;
}

static int read_text(const char *text, struct pp_site **ret_site, struct pp_problem *problem)
{
	struct pp_yaml *root;
	int r = pp_yaml_parse("site.yaml", text, strlen(text), &root, problem);

	if (r < 0)
		return r;
	r = pp_site_read(root, ret_site, problem);
	pp_yaml_free(root);
	return r;
}

static void a_good_file_is_read_whole(void **state)
{
	struct pp_problem problem;
	struct pp_site *site;

	(void)state;
	if (read_text(good, &site, &problem) < 0)
		fail_msg("%s", problem.text);
	assert_int_equal(site->tenant_count, 1);
	const struct pp_site_tenant *t = &site->tenants[0];

	assert_true(t->sample);
	assert_string_equal(t->prefix, "KDL");
	assert_int_equal(t->kecamatan_count, 2);
	assert_string_equal(t->kecamatan[1].desa[0].name, "Penyangkringan");
	assert_string_equal(t->webhooks[0].secret, "0123456789abcdef");
	assert_int_equal(t->post_count, 2);
	assert_true(t->posts[0].latitude == -7.1);
	assert_string_equal(t->posts[0].contact_phone, "0294 1");
	assert_true(t->posts[0].active);
	assert_int_equal(t->posts[0].points[0].class, PP_CLASS_CRIME);
	assert_false(t->posts[0].points[0].silent);
	assert_int_equal(t->posts[0].points[1].class, PP_CLASS_UNSPECIFIED);
	assert_true(t->posts[0].points[1].silent);
	assert_false(t->posts[1].active);
	assert_null(t->posts[1].contact_name);
	assert_null(pp_site_free(site));
}

static void every_mistake_is_told_with_its_place(void **state)
{
	static const struct {
		const char *from, *to, *want;
	} cases[] = {
		{ "id: kendal", "id: Kendal", "site.yaml:2:9: 'id': expected lower-case" },
		{ "id: kendal", "id: svc-server", "site.yaml:2:9: 'id'" },
		{ "prefix: KDL", "prefix: kdl",
			"site.yaml:4:13: 'prefix': expected 2 to 8 capital" },
		{ "prefix: KDL", "prefix: K", "site.yaml:4:13: 'prefix'" },
		{ "Asia/Jakarta", "Europe/Berlin",
			"site.yaml:5:15: 'timezone': expected Asia/Jakarta" },
		{ "sample: true", "sample: yes",
			"site.yaml:6:13: 'sample': expected true or false" },
		{ "    name: Kabupaten Kendal\n", "", "'name' is missing" },
		{ "code: k2", "code: k1",
			"site.yaml:9:16: 'code: k1' is there twice, first in line 8" },
		{ "code: d2", "code: d1", "desa 'd1' is there twice" },
		{ "https://x/", "ftp://x/", "site.yaml:11:26: 'url': expected" },
		{ "0123456789abcdef", "short", "'secret': expected 16" },
		{ "secret: 0123456789abcdef",
			"secret: 0123456789abcdef, template: '{\"a\":{{text}}}'",
			"site.yaml:11:76: 'template' of webhook 'bot': no JSON" },
		{ "secret: 0123456789abcdef",
			"secret: 0123456789abcdef, template: 't={{who}}', type: form",
			"'template' of webhook 'bot': there is no field '{{who}}'" },
		{ "secret: 0123456789abcdef", "secret: 0123456789abcdef, type: xml",
			"'template' of webhook 'bot': type: expected json or form" },
		{ "secret: 0123456789abcdef", "secret: 0123456789abcdef, success: 'a..b'",
			"'template' of webhook 'bot': 'success' is no path" },
		{ "id: boja-01", "id: svc-boja", "site.yaml:13:13: 'id': expected" },
		{ "id: boja-01", "id: boja_01", "site.yaml:13:13: 'id': expected" },
		{ "id: boja-02", "id: boja-01",
			"site.yaml:23:14: 'id: boja-01' is there twice, first in line 13" },
		{ "desa: d1\n", "desa: d9\n",
			"site.yaml:15:15: 'desa': 'd9' is not the code of a desa of tenant"
			" 'kendal'" },
		{ "latitude: -7.1\n", "latitude: 52.5\n",
			"site.yaml:17:19: 'latitude': expected a latitude of Indonesia" },
		{ "longitude: 110.2\n", "longitude: 10.2\n", "site.yaml:18:20: 'longitude'" },
		{ "latitude: -7.1\n", "latitide: -7.1\n",
			"site.yaml:17:9: unknown key 'latitide'" },
		{ "class: crime", "class: crimes",
			"site.yaml:21:45: 'class': expected crime, fire" },
		{ "kind: panic, class", "kind: button, class", "'kind': expected panic, smoke" },
		{ "kind: panic, class", "kind: post, class", "'kind': expected" },
		{ "id: silent", "id: panic", "'id: panic' is there twice, first in line 21" },
		{ "id: silent", "id: Senyap", "'id': expected lower-case" },
		{ "en: B}}\n          - {id: silent", "ne: B}}\n          - {id: silent",
			"unknown key 'ne'" },
		{ "points: []", "points: {}", "'points': expected a list" },
		{ "tenants:\n", "tenant:\n", "site.yaml:1:1: unknown key 'tenant'" },
		{ "contact: {name: Pak Budi, phone: '0294 1'}", "contact: Pak Budi",
			"site.yaml:19:18: 'contact': expected a map" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		char *text = edited(cases[i].from, cases[i].to);
		struct pp_site *site = NULL;
		struct pp_problem problem = { "" };
		int r = read_text(text, &site, &problem);

		if (r != -EINVAL || !strstr(problem.text, cases[i].want))
			fail_msg("'%s': got %d '%s', want '%s'", cases[i].to, r, problem.text,
				cases[i].want);
		assert_null(site);
		free(text);
	}
}

static void two_tenants_cannot_share_a_prefix(void **state)
{
	static const char text[] =
		"tenants:\n"
		"  - {id: a, name: A, prefix: AA, timezone: UTC, kecamatan: [], posts: []}\n"
		"  - {id: b, name: B, prefix: AA, timezone: UTC, kecamatan: [], posts: []}\n";
	struct pp_site *site;
	struct pp_problem problem;

	(void)state;
	assert_int_equal(read_text(text, &site, &problem), -EINVAL);
	assert_non_null(
		strstr(problem.text, "site.yaml:3:30: 'prefix: AA' is tenant 'a''s already"));
}

static void a_missing_file_is_an_error(void **state)
{
	struct pp_site *site;
	struct pp_problem problem;

	(void)state;
	assert_true(pp_site_load("/nonexistent/site.yaml", &site, &problem) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_file_is_read_whole),
		cmocka_unit_test(every_mistake_is_told_with_its_place),
		cmocka_unit_test(two_tenants_cannot_share_a_prefix),
		cmocka_unit_test(a_missing_file_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
