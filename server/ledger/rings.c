/* SPDX-License-Identifier: Apache-2.0 */
/* rings.c -- a test message to an address: is it right, and does its channel work? */
#include "book.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "store/registry.h"
#include "texts/texts.h"

#define ADDRESS_MAX 254
#define KEY_BYTES 16

static int refuse(struct pp_item *item, int error, const char *reason)
{
	item->out.action.error = error;
	snprintf(item->out.action.reason, sizeof(item->out.action.reason), "%s", reason);
	return 0;
}

static bool is_line(const char *text, size_t max)
{
	size_t length = text ? strlen(text) : 0;

	if (length == 0 || length > max || !pp_text_is_utf8(text, length))
		return false;
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	}
	return true;
}

static int text_make(
	struct pp_ledger *l, const struct pp_action *a, char ret_text[PP_TEXTS_MAX])
{
	struct pp_tenant_about tenant = { .name = "" };
	int r = pp_store_tenant_about(l->db, a->tenant, &tenant);

	if (r < 0)
		return r;
	pp_texts_make(&(struct pp_texts_about){ .purpose = PP_TEXTS_TEST,
			      .english = a->state && strcmp(a->state, "en") == 0,
			      .site = tenant.name,
			      .minute = -1 },
		strcmp(a->code, "sms") == 0 ? PP_TEXTS_SHORT : PP_TEXTS_LONG, ret_text);
	return 0;
}

static int body_make(const struct pp_action *a, const char *key, char **ret_body)
{
	struct pp_json *body = pp_json_object();
	size_t length;
	int r;

	(void)pp_json_set_text(body, "kind", "test");
	(void)pp_json_set_text(body, "tenant", a->tenant);
	(void)pp_json_set_text(body, "id", key);
	r = pp_json_print(body, ret_body, &length);
	pp_json_free(body);
	return r;
}

/* The address is a person's: it stands apart, where it can be erased. */
static int event_write(
	struct pp_ledger *l, const struct pp_action *a, struct pp_written *ret_written)
{
	struct pp_event event = { .tenant = a->tenant,
		.kind = "notification.test",
		.actor = a->actor,
		.body = pp_json_object(),
		.personal_field = "address",
		.personal = a->text };

	(void)pp_json_set_text(event.body, "channel", a->code);
	(void)pp_json_set_text(event.body, "target", a->name);
	return pp_timeline_write(l, &event, ret_written);
}

static int ring_queue(struct pp_ledger *l, const struct pp_action *a,
	const struct pp_written *written, const char *key)
{
	const bool webhook = strcmp(a->code, "webhook") == 0;
	char text[PP_TEXTS_MAX], *body;
	int r = text_make(l, a, text);

	if (r == 0)
		r = body_make(a, key, &body);
	if (r < 0)
		return r;
	r = pp_store_notification_add(
		l->db, &(struct pp_notification_new){ .tenant = a->tenant,
			       .target = webhook ? a->text : a->name,
			       .key = key,
			       .body = body,
			       .event_id = written->event_id,
			       .now_ms = l->now_ms,
			       .channel = a->code,
			       .contact = a->name,
			       .address = webhook ? "" : a->text,
			       .text = text,
			       .purpose = "test" });
	free(body);
	return r;
}

int pp_apply_ring(struct pp_ledger *l, struct pp_item *item)
{
	static const char *const channels[] = { "webhook", "mail", "sms", "siren" };
	const struct pp_action *a = item->in.action;
	struct pp_written written;
	uint8_t mac[PP_SHA256_SIZE];
	char key[2 * KEY_BYTES + 1];
	size_t channel = 0;
	int r;

	while (channel < 4 && (!a->code || strcmp(channels[channel], a->code) != 0))
		channel++;
	if (channel == 4)
		return refuse(item, -EINVAL, "channel: expected webhook, mail, sms or siren");
	if (!a->name || !pp_text_is_slug(a->name, strlen(a->name), 40))
		return refuse(item, -EINVAL,
			"contact: expected 1 to 40 lower-case letters, digits and '-'");
	if (!is_line(a->text, ADDRESS_MAX))
		return refuse(item, -EINVAL, "address: expected 1 to 254 bytes of text");
	r = event_write(l, a, &written);
	if (r < 0)
		return r;
	pp_hmac_sha256(written.hash, sizeof(written.hash), a->code, strlen(a->code), mac);
	pp_text_hex(mac, KEY_BYTES, key);
	snprintf(item->out.action.reason, sizeof(item->out.action.reason), "%s", key);
	return ring_queue(l, a, &written, key);
}
