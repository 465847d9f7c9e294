/* SPDX-License-Identifier: Apache-2.0 */
/* yaml.c -- the adapter of libyaml: its events become a tree that knows its lines and columns. */
#include "core/yaml.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "core/file.h"

#define BYTES_MAX ((size_t)4 << 20)
#define NODES_MAX 500000u
#define DEPTH_MAX 16u

struct entry {
	struct pp_yaml *key; /* NULL in a list */
	struct pp_yaml *value;
};

struct pp_yaml {
	enum pp_yaml_type type;
	bool quoted;
	unsigned line, column;
	const char *name; /* the root's name_owned */
	char *name_owned; /* NULL in all others */
	char *text;
	struct entry *entries;
	size_t count, size;
	const struct entry *
		*sorted; /* of a map, by key: what finds a key and a duplicate quickly */
};

struct reader {
	yaml_parser_t parser;
	const char *name, *text;
	size_t length, nodes;
	struct pp_problem *problem;
};

static int node_read(struct reader *r, yaml_event_t *event, unsigned depth, struct pp_yaml **ret);

int pp_problem_at(struct pp_problem *p, const struct pp_yaml *node, const char *fmt, ...)
{
	const size_t size = sizeof(p->text);
	size_t n = 0;
	va_list args;

	if (node) {
		snprintf(p->text, size, "%s:%u:%u: ", node->name, node->line, node->column);
		n = strlen(p->text);
	}
	va_start(args, fmt);
	vsnprintf(p->text + n, size - n, fmt, args);
	va_end(args);
	/* A quoted scalar may hold escapes that a terminal would obey. */
	for (char *c = p->text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	return -EINVAL;
}

static struct pp_yaml position(const struct reader *r, const yaml_mark_t *mark)
{
	return (struct pp_yaml){ .name = r->name,
		.line = (unsigned)mark->line + 1,
		.column = (unsigned)mark->column + 1 };
}

/* The reader knows bytes only, not yet lines. */
static yaml_mark_t mark_of_offset(const struct reader *r, size_t offset)
{
	yaml_mark_t mark = { 0 };

	for (size_t i = 0; i < offset && i < r->length; i++) {
		mark.column++;
		if (r->text[i] == '\n') {
			mark.line++;
			mark.column = 0;
		}
	}
	return mark;
}

static int parser_problem(struct reader *r)
{
	yaml_mark_t mark = r->parser.problem_mark;
	struct pp_yaml at;

	if (r->parser.error == YAML_MEMORY_ERROR) {
		pp_problem_at(r->problem, NULL, "%s: out of memory", r->name);
		return -ENOMEM;
	}
	if (r->parser.error == YAML_READER_ERROR)
		mark = mark_of_offset(r, r->parser.problem_offset);
	at = position(r, &mark);
	/* The commonest of all mistakes, in the library's words "cannot start any token". */
	if (r->parser.error == YAML_SCANNER_ERROR && mark.index < r->length &&
		r->text[mark.index] == '\t')
		return pp_problem_at(r->problem, &at, "a tab: lines are indented by spaces");
	return pp_problem_at(r->problem, &at, "%s%s%s", r->parser.problem,
		r->parser.context ? " " : "", r->parser.context ? r->parser.context : "");
}

static int event_next(struct reader *r, yaml_event_t *ret_event)
{
	return yaml_parser_parse(&r->parser, ret_event) ? 0 : parser_problem(r);
}

static int event_problem(struct reader *r, const yaml_event_t *event, const char *words)
{
	struct pp_yaml at = position(r, &event->start_mark);

	return pp_problem_at(r->problem, &at, "%s", words);
}

static void node_free(struct pp_yaml *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->count; i++) {
		node_free(node->entries[i].key);
		node_free(node->entries[i].value);
	}
	free(node->entries);
	free(node->sorted);
	free(node->text);
	free(node);
}

struct pp_yaml *pp_yaml_free(struct pp_yaml *root)
{
	char *name = root ? root->name_owned : NULL;

	node_free(root);
	free(name);
	return NULL;
}

/* What libyaml would resolve for us and we do not want: it makes the text say more than it shows.
 */
static int event_check(struct reader *r, const yaml_event_t *event, unsigned depth)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (event->type == YAML_ALIAS_EVENT)
		return event_problem(r, event, "aliases (*name) are not accepted");
	if (event->type == YAML_SCALAR_EVENT) {
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
	}
	if (anchor)
		return event_problem(r, event, "anchors (&name) are not accepted");
	if (tag)
		return event_problem(r, event, "tags (!name) are not accepted");
	if (depth > DEPTH_MAX)
		return event_problem(r, event, "nested more than 16 deep");
	if (++r->nodes > NODES_MAX)
		return event_problem(r, event, "more than 500000 entries");
	return 0;
}

