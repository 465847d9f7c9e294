/* SPDX-License-Identifier: Apache-2.0 */
/* ledger/audit.h -- a tenant's audit chain as a file for somebody else: lines of JSON, each event
 * as it was hashed, the signed heads behind the events that they are of; and the check of such a
 * file without the record. No personal texts in clear.
 *
 *   {"audit":"pospin-audit-1","tenant":"kendal"}
 *   {"height":7,"at":...,"kind":...,"actor":...,"incident":...,"post":...,"point":...,
 *    "body":"...","previous":"hex","hash":"hex"}
 *   {"head":"kendal 7 hash at signature"}            as in heads.log
 *   {"end":{"events":120,"heads":31}} */
#ifndef LEDGER_AUDIT_H
#define LEDGER_AUDIT_H

#include "crypto/sign.h"
#include "db/db.h"

#include <stddef.h>
#include <stdint.h>

struct pp_audit_keys {
	const uint8_t (*keys)[PP_PUBLIC_KEY_SIZE];
	size_t count; /* 0: signatures are not looked at, and nothing is sealed */
};

struct pp_audit_report {
	char tenant[24];
	int64_t events, first, last; /* how many, and their heights; 0: none */
	int64_t first_ms, last_ms;   /* when these two were written */
	int64_t heads, sealed;       /* signed heads that fit; height of the last of them */
	int64_t unchecked;           /* heads that fit, without a key to check them with */
	int64_t restored;            /* times that an older copy of the record was put back */
	int64_t problems;            /* 0: it is as it was written */
	char problem[256];           /* the first one, in words */
};

/* The check. Lines without their line feed, in order. */
struct pp_audit;
int pp_audit_new(const struct pp_audit_keys *keys, struct pp_audit **ret_audit); /* borrows keys */
struct pp_audit *pp_audit_free(struct pp_audit *a); /* NULL is fine; returns NULL */
/* What is wrong is counted. -ENOMEM. */
int pp_audit_feed(struct pp_audit *a, const char *line, size_t length);
void pp_audit_end(struct pp_audit *a, struct pp_audit_report *ret_report);

struct pp_audit_wish {
	const char *tenant;
	int64_t from_ms, to_ms; /* from the first event at or after, to the last at or before; then
				 * on to the next signed head */
	const char *heads_path; /* heads.log; NULL: without */
	struct pp_audit_keys keys;
};
/* Given each line with its line feed; returns 0 to go on. */
typedef int pp_audit_line_fn(void *user, const char *line, size_t length);
/* One consistent read, checked while it is written. 0 also when it is not as it was written: see
 * the report. -errno: something could not be read, or what fn returned. */
int pp_audit_export(struct pp_db *db, const struct pp_audit_wish *wish, pp_audit_line_fn *fn,
	void *user, struct pp_audit_report *ret_report);

#endif
