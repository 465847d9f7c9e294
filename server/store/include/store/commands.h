/* SPDX-License-Identifier: Apache-2.0 */
/* store/commands.h -- orders to posts: kept until they are answered or their time is over, and
 * afterwards for whoever asks what became of them. For the ledger's transaction. */
#ifndef STORE_COMMANDS_H
#define STORE_COMMANDS_H

#include "db/db.h"
#include "protocol/command.h"
#include "protocol/limits.h"

#include <stdint.h>

/* What a post's newest state says of its own time. */
struct pp_post_now {
	uint64_t epoch;
	int64_t boot, mono_ms, arrived_ms;
	bool supervised, active;
};
/* 1: known; 0: no such post, or it was never heard. */
int pp_store_post_now(
	struct pp_db *db, const char *tenant, const char *post, struct pp_post_now *ret_now);

enum pp_command_state { PP_COMMAND_OPEN, PP_COMMAND_ANSWERED, PP_COMMAND_UNANSWERED };
struct pp_command_row {
	int64_t command_id;
	uint64_t id; /* on the wire */
	char tenant[PP_TENANT_MAX + 1], post[PP_POST_MAX + 1];
	enum pp_command_state state;
	int64_t expires_ms;  /* server's wall clock */
	const char *payload; /* add: as it is sent; read: NULL */
};
int pp_store_command_add(struct pp_db *db, const struct pp_command_row *row);
/* 1: that post has been given this order; 0: not. */
int pp_store_command_find(struct pp_db *db, const char *tenant, const char *post, uint64_t id,
	struct pp_command_row *ret_row);
int pp_store_command_set(struct pp_db *db, int64_t command_id, enum pp_command_state state);
/* The first open one after command_id, of every post (tenant NULL) or of one. 1, and *ret_payload
 * is the caller's (may be NULL); 0: none. */
int pp_store_command_next(
	struct pp_db *db, int64_t after, struct pp_command_row *ret_row, char **ret_payload);
int pp_store_commands_open(
	struct pp_db *db, const char *tenant, const char *post, int64_t *ret_count);

#endif
