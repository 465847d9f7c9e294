/* SPDX-License-Identifier: Apache-2.0 */
/* status.c -- `pospin-edge status`: asks the running agent and says it in plain words. */
#include "edge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/local.h"
#include "health/figures.h"
#include "health/offline.h"
#include "json/json.h"

static const char *text_of(const struct pp_json *o, const char *key)
{
	const char *text = "?";

	(void)pp_json_get_text(o, key, 4096, &text);
	return text;
}

static int64_t number_of(const struct pp_json *o, const char *key)
{
	int64_t value = 0;

	(void)pp_json_get_i64(o, key, INT64_MIN, INT64_MAX, &value);
	return value;
}

static bool is_true(const struct pp_json *o, const char *key)
{
	bool value = false;

	(void)pp_json_get_bool(o, key, &value);
	return value;
}

static void say_links(const struct pp_json *o)
{
	double beat_s, round_trip_s;

	printf("Post %s/%s, version %s, up %" PRId64 " s\n", text_of(o, "tenant"),
		text_of(o, "post"), text_of(o, "version"), number_of(o, "uptime_s"));
	printf("Broker: %s\n", is_true(o, "broker") ? "connected" : "not connected");
	printf("Server: %s", text_of(o, "server"));
	if (pp_json_get_real(o, "last_beat_s", &beat_s) == 0)
		printf(", last beat %.1f s ago", beat_s);
	if (pp_json_get_real(o, "round_trip_s", &round_trip_s) == 0)
		printf(", round trip %.0f ms", round_trip_s * 1000);
	printf("\nClock: %s\n",
		is_true(o, "clock_synchronised") ? "synchronised" : "not synchronised");
}

static void say_outbox(const struct pp_json *o)
{
	const struct pp_json *outbox;

	if (pp_json_get_object(o, "outbox", &outbox) < 0)
		return;
	printf("Outbox: %" PRId64 " without receipt, %" PRId64 " rows, last number %" PRId64
	       ", %s\n",
		number_of(outbox, "unreceipted"), number_of(outbox, "rows"),
		number_of(outbox, "last_seq"),
		is_true(outbox, "durable") ? "on disk" : "IN MEMORY ONLY: the store is lost");
}

static void say_points(const struct pp_json *o)
{
	const struct pp_json *points, *point;

	if (pp_json_get_object(o, "points", &points) < 0)
		return;
	printf("Points:\n");
	for (const char *id = pp_json_next(points, NULL, &point); id;
		id = pp_json_next(points, id, &point)) {
		const char *detail;

		printf("  %-32s %s", id, text_of(point, "state"));
		if (pp_json_get_text(point, "detail", 256, &detail) == 0)
			printf(" (%s)", detail);
		printf("\n");
	}
}

static void say_lamps(const struct pp_json *o)
{
	const struct pp_json *shows, *value;

	if (pp_json_get_object(o, "shows", &shows) < 0)
		return;
	printf("Lamps and sirens:\n");
	for (const char *id = pp_json_next(shows, NULL, &value); id;
		id = pp_json_next(shows, id, &value))
		printf("  %-32s %s\n", id, text_of(shows, id));
}

/* ---- what it means ---- */

struct judged {
	const struct pp_json *status;
	struct pp_health_disk disk;
};

static void judge(struct pp_checkup *c, void *user)
{
	const struct judged *j = user;

	pp_health_judge(c, j->status, &j->disk);
}

/* Findings first: whoever reads only the first lines must have read what is wrong. */
static int say_all(const struct pp_json *o)
{
	struct judged j = { o, pp_health_disk_of(text_of(o, "data")) };
	struct pp_findings findings = { 0 };
	enum pp_finding_level worst;

	pp_checkup_here(judge, &j, &findings);
	worst = pp_findings_worst(&findings);
	printf("%s\n", worst == PP_FINDING_OK     ? "Pos ini sehat / This post is healthy"
		       : worst == PP_FINDING_WARN ? "Pos ini bekerja, ada yang perlu diperiksa / "
						    "This post works; something is to be looked at"
						  : "POS INI BERMASALAH / THIS POST IS IN TROUBLE");
	pp_findings_print(&findings, stdout);
	pp_findings_done(&findings);
	printf("\n");
	say_links(o);
	say_outbox(o);
	say_points(o);
	say_lamps(o);
	return worst == PP_FINDING_FAIL ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int unanswered(const char *socket_path, int error)
{
	const char *why = error == -ENOENT || error == -ECONNREFUSED
				  ? "agen tidak berjalan / the agent does not run"
			  : error == -ETIMEDOUT ? "agen tidak menjawab / the agent does not answer"
			  : error == -EACCES ? "akun ini tidak berhak / this account may not ask it"
					     : strerror(-error);

	fprintf(stderr,
		"pospin-edge: %s: %s\n"
		"      -> jalankan 'pospin-edge doctor' / run 'pospin-edge doctor'\n",
		socket_path, why);
	return EXIT_FAILURE;
}

int pp_status_show(const char *socket_path, bool json)
{
	char *text = NULL, why[160];
	struct pp_json *o = NULL;
	size_t length;
	int code = EXIT_SUCCESS;
	int r = pp_local_ask(socket_path, PP_STATUS_ASK_MS, PP_STATUS_MAX, &text, &length);

	if (r < 0)
		return unanswered(socket_path, r);
	if (json) {
		printf("%s\n", text);
	} else if (pp_json_parse(text, length, &o, why) == 0) {
		code = say_all(o);
	} else {
		fprintf(stderr, "pospin-edge: %s: %s\n", socket_path, why);
		code = EXIT_FAILURE;
	}
	pp_json_free(o);
	free(text);
	return code;
}

int pp_status_metrics(const char *socket_path)
{
	const struct pp_health_table tables[] = { { pp_edge_table, pp_edge_table_count },
		{ pp_inbox_table, pp_inbox_table_count } };
	char *status, *text;
	size_t length;
	int r = pp_local_ask(socket_path, PP_STATUS_ASK_MS, PP_STATUS_MAX, &status, &length);

	if (r < 0)
		return unanswered(socket_path, r);
	r = pp_health_metrics(status, length, tables, 2, &text, &length);
	free(status);
	if (r < 0)
		return unanswered(socket_path, r);
	fwrite(text, 1, length, stdout);
	free(text);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
