/* SPDX-License-Identifier: Apache-2.0 */
/* timeline.c -- writing events onto a tenant's chain, and troubles with theirs. */
#include "book.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/chain.h"
#include "store/storms.h"
#include "store/timeline.h"

void pp_actor_post(const char *tenant, const char *post, char ret_actor[PP_ACTOR_MAX])
{
	snprintf(ret_actor, PP_ACTOR_MAX, "post:%s/%s", tenant, post);
}

static void chain_touch(struct pp_ledger *l, const char *tenant)
{
	for (size_t i = 0; i < l->touched_count; i++) {
		if (strcmp(l->touched[i], tenant) == 0)
			return;
	}
	if (l->touched_count < PP_TOUCHED_MAX)
		snprintf(l->touched[l->touched_count++], PP_TENANT_MAX + 1, "%s", tenant);
}

static int event_append(struct pp_ledger *l, const struct pp_event *event, const char *body,
	struct pp_event_row *ret_row)
{
	struct pp_event_row row = { .at_ms = l->now_ms,
		.tenant = event->tenant,
		.kind = event->kind,
		.actor = event->actor,
		.incident_id = event->incident ? event->incident->incident_id : 0,
		.number = event->incident ? event->incident->number : NULL,
		.post = event->post && event->post[0] ? event->post : NULL,
		.point = event->point,
		.body = body };
	int64_t height;
	int r = pp_store_head(l->db, event->tenant, &height, row.previous);

	row.height = height + 1;
	if (r == 0)
		r = pp_chain_hash(row.previous, &row, row.hash);
	if (r == 0)
		r = pp_store_event_add(l->db, &row);
	if (r == 0)
		*ret_row = row;
	return r;
}

/* Puts the hash of the personal text into the body. */
static int personal_hide(const struct pp_event *event, uint8_t ret_salt[PP_SALT_SIZE])
{
	char hex[65];
	int r;

	pp_random(ret_salt, PP_SALT_SIZE);
	r = pp_chain_personal(ret_salt, PP_SALT_SIZE, event->personal, hex);
	return r < 0 ? r : pp_json_set_text(event->body, event->personal_field, hex);
}

static int body_print(const struct pp_event *event, uint8_t ret_salt[PP_SALT_SIZE], char **ret_text)
{
	size_t length;
	int r = 0;

	if (!event->body) {
		*ret_text = strdup("{}");
		return *ret_text ? 0 : -ENOMEM;
	}
	if (event->personal_field)
		r = personal_hide(event, ret_salt);
	if (r == 0)
		r = pp_json_print(event->body, ret_text, &length);
	pp_json_free(event->body);
	return r;
}

int pp_timeline_write(
	struct pp_ledger *l, const struct pp_event *event, struct pp_written *ret_written)
{
	struct pp_event_row row = { 0 };
	uint8_t salt[PP_SALT_SIZE];
	char *body;
	int r = body_print(event, salt, &body);

	if (r < 0)
		return r;
	r = event_append(l, event, body, &row);
	free(body);
	if (r == 0 && event->personal_field)
		r = pp_store_personal_add(
			l->db, row.event_id, event->personal_field, salt, event->personal);
	if (r < 0)
		return r;
	chain_touch(l, event->tenant);
	if (ret_written) {
		ret_written->event_id = row.event_id;
		memcpy(ret_written->hash, row.hash, sizeof(row.hash));
	}
	return 0;
}

/* 1: written; 0: told as a part of a count. */
static int trouble_write(
	struct pp_ledger *l, const struct pp_trouble *t, const char *kind, int64_t since_ms)
{
	const struct pp_counted counted = { .tenant = t->tenant, .post = t->post };
	struct pp_json *body;
	int r = pp_storm_count(l, &counted);

	if (r <= 0)
		return r;
	body = pp_json_object();
	(void)pp_json_set_text(body, "kind", t->kind);
	(void)pp_json_set_text(body, "detail", t->detail);
	(void)pp_json_set_i64(body, "since", since_ms);
	r = pp_timeline_write(l,
		&(struct pp_event){ .tenant = t->tenant,
			.kind = kind,
			.actor = t->by,
			.post = t->post,
			.point = t->point,
			.body = body },
		NULL);
	return r < 0 ? r : 1;
}

static int trouble_add(struct pp_ledger *l, const struct pp_trouble *t)
{
	const struct pp_trouble_row row = { t->tenant, t->post, t->point, t->kind, t->detail,
		t->since_ms };
	int r = pp_store_trouble_raise(l->db, &row);

	if (r <= 0)
		return r;
	r = trouble_write(l, t, "trouble.raised", t->since_ms);
	return r < 0 ? r : pp_trouble_begin(l, &row, r == 0);
}

/* So many of a post stand at once; what is more is one trouble, because a post may invent names. */
#define TROUBLES_MAX 128
#define TOO_MANY "too-many-troubles"

int pp_trouble_raise(struct pp_ledger *l, const struct pp_trouble *t)
{
	struct pp_trouble instead = *t;
	int64_t count;
	int r = pp_store_troubles_count(l->db, t->tenant, t->post, TROUBLES_MAX, &count);

	if (r < 0)
		return r;
	if (count < TROUBLES_MAX || strcmp(t->kind, "clock") == 0)
		return trouble_add(l, t);
	instead.point = "";
	instead.kind = TOO_MANY;
	instead.detail = "";
	instead.by = "server";
	return trouble_add(l, &instead);
}

static int trouble_remove(struct pp_ledger *l, const struct pp_trouble *t)
{
	const struct pp_trouble_row row = { t->tenant, t->post, t->point, t->kind, t->detail, 0 };
	int64_t since_ms;
	int r = pp_trouble_mend(l, &row);

	if (r == 0)
		r = pp_store_trouble_end(l->db, &row, &since_ms);
	if (r == 1)
		r = trouble_write(l, t, "trouble.ended", since_ms);
	return r < 0 ? r : 0;
}

int pp_trouble_end(struct pp_ledger *l, const struct pp_trouble *t)
{
	struct pp_trouble many = { t->tenant, t->post, "", TOO_MANY, "", "server", 0 };
	int64_t count;
	int r = trouble_remove(l, t);

	if (r < 0)
		return r;
	r = pp_store_troubles_count(l->db, t->tenant, t->post, TROUBLES_MAX, &count);
	return r < 0 || count >= TROUBLES_MAX ? r : trouble_remove(l, &many);
}

int pp_troubles_end(struct pp_ledger *l, const struct pp_trouble *t, enum pp_trouble_set set)
{
	char kind[PP_TROUBLE_SIZE] = "";
	struct pp_trouble one = *t;
	int r;

	one.kind = kind;
	do {
		const struct pp_trouble_row row = { t->tenant, t->post, t->point, kind, "", 0 };

		r = pp_store_trouble_next(l->db, &row, set, kind);
		if (r == 1) {
			int ended = pp_trouble_end(l, &one);

			r = ended < 0 ? ended : 1;
		}
	} while (r == 1);
	return r;
}