static int no_memory(struct reader *r)
{
	pp_problem_at(r->problem, NULL, "%s: out of memory", r->name);
	return -ENOMEM;
}

static int scalar_fill(struct reader *r, const yaml_event_t *event, struct pp_yaml *node)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length;

	if (memchr(value, '\0', length))
		return event_problem(r, event, "a text may not hold the character NUL");
	node->type = PP_YAML_SCALAR;
	node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	node->text = strndup(value, length);
	return node->text ? 0 : no_memory(r);
}

static int entry_add(struct reader *r, struct pp_yaml *node, struct entry entry)
{
	if (node->count == node->size) {
		size_t size = node->size ? node->size * 2 : 8;
		struct entry *entries = reallocarray(node->entries, size, sizeof(*entries));

		if (!entries) {
			node_free(entry.key);
			node_free(entry.value);
			return no_memory(r);
		}
		node->entries = entries;
		node->size = size;
	}
	node->entries[node->count++] = entry;
	return 0;
}

static int list_fill(struct reader *r, struct pp_yaml *node, unsigned depth)
{
	node->type = PP_YAML_LIST;
	for (;;) {
		struct entry entry = { 0 };
		yaml_event_t event;
		int result = event_next(r, &event);

		if (result < 0)
			return result;
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return 0;
		}
		result = node_read(r, &event, depth + 1, &entry.value);
		if (result == 0)
			result = entry_add(r, node, entry);
		if (result < 0)
			return result;
	}
}

/* By text, then in the order of the file. */
static int entry_compare(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;
	int order = strcmp((*x)->key->text, (*y)->key->text);

	return order ? order : (*x > *y) - (*x < *y);
}

static int map_index(struct reader *r, struct pp_yaml *map)
{
	map->sorted = calloc(map->count + 1, sizeof(const struct entry *));
	if (!map->sorted)
		return no_memory(r);
	for (size_t i = 0; i < map->count; i++)
		map->sorted[i] = &map->entries[i];
	qsort(map->sorted, map->count, sizeof(const struct entry *), entry_compare);
	for (size_t i = 1; i < map->count; i++) {
		const struct pp_yaml *first = map->sorted[i - 1]->key,
				     *second = map->sorted[i]->key;

		if (strcmp(first->text, second->text) == 0)
			return pp_problem_at(r->problem, second,
				"'%.100s' is given twice, first in line %u", second->text,
				first->line);
	}
	return 0;
}

/* Reads the key that event starts, and its value. */
static int entry_read(struct reader *r, yaml_event_t *event, unsigned depth, struct pp_yaml *map)
{
	struct entry entry = { 0 };
	yaml_event_t next;
	int result;

	if (event->type != YAML_SCALAR_EVENT && event->type != YAML_ALIAS_EVENT) {
		result = event_problem(r, event, "expected a name as key, got a list or a map");
		yaml_event_delete(event);
		return result;
	}
	result = node_read(r, event, depth, &entry.key);
	if (result < 0)
		return result;
	result = event_next(r, &next);
	if (result == 0)
		result = node_read(r, &next, depth, &entry.value);
	if (result < 0) {
		node_free(entry.key);
		return result;
	}
	return entry_add(r, map, entry);
}

static int map_fill(struct reader *r, struct pp_yaml *node, unsigned depth)
{
	node->type = PP_YAML_MAP;
	for (;;) {
		yaml_event_t event;
		int result = event_next(r, &event);

		if (result < 0)
			return result;
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			return map_index(r, node);
		}
		result = entry_read(r, &event, depth + 1, node);
		if (result < 0)
			return result;
	}
}

static int node_fill(
	struct reader *r, const yaml_event_t *event, unsigned depth, struct pp_yaml *node)
{
	if (event->type == YAML_SCALAR_EVENT)
		return scalar_fill(r, event, node);
	if (event->type == YAML_SEQUENCE_START_EVENT)
		return list_fill(r, node, depth);
	assert(event->type == YAML_MAPPING_START_EVENT);
	return map_fill(r, node, depth);
}

/* Reads the node that event starts; the event is deleted. */
static int node_read(struct reader *r, yaml_event_t *event, unsigned depth, struct pp_yaml **ret)
{
	struct pp_yaml *node = NULL;
	int result = event_check(r, event, depth);

	if (result < 0)
		goto fail;
	node = malloc(sizeof(*node));
	if (!node) {
		result = no_memory(r);
		goto fail;
	}
	*node = position(r, &event->start_mark);
	result = node_fill(r, event, depth, node);
	if (result < 0)
		goto fail;
	yaml_event_delete(event);
	*ret = node;
	return 0;
fail:
	yaml_event_delete(event);
	node_free(node);
	return result;
}

