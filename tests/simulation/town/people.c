/* SPDX-License-Identifier: Apache-2.0 */
/* people.c -- each of them looks at the list of incidents now and then, and does something. */
#include "people.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "pages.h"
#include "server.h"
#include "store/query.h"

#define LIST_MAX 32

struct asked {
	const char *who, *move;
	char incident[32], other[32];
	const char *state;
	int64_t call_id;
	LIST_ENTRY(asked) entry;
};

/* The people of the one town in this process. */
static struct {
	LIST_HEAD(, asked) under_way;
	uint64_t until_us;
	unsigned reports;
} people;

/* What somebody sees who is about to do something. */
struct desk {
	struct pp_db *record;
	char numbers[LIST_MAX][32]; /* of incidents that are not closed, the newest first */
	size_t count;
	char key[24];
};

/* Says what is peculiar to a move; false: there is nothing to do it to. */
typedef bool fill_fn(struct desk *d, struct asked *a, struct pp_action *action);

static bool plain(struct desk *d, struct asked *a, struct pp_action *action)
{
	(void)d;
	(void)a;
	(void)action;
	return true;
}

static bool with_other(struct desk *d, struct asked *a, struct pp_action *action)
{
	uint32_t other = world_pick(WORLD_CHOICE_person, (uint32_t)d->count);

	snprintf(a->other, sizeof(a->other), "%s", d->numbers[other]);
	action->other = a->other;
	return strcmp(a->other, a->incident) != 0;
}

static bool with_post(struct desk *d, struct asked *a, struct pp_action *action)
{
	static const char *const posts[] = { "boja-01", "boja-02", "boja-03" };

	(void)d;
	(void)a;
	action->post = posts[world_pick(WORLD_CHOICE_person, 3)];
	return true;
}

static bool with_colleague(struct desk *d, struct asked *a, struct pp_action *action)
{
	(void)d;
	for (size_t i = 0; i < PAGES_COUNT; i++)
		if (strcmp(pages_names[i], a->who) != 0)
			action->name = pages_names[i] + strlen("user:");
	return true;
}

/* One of its calls, of which somebody has told by telephone. */
static bool with_call(struct desk *d, struct asked *a, struct pp_action *action)
{
	static const char *const states[] = { "accepted", "refused", "en-route", "on-scene", "done",
		"refused" };
	int64_t ids[LIST_MAX];
	size_t count = 0;
	struct pp_stmt *s;

	if (pp_db_prepare(d->record,
		    "SELECT call_id FROM call JOIN incident USING (incident_id)"
		    " WHERE number = ?1 ORDER BY call_id DESC LIMIT 32",
		    &s) < 0)
		return false;
	pp_stmt_text(s, 1, a->incident);
	while (pp_stmt_step(s) == 1)
		if (count < LIST_MAX)
			ids[count++] = pp_column_i64(s, 0);
	if (count == 0)
		return false;
	action->call_id = a->call_id = ids[world_pick(WORLD_CHOICE_person, (uint32_t)count)];
	action->state = a->state = states[world_pick(WORLD_CHOICE_person, 6)];
	action->unit = NULL;
	return true;
}

/* Somebody has called the desk: about a fire or a theft, or for an exercise. */
static bool as_report(struct desk *d, struct asked *a, struct pp_action *action)
{
	a->incident[0] = '\0';
	action->incident = NULL;
	action->class = world_pick(WORLD_CHOICE_person, 2) ? "fire" : "crime";
	action->post = "boja-01";
	action->name = "";
	action->state = world_pick(WORLD_CHOICE_person, 3) ? "" : "drill";
	snprintf(d->key, sizeof(d->key), "report-%u", ++people.reports);
	action->code = d->key;
	return true;
}

static const struct {
	enum pp_action_type type;
	const char *word;
	fill_fn *fill;
	unsigned weight;
} moves[] = {
	{ PP_ACTION_ACKNOWLEDGE, "acknowledge", plain, 5 },
	{ PP_ACTION_DISPATCH, "dispatch", plain, 2 },
	{ PP_ACTION_ON_SCENE, "on-scene", plain, 2 },
	{ PP_ACTION_CLOSE, "close", plain, 3 },
	{ PP_ACTION_NOTE, "note", plain, 1 },
	{ PP_ACTION_CALL, "call", with_call, 4 },
	{ PP_ACTION_HAND_OVER, "hand-over", with_colleague, 2 },
	{ PP_ACTION_TAKE_OVER, "take-over", plain, 2 },
	{ PP_ACTION_MERGE, "merge", with_other, 3 },
	{ PP_ACTION_SPLIT, "split", with_post, 2 },
	{ PP_ACTION_LINK, "link", with_other, 1 },
	{ PP_ACTION_UNLINK, "unlink", with_other, 1 },
	{ PP_ACTION_CONVERT, "convert", plain, 2 },
	{ PP_ACTION_REPORT, "report", as_report, 1 },
};
#define MOVE_COUNT (sizeof(moves) / sizeof(moves[0]))

