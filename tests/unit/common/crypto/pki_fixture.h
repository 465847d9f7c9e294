/* SPDX-License-Identifier: Apache-2.0 */
/* pki_fixture.h -- a folder with an authority for each test, and the openssl program as judge. */
#ifndef PKI_FIXTURE_H
#define PKI_FIXTURE_H

#include "crypto/pki.h"

#include "pospin_test.h"

/* Every test works in a folder of its own that holds an authority: ca.pem, ca.key. */
struct fixture {
	char *folder;
	char ca_cert[600], ca_key[600];
};

static inline const char *in(const struct fixture *f, const char *name, char path[600])
{
	snprintf(path, 600, "%s/%s", f->folder, name);
	return path;
}

static inline int set_up(void **state)
{
	static const struct pp_pki_request request = {
		.usage = PP_PKI_AUTHORITY, .common_name = "PosPin service CA", .forever = true
	};
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->folder = pp_test_folder();
	in(f, "ca.pem", f->ca_cert);
	in(f, "ca.key", f->ca_key);
	assert_int_equal(pp_pki_make_authority(&request, f->ca_cert, f->ca_key), 0);
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	pp_test_folder_remove(f->folder);
	free(f);
	return 0;
}

/* Runs a shell line in the folder; its output is kept in the file "out". True: it succeeded. */
static inline bool run(const struct fixture *f, const char *line)
{
	char command[1500];

	snprintf(command, sizeof(command), "cd '%s' && { %s; } >out 2>&1", f->folder, line);
	return system(command) == 0;
}

static inline void must(const struct fixture *f, const char *line)
{
	char command[700];

	if (run(f, line))
		return;
	snprintf(command, sizeof(command), "cat '%s/out' >&2", f->folder);
	(void)!system(command);
	fail_msg("failed: %s", line);
}

static inline void must_not(const struct fixture *f, const char *line)
{
	if (run(f, line))
		fail_msg("succeeded: %s", line);
}

/* Issues NAME.pem and NAME.key. */
static inline void issue(
	const struct fixture *f, const struct pp_pki_request *request, const char *name)
{
	char cert[600], key[600], file[60];

	snprintf(file, sizeof(file), "%s.pem", name);
	in(f, file, cert);
	snprintf(file, sizeof(file), "%s.key", name);
	in(f, file, key);
	assert_int_equal(pp_pki_issue(f->ca_cert, f->ca_key, request, cert, key), 0);
}

static const char *const broker_names[] = { "localhost", "broker.kendal.test", "127.0.0.1", "::1",
	NULL };
static const struct pp_pki_request broker = {
	.usage = PP_PKI_SERVER, .common_name = "broker", .names = broker_names, .forever = true
};
static const struct pp_pki_request service = {
	.usage = PP_PKI_CLIENT, .common_name = "kendal/svc-server", .forever = true
};

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
