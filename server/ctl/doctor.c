/* SPDX-License-Identifier: Apache-2.0 */
/* doctor.c -- `doctor`: looks at everything that a server stands on, says what is wrong and what to
 * do, within ten seconds whatever hangs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "core/clock.h"
#include "examine.h"
#include "inert.h"

#define SETTINGS_MS 2000
#define DEADLINE_MS 7500
#define TEST_DAYS 180

#define SERVER_CONFIG "/etc/pospin/server.yaml"
#define RECORDER_CONFIG "/etc/pospin/recorder.yaml"
#define PKI "/etc/pospin/pki"

/* ---- settings ---- */

static void settings_check(struct pp_checkup *c, void *user)
{
	const struct pp_examination *e = user;
	struct pp_recorder_settings recorder;
	struct pp_server_settings server;
	struct pp_problem problem = { "" };
	int r;

	pp_checkup_at(c, "reading %.200s", e->config);
	r = pp_server_settings_read(e->config, &server, &problem);
	if (r < 0)
		pp_checkup_say(c,
			PP_FAIL("settings", "mend that line, or name the file with --config; "
					    "packaging/examples/server.yaml is a sample"),
			"%.380s", problem.text[0] ? problem.text : strerrordesc_np(-r));
	else
		pp_checkup_ok(c, "settings", "%.200s can be read", e->config);
	if (r == 0)
		pp_server_settings_done(&server);
	if (!e->recorder_config)
		return;
	pp_checkup_at(c, "reading %.200s", e->recorder_config);
	r = pp_recorder_settings_read(e->recorder_config, &recorder, &problem);
	if (r < 0)
		pp_checkup_say(c,
			PP_FAIL("settings.recorder",
				"mend that line, or name the file with --recorder"),
			"%.380s", problem.text[0] ? problem.text : strerrordesc_np(-r));
	else
		pp_checkup_ok(c, "settings.recorder", "%.200s can be read", e->recorder_config);
	if (r == 0)
		pp_recorder_settings_done(&recorder);
}

void pp_examination_init(struct pp_examination *e, const struct pp_ctl_call *call)
{
	const char *config = pp_ctl_get(call, "config"), *recorder = pp_ctl_get(call, "recorder");
	const char *pki = pp_ctl_get(call, "pki");

	*e = (struct pp_examination){ .config = config ? config : SERVER_CONFIG,
		.pki = pki ? pki : PKI,
		.now_ms = pp_clock_wall_ms(),
		.test_days = TEST_DAYS };
	if (recorder || access(RECORDER_CONFIG, F_OK) == 0)
		e->recorder_config = recorder ? recorder : RECORDER_CONFIG;
}

void pp_examination_done(struct pp_examination *e)
{
	pp_server_settings_done(&e->server);
	pp_recorder_settings_done(&e->recorder);
}

/* ---- everything ---- */

static const struct pp_checkup_group groups[] = {
	{ "files", pp_check_modes, PP_FINDING_FAIL, "mend the disk that the named file is on" },
	{ "identity", pp_check_identity, PP_FINDING_FAIL,
		"mend the disk that the named file is on" },
	{ "pki", pp_check_pki, PP_FINDING_FAIL, "mend the disk that the named file is on" },
	{ "broker", pp_check_broker, PP_FINDING_FAIL,
		"restart Mosquitto, or mend the resolver: it takes connections and does not get "
		"on" },
	{ "broker.mqtt", pp_check_tools, PP_FINDING_FAIL,
		"restart Mosquitto, or mend the resolver: it takes connections and does not get "
		"on" },
	{ "server", pp_check_server, PP_FINDING_FAIL, "systemctl restart pospin-server" },
	{ "record", pp_check_record, PP_FINDING_FAIL, "mend the disk of the record" },
	{ "record.integrity", pp_check_integrity, PP_FINDING_WARN,
		"it is too large for a short look, or its disk is slow: pospinctl verify reads "
		"all of "
		"it" },
	{ "disk", pp_check_machine, PP_FINDING_FAIL, "mend the disk that hangs" },
	{ "posts", pp_check_posts, PP_FINDING_WARN, "mend the disk of the record" },
	{ "plans", pp_check_plans, PP_FINDING_WARN, "mend the disk of the record" },
	{ "recorder", pp_check_recorder, PP_FINDING_FAIL, "systemctl restart pospin-recorder" },
	{ "store", pp_check_store, PP_FINDING_FAIL, "restart the store; alarms do not need it" },
};

