/* SPDX-License-Identifier: Apache-2.0 */
/* carve.h -- finds signed signals in the raw bytes of an outbox file or of its log, whatever has
 * become of the file around them. Pure. Private to the room. */
#ifndef OUTBOX_CARVE_H
#define OUTBOX_CARVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the bytes look like; only the signature says what they are. */
struct pp_carved {
	const char *payload;
	size_t length;
	const uint8_t *signature;
	/* The row says that the server has it, or that it was reported as lost. Where the row
	 * itself cannot be read: no. */
	bool done;
};
typedef void pp_carve_fn(void *user, const struct pp_carved *carved);

/* topic: that the rows were signed for. Calls fn for each place that looks like a row. */
void pp_carve(const void *data, size_t length, const char *topic, pp_carve_fn *fn, void *user);
/* The same for a log (-wal), but only what belongs to a transaction that was committed. */
void pp_carve_log(const void *data, size_t length, const char *topic, pp_carve_fn *fn, void *user);

#endif
