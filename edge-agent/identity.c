/* SPDX-License-Identifier: Apache-2.0 */
/* identity.c -- the post's own key and certificate: as they were at the start, or as SIGHUP finds
 * them. What was signed with a key before stays as it is, and is known as ours. */
#include "edge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/text.h"
#include "crypto/pki.h"

static int key_load(const struct pp_edge *e, struct pp_key **ret_key)
{
	int r = pp_key_load(e->scalars->key, ret_key);

	if (r < 0)
		pp_log(PP_LOG_ERROR, "identity.key", "file=%s why=\"%s\"", e->scalars->key,
			strerror(-r));
	return r;
}

/* One public key a line, as pp_key_list_load reads it. */
static char *signers_print(const struct pp_key_list *signers)
{
	struct pp_buf b = { 0 };
	char *text = NULL;
	size_t length;

	pp_buf_addf(&b, "# Keys that this post has signed with, the newest first.\n");
	for (size_t i = 0; i < signers->count; i++) {
		char base64[64];

		pp_base64(signers->keys[i], PP_PUBLIC_KEY_SIZE, base64);
		pp_buf_addf(&b, "%s\n", base64);
	}
	return pp_buf_take(&b, &text, &length) < 0 ? NULL : text;
}

/* Beside the outbox. Written by its thread, which may wait for the disk. */
static void signers_save(struct pp_edge *e)
{
	char *path = strdup(e->signers_path), *text = signers_print(&e->signers);

	e->signers_new = false;
	if (path && text) {
		pp_keeper_write(e->keeper, path, text);
		e->writes++;
		return;
	}
	free(path);
	free(text);
}

static void signer_add(struct pp_edge *e)
{
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	size_t before = e->signers.count;

	pp_key_public(e->key, public);
	pp_key_list_put(&e->signers, public);
	e->signers_new = e->signers.count != before;
}

int pp_identity_open(struct pp_edge *e)
{
	int r = key_load(e, &e->key);

	if (r < 0)
		return r;
	snprintf(e->signers_path, sizeof(e->signers_path), "%s/post-keys", e->scalars->data);
	if (pp_key_list_load(e->signers_path, &e->signers, NULL) < 0)
		e->signers.count = 0;
	signer_add(e);
	return 0;
}

void pp_identity_begin(struct pp_edge *e)
{
	if (e->signers_new)
		signers_save(e);
}

/* What would only lock the post out is not taken. */
static const char *misfit(const struct pp_edge *e, const struct pp_key *key)
{
	const struct pp_edge_scalars *s = e->scalars;
	char name[PP_TENANT_MAX + PP_POST_MAX + 2];
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	struct pp_pki_facts facts;

	if (pp_pki_facts(s->certificate, &facts) < 0)
		return "the certificate cannot be read";
	pp_key_public(key, public);
	if (memcmp(public, facts.public, sizeof(public)) != 0)
		return "the certificate is of another key";
	snprintf(name, sizeof(name), "%s/%s", s->tenant, s->post);
	if (strcmp(facts.common_name, name) != 0)
		return "the certificate is of another post";
	return NULL;
}

/* The key before is kept until the end: the outbox's thread may be signing with it. */
static bool key_take(struct pp_edge *e, struct pp_key *key)
{
	uint8_t was[PP_PUBLIC_KEY_SIZE], is[PP_PUBLIC_KEY_SIZE];

	pp_key_public(e->key, was);
	pp_key_public(key, is);
	if (memcmp(was, is, sizeof(is)) == 0) {
		pp_key_free(key);
		return false;
	}
	e->keys_before[e->keys_before_count++] = e->key;
	e->key = key;
	signer_add(e);
	signers_save(e);
	pp_keeper_rekey(e->keeper, key);
	return true;
}

void pp_identity_reload(struct pp_edge *e)
{
	const char *why;
	struct pp_key *key;
	bool is_new;

	if (key_load(e, &key) < 0)
		return;
	why = e->keys_before_count == PP_EDGE_KEYS_BEFORE ? "too many new keys: restart instead"
							  : misfit(e, key);
	if (why) {
		pp_log(PP_LOG_ERROR, "identity.reload",
			"certificate=%s why=\"%s\" note=\"going on with the one before\"",
			e->scalars->certificate, why);
		pp_key_free(key);
		return;
	}
	is_new = key_take(e, key);
	(void)pp_keys_load(e);
	pp_log(PP_LOG_NOTICE, "identity.reload", "key=%s server_keys=%zu", is_new ? "new" : "same",
		e->inbox.key_count);
	/* The next connection reads the files. */
	(void)pp_mqtt_drop(e->mqtt);
}

void pp_identity_close(struct pp_edge *e)
{
	e->key = pp_key_free(e->key);
	while (e->keys_before_count > 0)
		pp_key_free(e->keys_before[--e->keys_before_count]);
}
