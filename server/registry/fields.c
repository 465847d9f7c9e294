/* SPDX-License-Identifier: Apache-2.0 */
/* fields.c -- typed members of a YAML map. */
#include "fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_among(const char *key, const char *const *names)
{
	for (; *names; names++) {
		if (strcmp(key, *names) == 0)
			return true;
	}
	return false;
}

int fields_check(const struct pp_yaml *node, const char *const *names, struct pp_problem *problem)
{
	if (pp_yaml_type(node) != PP_YAML_MAP)
		return pp_problem_at(
			problem, node, "expected a map with '%s:' and so on", names[0]);
	for (size_t i = 0; i < pp_yaml_count(node); i++) {
		const struct pp_yaml *key = pp_yaml_key(node, i);

		if (!is_among(pp_yaml_text(key), names))
			return pp_problem_at(problem, key, "unknown key '%s'", pp_yaml_text(key));
	}
	return 0;
}

static int field_get(const struct pp_yaml *map, const char *key, const struct pp_yaml **ret_node,
	struct pp_problem *problem)
{
	*ret_node = pp_yaml_get(map, key);
	if (*ret_node)
		return 0;
	return pp_problem_at(problem, map, "'%s' is missing", key);
}

int field_text_optional(const struct pp_yaml *map, const char *key, size_t max, char **ret_text,
	struct pp_problem *problem)
{
	const struct pp_yaml *node = pp_yaml_get(map, key);
	size_t length;
	char *text;

	if (!node)
		return 0;
	if (pp_yaml_type(node) != PP_YAML_SCALAR)
		return pp_problem_at(problem, node, "'%s': expected a text", key);
	length = strlen(pp_yaml_text(node));
	if (length == 0 || length > max)
		return pp_problem_at(
			problem, node, "'%s': expected 1 to %zu bytes, got %zu", key, max, length);
	for (const char *c = pp_yaml_text(node); *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return pp_problem_at(problem, node, "'%s': control characters", key);
	}
	text = strdup(pp_yaml_text(node));
	if (!text)
		return -ENOMEM;
	*ret_text = text;
	return 0;
}

int field_text(const struct pp_yaml *map, const char *key, size_t max, char **ret_text,
	struct pp_problem *problem)
{
	const struct pp_yaml *node;
	int r = field_get(map, key, &node, problem);

	return r < 0 ? r : field_text_optional(map, key, max, ret_text, problem);
}

int field_bool(
	const struct pp_yaml *map, const char *key, bool *ret_value, struct pp_problem *problem)
{
	const struct pp_yaml *node = pp_yaml_get(map, key);
	const char *text;

	if (!node)
		return 0;
	text = pp_yaml_type(node) == PP_YAML_SCALAR && !pp_yaml_quoted(node) ? pp_yaml_text(node)
									     : "";
	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return pp_problem_at(problem, node, "'%s': expected true or false", key);
	*ret_value = text[0] == 't';
	return 0;
}

/* Digits with an optional sign and fraction: nothing else that strtod would take. */
static bool real_parse(const char *text, double *ret_value)
{
	const char *c = text + (text[0] == '-');
	size_t whole = strspn(c, "0123456789");
	size_t rest = c[whole] == '.' ? 1 + strspn(c + whole + 1, "0123456789") : 0;

	if (whole == 0 || whole > 3 || rest == 1 || rest > 16 || c[whole + rest] != '\0')
		return false;
	*ret_value = 0;
	for (size_t i = 0; i < whole; i++)
		*ret_value = *ret_value * 10 + (c[i] - '0');
	double scale = 1, fraction = 0;

	for (size_t i = whole + 1; i < whole + rest; i++) {
		fraction = fraction * 10 + (c[i] - '0');
		scale *= 10;
	}
	*ret_value += fraction / scale;
	if (text[0] == '-')
		*ret_value = -*ret_value;
	return true;
}

int field_real(const struct pp_yaml *map, const char *key, const struct field_range *range,
	double *ret_value, struct pp_problem *problem)
{
	const struct pp_yaml *node;
	double value;
	int r = field_get(map, key, &node, problem);

	if (r < 0)
		return r;
	if (pp_yaml_type(node) != PP_YAML_SCALAR || pp_yaml_quoted(node) ||
		!real_parse(pp_yaml_text(node), &value) || value < range->min || value > range->max)
		return pp_problem_at(problem, node, "'%s': expected %s (%g to %g)", key,
			range->what, range->min, range->max);
	*ret_value = value;
	return 0;
}

int field_map(const struct pp_yaml *map, const char *key, const struct pp_yaml **ret_node,
	struct pp_problem *problem)
{
	int r = field_get(map, key, ret_node, problem);

	if (r == 0 && pp_yaml_type(*ret_node) != PP_YAML_MAP)
		r = pp_problem_at(problem, *ret_node, "'%s': expected a map", key);
	return r;
}

int field_list(const struct pp_yaml *map, const char *key, bool required,
	const struct pp_yaml **ret_node, struct pp_problem *problem)
{
	const struct pp_yaml *node = pp_yaml_get(map, key);

	if (!node && required)
		return pp_problem_at(problem, map, "'%s' is missing", key);
	if (node && pp_yaml_type(node) != PP_YAML_LIST)
		return pp_problem_at(problem, node, "'%s': expected a list", key);
	*ret_node = node;
	return 0;
}
