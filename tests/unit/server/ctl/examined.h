/* SPDX-License-Identifier: Apache-2.0 */
/* examined.h -- a site in a temporary folder for the doctor's checks: keys, registry, settings; no
 * program runs. */
#ifndef CTL_EXAMINED_H
#define CTL_EXAMINED_H

#include "streams.h"

#include <sys/stat.h>
#include <time.h>

#include "examine.h"

struct examined {
	char *folder;
	char config[700], pki[700], record[700];
	struct pp_examination e;
};

static inline const char *in_site(const struct examined *x, const char *name, char path[700])
{
	snprintf(path, 700, "%s/%s", x->folder, name);
	return path;
}

static inline void site_shell(const struct examined *x, const char *line)
{
	char command[1500];

	snprintf(command, sizeof(command), "cd '%s' && { %s; } >/dev/null 2>&1", x->folder, line);
	if (system(command) != 0)
		fail_msg("failed: %s", line);
}

static inline void site_write(const struct examined *x, const char *name, const char *text)
{
	char path[700];
	FILE *file = fopen(in_site(x, name, path), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static inline int site_set_up(void **state)
{
	struct examined *x = calloc(1, sizeof(*x));
	struct pp_problem problem = { "" };
	struct said s;

	x->folder = pp_test_folder();
	in_site(x, "server.yaml", x->config);
	in_site(x, "pki", x->pki);
	in_site(x, "data/record.db", x->record);
	SAY(&s, "pki", "init", "--dir", x->pki, "--broker-name", "127.0.0.1");
	assert_int_equal(s.status, 0);
	said_done(&s);
	site_shell(x, "mkdir data && chmod 750 data");
	SAY(&s, "import", "--record", x->record,
		POSPIN_SOURCE_DIR "/packaging/examples/site-kendal.yaml");
	assert_int_equal(s.status, 0);
	said_done(&s);
	site_shell(x, "chmod 640 data/record.db*");
	site_write(x, "server.yaml",
		"data: data\nsigning_key: pki/server-signing.key\n"
		"broker: {host: 127.0.0.1, port: 1, ca: pki/service-ca.crt,\n"
		" certificate: pki/svc-server.crt, key: pki/svc-server.key}\n"
		"http: {port: 1, socket: control}\n");
	site_write(x, "recorder.yaml",
		"record: data/record.db\ndata: data\ncontrol: recorder-control\n"
		"broker: {ca: pki/service-ca.crt, certificate: pki/svc-recorder.crt,\n"
		" key: pki/svc-recorder.key}\nstore: {url: 'http://u:canary@127.0.0.1:1'}\n");
	x->e = (struct pp_examination){ .config = x->config,
		.pki = x->pki,
		.now_ms = (int64_t)time(NULL) * 1000,
		.test_days = 180 };
	if (pp_server_settings_read(x->config, &x->e.server, &problem) < 0)
		fail_msg("%s", problem.text);
	*state = x;
	return 0;
}

static inline int site_tear_down(void **state)
{
	struct examined *x = *state;

	pp_examination_done(&x->e);
	pp_test_folder_remove(x->folder);
	free(x);
	return 0;
}

typedef void check_fn(struct pp_checkup *c, void *user);

/* Whether the check finds (level, id) with part in its text. */
static inline void site_expect(struct examined *x, check_fn *check, const struct pp_finding *want)
{
	struct pp_findings f = { 0 };
	bool found = false;

	pp_checkup_here(check, &x->e, &f);
	for (size_t i = 0; i < f.count; i++)
		found |= f.list[i].level == want->level && strcmp(f.list[i].id, want->id) == 0 &&
			 strstr(f.list[i].text, want->text);
	if (!found) {
		pp_findings_print(&f, stderr);
		fail_msg("no %s %s '%s'", pp_finding_word(want->level), want->id, want->text);
	}
	pp_findings_done(&f);
}
static inline void site_expect_like(struct examined *x, check_fn *check,
	enum pp_finding_level level, const char *id, const char *part)
{
	struct pp_finding want = { .level = level };

	snprintf(want.id, sizeof(want.id), "%s", id);
	snprintf(want.text, sizeof(want.text), "%s", part);
	site_expect(x, check, &want);
}
#define EXPECT(x, check, level, id, part)                                                          \
	site_expect(x, check, &(const struct pp_finding){ PP_FINDING_##level, id, part, "" })

static inline void site_expect_worst(
	struct examined *x, check_fn *check, enum pp_finding_level worst)
{
	struct pp_findings f = { 0 };

	pp_checkup_here(check, &x->e, &f);
	if (pp_findings_worst(&f) != worst || f.count == 0) {
		pp_findings_print(&f, stderr);
		fail_msg("worst is not %s", pp_finding_word(worst));
	}
	pp_findings_done(&f);
}

#define SITE_TEST(test) cmocka_unit_test_setup_teardown(test, site_set_up, site_tear_down)

#endif
