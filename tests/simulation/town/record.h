/* SPDX-License-Identifier: Apache-2.0 */
/* record.h -- what the record says, as lines of the history: new rows, what is gone, incidents, the
 * timeline, notifications, who is supervised. Private to the town. */
#ifndef TOWN_RECORD_H
#define TOWN_RECORD_H

#include "db/db.h"

struct record_eyes; /* what has been seen of one tenant's record */
struct record_eyes *record_eyes_new(const char *tenant);
/* What is new since the last look. Cheap. -errno: it could not be read, nothing was written. */
int record_look_live(struct record_eyes *e, struct pp_db *db);
/* A complete look, which also tells what is gone. how: durable, cut, end. */
int record_look_whole(struct record_eyes *e, struct pp_db *db, const char *how);
/* Another record has taken its place: all of its rows are told anew. */
void record_forget(struct record_eyes *e);

#endif
