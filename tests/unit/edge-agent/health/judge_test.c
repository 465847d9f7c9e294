/* SPDX-License-Identifier: Apache-2.0 */
/* judge_test.c -- a status, changed at one place, and the finding that must come of it. */
#include "health/judge.h"

#include "pospin_test.h"

#define GOOD                                                                                       \
	"{\"broker\":true,\"broker_why\":\"\",\"server\":\"connected\",\"last_beat_s\":1.5,"       \
	"\"clock_synchronised\":true,\"outbox\":{\"durable\":true,\"unreceipted\":0,"              \
	"\"unreceipted_alarms\":0,\"refused\":0,\"oldest_s\":null},"                               \
	"\"points\":{\"panic\":{\"state\":\"normal\"},\"smoke\":{\"state\":\"alarm\"}}}"

static const struct pp_health_disk roomy = { 8e9, 16e9 };

struct judged {
	const struct pp_json *status;
	const struct pp_health_disk *disk;
};

static void judge(struct pp_checkup *c, void *user)
{
	const struct judged *j = user;

	pp_health_judge(c, j->status, j->disk);
}

/* text: GOOD with `from` replaced by `to`. */
static struct pp_findings judged(
	const char *from, const char *to, const struct pp_health_disk *disk)
{
	char text[2000], where[160];
	const char *at = from ? strstr(GOOD, from) : NULL;
	struct pp_findings f = { 0 };
	struct pp_json *o = NULL;
	struct judged j = { NULL, disk };

	assert_true(!from || at);
	if (at)
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - GOOD), GOOD, to,
			at + strlen(from));
	else
		snprintf(text, sizeof(text), "%s", GOOD);
	if (pp_json_parse(text, strlen(text), &o, where) < 0)
		fail_msg("%s: %s", where, text);
	j.status = o;
	pp_checkup_here(judge, &j, &f);
	pp_json_free(o);
	return f;
}

static void a_healthy_post_has_nothing_to_mend(void **state)
{
	struct pp_findings f = judged(NULL, NULL, &roomy);

	(void)state;
	assert_int_equal(pp_findings_worst(&f), PP_FINDING_OK);
	assert_int_equal(f.count, 7);
	pp_findings_done(&f);
}

static void each_thing_that_is_wrong_is_named_with_what_to_do(void **state)
{
	static const struct {
		const char *from, *to;
		enum pp_finding_level level;
		const char *id, *part;
	} rows[] = {
		{ "\"broker\":true,\"broker_why\":\"\"",
			"\"broker\":false,\"broker_why\":\"timeout\"", PP_FINDING_FAIL, "broker",
			"timeout" },
		{ "\"server\":\"connected\",\"last_beat_s\":1.5",
			"\"server\":\"away\",\"last_beat_s\":null", PP_FINDING_FAIL, "server",
			"never yet" },
		{ "\"clock_synchronised\":true", "\"clock_synchronised\":false", PP_FINDING_WARN,
			"clock", "not synchronised" },
		{ "\"durable\":true", "\"durable\":false", PP_FINDING_FAIL, "storage",
			"cannot be written" },
		{ "\"unreceipted\":0,\"unreceipted_alarms\":0,\"refused\":0,\"oldest_s\":null",
			"\"unreceipted\":2,\"unreceipted_alarms\":1,\"refused\":0,\"oldest_s\":61",
			PP_FINDING_FAIL, "unreceipted", "2 signals (1 alarms)" },
		{ "\"unreceipted\":0,\"unreceipted_alarms\":0,\"refused\":0,\"oldest_s\":null",
			"\"unreceipted\":2,\"unreceipted_alarms\":1,\"refused\":0,\"oldest_s\":3",
			PP_FINDING_WARN, "unreceipted", "for 3 s" },
		{ "\"unreceipted\":0,\"unreceipted_alarms\":0,\"refused\":0,\"oldest_s\":null",
			"\"unreceipted\":1,\"unreceipted_alarms\":0,\"refused\":0,\"oldest_s\":999",
			PP_FINDING_WARN, "unreceipted", "for 999 s" },
		{ "\"refused\":0", "\"refused\":4", PP_FINDING_FAIL, "refused", "4 signals" },
		{ "{\"state\":\"normal\"}", "{\"state\":\"trouble\",\"detail\":\"stuck\"}",
			PP_FINDING_WARN, "point", "panic: trouble: stuck" },
		{ "{\"state\":\"normal\"}", "{\"state\":\"disabled\"}", PP_FINDING_WARN, "point",
			"panic: disabled" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_findings f = judged(rows[i].from, rows[i].to, &roomy);
		size_t found = 0;

		for (size_t k = 0; k < f.count; k++)
			found += f.list[k].level == rows[i].level &&
				 strcmp(f.list[k].id, rows[i].id) == 0 &&
				 strstr(f.list[k].text, rows[i].part) && f.list[k].todo[0] &&
				 strstr(f.list[k].todo, " / ");
		if (found != 1 || pp_findings_worst(&f) != rows[i].level)
			fail_msg("row %zu: '%s' found %zu times", i, rows[i].id, found);
		pp_findings_done(&f);
	}
}

static void a_disk_is_full_by_its_share_and_by_its_size(void **state)
{
	static const struct {
		struct pp_health_disk disk;
		int level; /* -1: nothing is said */
	} rows[] = {
		{ { 0, 0 }, -1 },
		{ { 2e9, 64e9 }, PP_FINDING_OK },
		{ { 2e8, 4e9 }, PP_FINDING_WARN },
		{ { 5e7, 4e9 }, PP_FINDING_FAIL },
		{ { 9e6, 1e8 }, PP_FINDING_FAIL },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_findings f = judged(NULL, NULL, &rows[i].disk);
		int level = -1;

		for (size_t k = 0; k < f.count; k++)
			if (strcmp(f.list[k].id, "disk") == 0)
				level = (int)f.list[k].level;
		assert_int_equal(level, rows[i].level);
		pp_findings_done(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_healthy_post_has_nothing_to_mend),
		cmocka_unit_test(each_thing_that_is_wrong_is_named_with_what_to_do),
		cmocka_unit_test(a_disk_is_full_by_its_share_and_by_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
