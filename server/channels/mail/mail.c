/* SPDX-License-Identifier: Apache-2.0 */
/* mail.c -- the channel that writes letters. */
#include "mail/mail.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/file.h"
#include "fetch/mail.h"
#include "mail/letter.h"

#define PASSWORD_MAX 1024

struct try {
	struct channel *channel;
	pp_channel_done_fn *done; /* NULL: free */
	void *user;
};

struct channel {
	const struct pp_server_settings *settings;
	struct pp_mailer *mailer;
	char *password; /* NULL: none */
	struct try tries[PP_MAILER_LETTERS];
};

static void channel_close(void *channel)
{
	struct channel *c = channel;

	if (!c)
		return;
	pp_mailer_free(c->mailer);
	if (c->password)
		explicit_bzero(c->password, strlen(c->password));
	free(c->password);
	free(c);
}

static int password_read(struct channel *c)
{
	size_t length;
	int r;

	if (!c->settings->mail.password || c->settings->mail.password[0] == '\0')
		return 0;
	r = pp_file_read(c->settings->mail.password, PASSWORD_MAX, &c->password, &length);
	if (r == 0)
		c->password[strcspn(c->password, "\r\n")] = '\0';
	return r;
}

static int channel_open(const struct pp_channel_host *host, void **ret_channel)
{
	struct channel *c;
	int r;

	if (!host->settings->mail.server || host->settings->mail.server[0] == '\0')
		return -ENOTSUP;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->settings = host->settings;
	r = password_read(c);
	if (r == 0)
		r = pp_mailer_new(host->loop, &c->mailer);
	if (r < 0) {
		channel_close(c);
		return r;
	}
	*ret_channel = c;
	return 0;
}

/* What the login or TLS of our own settings is about is not the recipient's fault. */
static bool is_permanent(long status)
{
	static const long ours[] = { 502, 503, 504, 521, 523, 530, 534, 535, 538 };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (status == ours[i])
			return false;
	}
	return status >= 500 && status < 600;
}

static void on_answer(void *user, const struct pp_fetch_answer *a)
{
	struct try *t = user, ended = *t;
	struct pp_channel_outcome o = { .word = PP_CHANNEL_AGAIN, .retry_after_s = -1 };

	if (a->error == 0 && a->status == 250) {
		o.word = PP_CHANNEL_TAKEN;
		pp_channel_say(&o, "SMTP 250");
	} else if (a->error == -EPROTO && is_permanent(a->status)) {
		o.word = PP_CHANNEL_REFUSED;
		pp_channel_say(&o, "SMTP %ld", a->status);
	} else if (a->status >= 400) {
		pp_channel_say(&o, "SMTP %ld%s", a->status,
			a->error == -EACCES ? ": the relay refuses our login" : "");
	} else {
		pp_channel_say(&o, "no answer: %s", a->why);
	}
	t->done = NULL;
	ended.done(ended.user, &o);
}

static struct try *try_find(struct channel *c)
{
	struct try *t = c->tries;

	while (t < c->tries + PP_MAILER_LETTERS && t->done)
		t++;
	assert(t < c->tries + PP_MAILER_LETTERS); /* nobody starts more than ops.tries */
	return t;
}

static int try_start(
	void *channel, const struct pp_message *m, pp_channel_done_fn *done, void *user)
{
	struct channel *c = channel;
	const struct pp_letter letter = {
		.from = c->settings->mail.from,
		.to = m->address,
		.name = "PosPin",
		.text = m->text,
		.key = m->key,
		.now_ms = pp_clock_wall_ms(),
	};
	struct pp_mail_request request = {
		.url = c->settings->mail.server,
		.plain = c->settings->mail.plain,
		.ca = c->settings->mail.ca,
		.user = c->settings->mail.user,
		.password = c->password,
		.from = letter.from,
		.to = letter.to,
		.timeout_ms = PP_CHANNEL_TIMEOUT_MS,
	};
	struct try *t = try_find(c);
	char *text;
	int r = pp_letter_make(&letter, &text, &request.length);

	if (r < 0)
		return r;
	request.letter = text;
	r = pp_mailer_start(c->mailer, &request, on_answer, t);
	if (r == 0)
		*t = (struct try){ c, done, user };
	free(text);
	return r;
}

const struct pp_channel_ops pp_mail_ops = {
	.name = "mail",
	.tries = PP_MAILER_LETTERS,
	.open = channel_open,
	.close = channel_close,
	.address_check = pp_mailbox_check,
	.start = try_start,
};
