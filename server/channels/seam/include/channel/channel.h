/* SPDX-License-Identifier: Apache-2.0 */
/* channel/channel.h -- the seam between the notifier and the ways out: one ops struct a channel. */
#ifndef CHANNEL_CHANNEL_H
#define CHANNEL_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/server_settings.h"
#include "fetch/fetch.h"
#include "form/form.h"
#include "loop/loop.h"

#define PP_CHANNEL_TIMEOUT_MS 10000 /* of one try */
#define PP_CHANNEL_DETAIL_SIZE 120

/* What is to be told; borrowed until the try's answer. Texts are never NULL. */
struct pp_message {
	int64_t notification_id; /* for reports that come after the try's answer */
	int64_t attempts;        /* tries before this one */
	const char *tenant, *target, *contact, *purpose, *address;
	const char *text; /* what a person reads, inert: see texts/texts.h */
	const char *body; /* JSON of the incident, as a webhook without template is sent it */
	const char *key;  /* of idempotency */
	/* Of a webhook's target. */
	const char *url, *secret, *authorization;
	struct pp_form form;
};

enum pp_channel_word {
	PP_CHANNEL_TAKEN,     /* the provider has said so */
	PP_CHANNEL_DELIVERED, /* it is where it was to come */
	PP_CHANNEL_AGAIN,     /* nothing has come of it, and may another time */
	PP_CHANNEL_REFUSED,   /* nothing will ever come of it */
};
struct pp_channel_outcome {
	enum pp_channel_word word;
	long retry_after_s;                  /* AGAIN: not before that; -1: not said */
	char detail[PP_CHANNEL_DETAIL_SIZE]; /* English, of printable characters: "HTTP 503" */
	char reference[PP_FORM_REFERENCE_SIZE]; /* the provider's word for it; "": none */
};
typedef void pp_channel_done_fn(void *user, const struct pp_channel_outcome *outcome);

struct pp_engine;
/* What a channel may work with; borrowed, longer-lived than the channel. */
struct pp_channel_host {
	const struct pp_server_settings *settings;
	struct pp_loop *loop;
	struct pp_fetcher *fetcher;
	struct pp_engine *engine;
};

struct pp_channel_ops {
	const char *name; /* of the record: "webhook", "mail", "sms", "siren" */
	const char *way;  /* of those of that name: "modem", "gateway"; NULL: it is the only one */
	size_t tries;     /* at once, of all recipients together */
	/* -ENOTSUP: the settings do not ask for it. */
	int (*open)(const struct pp_channel_host *host, void **ret_channel);
	void (*close)(void *channel); /* NULL is fine; tries under way end without their call */
	/* NULL: the address is one; else what is wrong with it, English. */
	const char *(*address_check)(const char *address);
	/* done is called exactly once, never inside start, and not at all where start fails
	 * (-EINVAL: the message will never do; -EDESTADDRREQ: its target is gone). Never waits. */
	int (*start)(void *channel, const struct pp_message *message, pp_channel_done_fn *done,
		void *user);
};

/* NULL: a number such as +6281234567890, with its country; else what is wrong, English. */
const char *pp_phone_check(const char *number);

/* The message's values for a template. -EBADMSG, -ENOMEM: its body is no JSON object. Free with
 * pp_message_values_done. */
struct pp_message_values {
	const char *all[PP_FORM_FIELD_COUNT];
	struct pp_json *body;
};
int pp_message_values(const struct pp_message *message, struct pp_message_values *ret_values);
void pp_message_values_done(struct pp_message_values *values);

/* What an HTTP answer means: 2xx is taken, if the form's success says so too. No answer, 5xx, 408,
 * 425 and 429, and a success that is not said, may go better another time; everything else,
 * redirects too, is refused. hint: what allows a private address, for the detail. */
void pp_channel_http_judge(const struct pp_fetch_answer *answer, const struct pp_form *form,
	const char *hint, struct pp_channel_outcome *ret_outcome);
/* The same of a request that could not even begin. */
void pp_channel_error(int error, struct pp_channel_outcome *ret_outcome);
/* Copies what a foreign machine said, its printable ASCII only. */
void pp_channel_say(struct pp_channel_outcome *outcome, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
