/* SPDX-License-Identifier: Apache-2.0 */
/* contacts.c -- a test ring of a contact of the plan: a message with a one-time code, which
 * verifies the contact when it comes back. */
#include "book.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "core/text.h"
#include "dispatch/callout.h"
#include "ledger/plans.h"
#include "refusal.h"
#include "store/plans.h"
#include "store/registry.h"
#include "texts/texts.h"

#define CODE_MS (INT64_C(24) * 3600000) /* so long a code counts */
#define KEY_BYTES 16

static const struct pp_plan_contact *contact_find(const struct pp_plan_book *book, const char *id)
{
	for (size_t i = 0; book && id && i < book->contact_count; i++) {
		if (strcmp(book->contacts[i].id, id) == 0)
			return book->contacts[i].way_count > 0 ? &book->contacts[i] : NULL;
	}
	return NULL;
}

/* One that no open call and no other test has. */
static int code_make(
	struct pp_ledger *l, char ret_code[PP_CALLOUT_CODE_SIZE], uint8_t ret_hash[PP_SHA256_SIZE])
{
	struct pp_contact_code other;
	struct pp_call_row call;
	uint64_t random;
	int r;

	do {
		pp_random(&random, sizeof(random));
		pp_callout_code_make(random, ret_code);
		pp_call_code_hash(ret_code, ret_hash);
		r = pp_store_call_by_code(l->db, ret_hash, &call);
		if (r == 0)
			r = pp_store_contact_by_code(l->db, ret_hash, 0, &other);
	} while (r == 1);
	return r;
}

static int text_make(struct pp_ledger *l, const struct pp_action *a,
	const struct pp_plan_contact *contact, const char *code, char ret_text[PP_TEXTS_MAX])
{
	struct pp_tenant_about tenant = { .name = "" };
	int r = pp_store_tenant_about(l->db, a->tenant, &tenant);

	if (r < 0)
		return r;
	pp_texts_make(&(struct pp_texts_about){ .purpose = PP_TEXTS_TEST,
			      .english = contact->language == PP_LANGUAGE_EN,
			      .site = tenant.name,
			      .code = code,
			      .minute = -1 },
		contact->ways[0].kind == PP_WAY_SMS ? PP_TEXTS_SHORT : PP_TEXTS_LONG, ret_text);
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

static int message_queue(struct pp_ledger *l, const struct pp_action *a,
	const struct pp_plan_contact *contact, const char *code)
{
	const struct pp_plan_way *way = &contact->ways[0];
	const bool webhook = way->kind == PP_WAY_WEBHOOK;
	char text[PP_TEXTS_MAX], key[2 * KEY_BYTES + 1], *body = NULL;
	struct pp_json *about = pp_json_object();
	struct pp_written written;
	int r;

	(void)pp_json_set_text(about, "contact", contact->id);
	(void)pp_json_set_text(about, "channel", pp_way_text(way->kind));
	r = pp_timeline_write(l,
		&(struct pp_event){ .tenant = a->tenant,
			.kind = "contact.test",
			.actor = a->actor,
			.body = about },
		&written);
	if (r == 0)
		r = text_make(l, a, contact, code, text);
	if (r < 0)
		return r;
	pp_text_hex(written.hash, KEY_BYTES, key);
	r = body_make(a, key, &body);
	if (r == 0)
		r = pp_store_notification_add(
			l->db, &(struct pp_notification_new){ .tenant = a->tenant,
				       .target = webhook ? way->address : contact->id,
				       .key = key,
				       .body = body,
				       .event_id = written.event_id,
				       .now_ms = l->now_ms,
				       .channel = pp_way_text(way->kind),
				       .contact = contact->id,
				       .address = webhook ? "" : way->address,
				       .text = text,
				       .purpose = "test" });
	free(body);
	return r;
}

int pp_apply_contact_test(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_action *a = item->in.action;
	const struct pp_plan_contact *contact;
	const struct pp_plan_book *book;
	char code[PP_CALLOUT_CODE_SIZE];
	uint8_t hash[PP_SHA256_SIZE];
	int r = pp_shelf_take(l->shelf, l->db, a->tenant, &book);

	if (r < 0)
		return r;
	contact = contact_find(book, a->name);
	if (!contact || contact->way_count == 0)
		return pp_action_refuse(item, -ENOENT, "there is no such contact in the plan");
	r = code_make(l, code, hash);
	if (r == 0)
		r = pp_store_contact_code_put(l->db,
			&(struct pp_contact_code_new){ a->tenant, contact->id, hash, l->now_ms });
	if (r == 0)
		r = message_queue(l, a, contact, code);
	snprintf(item->out.action.reason, sizeof(item->out.action.reason), "%s",
		pp_way_text(contact->ways[0].kind));
	return r;
}

int pp_contact_answer(struct pp_ledger *l, struct pp_item *item, const uint8_t hash[PP_SHA256_SIZE])
{
	struct pp_contact_code code;
	const char *said = item->in.action->state;
	bool denied = said && strcmp(said, "refused") == 0;
	char actor[PP_ACTOR_MAX];
	int r = pp_store_contact_by_code(l->db, hash, l->now_ms - CODE_MS, &code);

	if (r <= 0)
		return r;
	if (!denied && (!said || strcmp(said, "accepted") != 0)) {
		(void)pp_action_refuse(item, -EPERM, "this code is a test's: yes or no");
		return 1;
	}
	snprintf(actor, sizeof(actor), "contact:%s", code.contact);
	snprintf(item->tenant, sizeof(item->tenant), "%s", code.tenant);
	r = pp_store_contact_code_end(l->db, hash);
	if (r < 0)
		return r;
	/* The message may have come to somebody else. */
	if (denied)
		return pp_contact_denied(l, code.tenant, code.contact, actor);
	return pp_contact_verified(l, code.tenant, code.contact, actor);
}
