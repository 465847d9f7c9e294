/* SPDX-License-Identifier: Apache-2.0 */
/* ledger/registrar.h -- what pospinctl writes: a site file's registry, and the keys of posts. Each
 * call is one durable transaction with its events, and bumps meta.registry_rev so that a running
 * server reads the registry again. */
#ifndef LEDGER_REGISTRAR_H
#define LEDGER_REGISTRAR_H

#include "ledger/ledger.h"
#include "registry/site.h"

struct pp_import_counts {
	size_t tenants, kecamatan, desa, posts, points, webhooks; /* in the file */
	size_t changed;     /* rows added, changed or removed by it; 0: the record said all of this
			       already, nothing is written */
	size_t deactivated; /* posts of these tenants that the file no longer names: kept, but no
			       longer active */
};
/* Idempotent. Tenants that the file does not name stay as they are. Keys are never touched. A point
 * that the file no longer names is removed from its post. actor: "ctl:root". -EINVAL: *problem says
 * what of the record forbids it (a prefix that another tenant has). */
int pp_ledger_import(struct pp_ledger *l, const struct pp_site *site, const char *actor,
	int64_t now_ms, struct pp_import_counts *ret_counts, struct pp_problem *problem);

struct pp_enrolment {
	const char *tenant, *post;
	uint8_t key[PP_PUBLIC_KEY_SIZE]; /* from pp_pki_sign_request */
	const char *actor;
};
/* Makes key a valid key of the post; earlier ones stay valid until revoked. 0; 1: it was one
 * already, nothing is written; -ENOENT: no such post in the registry; -EEXIST: the key belongs to
 * another post; -EKEYREVOKED: it has been revoked. */
int pp_ledger_enrol(struct pp_ledger *l, const struct pp_enrolment *enrolment, int64_t now_ms);
/* Revokes all keys of the post: from the commit on nothing it sends is accepted. -ENOENT: no such
 * post, or no valid key. */
int pp_ledger_revoke(struct pp_ledger *l, const char *tenant, const char *post, const char *actor,
	int64_t now_ms);

#endif
