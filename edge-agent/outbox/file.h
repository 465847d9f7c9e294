/* SPDX-License-Identifier: Apache-2.0 */
/* file.h -- the outbox behind its header, shared by its modules. */
#ifndef OUTBOX_FILE_H
#define OUTBOX_FILE_H

#include "db/db.h"
#include "outbox/outbox.h"

struct pp_outbox_usage {
	int64_t rows, bytes, unreceipted, receipted_alarms;
};

struct pp_outbox {
	struct pp_db *db;
	struct pp_mint mint, saved_mint; /* saved: as at begin, for a rollback */
	struct pp_outbox_usage usage, saved_usage;
	int64_t rows_max, bytes_max;
	char boot_id[64];
	struct pp_key_list signers; /* of rows; the present one and those before it */
};

/* Notes that an alarm or a trouble stands, or stands no more. Part of the append. */
int pp_outbox_stand(struct pp_outbox *o, const struct pp_signal *signal, int64_t seq);

/* Numbers and boots of the file; -EBADMSG: not as it was written, or another post's. */
int pp_outbox_meta_read(struct pp_outbox *o, const char *boot_id);
int pp_outbox_meta_write(struct pp_outbox *o);

/* States of rows that nothing of ours can have set are made right: what may be unsent is sent. */
int pp_outbox_mend(struct pp_outbox *o);

/* pp_outbox_append without asking for room. */
int pp_outbox_insert(struct pp_outbox *o, const struct pp_draft *draft,
	const struct pp_outbox_now *now, struct pp_parcel **ret_parcel);

#endif
