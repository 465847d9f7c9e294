/* SPDX-License-Identifier: Apache-2.0 */
/* check_network.c -- what must answer: broker, server, recorder, time-series store. Each with a
 * time-out of its own, shorter than the doctor's. */
#include "examine.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/local.h"
#include "fetch/fetch.h"
#include "json/json.h"
#include "probe/probe.h"

#define PATH_SIZE 4096
#define STEP_MS 4000
#define ASK_MS 6000
#define ANSWER_MAX (1u << 20)

/* ---- broker ---- */

static void step_at(void *user, enum pp_probe_step step)
{
	static const char *const words[] = { "reading our own certificates",
		"looking up the broker's name", "connecting to the broker",
		"greeting the broker (TLS)", "saying CONNECT to the broker", "" };

	pp_checkup_at(user, "%s", words[step]);
}

static void broker_fail(struct pp_checkup *c, const struct pp_examination *e, const char *who,
	const struct pp_probe_result *r)
{
	static const struct {
		const char *id, *what, *todo;
	} rows[] = {
		[PP_PROBE_FILES] = { "broker.files", "its files do not do",
			"mend the files that are named" },
		[PP_PROBE_NAME] = { "broker.name", "the broker's name is not found",
			"mend DNS, or broker.host in the settings" },
		[PP_PROBE_CONNECTION] = { "broker.connection", "the broker cannot be reached",
			"start Mosquitto (systemctl status mosquitto), or mend broker.host, "
			"broker.port or the firewall" },
		[PP_PROBE_TLS] = { "broker.tls", "broker and client do not believe each other",
			"compare broker.ca and the broker's cafile, certificates, revocation "
			"lists" },
		[PP_PROBE_MQTT] = { "broker.mqtt", "the broker refuses CONNECT",
			"read the broker's log; broker-config/generate writes the right settings" },
	};

	pp_checkup_say(c,
		&(const struct pp_trouble){ PP_FINDING_FAIL, rows[r->step].id, rows[r->step].todo },
		"as %s: %s: %.100s:%" PRId64 ": %.120s", who, rows[r->step].what,
		e->server.broker.host, e->server.broker.port, r->why);
}

static struct pp_probe_options options_of(struct pp_checkup *c, const struct pp_examination *e)
{
	return (struct pp_probe_options){ .host = e->server.broker.host,
		.port = (uint16_t)e->server.broker.port,
		.ca_path = e->server.broker.ca,
		.cert_path = e->server.broker.certificate,
		.key_path = e->server.broker.key,
		.timeout_ms = STEP_MS,
		.at = step_at,
		.user = c };
}

/* Without CONNECT: it would throw the running server off. */
void pp_check_broker(struct pp_checkup *c, void *user)
{
	const struct pp_examination *e = user;
	const struct pp_probe_options options = options_of(c, e);
	struct pp_probe_result result;

	if (pp_probe_broker(&options, &result) < 0)
		broker_fail(c, e, "svc-server", &result);
	else
		pp_checkup_ok(c, "broker",
			"the broker accepts the server's certificate: %.100s:%" PRId64 " (%s)",
			e->server.broker.host, e->server.broker.port, result.address);
}

/* With CONNECT, as the tools' own identity. */
void pp_check_tools(struct pp_checkup *c, void *user)
{
	const struct pp_examination *e = user;
	struct pp_probe_options options = options_of(c, e);
	struct pp_probe_result result;
	char cert[PATH_SIZE], key[PATH_SIZE];

	snprintf(cert, sizeof(cert), "%s/svc-ctl.crt", e->pki);
	snprintf(key, sizeof(key), "%s/svc-ctl.key", e->pki);
	if (access(cert, R_OK) < 0 || access(key, R_OK) < 0) {
		pp_checkup_ok(c, "broker.mqtt",
			"the tools' identity is not here (%.150s): CONNECT not tried", cert);
		return;
	}
	options.cert_path = cert;
	options.key_path = key;
	options.client_id = "svc-ctl";
	if (pp_probe_broker(&options, &result) < 0)
		broker_fail(c, e, "svc-ctl", &result);
	else
		pp_checkup_ok(c, "broker.mqtt", "the broker lets the tools in");
}

/* ---- server ---- */

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