/* A text without any content is an empty map. */
static int empty_new(struct reader *r, struct pp_yaml **ret_root)
{
	struct pp_yaml *root = malloc(sizeof(*root));

	if (!root)
		return no_memory(r);
	*root = position(r, &(yaml_mark_t){ 0 });
	root->type = PP_YAML_MAP;
	*ret_root = root;
	return 0;
}

/* Takes events until one of the two given; others of the frame are passed over. */
static int frame_read(struct reader *r, struct pp_yaml **ret_root)
{
	struct pp_yaml *root = NULL;
	int result = 0;

	while (result == 0) {
		yaml_event_t event;
		yaml_event_type_t type;

		result = event_next(r, &event);
		if (result < 0)
			break;
		type = event.type;
		if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_END_EVENT ||
			(type == YAML_DOCUMENT_START_EVENT && !root)) {
			yaml_event_delete(&event);
		} else if (type == YAML_DOCUMENT_START_EVENT) {
			result = event_problem(
				r, &event, "expected one document, here starts another");
			yaml_event_delete(&event);
		} else if (type == YAML_STREAM_END_EVENT) {
			yaml_event_delete(&event);
			if (!root)
				return empty_new(r, ret_root);
			*ret_root = root;
			return 0;
		} else {
			result = node_read(r, &event, 1, &root);
		}
	}
	node_free(root);
	return result;
}

int pp_yaml_parse(const char *name, const char *text, size_t length, struct pp_yaml **ret_root,
	struct pp_problem *problem)
{
	struct reader r = { .text = text, .length = length, .problem = problem };
	struct pp_yaml *root = NULL;
	char *copy;
	int result;

	if (length > BYTES_MAX)
		return pp_problem_at(problem, NULL, "%s: more than 4 MiB", name);
	copy = strdup(name);
	r.name = name;
	if (!copy || !yaml_parser_initialize(&r.parser)) {
		free(copy);
		return no_memory(&r);
	}
	r.name = copy;
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, length);
	result = frame_read(&r, &root);
	yaml_parser_delete(&r.parser);
	if (result < 0) {
		free(copy);
		return result;
	}
	root->name_owned = copy;
	*ret_root = root;
	return 0;
}

int pp_yaml_load(const char *path, struct pp_yaml **ret_root, struct pp_problem *problem)
{
	size_t length;
	char *text;
	int r = pp_file_read(path, BYTES_MAX, &text, &length);

	if (r == -EFBIG)
		return pp_problem_at(problem, NULL, "%s: more than 4 MiB", path);
	if (r < 0) {
		pp_problem_at(problem, NULL, "%s: cannot be read: %s", path, strerrordesc_np(-r));
		return r;
	}
	r = pp_yaml_parse(path, text, length, ret_root, problem);
	free(text);
	return r;
}

enum pp_yaml_type pp_yaml_type(const struct pp_yaml *node)
{
	return node->type;
}

const char *pp_yaml_name(const struct pp_yaml *node)
{
	return node->name;
}

unsigned pp_yaml_line(const struct pp_yaml *node)
{
	return node->line;
}

unsigned pp_yaml_column(const struct pp_yaml *node)
{
	return node->column;
}

const char *pp_yaml_text(const struct pp_yaml *node)
{
	return node->text;
}

bool pp_yaml_quoted(const struct pp_yaml *node)
{
	return node->quoted;
}

size_t pp_yaml_count(const struct pp_yaml *node)
{
	return node->count;
}

const struct pp_yaml *pp_yaml_at(const struct pp_yaml *node, size_t index)
{
	assert(index < node->count);
	return node->entries[index].value;
}

const struct pp_yaml *pp_yaml_key(const struct pp_yaml *map, size_t index)
{
	assert(map->type == PP_YAML_MAP && index < map->count);
	return map->entries[index].key;
}

static int key_compare(const void *key, const void *element)
{
	const struct entry *const *entry = element;

	return strcmp(key, (*entry)->key->text);
}

const struct pp_yaml *pp_yaml_get(const struct pp_yaml *map, const char *key)
{
	const struct entry *const *found;

	if (map->count == 0 || !map->sorted)
		return NULL;
	found = bsearch(key, map->sorted, map->count, sizeof(*found), key_compare);
	return found ? (*found)->value : NULL;
}
