/* SPDX-License-Identifier: Apache-2.0 */
/* fetch/mail.h -- outgoing mail by SMTP (libcurl). A server that hangs at its good-bye holds
 * libcurl, so each letter has a thread of its own; answers come on the loop. */
#ifndef FETCH_MAIL_H
#define FETCH_MAIL_H

#include "fetch/fetch.h"

#define PP_MAILER_LETTERS 4 /* at once */

struct pp_mail_request {
	const char *url; /* "smtp://host:587": STARTTLS, or none at all; "smtps://host:465" */
	bool plain;      /* smtp without TLS is good enough */
	const char *ca;  /* file of authorities; NULL or "": those of the system */
	const char *user, *password; /* NULL or "": no login */
	const char *from, *to;       /* of the envelope */
	const char *letter;          /* header and body, lines end in CRLF */
	size_t length;
	uint32_t timeout_ms; /* whole exchange */
};

/* fn runs exactly once per started letter, on the loop, never inside pp_mailer_start. The answer's
 * status is the SMTP server's last word (250: taken), also beside an error. -EPROTO with status 0:
 * TLS, or its certificate. */
struct pp_mailer;
int pp_mailer_new(struct pp_loop *loop, struct pp_mailer **ret_mailer);
/* Letters under way end without their call, within two seconds. */
struct pp_mailer *pp_mailer_free(struct pp_mailer *m);
/* Everything is copied. -EBUSY: PP_MAILER_LETTERS are under way. */
int pp_mailer_start(
	struct pp_mailer *m, const struct pp_mail_request *request, pp_fetch_fn *fn, void *user);

#endif
