/* SPDX-License-Identifier: Apache-2.0 */
/* check_network_test.c -- what programs answer, and what it means when none does. The broker itself
 * is provoked in tests/system/doctor.test.mjs. */
#include "examined.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "core/local.h"
#include "fake_server.h"

static void programs_that_do_not_run_are_named(void **state)
{
	struct examined *x = *state;
	char recorder[700];
	struct pp_problem problem;

	EXPECT(x, pp_check_broker, FAIL, "broker.connection", "127.0.0.1:1: Connection refused");
	EXPECT(x, pp_check_tools, FAIL, "broker.connection", "as svc-ctl");
	EXPECT(x, pp_check_server, FAIL, "server", "it does not run");
	EXPECT(x, pp_check_recorder, OK, "recorder", "not looked at");
	x->e.recorder_config = in_site(x, "recorder.yaml", recorder);
	assert_int_equal(pp_recorder_settings_read(recorder, &x->e.recorder, &problem), 0);
	EXPECT(x, pp_check_recorder, FAIL, "recorder", "it does not run");
	EXPECT(x, pp_check_store, FAIL, "store", "does not answer");
	site_shell(x, "rm pki/svc-ctl.key pki/svc-server.key");
	EXPECT(x, pp_check_tools, OK, "broker.mqtt", "not tried");
	EXPECT(x, pp_check_broker, FAIL, "broker.files", "svc-server.key");
}

static void a_server_that_is_not_well_says_so(void **state)
{
	static const struct {
		const char *health;
		enum pp_finding_level level;
		const char *id, *part;
	} rows[] = {
		{ FAKE_ANSWER("200 OK", "application/json",
			  "{\"broker\":true,\"record\":true,\"version\":\"" POSPIN_VERSION "\"}"),
			PP_FINDING_OK, "server.broker", "is connected" },
		{ FAKE_ANSWER("200 OK", "application/json",
			  "{\"broker\":false,\"record\":true,\"version\":\"" POSPIN_VERSION "\"}"),
			PP_FINDING_FAIL, "server.broker", "no alarm reaches it" },
		{ FAKE_ANSWER("503 Unavailable", "application/json",
			  "{\"broker\":true,\"record\":false,\"version\":\"x\"}"),
			PP_FINDING_FAIL, "server.record", "cannot read or write" },
		{ FAKE_ANSWER("200 OK", "application/json",
			  "{\"broker\":true,\"record\":true,\"version\":\"9.9\"}"),
			PP_FINDING_WARN, "version", "version 9.9" },
		{ FAKE_ANSWER("200 OK", "text/plain", "hello"), PP_FINDING_FAIL, "server",
			"does not answer" },
	};
	struct examined *x = *state;

	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct fake_server fake;
		char *before = x->e.server.http.socket;

		fake_server_start(&fake, rows[i].health);
		x->e.server.http.socket = fake.path;
		site_expect_like(x, pp_check_server, rows[i].level, rows[i].id, rows[i].part);
		x->e.server.http.socket = before;
		fake_server_join(&fake);
	}
}

/* One report over the recorder's socket, then what is made of it. */
static void recorder_says(struct examined *x, const char *report, enum pp_finding_level level,
	const char *id, const char *part)
{
	int fd = pp_local_listen(x->e.recorder.control);
	pid_t child;

	assert_true(fd >= 0);
	child = fork();
	if (child == 0) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		(void)poll(&p, 1, 10000);
		_exit(pp_local_tell(fd, report, strlen(report)) < 0);
	}
	site_expect_like(x, pp_check_recorder, level, id, part);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(fd);
}

static void a_recorder_that_is_not_well_says_so(void **state)
{
	static const struct {
		const char *report;
		enum pp_finding_level level;
		const char *id, *part;
	} rows[] = {
		{ "{\"broker\":true,\"store\":true,\"record\":true,\"waiting\":3,\"spool_bytes\":5,"
		  "\"spool_limit_bytes\":100}",
			PP_FINDING_OK, "recorder.spool", "3 lines wait" },
		{ "{\"broker\":false,\"store\":true,\"record\":true}", PP_FINDING_FAIL,
			"recorder.broker", "not connected" },
		{ "{\"broker\":true,\"store\":false,\"store_why\":\"HTTP 503\",\"record\":true}",
			PP_FINDING_FAIL, "recorder.store", "HTTP 503" },
		{ "{\"broker\":true,\"store\":true,\"record\":false}", PP_FINDING_FAIL,
			"recorder.record", "cannot read" },
		{ "{\"spool_bytes\":85,\"spool_limit_bytes\":100}", PP_FINDING_WARN,
			"recorder.spool", "85 %" },
		{ "{\"spool_bytes\":101,\"spool_limit_bytes\":100}", PP_FINDING_FAIL,
			"recorder.spool", "101 %" },
		{ "{\"poison\":2}", PP_FINDING_WARN, "recorder.poison", "2 lines" },
	};
	struct examined *x = *state;
	struct pp_problem problem;
	char recorder[700];

	x->e.recorder_config = in_site(x, "recorder.yaml", recorder);
	assert_int_equal(pp_recorder_settings_read(recorder, &x->e.recorder, &problem), 0);
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		recorder_says(x, rows[i].report, rows[i].level, rows[i].id, rows[i].part);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(programs_that_do_not_run_are_named),
		SITE_TEST(a_server_that_is_not_well_says_so),
		SITE_TEST(a_recorder_that_is_not_well_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
