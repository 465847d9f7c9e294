/* SPDX-License-Identifier: Apache-2.0 */
/* intake/text.h -- a text message of a post's second path as the message that it stands for. Pure.
 * Nothing is believed here: pp_intake_verify judges it like one that came over the broker. */
#ifndef INTAKE_TEXT_H
#define INTAKE_TEXT_H

#include "protocol/compact.h"
#include "protocol/limits.h"
#include "registry/directory.h"

struct pp_text_message {
	char topic[PP_TOPIC_MAX]; /* of the post whose key has signed it; if none has, of the one
				     that it calls itself */
	struct pp_compact compact; /* payload and signature */
};
/* pp_text_message_done frees. -EBADMSG: not such a text; -ENOENT: no post has such a key; -ENOMEM:
 * nobody knows. */
int pp_intake_text(const struct pp_directory *directory, const char *text,
	struct pp_text_message *ret_message);
void pp_text_message_done(struct pp_text_message *m);

/* The number that a text came from, as messages are sent to: "+6281234567890". Gateways leave the +
 * away and write blanks and hyphens. false, and "": it names no country, is too short (a service's)
 * or no number at all (a sender's name). */
#define PP_TEXT_NUMBER_SIZE 17
bool pp_text_number(const char *from, char ret_number[PP_TEXT_NUMBER_SIZE]);

#endif
