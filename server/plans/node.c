/* SPDX-License-Identifier: Apache-2.0 */
/* node.c -- texts, words, times, areas and addresses of a plan file. */
#include "node.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

#define AREA_CODE_MAX 40

static bool is_among(const char *key, const char *const *names)
{
	while (*names && strcmp(key, *names) != 0)
		names++;
	return *names != NULL;
}

int node_keys(const struct pp_yaml *node, const char *const *names, struct pp_problem *problem)
{
	if (pp_yaml_type(node) != PP_YAML_MAP)
		return pp_problem_at(
			problem, node, "expected a map with '%s:' and so on", names[0]);
	for (size_t i = 0; i < pp_yaml_count(node); i++) {
		const struct pp_yaml *key = pp_yaml_key(node, i);

		if (!is_among(pp_yaml_text(key), names))
			return pp_problem_at(
				problem, key, "unknown key '%.60s'", pp_yaml_text(key));
	}
	return 0;
}

int node_need(const struct pp_yaml *map, const char *key, const struct pp_yaml **ret_node,
	struct pp_problem *problem)
{
	const struct pp_yaml *node = pp_yaml_get(map, key);

	if (!node)
		return pp_problem_at(problem, map, "'%s' is missing", key);
	*ret_node = node;
	return 0;
}

/* U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069, U+061C; and U+2028, U+2029, which are line
 * breaks to some. */
static bool has_marks(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (c[0] < 0x20 || c[0] == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0))
			return true;
		if (c[0] == 0xd8 && c[1] == 0x9c)
			return true;
		if (c[0] == 0xe2 && c[1] == 0x80 &&
			(c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xa8 && c[2] <= 0xae)))
			return true;
		if (c[0] == 0xe2 && c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9)
			return true;
	}
	return false;
}

int node_text(const struct pp_yaml *node, const char *what, size_t max, const char **ret_text,
	struct pp_problem *problem)
{
	size_t length;

	if (pp_yaml_type(node) != PP_YAML_SCALAR)
		return pp_problem_at(problem, node, "'%s': expected a text", what);
	length = strlen(pp_yaml_text(node));
	if (length == 0 || length > max)
		return pp_problem_at(
			problem, node, "'%s': expected 1 to %zu bytes, got %zu", what, max, length);
	if (has_marks(pp_yaml_text(node)))
		return pp_problem_at(problem, node,
			"'%s': control characters, or marks that turn the writing", what);
	*ret_text = pp_yaml_text(node);
	return 0;
}

int node_copy(const struct pp_yaml *node, const char *what, size_t max, char **ret_text,
	struct pp_problem *problem)
{
	const char *text = NULL;
	int r = node_text(node, what, max, &text, problem);

	if (r < 0)
		return r;
	*ret_text = strdup(text);
	return *ret_text ? 0 : -ENOMEM;
}

int node_id(const struct pp_yaml *node, const char *what, char **ret_id, struct pp_problem *problem)
{
	const char *text = NULL;
	int r = node_text(node, what, PP_PLAN_ID_MAX, &text, problem);

	if (r < 0)
		return r;
	if (!pp_text_is_slug(text, strlen(text), PP_PLAN_ID_MAX))
		return pp_problem_at(problem, node,
			"'%s': expected lower-case letters, digits and '-', got '%s'", what, text);
	*ret_id = strdup(text);
	return *ret_id ? 0 : -ENOMEM;
}

int node_word(const struct pp_yaml *node, int (*parse)(const char *), const char *expected,
	int *ret_value, struct pp_problem *problem)
{
	int value = pp_yaml_type(node) == PP_YAML_SCALAR ? parse(pp_yaml_text(node)) : -EINVAL;

	if (value < 0)
		return pp_problem_at(problem, node, "expected %s", expected);
	*ret_value = value;
	return 0;
}

int node_list(const struct pp_yaml *node, const char *what, const size_t min_max[2],
	struct pp_problem *problem)
{
	size_t count = node ? pp_yaml_count(node) : 0;

