/* SPDX-License-Identifier: Apache-2.0 */
/* callout.c -- the table of states and verbs of a call, and its code. */
#include "dispatch/callout.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Either the state that a verb leads to, or why it is refused. */
struct cell {
	enum pp_callout_state next;
	const char *why;
};

/* clang-format off */
#define TO(state) { PP_CALLOUT_IS_##state, NULL }
#define NO(reason) { PP_CALLOUT_STATE_COUNT, reason }
/* clang-format on */
#define OVER NO("is done already")
#define EARLY NO("is not on scene yet")
#define TAKEN NO("was ended: others have it already")

static const struct cell verbs[PP_CALLOUT_STATE_COUNT][PP_CALLOUT_VERB_COUNT] = {
	[PP_CALLOUT_IS_NOTIFIED] = {
		[PP_CALLOUT_ACCEPT] = TO(ACCEPTED),
		[PP_CALLOUT_REFUSE] = TO(REFUSED),
		[PP_CALLOUT_LEAVE] = TO(EN_ROUTE),
		[PP_CALLOUT_ARRIVE] = TO(ON_SCENE),
		[PP_CALLOUT_FINISH] = EARLY,
		[PP_CALLOUT_EXPIRE] = TO(EXPIRED),
		[PP_CALLOUT_STOP] = TO(STOPPED),
	},
	[PP_CALLOUT_IS_ACCEPTED] = {
		[PP_CALLOUT_ACCEPT] = NO("is accepted already"),
		[PP_CALLOUT_REFUSE] = TO(REFUSED),
		[PP_CALLOUT_LEAVE] = TO(EN_ROUTE),
		[PP_CALLOUT_ARRIVE] = TO(ON_SCENE),
		[PP_CALLOUT_FINISH] = EARLY,
		[PP_CALLOUT_EXPIRE] = NO("is accepted already"),
		[PP_CALLOUT_STOP] = NO("is accepted already"),
	},
	[PP_CALLOUT_IS_REFUSED] = {
		/* Minds change, and then they come. */
		[PP_CALLOUT_ACCEPT] = TO(ACCEPTED),
		[PP_CALLOUT_REFUSE] = NO("is refused already"),
		[PP_CALLOUT_LEAVE] = TO(EN_ROUTE),
		[PP_CALLOUT_ARRIVE] = TO(ON_SCENE),
		[PP_CALLOUT_FINISH] = EARLY,
		[PP_CALLOUT_EXPIRE] = NO("is refused already"),
		[PP_CALLOUT_STOP] = NO("is refused already"),
	},
	[PP_CALLOUT_IS_EN_ROUTE] = {
		[PP_CALLOUT_ACCEPT] = NO("is on its way already"),
		[PP_CALLOUT_REFUSE] = TO(REFUSED),
		[PP_CALLOUT_LEAVE] = NO("is on its way already"),
		[PP_CALLOUT_ARRIVE] = TO(ON_SCENE),
		[PP_CALLOUT_FINISH] = EARLY,
		[PP_CALLOUT_EXPIRE] = NO("is on its way already"),
		[PP_CALLOUT_STOP] = NO("is on its way already"),
	},
	[PP_CALLOUT_IS_ON_SCENE] = {
		[PP_CALLOUT_ACCEPT] = NO("is on scene already"),
		[PP_CALLOUT_REFUSE] = NO("is on scene already"),
		[PP_CALLOUT_LEAVE] = NO("is on scene already"),
		[PP_CALLOUT_ARRIVE] = NO("is on scene already"),
		[PP_CALLOUT_FINISH] = TO(DONE),
		[PP_CALLOUT_EXPIRE] = NO("is on scene already"),
		[PP_CALLOUT_STOP] = NO("is on scene already"),
	},
	[PP_CALLOUT_IS_DONE] = {
		[PP_CALLOUT_ACCEPT] = OVER,
		[PP_CALLOUT_REFUSE] = OVER,
		[PP_CALLOUT_LEAVE] = OVER,
		[PP_CALLOUT_ARRIVE] = OVER,
		[PP_CALLOUT_FINISH] = OVER,
		[PP_CALLOUT_EXPIRE] = OVER,
		[PP_CALLOUT_STOP] = OVER,
	},
	[PP_CALLOUT_IS_EXPIRED] = {
		/* A late yes is a yes. */
		[PP_CALLOUT_ACCEPT] = TO(ACCEPTED),
		[PP_CALLOUT_REFUSE] = TO(REFUSED),
		[PP_CALLOUT_LEAVE] = TO(EN_ROUTE),
		[PP_CALLOUT_ARRIVE] = TO(ON_SCENE),
		[PP_CALLOUT_FINISH] = EARLY,
		[PP_CALLOUT_EXPIRE] = NO("has expired already"),
		[PP_CALLOUT_STOP] = TO(STOPPED),
	},
	[PP_CALLOUT_IS_STOPPED] = {
		[PP_CALLOUT_ACCEPT] = TAKEN,
		[PP_CALLOUT_REFUSE] = TAKEN,
		[PP_CALLOUT_LEAVE] = TAKEN,
		[PP_CALLOUT_ARRIVE] = TO(ON_SCENE), /* whoever is there, is there */
		[PP_CALLOUT_FINISH] = EARLY,
		[PP_CALLOUT_EXPIRE] = TAKEN,
		[PP_CALLOUT_STOP] = TAKEN,
	},
};

