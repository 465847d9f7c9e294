/* SPDX-License-Identifier: Apache-2.0 */
/* schedule.c -- a sorted array of levels to come, and the reader of script files. */
#include "schedule.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "phrase.h"
#include "source_ops.h"

struct pp_schedule {
	struct pp_timed_level *levels;
	size_t first, end, size; /* waiting: first .. end - 1 */
};

int pp_schedule_new(struct pp_schedule **ret_schedule)
{
	struct pp_schedule *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*ret_schedule = s;
	return 0;
}

struct pp_schedule *pp_schedule_free(struct pp_schedule *s)
{
	if (s)
		free(s->levels);
	free(s);
	return NULL;
}

static int room_make(struct pp_schedule *s)
{
	size_t waiting = s->end - s->first, size = s->size ? 2 * s->size : 16;
	struct pp_timed_level *levels;

	if (waiting >= PP_SCHEDULE_MAX)
		return -ENOSPC;
	if (s->end < s->size)
		return 0;
	if (s->first > 0) {
		memmove(s->levels, s->levels + s->first, waiting * sizeof(*levels));
		s->first = 0;
		s->end = waiting;
		return 0;
	}
	levels = realloc(s->levels, size * sizeof(*levels));
	if (!levels)
		return -ENOMEM;
	s->levels = levels;
	s->size = size;
	return 0;
}

int pp_schedule_add(struct pp_schedule *s, const struct pp_timed_level *level)
{
	int r = room_make(s);
	size_t i;

	if (r < 0)
		return r;
	for (i = s->end; i > s->first && s->levels[i - 1].at_us > level->at_us; i--)
		s->levels[i] = s->levels[i - 1];
	s->levels[i] = *level;
	s->end++;
	return 0;
}

bool pp_schedule_take(struct pp_schedule *s, uint64_t now_us, struct pp_timed_level *ret_level)
{
	if (pp_schedule_deadline(s) > now_us || s->first == s->end)
		return false;
	*ret_level = s->levels[s->first++];
	return true;
}

uint64_t pp_schedule_deadline(const struct pp_schedule *s)
{
	return s->first < s->end ? s->levels[s->first].at_us : UINT64_MAX;
}

/* One line of a script. 1: it holds a level; 0: it is empty; negative errno with *why. */
static int line_read(char *text, const struct pp_source *source, struct pp_timed_level *ret_level,
	struct pp_source_why *why)
{
	char *words[3];
	size_t n;
	int level, number, r;

	text[strcspn(text, "#")] = '\0';
	n = pp_phrase_split(text, words, 3);
	if (n == 0)
		return 0;
	level = n == 3 ? pp_phrase_level(words[2]) : -EINVAL;
	number = n == 3 ? pp_phrase_number(words[2], &ret_level->value) : -EINVAL;
	r = n == 3 ? pp_phrase_seconds(words[0], &ret_level->at_us) : -EINVAL;
	if ((level < 0 && number < 0) || r < 0) {
		snprintf(why->text, sizeof(why->text),
			"expected '<seconds> <id> on|off', such as '1.5 panic on'");
		return -EINVAL;
	}
	if (pp_phrase_line(source->lines, source->count, words[1], &ret_level->line, why) < 0)
		return -EINVAL;
	if (source->lines[ret_level->line].analogue != (number == 0)) {
		snprintf(why->text, sizeof(why->text), "%s is %s", words[1],
			number < 0 ? "a level: it wants a number" : "no level: on or off");
		return -EINVAL;
	}
	ret_level->active = level == 1;
	if (!source->lines[ret_level->line].output)
		return 1;
	snprintf(why->text, sizeof(why->text), "%s is an output", words[1]);
	return -EINVAL;
}

static int text_load(struct pp_schedule *s, char *text, const char *path, uint64_t start_us,
	const struct pp_source *source, struct pp_source_why *why)
{
	struct pp_timed_level level;
	struct pp_source_why what;
	unsigned number = 1;
	int r = 0;

	for (char *next; text && r >= 0; text = next, number++) {
		next = strchr(text, '\n');
		if (next)
			*next++ = '\0';
		r = line_read(text, source, &level, &what);
		if (r > 0) {
			level.at_us += start_us;
			r = pp_schedule_add(s, &level);
			snprintf(what.text, sizeof(what.text), "%s", strerror(-r));
		}
		if (r < 0)
			snprintf(why->text, sizeof(why->text), "%.80s:%u: %.150s", path, number,
				what.text);
	}
	return r < 0 ? r : 0;
}

int pp_schedule_load(struct pp_schedule *s, const char *path, uint64_t start_us,
	const struct pp_source *source, struct pp_source_why *why)
{
	size_t length;
	char *text;
	int r = pp_file_read(path, PP_SCHEDULE_FILE_MAX, &text, &length);

	if (r == 0 && strlen(text) != length) {
		free(text);
		r = -EINVAL;
	}
	if (r < 0) {
		snprintf(why->text, sizeof(why->text), "%.150s: %s", path, strerror(-r));
		return r;
	}
	r = text_load(s, text, path, start_us, source, why);
	free(text);
	return r;
}
