/* SPDX-License-Identifier: Apache-2.0 */
/* buckets.c -- a table of clients, each with one bucket for each rate. */
#include "buckets.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define ONE 1000 /* thousandths of a message; so many leak in a millisecond: `per_s` */
#define NAME_SIZE 64
#define FIRST_SIZE 64

/* What one client may publish: so many at once, and so many a second for ever. A channel that
 * stands here twice must pass both; one that stands not here has the last row. */
static const struct rate {
	const char *channel;
	uint32_t burst, per_s;
} rates[] = {
	{ "signal", 512, 300 },
	{ "signal", 20000, 20 },
	{ "state", 64, 4 },
	{ "answer", 64, 4 },
	{ "sample", 32, 2 },
	{ "", 16, 1 },
};
#define RATES (sizeof(rates) / sizeof(rates[0]))

struct client {
	char name[NAME_SIZE]; /* "": free */
	int64_t at_ms, said_ms;
	uint64_t refused; /* since it was last said */
	uint32_t used[RATES];
};
struct pp_limits {
	size_t count, size; /* size: a power of two */
	struct client *clients;
	struct client others; /* all for whom there is no place */
};

int pp_limits_new(struct pp_limits **ret_limits)
{
	struct pp_limits *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->size = FIRST_SIZE;
	l->clients = calloc(l->size, sizeof(*l->clients));
	if (!l->clients) {
		free(l);
		return -ENOMEM;
	}
	*ret_limits = l;
	return 0;
}

struct pp_limits *pp_limits_free(struct pp_limits *l)
{
	if (l)
		free(l->clients);
	free(l);
	return NULL;
}

static void leak(struct client *c, int64_t now_ms)
{
	int64_t elapsed_ms = now_ms - c->at_ms;

	if (elapsed_ms <= 0)
		return;
	for (size_t i = 0; i < RATES; i++) {
		int64_t leaked = elapsed_ms > INT32_MAX ? INT64_MAX : elapsed_ms * rates[i].per_s;

		c->used[i] = leaked >= c->used[i] ? 0 : c->used[i] - (uint32_t)leaked;
	}
	c->at_ms = now_ms;
}

static bool is_idle(struct client *c, int64_t now_ms)
{
	leak(c, now_ms);
	for (size_t i = 0; i < RATES; i++) {
		if (c->used[i] > 0)
			return false;
	}
	return c->refused == 0;
}

/* FNV-1a. The place of the client, or the free one where it would be. */
static struct client *place_of(struct client *clients, size_t size, const char *name)
{
	uint32_t hash = 2166136261u;
	size_t at;

	for (const char *c = name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	at = hash & (size - 1);
	while (clients[at].name[0] && strcmp(clients[at].name, name) != 0)
		at = (at + 1) & (size - 1);
	return &clients[at];
}

/* Moves those that are not idle to a table with room for as many again. */
static bool grow(struct pp_limits *l, int64_t now_ms)
{
	size_t size = FIRST_SIZE, count = 0;
	struct client *clients;

	for (size_t i = 0; i < l->size; i++) {
		if (l->clients[i].name[0] && is_idle(&l->clients[i], now_ms))
			l->clients[i].name[0] = '\0';
		count += l->clients[i].name[0] != '\0';
	}
	while (size < 2 * (count + 1))
		size *= 2;
	clients = calloc(size, sizeof(*clients));
	for (size_t i = 0; clients && i < l->size; i++) {
		if (l->clients[i].name[0])
			*place_of(clients, size, l->clients[i].name) = l->clients[i];
	}
	if (!clients)
		return false;
	free(l->clients);
	l->clients = clients;
	l->size = size;
	l->count = count;
	return true;
}

static struct client *client_get(struct pp_limits *l, const char *name, int64_t now_ms)
{
	struct client *c;

	if (!name[0] || strlen(name) >= NAME_SIZE)
		return &l->others;
	c = place_of(l->clients, l->size, name);
	if (c->name[0])
		return c;
	if (4 * (l->count + 1) > 3 * l->size) {
		if (l->count >= PP_LIMITS_CLIENTS || !grow(l, now_ms))
			return &l->others;
		c = place_of(l->clients, l->size, name);
	}
	*c = (struct client){ .at_ms = now_ms, .said_ms = now_ms - PP_LIMITS_SAY_EVERY_MS };
	memcpy(c->name, name, strlen(name) + 1);
	l->count++;
	return c;
}

static bool has_rate(const char *channel)
{
	for (size_t i = 0; i + 1 < RATES; i++) {
		if (strcmp(rates[i].channel, channel) == 0)
			return true;
	}
	return false;
}

bool pp_limits_pass(struct pp_limits *l, const char *name, const char *channel, int64_t now_ms,
	uint64_t *ret_say)
{
	const char *key = has_rate(channel) ? channel : "";
	struct client *c = client_get(l, name, now_ms);
	bool passes = true;

	leak(c, now_ms);
	for (size_t i = 0; i < RATES; i++) {
		if (strcmp(rates[i].channel, key) == 0)
			passes &= c->used[i] + ONE <= rates[i].burst * ONE;
	}
	for (size_t i = 0; passes && i < RATES; i++) {
		if (strcmp(rates[i].channel, key) == 0)
			c->used[i] += ONE;
	}
	if (passes)
		return true;
	*ret_say = 0;
	c->refused++;
	if (now_ms - c->said_ms >= PP_LIMITS_SAY_EVERY_MS) {
		*ret_say = c->refused;
		c->refused = 0;
		c->said_ms = now_ms;
	}
	return false;
}