/* GET of the server's control socket, or over TCP where there is none. Text NULL: r says why. */
static int server_ask(const struct pp_examination *e, const char *path, struct pp_json **ret_json)
{
	char url[300];
	struct pp_fetch_request request = { .method = "GET",
		.url = url,
		.unix_socket = e->server.http.socket[0] ? e->server.http.socket : NULL,
		.timeout_ms = ASK_MS,
		.answer_limit = ANSWER_MAX };
	struct pp_fetch_answer answer = { 0 };
	int r;

	snprintf(url, sizeof(url), "http://%s:%" PRId64 "%s",
		request.unix_socket ? "localhost" : e->server.http.address, e->server.http.port,
		path);
	r = pp_fetch(&request, &answer);
	if (r == 0)
		r = answer.error;
	if (r == 0)
		r = pp_json_parse(answer.body ? answer.body : "", answer.length, ret_json, NULL);
	pp_fetch_answer_done(&answer);
	return r;
}

static void version_check(struct pp_checkup *c, const char *what, const struct pp_json *o)
{
	const char *version = "?";

	(void)pp_json_get_text(o, "version", 64, &version);
	if (strcmp(version, POSPIN_VERSION) == 0)
		pp_checkup_ok(c, "version", "%s is of the same version as this program, %s", what,
			version);
	else
		pp_checkup_say(c,
			PP_WARN("version",
				"install all programs of one version, then restart them"),
			"%s is of version %.60s, this program of %s", what, version,
			POSPIN_VERSION);
}

static void health_judge(struct pp_checkup *c, const struct pp_json *health)
{
	version_check(c, "the running server", health);
	if (is_true(health, "broker"))
		pp_checkup_ok(c, "server.broker", "the running server is connected to the broker");
	else
		pp_checkup_say(c,
			PP_FAIL("server.broker",
				"see the findings about the broker; the server's log "
				"says why (broker.away)"),
			"the running server is not connected to the broker: no alarm reaches it");
	if (!is_true(health, "record"))
		pp_checkup_say(c, PP_FAIL("server.record", "see the findings about the record"),
			"the running server cannot read or write its record: locked, full or "
			"damaged");
}

static void counts_judge(struct pp_checkup *c, const struct pp_json *counts)
{
	static const char *const forged[] = { "refused_signature", "refused_unknown_post",
		"refused_revoked", "conflicts" };
	int64_t refused = 0, errors = number_of(counts, "item_errors");

	if (errors > 0)
		pp_checkup_say(c,
			PP_FAIL("server.refused",
				"report it with a support bundle: it is a fault of ours"),
			"%" PRId64
			" signals or changes could not be recorded since the server started",
			errors);
	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++)
		refused += number_of(counts, forged[i]);
	if (refused > 0)
		pp_checkup_say(c,
			PP_WARN("server.security",
				"look at the events of kind `security`: they name the "
				"posts"),
			"%" PRId64
			" messages of doubtful identity were refused since the server started",
			refused);
	else
		pp_checkup_ok(c, "server.security", "no message of doubtful identity was refused");
}

void pp_check_server(struct pp_checkup *c, void *user)
{
	const struct pp_examination *e = user;
	struct pp_json *o = NULL;
	int r;

	pp_checkup_at(c, "asking the server on %.200s",
		e->server.http.socket[0] ? e->server.http.socket : e->server.http.address);
	r = server_ask(e, "/api/v1/health", &o);
	if (r < 0) {
		pp_checkup_say(c,
			PP_FAIL("server",
				"systemctl status pospin-server; journalctl -u pospin-server"),
			"the server does not answer on %.150s: %s",
			e->server.http.socket[0] ? e->server.http.socket : e->server.http.address,
			r == -ENOENT || r == -ECONNREFUSED ? "it does not run"
							   : strerrordesc_np(-r));
		return;
	}
	health_judge(c, o);
	pp_json_free(o);
	o = NULL;
	if (!e->server.http.socket[0]) {
		pp_checkup_say(c,
			PP_WARN("server.socket", "set http.socket, as the sample settings do"),
			"there is no control socket: pospinctl cannot work incidents");
		return;
	}
	if (server_ask(e, "/api/v1/counts", &o) == 0 && pp_json_has(o, "signals"))
		counts_judge(c, o);
	pp_json_free(o);
}

/* ---- recorder and store ---- */

