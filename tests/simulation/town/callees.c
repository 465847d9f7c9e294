/* SPDX-License-Identifier: Apache-2.0 */
/* callees.c -- whoever was called accepts, refuses, thinks better of it, comes, or says nothing;
 * by message, with the code. What no program hears is lost. */
#include "callees.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"

#define DIGITS "0123456789"
#define CODE_LENGTH 7
#define WORDS_MAX 4

/* The first says nothing. */
static const char *const manners[][WORDS_MAX] = {
	{ NULL },
	{ "refused" },
	{ "accepted" },
	{ "accepted", "en-route", "on-scene", "done" },
	{ "accepted", "refused" },
	{ "refused", "accepted", "on-scene" },
	{ "en-route", "refused", "accepted" },
	{ "on-scene", "done", "accepted" },
	{ "done", "refused", "refused" },
};

struct callee {
	char code[CODE_LENGTH + 1];
	uint32_t manner, said;
};

static void on_done(void *user, const struct pp_action_result *result)
{
	(void)user;
	(void)result;
}

static void say(void *user, struct pp_engine *engine, struct pp_db *record)
{
	const struct callee *c = user;
	const char *state = manners[c->manner][c->said - 1];
	const struct pp_action action = { .type = PP_ACTION_CALL_ANSWER,
		.tenant = "",
		.actor = "",
		.code = c->code,
		.state = state,
		.text = "sms" };

	(void)record;
	world_history("said", "\"code\":\"%s\",\"state\":\"%s\"", c->code, state);
	(void)pp_engine_submit(engine, &action, on_done, NULL);
}

static void think(struct callee *c);

static void speak(void *user)
{
	struct callee *c = user;

	c->said++;
	(void)server_ask(say, c);
	think(c);
}

static void think(struct callee *c)
{
	if (c->said < WORDS_MAX && manners[c->manner][c->said])
		world_after(
			(1 + (uint64_t)world_pick(WORLD_CHOICE_callee, 30)) * WORLD_S, speak, c);
}

/* The seven digits that stand alone. */
static bool code_find(const char *text, char ret_code[CODE_LENGTH + 1])
{
	while (*text) {
		size_t digits = strspn(text, DIGITS);

		if (digits == CODE_LENGTH) {
			memcpy(ret_code, text, CODE_LENGTH);
			ret_code[CODE_LENGTH] = '\0';
			return true;
		}
		text += digits + (digits == 0);
	}
	return false;
}

void callees_told(const char *text)
{
	const uint32_t count = sizeof(manners) / sizeof(manners[0]);
	struct callee *c;
	char code[CODE_LENGTH + 1];

	if (!code_find(text, code))
		return;
	c = calloc(1, sizeof(*c));
	assert(c);
	memcpy(c->code, code, sizeof(code));
	c->manner = world_pick(WORLD_CHOICE_callee, count);
	think(c);
}
