/* SPDX-License-Identifier: Apache-2.0 */
/* words.c -- texts of the closed vocabularies and their readers. */
#include "protocol/words.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#define X(name, text) text,
static const char *const kinds[] = { PP_KINDS(X) };
static const char *const signals[] = { PP_SIGNALS(X) };
static const char *const classes[] = { PP_CLASSES(X) };
static const char *const point_states[] = { PP_POINT_STATES(X) };
static const char *const steps[] = { PP_STEPS(X) };
static const char *const orders[] = { PP_ORDERS(X) };
static const char *const results[] = { PP_RESULTS(X) };
static const char *const channels[] = { PP_CHANNELS(X) };
#undef X

static int word_parse(const char *const *words, int count, const char *text)
{
	/* "unknown" is this program's own word for what it could not read, not one to be read. */
	if (!text || strcmp(text, "unknown") == 0)
		return -EINVAL;
	for (int i = 0; i < count; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	return -EINVAL;
}

const char *pp_kind_text(enum pp_kind v)
{
	assert(v < PP_KIND_COUNT);
	return kinds[v];
}

const char *pp_signal_text(enum pp_signal_type v)
{
	assert(v < PP_SIGNAL_COUNT);
	return signals[v];
}

const char *pp_class_text(enum pp_class v)
{
	assert(v < PP_CLASS_COUNT);
	return classes[v];
}

const char *pp_point_state_text(enum pp_point_state v)
{
	assert(v < PP_POINT_STATE_COUNT);
	return point_states[v];
}

const char *pp_step_text(enum pp_step v)
{
	assert(v < PP_STEP_COUNT);
	return steps[v];
}

const char *pp_order_text(enum pp_order v)
{
	assert(v < PP_ORDER_COUNT);
	return orders[v];
}

const char *pp_result_text(enum pp_result v)
{
	assert(v < PP_RESULT_COUNT);
	return results[v];
}

const char *pp_channel_text(enum pp_channel v)
{
	assert(v < PP_CHANNEL_COUNT);
	return channels[v];
}

int pp_kind_parse(const char *text)
{
	return word_parse(kinds, PP_KIND_COUNT, text);
}

int pp_signal_parse(const char *text)
{
	return word_parse(signals, PP_SIGNAL_COUNT, text);
}

int pp_class_parse(const char *text)
{
	return word_parse(classes, PP_CLASS_COUNT, text);
}

int pp_point_state_parse(const char *text)
{
	return word_parse(point_states, PP_POINT_STATE_COUNT, text);
}

int pp_step_parse(const char *text)
{
	return word_parse(steps, PP_STEP_COUNT, text);
}

int pp_order_parse(const char *text)
{
	return word_parse(orders, PP_ORDER_COUNT, text);
}

int pp_result_parse(const char *text)
{
	return word_parse(results, PP_RESULT_COUNT, text);
}

int pp_channel_parse(const char *text)
{
	return word_parse(channels, PP_CHANNEL_COUNT, text);
}
