/* SPDX-License-Identifier: Apache-2.0 */
/* check_files_test.c -- modes, owners, keys, certificates and lists, each wrong in turn. */
#include "examined.h"

#include <unistd.h>

static void a_new_site_has_only_the_authorities_keys_to_look_at(void **state)
{
	struct examined *x = *state;

	EXPECT(x, pp_check_modes, OK, "files", "owners alone");
	EXPECT(x, pp_check_modes, WARN, "files.authority", "service-ca.key");
	site_expect_worst(x, pp_check_modes, PP_FINDING_WARN);
	site_expect_worst(x, pp_check_identity, PP_FINDING_OK);
	site_expect_worst(x, pp_check_pki, PP_FINDING_OK);
}

static void files_that_others_can_read_are_named(void **state)
{
	struct examined *x = *state;

	site_shell(x, "chmod 640 pki/svc-server.key");
	EXPECT(x, pp_check_modes, WARN, "files.key-mode", "svc-server.key has mode 0640");
	site_shell(x, "chmod 604 pki/server-signing.key");
	EXPECT(x, pp_check_modes, FAIL, "files.key-mode", "server-signing.key has mode 0604");
	site_shell(x, "chmod 644 data/record.db");
	EXPECT(x, pp_check_modes, FAIL, "files.record-mode", "record.db has mode 0644");
	if (geteuid() == 0) {
		site_shell(x, "chown 1 data/record.db");
		EXPECT(x, pp_check_modes, FAIL, "files.owner", "record.db belongs to ");
	}
	site_shell(x, "mv data elsewhere");
	EXPECT(x, pp_check_modes, FAIL, "files.data", "No such file");
}

static void keys_and_certificates_that_do_not_belong_together_are_named(void **state)
{
	struct examined *x = *state;

	site_shell(x, "cp pki/svc-ctl.key pki/svc-server.key");
	EXPECT(x, pp_check_identity, FAIL, "identity.pair", "is not the key of");
	site_shell(x, "cp pki/svc-ctl.crt pki/svc-server.crt");
	EXPECT(x, pp_check_identity, OK, "identity.pair", "belong together");
	EXPECT(x, pp_check_identity, FAIL, "identity.certificate",
		"of 'svc-ctl', not of 'svc-server'");
	site_shell(x, "cp pki/broker.crt pki/svc-server.crt");
	EXPECT(x, pp_check_identity, FAIL, "identity.certificate", "may not be used as a client's");
	site_shell(x, "cp pki/post-ca.crt pki/svc-server.crt");
	EXPECT(x, pp_check_identity, FAIL, "identity.certificate", "does not come from");
	site_shell(x, "echo nothing >pki/svc-server.crt");
	EXPECT(x, pp_check_identity, FAIL, "identity.certificate", "nothing of that kind");
	site_shell(x, "cp pki/svc-ctl.key pki/server-signing.key");
	EXPECT(x, pp_check_identity, FAIL, "identity.signing-key", "is not on the list");
	site_shell(x, "echo nothing >pki/server-signing.key");
	EXPECT(x, pp_check_identity, FAIL, "identity.signing-key", "server-signing.key: ");
}

static void lists_that_end_or_lack_are_named(void **state)
{
	struct examined *x = *state;
	int64_t now = x->e.now_ms;

	x->e.now_ms = now + 3620LL * 86400000;
	EXPECT(x, pp_check_pki, WARN, "crl", "ends in");
	x->e.now_ms = now + 3700LL * 86400000;
	EXPECT(x, pp_check_pki, FAIL, "crl", "has ended");
	x->e.now_ms = now;
	site_shell(x, "awk '/BEGIN/{n++} n<2' pki/revoked.pem >one && mv one pki/revoked.pem");
	EXPECT(x, pp_check_pki, FAIL, "crl.both", "alone");
	site_shell(x, "rm pki/revoked.pem");
	EXPECT(x, pp_check_pki, FAIL, "crl", "No such file");
	free(x->e.server.broker.host);
	x->e.server.broker.host = strdup("elsewhere.example");
	EXPECT(x, pp_check_pki, FAIL, "broker.name", "does not name 'elsewhere.example'");
	site_shell(x, "rm pki/broker.crt");
	EXPECT(x, pp_check_pki, OK, "broker.certificate", "is not here");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_new_site_has_only_the_authorities_keys_to_look_at),
		SITE_TEST(files_that_others_can_read_are_named),
		SITE_TEST(keys_and_certificates_that_do_not_belong_together_are_named),
		SITE_TEST(lists_that_end_or_lack_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
