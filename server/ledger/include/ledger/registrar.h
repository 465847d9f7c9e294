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

/* Who may become a post by its name: at most 64 characters together, because a certificate names it
 * in one line; nothing of a service, nothing that a topic could take for another. 0, or -EINVAL
 * with *ret_why, which begins with "tenant" or "post". */
int pp_enrolment_check(const char *tenant, const char *post, const char **ret_why);

/* What a new key is to the post. */
enum pp_enrolment_kind {
	PP_ENROL_ANY,     /* either of these */
	PP_ENROL_FIRST,   /* the only valid one: the post has no other */
	PP_ENROL_RENEWAL, /* one more beside those that it has */
};
struct pp_enrolment {
	const char *tenant, *post;
	uint8_t key[PP_PUBLIC_KEY_SIZE]; /* from pp_pki_sign_request */
	const char *actor;
	enum pp_enrolment_kind kind;
	const char *serial; /* of the certificate that was made for it; NULL: none */
	int64_t until_ms;   /* its end */
};
/* Makes key a valid key of the post; earlier ones stay valid until revoked, because what they have
 * signed may still be on its way. 0; 1: it was one already, and at most its certificate was noted.
 * -EINVAL: such a name is no post's; -ENOENT: no such post in the registry; -EEXIST: the key
 * belongs to another post; -EKEYREVOKED: it has been revoked; -EALREADY: FIRST, and the post has a
 * valid key; -ENOKEY: RENEWAL, and it has none; -ENOBUFS: it has PP_DIRECTORY_KEYS_MAX. */
int pp_ledger_enrol(struct pp_ledger *l, const struct pp_enrolment *enrolment, int64_t now_ms);

struct pp_key_revocation {
	const char *tenant, *post, *actor;
	const uint8_t *key; /* NULL: all keys of the post */
	const char *reason; /* NULL: none; kept as a personal text is */
};
/* From the commit on nothing that these keys have signed is accepted. 0; -EALREADY: they were
 * revoked before, nothing is written; -ENOENT: no such post, or it never had such a key. */
int pp_ledger_revoke(
	struct pp_ledger *l, const struct pp_key_revocation *revocation, int64_t now_ms);

#endif
