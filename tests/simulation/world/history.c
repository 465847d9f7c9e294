/* SPDX-License-Identifier: Apache-2.0 */
/* history.c -- lines of what happened, hashed and handed on. */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "inside.h"

#define SINKS_MAX 4u
#define LINE_BYTES 8192u

static struct {
	struct {
		world_line_fn *fn;
		void *user;
	} sinks[SINKS_MAX];
	size_t sink_count;
	uint64_t hash, count;
} self = { .hash = 14695981039346656037u };

void world_history_to(world_line_fn *fn, void *user)
{
	assert(self.sink_count < SINKS_MAX);
	self.sinks[self.sink_count].fn = fn;
	self.sinks[self.sink_count++].user = user;
}

uint64_t world_history_hash(void)
{
	return self.hash;
}

uint64_t world_history_count(void)
{
	return self.count;
}

static void publish(const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++) /* FNV-1a */
		self.hash = (self.hash ^ (unsigned char)line[i]) * 1099511628211u;
	self.count++;
	for (size_t i = 0; i < self.sink_count; i++)
		self.sinks[i].fn(self.sinks[i].user, line, length);
}

void world_history(const char *event, const char *fmt, ...)
{
	char line[LINE_BYTES];
	int length = snprintf(line, sizeof(line), "{\"t\":%" PRIu64 ".%03u,\"event\":\"%s\"",
		the_world.now_us / 1000, (unsigned)(the_world.now_us % 1000), event);
	int rest = 0;
	va_list args;

	if (fmt) {
		line[length++] = ',';
		va_start(args, fmt);
		rest = vsnprintf(line + length, sizeof(line) - (size_t)length, fmt, args);
		va_end(args);
	}
	length += rest;
	assert(rest >= 0 && (size_t)length + 2 < sizeof(line));
	line[length++] = '}';
	line[length] = '\0';
	publish(line, (size_t)length);
}