static void spool_judge(struct pp_checkup *c, const struct pp_json *o)
{
	int64_t bytes = number_of(o, "spool_bytes"), limit = number_of(o, "spool_limit_bytes");
	int64_t share = limit > 0 ? 100 * bytes / limit : 0, waiting = number_of(o, "waiting");

	if (share >= 80)
		pp_checkup_say(c,
			share >= 100
				? PP_FAIL("recorder.spool", "bring the store back; until then "
							    "readings are lost, events are not")
				: PP_WARN("recorder.spool", "bring the store back before readings "
							    "are refused"),
			"%" PRId64 " lines wait for the store, %" PRId64 " %% of spool.limit",
			waiting, share);
	else
		pp_checkup_ok(c, "recorder.spool",
			"%" PRId64 " lines wait for the store, %" PRId64 " %% of spool.limit",
			waiting, share);
	if (number_of(o, "poison") > 0)
		pp_checkup_say(c, PP_WARN("recorder.poison", "pospin-recorder status shows them"),
			"%" PRId64 " lines were set aside because the store refuses them",
			number_of(o, "poison"));
}

static void report_judge(struct pp_checkup *c, const struct pp_json *o)
{
	const char *why = "";

	version_check(c, "the running recorder", o);
	if (!is_true(o, "broker"))
		pp_checkup_say(c,
			PP_FAIL("recorder.broker",
				"see the findings about the broker; the recorder's log "
				"says why"),
			"the running recorder is not connected to the broker: readings wait there");
	if (!is_true(o, "record"))
		pp_checkup_say(c,
			PP_FAIL("recorder.record", "let its account read the record's folder"),
			"the running recorder cannot read the record");
	(void)pp_json_get_text(o, "store_why", 200, &why);
	if (!is_true(o, "store"))
		pp_checkup_say(c,
			PP_FAIL("recorder.store", "bring the store back; nothing is lost "
						  "below spool.limit"),
			"the recorder cannot write to the store: %.150s", why);
	spool_judge(c, o);
}

void pp_check_recorder(struct pp_checkup *c, void *user)
{
	const struct pp_examination *e = user;
	struct pp_json *o = NULL;
	char *text;
	size_t length;
	int r;

	if (!e->recorder_config) {
		pp_checkup_ok(c, "recorder", "there are no settings of a recorder: not looked at");
		return;
	}
	if (!e->recorder.control[0]) {
		pp_checkup_say(c, PP_WARN("recorder", "set `control`, as the sample settings do"),
			"the recorder has no control socket: whether it runs cannot be said");
		return;
	}
	pp_checkup_at(c, "asking the recorder on %.200s", e->recorder.control);
	r = pp_local_ask(e->recorder.control, ASK_MS, ANSWER_MAX, &text, &length);
	if (r < 0) {
		pp_checkup_say(c,
			PP_FAIL("recorder", "systemctl status pospin-recorder; journalctl -u "
					    "pospin-recorder. Alarms do not need it"),
			"the recorder does not answer on %.150s: %s", e->recorder.control,
			r == -ENOENT || r == -ECONNREFUSED ? "it does not run"
							   : strerrordesc_np(-r));
		return;
	}
	if (pp_json_parse(text, length, &o, NULL) == 0)
		report_judge(c, o);
	pp_json_free(o);
	free(text);
}

void pp_check_store(struct pp_checkup *c, void *user)
{
	const struct pp_examination *e = user;
	char url[300];
	struct pp_fetch_request request = {
		.method = "GET", .url = url, .timeout_ms = ASK_MS, .answer_limit = ANSWER_MAX
	};
	struct pp_fetch_answer answer = { 0 };
	int r;

	if (!e->recorder_config)
		return;
	pp_checkup_at(c, "asking the time-series store");
	snprintf(url, sizeof(url), "%s/ping", e->recorder.store.url);
	r = pp_fetch(&request, &answer);
	if (r == 0)
		r = answer.error;
	if (r == -ETIMEDOUT)
		pp_checkup_say(c,
			PP_FAIL("store",
				"restart the store; alarms do not need it, readings wait in the "
				"spool"),
			"the time-series store takes connections and does not answer within %d s",
			ASK_MS / 1000);
	else if (r < 0)
		pp_checkup_say(c,
			PP_FAIL("store",
				"start the store, or mend store.url; alarms do not need it"),
			"the time-series store does not answer: %s%s%.100s", strerrordesc_np(-r),
			answer.why[0] ? ": " : "", answer.why);
	else if (answer.status >= 500)
		pp_checkup_say(c, PP_FAIL("store", "read the store's own log"),
			"the time-series store answers with status %ld", answer.status);
	else
		pp_checkup_ok(c, "store", "the time-series store answers");
	pp_fetch_answer_done(&answer);
}
