/* SPDX-License-Identifier: Apache-2.0 */
/* signer.h -- which of the server's keys signs what a post is told: the newest that it is known to
 * trust, else the oldest that is kept. Private to the room. */
#ifndef ENGINE_SIGNER_H
#define ENGINE_SIGNER_H

#include "crypto/keyring.h"
#include "protocol/state.h"

/* Posts share a place when their names fall on the same one; then the one that was heard last has
 * it, and the other is answered with the oldest key until it is heard again. */
#define PP_SIGNER_PLACES 8192

struct pp_signer;
/* Takes the keys of the ring, also on failure. */
int pp_signer_new(struct pp_keyring *ring, struct pp_signer **ret_signer);
int pp_signer_load(const char *path, struct pp_signer **ret_signer); /* errors of the keyring's */
struct pp_signer *pp_signer_free(struct pp_signer *s); /* NULL is fine; returns NULL */

/* What an accepted state of the post says of the keys that it trusts. */
void pp_signer_learn(
	struct pp_signer *s, const char *tenant, const char *post, const struct pp_state *state);
const struct pp_key *pp_signer_newest(const struct pp_signer *s);
const struct pp_key *pp_signer_key(const struct pp_signer *s, const char *tenant, const char *post);
/* Puts the server's keys into the beat that answers the state, if the post trusts others. */
void pp_signer_fill(const struct pp_signer *s, const struct pp_state *state, struct pp_beat *beat);

#endif
