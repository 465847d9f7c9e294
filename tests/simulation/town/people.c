/* SPDX-License-Identifier: Apache-2.0 */
/* people.c -- each of them looks at the list of incidents now and then, and does something. */
#include "people.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "server.h"
#include "store/query.h"

#define LIST_MAX 32

struct asked {
	char who[24], incident[32];
	const char *move;
	LIST_ENTRY(asked) entry;
};

static LIST_HEAD(, asked) under_way;

static const struct {
	enum pp_action_type type;
	const char *word;
} moves[] = {
	{ PP_ACTION_ACKNOWLEDGE, "acknowledge" },
	{ PP_ACTION_DISPATCH, "dispatch" },
	{ PP_ACTION_ON_SCENE, "on-scene" },
	{ PP_ACTION_CLOSE, "close" },
	{ PP_ACTION_NOTE, "note" },
};

static void act_write(const struct asked *a, const char *ok)
{
	world_history("act", "\"who\":\"%s\",\"move\":\"%s\",\"incident\":\"%s\"%s", a->who,
		a->move, a->incident, ok);
}

static void on_done(void *user, const struct pp_action_result *result)
{
	struct asked *a = user;

	act_write(a, result->error == 0 ? ",\"ok\":true" : ",\"ok\":false");
	LIST_REMOVE(a, entry);
	free(a);
}

void people_unanswered(void)
{
	struct asked *a;

	while ((a = LIST_FIRST(&under_way))) {
		LIST_REMOVE(a, entry);
		act_write(a, "");
		free(a);
	}
}

/* Numbers of incidents that are not closed, the newest first. */
static size_t list_read(struct pp_db *db, char numbers[LIST_MAX][32])
{
	struct pp_stmt *s;
	size_t count = 0;

	if (pp_db_prepare(db,
		    "SELECT number FROM incident WHERE state <> 'closed'"
		    " ORDER BY incident_id DESC LIMIT 32",
		    &s) < 0)
		return 0;
	while (pp_stmt_step(s) == 1)
		if (count < LIST_MAX)
			snprintf(numbers[count++], 32, "%s", pp_column_text(s, 0));
	return count;
}

static void act(struct pp_engine *engine, struct pp_db *record)
{
	static const char *const names[] = { "user:budi", "user:siti" };
	char numbers[LIST_MAX][32];
	size_t count = list_read(record, numbers);
	uint32_t move = world_pick(WORLD_CHOICE_person, sizeof(moves) / sizeof(moves[0]));
	struct asked *a;
	struct pp_action action = { .type = moves[move].type,
		.tenant = SERVER_TENANT,
		.unit = "Damkar 1",
		.code = "real",
		.text = "dari simulasi" };

	if (count == 0)
		return;
	a = calloc(1, sizeof(*a));
	assert(a);
	a->move = moves[move].word;
	snprintf(a->who, sizeof(a->who), "%s", names[world_pick(WORLD_CHOICE_person, 2)]);
	snprintf(a->incident, sizeof(a->incident), "%s",
		numbers[world_pick(WORLD_CHOICE_person, (uint32_t)count)]);
	action.actor = a->who;
	action.incident = a->incident;
	LIST_INSERT_HEAD(&under_way, a, entry);
	if (pp_engine_submit(engine, &action, on_done, a) < 0) {
		LIST_REMOVE(a, entry);
		act_write(a, ",\"ok\":false");
		free(a);
	}
}

static void look(void *user)
{
	(void)user;
	(void)server_ask(act);
	world_after((3 + (uint64_t)world_pick(WORLD_CHOICE_person, 40)) * WORLD_S, look, NULL);
}

void people_begin(void)
{
	world_after(WORLD_S, look, NULL);
}
