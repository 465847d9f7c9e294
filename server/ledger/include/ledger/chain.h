/* SPDX-License-Identifier: Apache-2.0 */
/* ledger/chain.h -- the audit chain (contract, I16): how an event is hashed, how a head is signed,
 * how all of it is checked. */
#ifndef LEDGER_CHAIN_H
#define LEDGER_CHAIN_H

#include "crypto/sign.h"
#include "db/db.h"
#include "store/timeline.h"

#include <stddef.h>
#include <stdint.h>

/* hash = SHA-256(previous || "height\nat\nkind\nactor\nincident\npost\npoint\nbody"); the first
 * previous is 32 zero bytes. NULL texts count as empty. The row's own hashes are not read. */
int pp_chain_hash(const uint8_t previous[PP_SHA256_SIZE], const struct pp_event_row *event,
	uint8_t ret_hash[PP_SHA256_SIZE]);
/* A personal text stands in the event's body as lower-case hex of SHA-256(salt || text). */
int pp_chain_personal(const uint8_t *salt, size_t salt_length, const char *text, char ret_hex[65]);

struct pp_head {
	char tenant[24];
	int64_t height, at_ms;
	uint8_t hash[PP_SHA256_SIZE];
};
#define PP_HEAD_LINE_MAX 256
/* "tenant height hash at signature\n", the signature (base64) over "pospin-head-1\n<tenant>
 * <height> <hash> <at>\n". */
int pp_head_format(
	const struct pp_head *head, const struct pp_key *key, char ret_line[PP_HEAD_LINE_MAX]);
/* keys: count public keys, any of which may have signed. -EBADMSG: no such line; -EKEYREJECTED. */
int pp_head_parse(const char *line, size_t length, const uint8_t (*keys)[PP_PUBLIC_KEY_SIZE],
	size_t count, struct pp_head *ret_head);
/* What it says, whoever signed it. -EBADMSG; then *ret_head may hold a part of it. */
int pp_head_read(const char *line, size_t length, struct pp_head *ret_head);

struct pp_verify_report {
	int64_t tenants, events, personal, heads; /* checked */
	int64_t erased;   /* personal texts that have been erased: their hashes cannot be checked */
	int64_t problems; /* 0: the record is as it was written */
	char first[256];  /* the first problem, in words */
	int64_t ahead;    /* heads of events behind the record's last one */
	/* Times that an older copy was put back, as the record itself tells; heads of events that
	 * it lacks since then; the last such time in words. */
	int64_t restored, lost_heads;
	char restoration[256];
};
/* Reads the whole record (one consistent read) and the heads file. 0 also when there are problems:
 * see the report. heads_path NULL: without heads. tenant NULL: all. -errno: something could not be
 * read. */
int pp_chain_verify(struct pp_db *db, const char *tenant, const char *heads_path,
	const uint8_t (*keys)[PP_PUBLIC_KEY_SIZE], size_t key_count,
	struct pp_verify_report *ret_report);

#endif
