/* SPDX-License-Identifier: Apache-2.0 */
/* checkup/redact.h -- texts that may leave the machine. Pure. What is taken out is replaced by a
 * word in brackets, so that one sees that something stood there. */
#ifndef CHECKUP_REDACT_H
#define CHECKUP_REDACT_H

#include <stddef.h>

#define PP_REDACT_WORD_MIN 3 /* bytes; shorter words are not looked for */

/* Out of text go: every one of the words (the longest first; NULL-terminated list, may be NULL);
 * of URLs the password, the path, the query and the fragment; what follows password, secret,
 * token, cookie or authorization and ':' or '='; private keys in PEM; long hex and base64;
 * telephone numbers (+..., 08...). The caller frees *ret_text. -ENOMEM. */
int pp_redact(const char *text, size_t length, const char *const *words, char **ret_text,
	size_t *ret_length);

#endif