#define X(name, text) text,
static const char *const state_texts[] = { PP_CALLOUT_STATES(X) };
static const char *const verb_texts[] = { PP_CALLOUT_VERBS(X) };
#undef X

static int parse(const char *const *texts, int count, const char *text)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(text, texts[i]) == 0)
			return i;
	}
	return -EINVAL;
}

const char *pp_callout_state_text(enum pp_callout_state state)
{
	assert(state < PP_CALLOUT_STATE_COUNT);
	return state_texts[state];
}

int pp_callout_state_parse(const char *text)
{
	return parse(state_texts, PP_CALLOUT_STATE_COUNT, text);
}

const char *pp_callout_verb_text(enum pp_callout_verb verb)
{
	assert(verb < PP_CALLOUT_VERB_COUNT);
	return verb_texts[verb];
}

int pp_callout_verb_parse(const char *text)
{
	return parse(verb_texts, PP_CALLOUT_VERB_COUNT, text);
}

int pp_callout_move(enum pp_callout_state state, enum pp_callout_verb verb, const char **ret_why)
{
	assert(state < PP_CALLOUT_STATE_COUNT && verb < PP_CALLOUT_VERB_COUNT);
	const struct cell *cell = &verbs[state][verb];

	if (!cell->why)
		return (int)cell->next;
	*ret_why = cell->why;
	return -EPERM;
}

bool pp_callout_is_coming(enum pp_callout_state state)
{
	return state == PP_CALLOUT_IS_ACCEPTED || state == PP_CALLOUT_IS_EN_ROUTE ||
	       state == PP_CALLOUT_IS_ON_SCENE;
}

/* Of the first six digits, by Luhn: one wrong digit, and nearly every swap of two, shows. */
static char check_digit(const char *code)
{
	int sum = 0;

	for (int i = 0; i < PP_CALLOUT_CODE_SIZE - 2; i++) {
		int digit = (code[i] - '0') * (i % 2 == 1 ? 2 : 1);

		sum += digit > 9 ? digit - 9 : digit;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

void pp_callout_code_make(uint64_t random, char ret_code[PP_CALLOUT_CODE_SIZE])
{
	snprintf(ret_code, PP_CALLOUT_CODE_SIZE, "%06u0", (unsigned)(random % 1000000));
	ret_code[PP_CALLOUT_CODE_SIZE - 2] = check_digit(ret_code);
}

bool pp_callout_code_is_fine(const char *code)
{
	return strlen(code) == PP_CALLOUT_CODE_SIZE - 1 &&
	       strspn(code, "0123456789") == PP_CALLOUT_CODE_SIZE - 1 &&
	       code[PP_CALLOUT_CODE_SIZE - 2] == check_digit(code);
}