static int findings_join(struct pp_findings *to, struct pp_findings *from)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < from->count; i++)
		r = pp_findings_add(to, &from->list[i]);
	pp_findings_done(from);
	return r;
}

int pp_examine(struct pp_examination *e, struct pp_findings *ret_findings)
{
	static const struct pp_checkup_group settings = { "settings", settings_check,
		PP_FINDING_FAIL, "mend the disk that the settings are on" };
	struct pp_findings first = { 0 }, rest = { 0 };
	struct pp_problem problem;
	int r = pp_checkup_run(&settings, 1, e, SETTINGS_MS, &first);

	/* What a child could read in time, we can. */
	if (r == 0 && pp_findings_worst(&first) != PP_FINDING_FAIL) {
		r = pp_server_settings_read(e->config, &e->server, &problem);
		if (r == 0 && e->recorder_config)
			r = pp_recorder_settings_read(e->recorder_config, &e->recorder, &problem);
		if (r == 0)
			r = pp_checkup_run(
				groups, sizeof(groups) / sizeof(groups[0]), e, DEADLINE_MS, &rest);
		if (r == 0)
			r = findings_join(&first, &rest);
	}
	if (r < 0)
		pp_findings_done(&first);
	else
		*ret_findings = first;
	return r;
}

static int json_print(struct pp_ctl_call *call, const struct pp_findings *findings)
{
	struct pp_json *o = pp_findings_json(findings);
	size_t length;
	char *text;
	int r = pp_json_print(o, &text, &length);

	pp_json_free(o);
	if (r < 0)
		return pp_ctl_fail(call, "%s", pp_ctl_words_of(r));
	fprintf(call->out, "%s\n", text);
	free(text);
	return PP_CTL_DONE;
}

static int doctor_run(struct pp_ctl_call *call)
{
	struct pp_findings findings = { 0 };
	struct pp_examination e;
	long long days = TEST_DAYS;
	int r;

	if (pp_ctl_number(call, "test-days", 1, 36500, &days) != PP_CTL_DONE)
		return PP_CTL_USAGE;
	pp_examination_init(&e, call);
	e.test_days = days;
	r = pp_examine(&e, &findings);
	pp_examination_done(&e);
	if (r < 0)
		return pp_ctl_fail(call, "%s", pp_ctl_words_of(r));
	if (pp_ctl_has(call, "json"))
		r = json_print(call, &findings);
	else
		pp_findings_print(&findings, call->out);
	if (r == 0 && pp_findings_worst(&findings) == PP_FINDING_FAIL)
		r = PP_CTL_FAILED;
	pp_findings_done(&findings);
	return r;
}

static const struct pp_ctl_option options[] = {
	PP_EXAMINATION_OPTIONS,
	{ "test-days", "DAYS", false, false,
		"A point that was not tried for so long is told (180)" },
	{ "json", NULL, false, false, "As one JSON object" },
};
const struct pp_ctl_command pp_ctl_doctor = {
	.name = "doctor",
	.help = "Says what is wrong with this server, and what to do.",
	.detail = "Looks at settings, files, keys and certificates, broker, server, record, disk, "
		  "clock, posts, recorder and store, each with a time-out: ten seconds at most. It "
		  "changes nothing, and throws nobody off the broker. Run it as the server's "
		  "account or as root. Exit status 1 when something is to be mended (FAIL).",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = doctor_run,
};
