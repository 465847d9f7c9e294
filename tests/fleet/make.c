/* SPDX-License-Identifier: Apache-2.0 */
/* make.c -- keys, certificates and enrolment of many posts at once, by the rooms that pospinctl
 * uses for one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "crypto/pki.h"
#include "ledger/registrar.h"

enum { DAYS = 800 };

struct site {
	const char *dir, *tenant;
	char ca_cert[4096], ca_key[4096];
	struct pp_ledger *ledger;
};

static int enrol(const struct site *site, unsigned index)
{
	char post[32], name[96], key_path[4200], request[4200], cert[4200];
	struct pp_pki_request asked = { .usage = PP_PKI_CLIENT, .common_name = name, .days = DAYS };
	struct pp_enrolment enrolment = {
		.tenant = site->tenant, .post = post, .actor = "ctl:fleet"
	};
	struct pp_key *key;
	int r = pp_key_new(&key);

	if (r < 0)
		return r;
	snprintf(post, sizeof(post), "bench-%04u", index);
	snprintf(name, sizeof(name), "%s/%s", site->tenant, post);
	snprintf(key_path, sizeof(key_path), "%s/posts/%s.key", site->dir, post);
	snprintf(request, sizeof(request), "%s/posts/%s.csr", site->dir, post);
	snprintf(cert, sizeof(cert), "%s/posts/%s.crt", site->dir, post);
	r = pp_key_save(key, key_path);
	if (r == 0)
		r = pp_pki_make_request(key, name, request);
	pp_key_free(key);
	if (r == 0)
		r = pp_pki_sign_request(
			site->ca_cert, site->ca_key, request, &asked, cert, enrolment.key);
	(void)unlink(request);
	return r < 0 ? r : pp_ledger_enrol(site->ledger, &enrolment, pp_clock_wall_ms());
}

int main(int argc, char **argv)
{
	struct site site = { 0 };
	char path[4200];
	int r;

	if (argc != 4) {
		fprintf(stderr, "usage: fleet.make DIR TENANT POSTS\n"
				"DIR/pki and DIR/server/record.db must be there, and the registry "
				"must name the posts bench-0000 and so on\n");
		return 2;
	}
	site.dir = argv[1];
	site.tenant = argv[2];
	snprintf(site.ca_cert, sizeof(site.ca_cert), "%s/pki/post-ca.crt", site.dir);
	snprintf(site.ca_key, sizeof(site.ca_key), "%s/pki/post-ca.key", site.dir);
	snprintf(path, sizeof(path), "%s/posts", site.dir);
	r = pp_dir_make(path, 0700);
	snprintf(path, sizeof(path), "%s/server/record.db", site.dir);
	if (r == 0)
		r = pp_ledger_open(
			&(struct pp_ledger_options){ .record_path = path }, &site.ledger);
	for (unsigned i = 0; r >= 0 && i < strtoul(argv[3], NULL, 10); i++)
		r = enrol(&site, i);
	pp_ledger_close(site.ledger);
	if (r < 0)
		fprintf(stderr, "fleet.make: %s\n", strerror(-r));
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
