/* SPDX-License-Identifier: Apache-2.0 */
/* eyes.h -- what has been seen of a record: record.c looks at its rows, timeline.c at the rest.
 * Private to the town. */
#ifndef TOWN_EYES_H
#define TOWN_EYES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"

struct eyes_row {
	char post[44], epoch[20];
	int64_t seq, incident_id;
	bool is_there, told; /* in the last look */
};

struct eyes_told {
	int64_t id, rev;
	char state[24];
};

struct eyes_list {
	struct eyes_told *items;
	size_t count, size, at; /* at: where the next one is expected */
};

struct record_eyes {
	char tenant[24];
	struct eyes_row *rows;
	size_t row_count, row_size;
	int64_t signal_id, height;
	bool moved; /* alarms have gone into another incident since their rows were looked at */
	struct eyes_list incidents, notifications, posts;
};

static inline const char *text_or(const char *text)
{
	return text ? text : "";
}

/* Incidents, the timeline, notifications, who is supervised: what is new. -errno. */
int eyes_look(struct record_eyes *e, struct pp_db *db);

#endif