	if (node && pp_yaml_type(node) != PP_YAML_LIST)
		return pp_problem_at(problem, node, "'%s': expected a list", what);
	if (count < min_max[0])
		return pp_problem_at(problem, node, "'%s' is empty", what);
	if (count > min_max[1])
		return pp_problem_at(problem, node, "'%s': %zu entries, at most %zu are possible",
			what, count, min_max[1]);
	return 0;
}

int node_wait(
	const struct pp_yaml *node, const char *what, int64_t *ret_ms, struct pp_problem *problem)
{
	const char *text = pp_yaml_type(node) == PP_YAML_SCALAR ? pp_yaml_text(node) : "";
	int64_t us;

	if (pp_text_duration_us(text, strlen(text), PP_PLAN_WAIT_MIN_MS * INT64_C(1000),
		    PP_PLAN_WAIT_MAX_MS * INT64_C(1000), &us) < 0 ||
		us % 1000 != 0)
		return pp_problem_at(
			problem, node, "'%s': expected a time from 5s to 1h, such as 30s", what);
	*ret_ms = us / 1000;
	return 0;
}

/* Days since 1970 of a day that exists, else -1. Howard Hinnant, "chrono-compatible low-level date
 * algorithms": years that begin in March. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	int64_t y = month <= 2 ? year - 1 : year, of_era = y % 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
		day > lengths[month - 1] + (month == 2 && leap))
		return -1;
	return y / 400 * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int node_date(
	const struct pp_yaml *node, const char *what, int64_t *ret_ms, struct pp_problem *problem)
{
	const char *text = pp_yaml_type(node) == PP_YAML_SCALAR ? pp_yaml_text(node) : "";
	int64_t days = -1, parts[3];

	if (strlen(text) == 10 && strspn(text, "0123456789") == 4 && text[4] == '-' &&
		strspn(text + 5, "0123456789") == 2 && text[7] == '-' &&
		strspn(text + 8, "0123456789") == 2) {
		parts[0] = (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 +
			   text[3] - '0';
		parts[1] = (text[5] - '0') * 10 + text[6] - '0';
		parts[2] = (text[8] - '0') * 10 + text[9] - '0';
		days = days_of(parts[0], parts[1], parts[2]);
	}
	if (days < 0)
		return pp_problem_at(
			problem, node, "'%s': expected a day such as 2026-11-01", what);
	*ret_ms = days * 86400000;
	return 0;
}

void date_text(int64_t wall_ms, char ret_text[11])
{
	char utc[25];

	pp_text_utc(wall_ms, utc);
	memcpy(ret_text, utc, 10);
	ret_text[10] = '\0';
}

static int node_days(const struct pp_yaml *node, uint8_t *ret_days, struct pp_problem *problem)
{
	static const size_t bounds[2] = { 1, 7 };
	int r = node_list(node, "days", bounds, problem), day = 0;

	*ret_days = 0;
	for (size_t i = 0; r == 0 && i < pp_yaml_count(node); i++) {
		r = node_word(pp_yaml_at(node, i), pp_plan_day_parse,
			"mon, tue, wed, thu, fri, sat or sun", &day, problem);
		if (r == 0)
			*ret_days |= (uint8_t)(1u << day);
	}
	return r;
}

int node_span(const struct pp_yaml *map, struct pp_plan_span *ret_span, struct pp_problem *problem)
{
	static const char expected[] = "a time of day such as \"22:00\", in quotes";
	const struct pp_yaml *from = NULL, *to = NULL, *days = pp_yaml_get(map, "days");
	int r = node_need(map, "from", &from, problem);

	ret_span->days = PP_ALL_DAYS;
	if (r == 0 && days)
		r = node_days(days, &ret_span->days, problem);
	if (r == 0)
		r = node_word(from, pp_plan_clock_parse, expected, &ret_span->from, problem);
	if (r == 0 && ret_span->from == PP_DAY_MINUTES)
		r = pp_problem_at(problem, from, "'from': 24:00 is the next day's 00:00");
	if (r == 0)
		r = node_need(map, "to", &to, problem);
	if (r == 0)
		r = node_word(to, pp_plan_clock_parse, expected, &ret_span->to, problem);
	return r;
}

static int area_read(
	const struct pp_yaml *node, struct pp_plan_area *area, struct pp_problem *problem)
{
	const char *text = NULL, *colon;
	char word[16] = "";
	int kind, r = node_text(node, "area", 16 + AREA_CODE_MAX, &text, problem);

	if (r < 0)
		return r;
	colon = strchr(text, ':');
	if (colon && colon - text < (ptrdiff_t)sizeof(word))
		memcpy(word, text, (size_t)(colon - text));
	kind = pp_area_parse(colon ? word : text);
	if (kind < 0 || (kind == PP_AREA_ALL) != !colon || (colon && !colon[1]))
		return pp_problem_at(problem, node,
			"'area': expected all, kecamatan:CODE, desa:CODE or post:ID, got '%s'",
			text);
	area->kind = (enum pp_area_kind)kind;
	area->code = strdup(colon ? colon + 1 : "");
	return area->code ? 0 : -ENOMEM;
}

int node_areas(const struct pp_yaml *node, struct pp_plan_area **ret_areas, size_t *ret_count,
	struct pp_problem *problem)
{
	static const size_t bounds[2] = { 1, 2000 };
	int r = node_list(node, "area", bounds, problem);

	if (r < 0)
		return r;
	*ret_areas = calloc(pp_yaml_count(node), sizeof(**ret_areas));
	if (!*ret_areas)
		return -ENOMEM;
	*ret_count = pp_yaml_count(node);
	for (size_t i = 0; r == 0 && i < *ret_count; i++)
		r = area_read(pp_yaml_at(node, i), &(*ret_areas)[i], problem);
	return r;
}

static bool address_is_fine(enum pp_way_kind kind, const char *address)
{
	size_t length = strlen(address), digits = strspn(address + 1, "0123456789");
	const char *at = strchr(address, '@');

	switch (kind) {
	case PP_WAY_SMS:
		return address[0] == '+' && address[1] != '0' && digits == length - 1 &&
		       digits >= 8 && digits <= 15;
	case PP_WAY_WEBHOOK:
		return pp_text_is_slug(address, length, PP_PLAN_ID_MAX);
	default:
		for (const char *c = address; *c; c++) {
			if (*c <= ' ' || *c > '~' || strchr("\"(),:;<>[\\]", *c))
				return false;
		}
		return at && at != address && at[1] && !strchr(at + 1, '@') && address[0] != '-';
	}
}

int node_way(const struct pp_yaml *node, struct pp_plan_way *ret_way, struct pp_problem *problem)
{
	static const char *const expected[PP_WAY_COUNT] = {
		[PP_WAY_SMS] = "a number with its country, such as \"+6281234567890\"",
		[PP_WAY_MAIL] = "an address such as piket@example.id",
		[PP_WAY_WEBHOOK] = "the name of a webhook of the site file",
	};
	const char *address = NULL;
	int kind = -1, r;

	if (pp_yaml_type(node) != PP_YAML_MAP || pp_yaml_count(node) != 1)
		return pp_problem_at(problem, node,
			"a way: expected one of {sms: NUMBER}, {mail: ADDRESS}, {webhook: NAME}");
	r = node_word(pp_yaml_key(node, 0), pp_way_parse, "sms, mail or webhook", &kind, problem);
	if (r == 0)
		r = node_text(pp_yaml_at(node, 0), pp_yaml_text(pp_yaml_key(node, 0)),
			PP_PLAN_ADDRESS_MAX, &address, problem);
	if (r < 0)
		return r;
	/* Not with what was written: messages may be shown to others. */
	if (!address_is_fine((enum pp_way_kind)kind, address))
		return pp_problem_at(problem, pp_yaml_at(node, 0), "'%s': expected %s",
			pp_way_text((enum pp_way_kind)kind), expected[kind]);
	ret_way->kind = (enum pp_way_kind)kind;
	ret_way->address = strdup(address);
	return ret_way->address ? 0 : -ENOMEM;
}
