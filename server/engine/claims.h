/* SPDX-License-Identifier: Apache-2.0 */
/* claims.h -- who holds an incident and is not there any more. Private to the room. Nothing here is
 * written down: after a restart everybody has his whole time again. Times are monotonic. */
#ifndef ENGINE_CLAIMS_H
#define ENGINE_CLAIMS_H

#include "db/db.h"
#include "ledger/item.h"
#include "protocol/limits.h"

#define PP_CLAIM_GONE_MS 20000 /* no page of theirs was connected for so long */
/* The word of who is there comes every 5 s, and names all who were there since the one before: the
 * fourth that does not name somebody any more says that he is gone, and not the clock before it. */
#define PP_CLAIM_WORDS_MS 17500
#define PP_PRESENCE_STALE_MS                                                                       \
	12000 /* nobody has said for so long who is there: nobody is called gone */

struct pp_claims;
struct pp_claim {
	char tenant[PP_TENANT_MAX + 1], holder[80];
	int64_t incident_id;
};

int pp_claims_new(struct pp_claims **ret_claims);      /* -ENOMEM; the caller owns it */
struct pp_claims *pp_claims_free(struct pp_claims *c); /* NULL is fine; returns NULL */
/* An action was taken: PRESENCE tells who is there, any other that its actor is. */
void pp_claims_heard(struct pp_claims *c, const struct pp_action *action, int64_t mono_ms);
/* Looks at who holds what now. -errno: the record cannot be read. */
int pp_claims_look(struct pp_claims *c, struct pp_db *db, int64_t mono_ms);
/* The next incident whose holder is gone, as last looked. 1, 0 or -errno. */
int pp_claims_next(struct pp_claims *c, struct pp_db *db, struct pp_claim *ret_gone);
/* ... as an item, which the caller owns. */
int pp_claims_item(struct pp_claims *c, struct pp_db *db, struct pp_item **ret_item);

#endif
