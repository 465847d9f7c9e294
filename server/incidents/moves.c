/* SPDX-License-Identifier: Apache-2.0 */
/* moves.c -- the table of states and moves. */
#include "incidents/moves.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Either the state that a move leads to, or why it is refused. */
struct cell {
	enum pp_incident_state next;
	const char *why;
};

/* clang-format off */
#define TO(state) { PP_INCIDENT_##state, NULL }
#define NO(reason) { PP_INCIDENT_STATE_COUNT, reason }
/* clang-format on */
#define FIRST NO("is not acknowledged yet: acknowledge it first")
#define OVER NO("is closed already")
#define FREE NO("is held by nobody: acknowledge it")

static const struct cell moves[PP_INCIDENT_STATE_COUNT][PP_MOVE_COUNT] = {
	[PP_INCIDENT_OPEN] = {
		[PP_MOVE_ACKNOWLEDGE] = TO(ACKNOWLEDGED),
		[PP_MOVE_DISPATCH] = FIRST,
		[PP_MOVE_ON_SCENE] = FIRST,
		[PP_MOVE_CLOSE] = FIRST,
		[PP_MOVE_NOTE] = TO(OPEN),
		[PP_MOVE_CLAIM] = TO(ACKNOWLEDGED),
		[PP_MOVE_TAKE_OVER] = FREE,
		[PP_MOVE_RETURN] = FREE,
		[PP_MOVE_ACCEPT] = TO(DISPATCHED),
		[PP_MOVE_ARRIVE] = TO(ON_SCENE),
		[PP_MOVE_STAND_DOWN] = NO("has no unit under way"),
	},
	[PP_INCIDENT_ACKNOWLEDGED] = {
		[PP_MOVE_ACKNOWLEDGE] = NO("is acknowledged already"),
		[PP_MOVE_DISPATCH] = TO(DISPATCHED),
		[PP_MOVE_ON_SCENE] = NO("has no unit under way: dispatch one first"),
		[PP_MOVE_CLOSE] = TO(CLOSED),
		[PP_MOVE_NOTE] = TO(ACKNOWLEDGED),
		[PP_MOVE_CLAIM] = NO("is acknowledged already"),
		[PP_MOVE_TAKE_OVER] = TO(ACKNOWLEDGED),
		[PP_MOVE_RETURN] = TO(OPEN),
		[PP_MOVE_ACCEPT] = TO(DISPATCHED),
		[PP_MOVE_ARRIVE] = TO(ON_SCENE),
		[PP_MOVE_STAND_DOWN] = NO("has no unit under way"),
	},
	[PP_INCIDENT_DISPATCHED] = {
		[PP_MOVE_ACKNOWLEDGE] = NO("is acknowledged already"),
		[PP_MOVE_DISPATCH] = TO(DISPATCHED), /* another unit */
		[PP_MOVE_ON_SCENE] = TO(ON_SCENE),
		[PP_MOVE_CLOSE] = TO(CLOSED),
		[PP_MOVE_NOTE] = TO(DISPATCHED),
		[PP_MOVE_CLAIM] = TO(DISPATCHED),
		[PP_MOVE_TAKE_OVER] = TO(DISPATCHED),
		[PP_MOVE_RETURN] = TO(DISPATCHED), /* help is on its way all the same */
		[PP_MOVE_ACCEPT] = TO(DISPATCHED),
		[PP_MOVE_ARRIVE] = TO(ON_SCENE),
		[PP_MOVE_STAND_DOWN] = TO(ACKNOWLEDGED),
	},
	[PP_INCIDENT_ON_SCENE] = {
		[PP_MOVE_ACKNOWLEDGE] = NO("is acknowledged already"),
		[PP_MOVE_DISPATCH] = TO(ON_SCENE), /* another unit; the first one is there */
		[PP_MOVE_ON_SCENE] = NO("has a unit on scene already"),
		[PP_MOVE_CLOSE] = TO(CLOSED),
		[PP_MOVE_NOTE] = TO(ON_SCENE),
		[PP_MOVE_CLAIM] = TO(ON_SCENE),
		[PP_MOVE_TAKE_OVER] = TO(ON_SCENE),
		[PP_MOVE_RETURN] = TO(ON_SCENE),
		[PP_MOVE_ACCEPT] = TO(ON_SCENE),
		[PP_MOVE_ARRIVE] = TO(ON_SCENE),
		[PP_MOVE_STAND_DOWN] = TO(ACKNOWLEDGED), /* and is gone again */
	},
	[PP_INCIDENT_CLOSED] = {
		[PP_MOVE_ACKNOWLEDGE] = OVER,
		[PP_MOVE_DISPATCH] = OVER,
		[PP_MOVE_ON_SCENE] = OVER,
		[PP_MOVE_CLOSE] = OVER,
		[PP_MOVE_NOTE] = TO(CLOSED), /* what is learnt later belongs to the timeline too */
		[PP_MOVE_CLAIM] = OVER,
		[PP_MOVE_TAKE_OVER] = OVER,
		[PP_MOVE_RETURN] = OVER,
		[PP_MOVE_ACCEPT] = OVER,
		[PP_MOVE_ARRIVE] = OVER,
		[PP_MOVE_STAND_DOWN] = OVER,
	},
};

#define X(name, text) text,
static const char *const state_texts[] = { PP_INCIDENT_STATES(X) };
static const char *const move_texts[] = { PP_MOVES(X) };
#undef X
#define X(code) code,
static const char *const closing_codes[] = { PP_CLOSING_CODES(X) };
#undef X

const char *pp_incident_state_text(enum pp_incident_state state)
{
	assert(state < PP_INCIDENT_STATE_COUNT);
	return state_texts[state];
}

int pp_incident_state_parse(const char *text)
{
	for (int i = 0; i < PP_INCIDENT_STATE_COUNT; i++) {
		if (strcmp(text, state_texts[i]) == 0)
			return i;
	}
	return -EINVAL;
}

const char *pp_move_text(enum pp_move move)
{
	assert(move < PP_MOVE_COUNT);
	return move_texts[move];
}

int pp_incident_move(enum pp_incident_state state, enum pp_move move, const char **ret_why)
{
	assert(state < PP_INCIDENT_STATE_COUNT && move < PP_MOVE_COUNT);
	const struct cell *cell = &moves[state][move];

	if (!cell->why)
		return (int)cell->next;
	*ret_why = cell->why;
	return -EPERM;
}

bool pp_closing_code_is_known(const char *code)
{
	for (size_t i = 0; i < sizeof(closing_codes) / sizeof(closing_codes[0]); i++) {
		if (strcmp(code, closing_codes[i]) == 0)
			return true;
	}
	return false;
}

const char *pp_closing_codes(void)
{
#define X(code) ", " code
	static const char all[] = PP_CLOSING_CODES(X);
#undef X
	return all + 2;
}

enum pp_step pp_incident_step(enum pp_incident_state state)
{
	static const enum pp_step steps[] = {
		[PP_INCIDENT_OPEN] = PP_STEP_RECEIVED,
		[PP_INCIDENT_ACKNOWLEDGED] = PP_STEP_ACKNOWLEDGED,
		[PP_INCIDENT_DISPATCHED] = PP_STEP_DISPATCHED,
		[PP_INCIDENT_ON_SCENE] = PP_STEP_ON_SCENE,
		[PP_INCIDENT_CLOSED] = PP_STEP_CLOSED,
	};

	assert(state < PP_INCIDENT_STATE_COUNT);
	return steps[state];
}
