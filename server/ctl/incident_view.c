/* SPDX-License-Identifier: Apache-2.0 */
/* incident_view.c -- incidents as a table, one incident as a page. */
#include "incident_view.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "inert.h"

#define TEXT_MAX 4096 /* bytes of a text that are shown */
#define TIME_SIZE 40
#define MARKS_SIZE 64
#define LABEL_WIDTH 13

static const char *text_of(const struct pp_json *object, const char *key)
{
	const char *text;

	return object && pp_json_get_text(object, key, TEXT_MAX, &text) == 0 && text[0] ? text
											: "-";
}

static bool flag_of(const struct pp_json *object, const char *key)
{
	bool flag = false;

	return pp_json_get_bool(object, key, &flag) == 0 && flag;
}

static const struct pp_json *list_of(const struct pp_json *object, const char *key)
{
	const struct pp_json *list = NULL;

	return pp_json_get_list(object, key, &list) == 0 ? list : NULL;
}

static size_t count_of(const struct pp_json *list)
{
	return list ? pp_json_count(list) : 0;
}

/* "2026-11-21 20:27:36.123 +0700". False: no such time. */
static bool time_of(const struct pp_json *object, const char *key, char ret_text[TIME_SIZE])
{
	int64_t ms;
	struct tm tm;
	time_t seconds;
	char day[24], zone[8];

	if (pp_json_get_i64(object, key, 0, INT64_MAX, &ms) < 0)
		return false;
	seconds = (time_t)(ms / 1000);
	if (!localtime_r(&seconds, &tm) ||
		strftime(day, sizeof(day), "%Y-%m-%d %H:%M:%S", &tm) == 0 ||
		strftime(zone, sizeof(zone), "%z", &tm) == 0)
		return false;
	snprintf(ret_text, TIME_SIZE, "%s.%03d %s", day, (int)(ms % 1000), zone);
	return true;
}

/* "47s", "12m", "3h05m", "2d04h"; a future time is "0s". */
static void age_of(
	const struct pp_json *object, const char *key, int64_t now_ms, char ret_text[TIME_SIZE])
{
	int64_t ms, s;

	if (pp_json_get_i64(object, key, 0, INT64_MAX, &ms) < 0) {
		snprintf(ret_text, TIME_SIZE, "-");
		return;
	}
	s = now_ms > ms ? (now_ms - ms) / 1000 : 0;
	if (s < 60)
		snprintf(ret_text, TIME_SIZE, "%" PRId64 "s", s);
	else if (s < 3600)
		snprintf(ret_text, TIME_SIZE, "%" PRId64 "m", s / 60);
	else if (s < 86400)
		snprintf(ret_text, TIME_SIZE, "%" PRId64 "h%02" PRId64 "m", s / 3600, s / 60 % 60);
	else
		snprintf(ret_text, TIME_SIZE, "%" PRId64 "d%02" PRId64 "h", s / 86400,
			s / 3600 % 24);
}

static const char *marks_of(const struct pp_json *incident, char ret_text[MARKS_SIZE])
{
	static const char *const marks[] = { "silent", "late", "drill", "restored" };
	const char *storm;
	size_t used = 0;

	ret_text[0] = '\0';
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (flag_of(incident, marks[i]))
			used += (size_t)snprintf(ret_text + used, MARKS_SIZE - used, "%s%s",
				used > 0 ? " " : "", marks[i]);
	}
	if (pp_json_get_text(incident, "storm", 8, &storm) == 0)
		snprintf(ret_text + used, MARKS_SIZE - used, "%sstorm", used > 0 ? " " : "");
	return ret_text;
}

static void row_show(FILE *out, const struct pp_json *incident, int64_t now_ms)
{
	const struct pp_json *post = NULL;
	char age[TIME_SIZE], marks[MARKS_SIZE];

	(void)pp_json_get_object(incident, "post", &post);
	age_of(incident, "opened", now_ms, age);
	pp_inert_cell(out, text_of(incident, "number"), 15);
	pp_inert_cell(out, text_of(incident, "state"), 13);
	pp_inert_cell(out, text_of(incident, "class"), 12);
	pp_inert_cell(out, age, 7);
	pp_inert_cell(out, text_of(post, "id"), 16);
	pp_inert_cell(out, text_of(post, "name"), 28);
	pp_inert_write(out, marks_of(incident, marks));
	fputc('\n', out);
}

void pp_incident_list_show(FILE *out, const struct pp_json *answer, int64_t now_ms)
{
	const struct pp_json *list = list_of(answer, "incidents");
	size_t count = count_of(list);

	if (count == 0) {
		fprintf(out, "No incidents.\n");
		return;
	}
	fprintf(out, "%-15s%-13s%-12s%-7s%-16s%-28s%s\n", "NUMBER", "STATE", "CLASS", "AGE", "POST",
		"NAME", "MARKS");
	for (size_t i = 0; i < count; i++)
		row_show(out, pp_json_item(list, i), now_ms);
}

static void line_show(FILE *out, const char *label, const char *text)
{
	if (strcmp(text, "-") == 0)
		return;
	pp_inert_cell(out, label, LABEL_WIDTH);
	pp_inert_write(out, text);
	fputc('\n', out);
}

static void post_show(FILE *out, const struct pp_json *incident)
{
	const struct pp_json *post = NULL;
	double latitude, longitude;

	if (pp_json_get_object(incident, "post", &post) < 0)
		return;
	line_show(out, "post", text_of(post, "id"));
	line_show(out, "name", text_of(post, "name"));
	line_show(out, "desa", text_of(post, "desa"));
	line_show(out, "kecamatan", text_of(post, "kecamatan"));
	line_show(out, "rw", text_of(post, "rw"));
	if (pp_json_get_real(post, "latitude", &latitude) == 0 &&
		pp_json_get_real(post, "longitude", &longitude) == 0)
		fprintf(out, "%-*s%.5f, %.5f\n", LABEL_WIDTH, "position", latitude, longitude);
	line_show(out, "contact", text_of(post, "contact_name"));
	line_show(out, "phone", text_of(post, "contact_phone"));
}

