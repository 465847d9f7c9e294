/* SPDX-License-Identifier: Apache-2.0 */
/* signer.c -- remembers of each post which of our keys it trusts. */
#include "signer.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct place {
	uint64_t name; /* 0: nobody */
	size_t newest; /* index of the key in the ring */
};

struct pp_signer {
	struct pp_keyring ring;
	char ids[PP_KEYRING_MAX][PP_KEY_ID_SIZE];
	struct place *places; /* NULL: there is only one key */
};

static_assert(PP_KEYRING_MAX <= PP_BEAT_KEYS_MAX, "a beat names every key");

int pp_signer_new(struct pp_keyring *ring, struct pp_signer **ret_signer)
{
	struct pp_signer *s = calloc(1, sizeof(*s));

	if (!s) {
		pp_keyring_done(ring);
		return -ENOMEM;
	}
	s->ring = *ring;
	for (size_t i = 0; i < ring->count; i++) {
		uint8_t public[PP_PUBLIC_KEY_SIZE];

		pp_key_public(ring->keys[i], public);
		pp_key_id(public, s->ids[i]);
	}
	if (ring->count > 1)
		s->places = calloc(PP_SIGNER_PLACES, sizeof(*s->places));
	if (ring->count > 1 && !s->places) {
		pp_signer_free(s);
		return -ENOMEM;
	}
	*ret_signer = s;
	return 0;
}

int pp_signer_load(const char *path, struct pp_signer **ret_signer)
{
	struct pp_keyring ring;
	int r = pp_keyring_load(path, &ring);

	return r < 0 ? r : pp_signer_new(&ring, ret_signer);
}

struct pp_signer *pp_signer_free(struct pp_signer *s)
{
	if (!s)
		return NULL;
	pp_keyring_done(&s->ring);
	free(s->places);
	free(s);
	return NULL;
}

const struct pp_key *pp_signer_newest(const struct pp_signer *s)
{
	return s->ring.keys[0];
}

/* FNV-1a of "tenant/post", never 0. */
static uint64_t name_hash(const char *tenant, const char *post)
{
	const char *const parts[] = { tenant, "/", post };
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < 3; i++)
		for (const char *c = parts[i]; *c; c++)
			hash = (hash ^ (unsigned char)*c) * 1099511628211u;
	return hash ? hash : 1;
}

static bool trusts(const struct pp_state *state, const char *id)
{
	for (size_t i = 0; i < state->key_count; i++)
		if (strcmp(state->keys[i], id) == 0)
			return true;
	return false;
}

/* The newest key of ours that the post trusts; the oldest when it trusts none, or says nothing. */
static size_t newest_trusted(const struct pp_signer *s, const struct pp_state *state)
{
	size_t i = 0;

	while (i + 1 < s->ring.count && !trusts(state, s->ids[i]))
		i++;
	return i;
}

void pp_signer_learn(
	struct pp_signer *s, const char *tenant, const char *post, const struct pp_state *state)
{
	uint64_t name = name_hash(tenant, post);

	if (s->places)
		s->places[name % PP_SIGNER_PLACES] =
			(struct place){ name, newest_trusted(s, state) };
}

const struct pp_key *pp_signer_key(const struct pp_signer *s, const char *tenant, const char *post)
{
	uint64_t name = name_hash(tenant, post);
	const struct place *p = s->places ? &s->places[name % PP_SIGNER_PLACES] : NULL;

	return s->ring.keys[p && p->name == name ? p->newest : s->ring.count - 1];
}

void pp_signer_fill(const struct pp_signer *s, const struct pp_state *state, struct pp_beat *beat)
{
	bool same = state->key_count == s->ring.count;

	for (size_t i = 0; same && i < s->ring.count; i++)
		same = trusts(state, s->ids[i]);
	/* An agent of before this says nothing: it is told while there is anything to tell. */
	if (same || (state->key_count == 0 && s->ring.count == 1))
		return;
	beat->key_count = s->ring.count;
	for (size_t i = 0; i < s->ring.count; i++)
		pp_key_public(s->ring.keys[i], beat->keys[i]);
}
