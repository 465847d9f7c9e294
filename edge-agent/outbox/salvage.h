/* SPDX-License-Identifier: Apache-2.0 */
/* salvage.h -- the signals of a damaged outbox that are whole: gathered from its bytes, and kept in
 * the new one until the server has them, under the epoch and number they were signed with. Private
 * to the room. */
#ifndef OUTBOX_SALVAGE_H
#define OUTBOX_SALVAGE_H

#include "outbox/outbox.h"

#define PP_SALVAGE_MAX 20000 /* signals; more are left where they are */

struct pp_salvage;
/* topic: of the rows. signers: only what one of them has signed counts. Both are copied. */
int pp_salvage_new(const char *topic, const struct pp_key_list *signers, struct pp_salvage **ret);
struct pp_salvage *pp_salvage_free(struct pp_salvage *s); /* NULL is fine; returns NULL */
/* Gathers from the file; a file that is not there holds nothing. -EFBIG, -EIO, -ENOMEM. */
int pp_salvage_read(struct pp_salvage *s, const char *path);
/* Gathers from a log what was committed there, before SQLite opens it. */
int pp_salvage_read_log(struct pp_salvage *s, const char *path);
/* Whether it holds a number of the epoch above last_seq, signed by us: then the file has forgotten
 * what it gave out. */
bool pp_salvage_contradicts(const struct pp_salvage *s, uint64_t epoch, int64_t last_seq);
/* Puts what is not known to be recorded into the outbox (between begin and commit). How many. */
int pp_salvage_keep(struct pp_salvage *s, struct pp_outbox *o);

/* What the outbox does with such rows; they are no part of its own epoch. */
int pp_salvage_load(struct pp_outbox *o, struct pp_outbox_reader *reader);
int pp_salvage_receipt(struct pp_outbox *o, const struct pp_receipt *receipt);
int pp_salvage_count(struct pp_outbox *o, int64_t *ret_count);

#endif
