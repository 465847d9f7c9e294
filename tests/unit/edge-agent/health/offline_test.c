/* SPDX-License-Identifier: Apache-2.0 */
/* offline_test.c -- a post's files and way, each wrong in turn. The way with a real broker is
 * tests/unit/common/probe and tests/system/doctor.test.mjs. */
#include "health/offline.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "crypto/key_list.h"
#include "crypto/pki.h"
#include "pospin_test.h"

struct post {
	char *folder;
	char ca[600], ca_key[600], key[600], cert[600], keys[600];
	struct pp_edge_settings settings;
	struct pp_health_post health;
};

static char *in(const struct post *p, const char *name, char path[600])
{
	snprintf(path, 600, "%s/%s", p->folder, name);
	return path;
}

static void certify(struct post *p, const char *name, enum pp_pki_usage usage, unsigned days)
{
	const struct pp_pki_request request = {
		.usage = usage, .common_name = name, .days = days, .forever = days == 0
	};

	(void)unlink(p->key);
	(void)unlink(p->cert);
	assert_int_equal(pp_pki_issue(p->ca, p->ca_key, &request, p->cert, p->key), 0);
}

static int set_up(void **state)
{
	static const struct pp_pki_request authority = {
		.usage = PP_PKI_AUTHORITY, .common_name = "posts", .forever = true
	};
	struct post *p = calloc(1, sizeof(*p));
	struct pp_key_list list = { .count = 1 };

	p->folder = pp_test_folder();
	assert_int_equal(pp_pki_make_authority(
				 &authority, in(p, "ca.crt", p->ca), in(p, "ca.key", p->ca_key)),
		0);
	in(p, "post.key", p->key);
	in(p, "post.crt", p->cert);
	certify(p, "kendal/boja-01", PP_PKI_CLIENT, 400);
	list.keys[0][0] = 7;
	assert_int_equal(pp_key_list_save(&list, in(p, "keys.txt", p->keys)), 0);
	p->settings.scalars.tenant = strdup("kendal");
	p->settings.scalars.post = strdup("boja-01");
	p->settings.scalars.data = p->folder;
	p->settings.scalars.certificate = p->cert;
	p->settings.scalars.key = p->key;
	p->settings.scalars.server_keys = p->keys;
	p->settings.scalars.broker_ca = p->ca;
	p->settings.scalars.broker_host = strdup("127.0.0.1");
	p->settings.scalars.broker_port = 1;
	p->health = (struct pp_health_post){ &p->settings, time(NULL), true };
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct post *p = *state;

	free(p->settings.scalars.tenant);
	free(p->settings.scalars.post);
	free(p->settings.scalars.broker_host);
	pp_test_folder_remove(p->folder);
	free(p);
	return 0;
}

typedef void check_fn(struct pp_checkup *c, void *user);

static void expect(struct post *p, check_fn *check, enum pp_finding_level level, const char *id)
{
	struct pp_findings f = { 0 };
	bool found = false;

	pp_checkup_here(check, &p->health, &f);
	for (size_t i = 0; i < f.count; i++)
		found |= f.list[i].level == level && strcmp(f.list[i].id, id) == 0;
	if (!found) {
		pp_findings_print(&f, stderr);
		fail_msg("no %s %s", pp_finding_word(level), id);
	}
	pp_findings_done(&f);
}

static void a_good_identity_is_fine(void **state)
{
	struct pp_findings f = { 0 };
	struct post *p = *state;

	pp_checkup_here(pp_health_check_identity, &p->health, &f);
	assert_int_equal(pp_findings_worst(&f), PP_FINDING_OK);
	assert_int_equal(f.count, 3);
	pp_findings_done(&f);
}

static void what_is_wrong_with_an_identity_is_named(void **state)
{
	struct post *p = *state;
	char other[600];
	FILE *file;

	assert_int_equal(chmod(p->key, 0640), 0);
	expect(p, pp_health_check_identity, PP_FINDING_WARN, "identity.key-mode");
	certify(p, "kendal/boja-02", PP_PKI_CLIENT, 400);
	expect(p, pp_health_check_identity, PP_FINDING_FAIL, "identity.name");
	certify(p, "kendal/boja-01", PP_PKI_SERVER, 0);
	expect(p, pp_health_check_identity, PP_FINDING_FAIL, "identity.use");
	certify(p, "kendal/boja-01", PP_PKI_CLIENT, 20);
	expect(p, pp_health_check_identity, PP_FINDING_WARN, "identity.end");
	p->health.now_s += 30 * 86400;
	expect(p, pp_health_check_identity, PP_FINDING_FAIL, "identity.end");
	p->health.synchronised = false; /* a post at 1970 must not be told that all has ended */
	expect(p, pp_health_check_identity, PP_FINDING_OK, "identity.end");
	assert_int_equal(rename(p->key, in(p, "first.key", other)), 0);
	assert_int_equal(rename(p->ca_key, p->key), 0);
	expect(p, pp_health_check_identity, PP_FINDING_FAIL, "identity.pair");
	assert_int_equal(unlink(p->key), 0);
	expect(p, pp_health_check_identity, PP_FINDING_FAIL, "identity.key");
	assert_int_equal(rename(other, p->key), 0);
	assert_int_equal(unlink(p->cert), 0);
	expect(p, pp_health_check_identity, PP_FINDING_FAIL, "identity.certificate");
	file = fopen(p->keys, "w");
	fputs("nonsense\n", file);
	fclose(file);
	expect(p, pp_health_check_identity, PP_FINDING_FAIL, "identity.server-keys");
}

static void an_agent_is_known_by_its_lock(void **state)
{
	struct post *p = *state;
	char path[600];
	int fd = open(in(p, "lock", path), O_RDWR | O_CREAT, 0640);

	expect(p, pp_health_check_store, PP_FINDING_FAIL, "agent.process");
	assert_int_equal(flock(fd, LOCK_EX), 0);
	expect(p, pp_health_check_store, PP_FINDING_OK, "agent.process");
	close(fd);
	p->settings.scalars.data = path;
	assert_int_equal(unlink(path), 0);
	expect(p, pp_health_check_store, PP_FINDING_FAIL, "storage");
	p->settings.scalars.data = p->folder;
}

static void the_way_to_the_broker_ends_where_it_ends(void **state)
{
	struct post *p = *state;
	char *host = p->settings.scalars.broker_host, nowhere[] = "no-such-host.invalid";

	expect(p, pp_health_check_broker, PP_FINDING_FAIL, "broker.connection");
	p->settings.scalars.broker_host = nowhere;
	expect(p, pp_health_check_broker, PP_FINDING_FAIL, "broker.name");
	p->settings.scalars.broker_host = host;
	assert_int_equal(unlink(p->cert), 0);
	expect(p, pp_health_check_broker, PP_FINDING_FAIL, "broker.files");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_good_identity_is_fine, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_wrong_with_an_identity_is_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_agent_is_known_by_its_lock, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_way_to_the_broker_ends_where_it_ends, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
