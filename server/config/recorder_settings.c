/* SPDX-License-Identifier: Apache-2.0 */
/* recorder_settings.c -- the table of recorder.yaml. */
#include "config/recorder_settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/settings.h"
#include "core/text.h"

static const char *const apis[] = { "1", "2", NULL };

#define AT(member) offsetof(struct pp_recorder_settings, member)
#define ROW(name, kind, at, fall, low, high, sentence)                                             \
	{                                                                                          \
		.key = name, .type = PP_SETTING_##kind, .offset = AT(at), .fallback = fall,        \
		.min = low, .max = high, .help = sentence                                          \
	}

static const struct pp_setting table[] = {
	ROW("record", PATH, record, NULL, 0, 0,
		"The server's record (record.db): read only, followed by event id."),
	ROW("data", PATH, data, NULL, 0, 0,
		"Folder of the spool (spool.db), where points wait for the store."),
	ROW("control", PATH, control, "", 0, 100,
		"Socket for `pospin-recorder status` and `metrics`; mode 0660; empty: none."),
	ROW("broker.host", TEXT, broker.host, "localhost", 1, 255, "Where the MQTT broker is."),
	ROW("broker.port", INTEGER, broker.port, "8883", 1, 65535, "Its TLS port."),
	ROW("broker.ca", PATH, broker.ca, NULL, 0, 0,
		"Certificate of the service authority, which the broker's certificate must come "
		"from."),
	ROW("broker.certificate", PATH, broker.certificate, NULL, 0, 0,
		"Certificate of the recorder; its name is the MQTT client id (svc-recorder)."),
	ROW("broker.key", PATH, broker.key, NULL, 0, 0, "Its key."),
	ROW("store.url", TEXT, store.url, "http://127.0.0.1:8086", 8, 255,
		"Base URL of the time-series store."),
	{ .key = "store.api",
		.type = PP_SETTING_CHOICE,
		.offset = AT(store.api),
		.fallback = "1",
		.choices = apis,
		.help = "1: InfluxDB 1.x, /write; 2: InfluxDB 2 or VictoriaMetrics, "
			"/api/v2/write." },
	ROW("store.database", SLUG, store.database, "pospin", 1, 64,
		"Database (api 1); made if it is not there."),
	ROW("store.org", SLUG, store.org, "pospin", 1, 64, "Organisation (api 2)."),
	ROW("store.bucket", SLUG, store.bucket, "pospin", 1, 64, "Bucket (api 2); must be there."),
	ROW("store.token", PATH, store.token, "", 0, 0,
		"File that holds the access token; empty: none."),
	ROW("store.timeout", DURATION, store.timeout_us, "10s", 1000000, 300000000,
		"How long one batch may take."),
	ROW("spool.limit", INTEGER, spool_mb, "1024", 1, 1048576,
		"MiB on disk; beyond it readings are refused and counted, events wait in the "
		"record."),
};
static const size_t table_count = sizeof(table) / sizeof(table[0]);

static int url_check(const char *url, const struct pp_yaml *root, struct pp_problem *problem)
{
	bool plain = strncmp(url, "http://", 7) == 0, secure = strncmp(url, "https://", 8) == 0;
	char first = plain ? url[7] : secure ? url[8] : '/';

	if (first && first != '/')
		return 0;
	return pp_problem_at(problem, pp_yaml_get(root, "store"),
		"'store.url': expected http://... or https://...");
}

/* Nothing stays of what stands before the last @, wherever that is: a password may hold any sign.
 */
static int url_show(const char *url, char **ret_text)
{
	const char *host = strstr(url, "//") + 2, *at = strrchr(host, '@');
	struct pp_buf text = { 0 };

	pp_buf_addf(&text, "%.*s%s", (int)(host - url), url, at ? at + 1 : host);
	return pp_buf_take(&text, ret_text, NULL);
}

int pp_recorder_settings_read(
	const char *path, struct pp_recorder_settings *ret_settings, struct pp_problem *problem)
{
	struct pp_recorder_settings s = { 0 };
	struct pp_yaml *root = NULL;
	struct pp_buf spool = { 0 };
	int r = pp_yaml_load(path, &root, problem);

	if (r < 0)
		return r;
	r = pp_settings_read(table, table_count, NULL, root, &s, problem);
	if (r == 0)
		r = url_check(s.store.url, root, problem);
	if (r == 0) {
		size_t length = strlen(s.store.url);

		while (length > 0 && s.store.url[length - 1] == '/')
			s.store.url[--length] = '\0';
		pp_buf_addf(&spool, "%s/spool.db", s.data);
		r = pp_buf_take(&spool, &s.spool_path, NULL);
	}
	if (r == 0)
		r = url_show(s.store.url, &s.store_shown);
	pp_yaml_free(root);
	if (r < 0)
		pp_recorder_settings_done(&s);
	else
		*ret_settings = s;
	return r;
}

void pp_recorder_settings_done(struct pp_recorder_settings *s)
{
	free(s->spool_path);
	free(s->store_shown);
	s->spool_path = s->store_shown = NULL;
	pp_settings_done(table, table_count, s);
}

void pp_recorder_settings_print(const struct pp_recorder_settings *s, FILE *out)
{
	pp_settings_print(table, table_count, s, out);
}
