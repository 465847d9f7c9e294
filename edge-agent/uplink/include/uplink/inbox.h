/* SPDX-License-Identifier: Apache-2.0 */
/* uplink/inbox.h -- what a post believes of what arrives: signed by the server, for this post, not
 * retained. Pure. */
#ifndef UPLINK_INBOX_H
#define UPLINK_INBOX_H

#include "crypto/sign.h"
#include "metrics/metrics.h"
#include "mqtt/mqtt.h"
#include "protocol/command.h"
#include "protocol/state.h"

#define PP_INBOX_KEYS_MAX 8

struct pp_inbox {
	char tenant[PP_TENANT_MAX + 1], post[PP_POST_MAX + 1];
	size_t key_count; /* of the server, any of which may have signed */
	uint8_t keys[PP_INBOX_KEYS_MAX][PP_PUBLIC_KEY_SIZE];
};

/* member, by, reason, help: see metrics/metrics.h. */
#define PP_INBOX_COUNTS(X)                                                                         \
	X(taken, NULL, NULL, "Messages of the server taken.")                                      \
	X(ignored_retained, "inbox", "retained", "Retained messages.")                             \
	X(ignored_foreign, "inbox", "foreign", "Messages on topics that are not this post's.")     \
	X(ignored_unsigned, "inbox", "unsigned", "Messages without a signature.")                  \
	X(ignored_forged, "inbox", "forged", "Messages that no key of the server has signed.")     \
	X(ignored_malformed, "inbox", "malformed", "Signed messages that cannot be read.")
struct pp_inbox_counts {
	PP_INBOX_COUNTS(PP_COUNTER_MEMBER)
};

struct pp_inbox_message {
	enum pp_channel channel; /* RECEIPT, BEAT, PROGRESS or COMMAND */
	size_t count;
	struct pp_receipt receipts[PP_RECEIPTS_MAX];
	struct pp_beat beat;
	struct pp_command command;
};
/* 0, or why it is ignored: -EPERM retained, -EADDRNOTAVAIL another topic, -ENOKEY unsigned,
 * -EKEYREJECTED, -EBADMSG. Either way it is counted. ret_why (160) is set for -EBADMSG. */
int pp_inbox_read(const struct pp_inbox *in, const struct pp_mqtt_event *e,
	struct pp_inbox_counts *counts, struct pp_inbox_message *ret_message, char ret_why[160]);

/* One base64 public key a line; empty lines and lines that begin with # are skipped. -EINVAL:
 * *ret_line says where; none or too many: line 0. */
int pp_inbox_keys_parse(const char *text, struct pp_inbox *in, unsigned *ret_line);
/* The list as such a file, headed by `# <mark>`. Caller frees. NULL: no memory. */
char *pp_inbox_keys_print(const struct pp_inbox *in, const char *mark);
/* Takes the list of a beat. false: it is the same as before. */
bool pp_inbox_keys_set(struct pp_inbox *in, const struct pp_beat *beat);

#endif
