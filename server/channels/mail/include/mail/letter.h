/* SPDX-License-Identifier: Apache-2.0 */
/* mail/letter.h -- a text as a letter (RFC 5322, MIME). Pure. */
#ifndef MAIL_LETTER_H
#define MAIL_LETTER_H

#include <stddef.h>
#include <stdint.h>

#define PP_MAILBOX_MAX 254 /* bytes */

/* NULL: one mailbox such as piket@kendalkab.go.id, and nothing else; else what is wrong, English.
 */
const char *pp_mailbox_check(const char *address);

struct pp_letter {
	const char *from, *to; /* checked mailboxes */
	const char *name;      /* who writes, UTF-8: "PosPin" */
	const char *text;      /* UTF-8; its first line is the subject */
	const char *key;       /* of idempotency */
	int64_t now_ms;        /* UTC */
};
/* Lines end in CRLF. The caller frees *ret_text. -EINVAL: a mailbox is none. */
int pp_letter_make(const struct pp_letter *letter, char **ret_text, size_t *ret_length);

#endif