static void steps_show(FILE *out, const struct pp_json *incident)
{
	static const struct {
		const char *key, *label, *by;
	} steps[] = {
		{ "occurred", "occurred", NULL },
		{ "opened", "opened", NULL },
		{ "acknowledged", "acknowledged", "acknowledged_by" },
		{ "dispatched", "dispatched", NULL },
		{ "on_scene", "on scene", NULL },
		{ "closed", "closed", "closing_code" },
	};
	char text[TIME_SIZE];

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (!time_of(incident, steps[i].key, text))
			continue;
		fprintf(out, "%-*s%s", LABEL_WIDTH, steps[i].label, text);
		if (steps[i].by) {
			fputs("  ", out);
			pp_inert_write(out, text_of(incident, steps[i].by));
		}
		fputc('\n', out);
	}
}

static void points_show(FILE *out, const struct pp_json *incident)
{
	const struct pp_json *list = list_of(incident, "points");

	if (count_of(list) > 0)
		fputs("\nSIGNALS\n", out);
	for (size_t i = 0; i < count_of(list); i++) {
		const struct pp_json *row = pp_json_item(list, i), *flags = list_of(row, "flags");
		char text[TIME_SIZE] = "-";

		(void)time_of(row, "occurred", text);
		pp_inert_cell(out, text, 31);
		pp_inert_cell(out, text_of(row, "signal"), 16);
		pp_inert_cell(out, text_of(row, "point"), 16);
		pp_inert_write(out, text_of(row, "label_id"));
		fputs(flag_of(row, "late") ? "  late" : "", out);
		for (size_t k = 0; k < count_of(flags); k++) {
			fputs("  ", out);
			pp_inert_write(out,
				pp_json_item_text(flags, k) ? pp_json_item_text(flags, k) : "-");
		}
		fputc('\n', out);
	}
}

/* The members of an event's body that its line does not show already. */
static void body_show(FILE *out, const struct pp_json *event)
{
	static const char *const shown[] = { "unit", "code", "note", "text", "kind", "target",
		"state", "detail", "by" };
	const struct pp_json *body = NULL;
	const char *text;

	if (pp_json_get_object(event, "body", &body) < 0)
		return;
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		if (pp_json_get_text(body, shown[i], TEXT_MAX, &text) < 0 || !text[0])
			continue;
		fprintf(out, "  %s: ", shown[i]);
		pp_inert_write(out, text);
	}
}

static void timeline_show(FILE *out, const struct pp_json *incident)
{
	const struct pp_json *list = list_of(incident, "timeline");

	if (count_of(list) > 0)
		fputs("\nTIMELINE\n", out);
	for (size_t i = 0; i < count_of(list); i++) {
		const struct pp_json *event = pp_json_item(list, i);
		char text[TIME_SIZE] = "-";

		(void)time_of(event, "at", text);
		pp_inert_cell(out, text, 31);
		pp_inert_cell(out, text_of(event, "kind"), 24);
		pp_inert_write(out, text_of(event, "actor"));
		body_show(out, event);
		fputc('\n', out);
	}
}

static void notifications_show(FILE *out, const struct pp_json *incident)
{
	const struct pp_json *list = list_of(incident, "notifications");

	if (count_of(list) > 0)
		fputs("\nNOTIFICATIONS\n", out);
	for (size_t i = 0; i < count_of(list); i++) {
		const struct pp_json *row = pp_json_item(list, i);
		char text[TIME_SIZE] = "-";
		int64_t attempts = 0;

		(void)time_of(row, "changed", text);
		(void)pp_json_get_i64(row, "attempts", 0, INT64_MAX, &attempts);
		pp_inert_cell(out, text, 31);
		pp_inert_cell(out, text_of(row, "state"), 11);
		pp_inert_cell(out, text_of(row, "channel"), 10);
		pp_inert_cell(out, text_of(row, "target"), 20);
		fprintf(out, "%" PRId64 " tries  ", attempts);
		pp_inert_write(out, text_of(row, "detail"));
		fputc('\n', out);
	}
}

void pp_incident_show(FILE *out, const struct pp_json *incident, int64_t now_ms)
{
	const struct pp_json *units = list_of(incident, "units");
	char marks[MARKS_SIZE], age[TIME_SIZE];

	age_of(incident, "opened", now_ms, age);
	pp_inert_write(out, text_of(incident, "number"));
	fputs("  ", out);
	pp_inert_write(out, text_of(incident, "class"));
	fputs("  ", out);
	pp_inert_write(out, text_of(incident, "state"));
	fprintf(out, "  %s old%s%s\n", age, marks_of(incident, marks)[0] ? "  " : "", marks);
	post_show(out, incident);
	steps_show(out, incident);
	for (size_t i = 0; i < count_of(units); i++)
		line_show(out, "unit",
			pp_json_item_text(units, i) ? pp_json_item_text(units, i) : "-");
	points_show(out, incident);
	timeline_show(out, incident);
	notifications_show(out, incident);
}

void pp_incident_moved_show(FILE *out, const struct pp_json *answer, int64_t now_ms)
{
	(void)now_ms;
	pp_inert_write(out, text_of(answer, "number"));
	fputc(' ', out);
	pp_inert_write(out, text_of(answer, "state"));
	fputc('\n', out);
}