/* ---- answers ---- */

static void act_write(const struct asked *a, const char *ok)
{
	char more[120] = "";
	size_t used = 0;

	if (a->other[0])
		used = (size_t)snprintf(more, sizeof(more), ",\"other\":\"%s\"", a->other);
	if (a->call_id)
		snprintf(more + used, sizeof(more) - used,
			",\"callout\":%" PRId64 ",\"state\":\"%s\"", a->call_id, a->state);
	world_history("act", "\"who\":\"%s\",\"move\":\"%s\",\"incident\":\"%s\"%s%s", a->who,
		a->move, a->incident, more, ok);
}

static void on_done(void *user, const struct pp_action_result *result)
{
	struct asked *a = user;

	if (result->error == 0 && !a->incident[0]) /* the number of what was reported */
		snprintf(a->incident, sizeof(a->incident), "%.31s", result->reason);
	act_write(a, result->error == 0 ? ",\"ok\":true" : ",\"ok\":false");
	LIST_REMOVE(a, entry);
	free(a);
}

void people_unanswered(void)
{
	struct asked *a;

	while ((a = LIST_FIRST(&people.under_way))) {
		LIST_REMOVE(a, entry);
		act_write(a, "");
		free(a);
	}
}

/* ---- asking ---- */

static void list_read(struct desk *d)
{
	struct pp_stmt *s;

	d->count = 0;
	if (pp_db_prepare(d->record,
		    "SELECT number FROM incident WHERE state <> 'closed'"
		    " ORDER BY incident_id DESC LIMIT 32",
		    &s) < 0)
		return;
	while (pp_stmt_step(s) == 1)
		if (d->count < LIST_MAX)
			snprintf(d->numbers[d->count++], 32, "%s", pp_column_text(s, 0));
}

static size_t move_pick(void)
{
	uint32_t sum = 0, at;
	size_t i = 0;

	for (size_t k = 0; k < MOVE_COUNT; k++)
		sum += moves[k].weight;
	at = world_pick(WORLD_CHOICE_person, sum);
	while (at >= moves[i].weight)
		at -= moves[i++].weight;
	return i;
}

static void submit(struct pp_engine *engine, struct asked *a, const struct pp_action *action)
{
	LIST_INSERT_HEAD(&people.under_way, a, entry);
	if (pp_engine_submit(engine, action, on_done, a) < 0) {
		LIST_REMOVE(a, entry);
		act_write(a, ",\"ok\":false");
		free(a);
	}
}

static void act(void *user, struct pp_engine *engine, struct pp_db *record)
{
	struct desk d = { .record = record };
	size_t who = world_pick(WORLD_CHOICE_person, PAGES_COUNT), move = move_pick();
	struct asked *a;
	struct pp_action action = { .type = moves[move].type,
		.tenant = SERVER_TENANT,
		.unit = "Damkar 1",
		.code = "real",
		.text = "dari simulasi" };

	(void)user;
	if (!pages_is_on(who))
		return;
	list_read(&d);
	if (d.count == 0 && moves[move].fill != as_report)
		return;
	a = calloc(1, sizeof(*a));
	assert(a);
	a->who = pages_names[who];
	a->move = moves[move].word;
	if (d.count > 0)
		snprintf(a->incident, sizeof(a->incident), "%s",
			d.numbers[world_pick(WORLD_CHOICE_person, (uint32_t)d.count)]);
	action.actor = a->who;
	action.incident = a->incident;
	if (moves[move].fill(&d, a, &action))
		submit(engine, a, &action);
	else
		free(a);
}

static void look(void *user)
{
	(void)user;
	(void)server_ask(act, NULL);
	if (world_now_us() < people.until_us)
		world_after(
			(3 + (uint64_t)world_pick(WORLD_CHOICE_person, 40)) * WORLD_S, look, NULL);
}

void people_begin(uint64_t until_us)
{
	people.until_us = until_us;
	world_after(WORLD_S, look, NULL);
}
