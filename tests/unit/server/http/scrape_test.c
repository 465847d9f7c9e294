/* SPDX-License-Identifier: Apache-2.0 */
/* scrape_test.c -- /metrics: who may read it, and that everything that is counted is in it. */
#include "web_fixture.h"

#include <errno.h>

#define TOKEN "0123456789abcdef0123456789abcdef"

static void on_the_control_socket_it_needs_nothing(void **state)
{
	struct web_fixture f;
	char *answer;

	(void)state;
	web_start(&f);
	answer = web_control(&f, "GET", "/metrics", "", NULL);
	assert_non_null(strstr(answer, "Content-Type: text/plain; version=0.0.4"));
	assert_non_null(strstr(answer, "pospin_server_build_info{version=\"test\"} 1\n"));
	web_expect(answer, 200, "pospin_server_broker_connected 0\n");
	web_stop(&f);
}

static void over_tcp_it_wants_the_token_and_counts_who_lacks_it(void **state)
{
	static const struct {
		const char *head;
		int want;
	} cases[] = {
		{ "", 401 },
		{ "Authorization: Bearer \r\n", 401 },
		{ "Authorization: Bearer 0123456789abcdef0123456789abcdeX\r\n", 401 },
		{ "Authorization: Bearer " TOKEN "0\r\n", 401 },
		{ "Authorization: Basic " TOKEN "\r\n", 401 },
		{ "Authorization: Bearer " TOKEN "\r\n", 200 },
	};
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_expect(web_ask_with(&f, "GET", "/metrics", cases[5].head, NULL), 401,
		"set http.metrics_token");
	f.web->metrics_token = strdup(TOKEN);
	for (size_t i = 0; i < PP_COUNT(cases); i++)
		web_expect(web_ask_with(&f, "GET", "/metrics", cases[i].head, NULL), cases[i].want,
			NULL);
	web_expect(web_control(&f, "GET", "/metrics", "", NULL), 200,
		"pospin_server_refused_total{by=\"http\",reason=\"metrics-token\"} 6\n");
	web_stop(&f);
}

static void a_session_is_no_token_for_it(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	web_expect(web_ask(&f, "GET", "/metrics", NULL), 401, NULL);
	web_stop(&f);
}

static void every_counter_is_a_sample_and_every_refusal_has_its_labels(void **state)
{
	static const struct {
		const struct pp_counter *table;
		const size_t *count;
		const char *prefix;
	} tables[] = {
		{ pp_engine_table, &pp_engine_table_count, "pospin_server" },
		{ pp_httpd_table, &pp_httpd_table_count, "pospin_server_http" },
		{ pp_web_table, &pp_web_table_count, "pospin_server" },
	};
	struct web_fixture f;
	char *answer, want[200];

	(void)state;
	web_start(&f);
	answer = web_control(&f, "GET", "/metrics", "", NULL);
	for (size_t t = 0; t < PP_COUNT(tables); t++)
		for (size_t i = 0; i < *tables[t].count; i++) {
			const struct pp_counter *row = &tables[t].table[i];

			if (row->reason)
				snprintf(want, sizeof(want),
					"\npospin_server_refused_total{by=\"%s\",reason=\"%s\"} ",
					row->by, row->reason);
			else
				snprintf(want, sizeof(want), "\n%s_%s_total ", tables[t].prefix,
					row->name);
			if (!strstr(answer, want))
				fail_msg("no '%s' in %s", want, answer);
		}
	free(answer);
	web_stop(&f);
}

static void gauges_say_how_the_record_and_the_machine_are(void **state)
{
	static const char *const wanted[] = {
		"\npospin_server_record_readable 1\n",
		"\npospin_server_record_writable 1\n",
		"\npospin_server_posts{state=\"never\"} 1\n",
		"\npospin_server_incidents_open 2\n",
		"\npospin_server_incidents_unacknowledged 2\n",
		"\npospin_server_troubles 1\n",
		"\npospin_server_disk_free_bytes ",
		"\npospin_server_record_wal_bytes ",
		"\nprocess_resident_memory_bytes ",
		"\npospin_server_receipt_seconds_bucket{le=\"+Inf\"} 0\n",
	};
	struct web_fixture f;
	char *answer;

	(void)state;
	web_start(&f);
	answer = web_control(&f, "GET", "/metrics", "", NULL);
	for (size_t i = 0; i < PP_COUNT(wanted); i++)
		if (!strstr(answer, wanted[i]))
			fail_msg("no '%s' in %s", wanted[i], answer);
	assert_null(strstr(answer, "boja"));
	assert_null(strstr(answer, "Pak RT"));
	free(answer);
	web_stop(&f);
}

static void a_token_file_that_anybody_could_guess_stops_the_start(void **state)
{
	static const struct {
		const char *text;
		int want;
	} cases[] = { { "", -EINVAL }, { "short\n", -EINVAL }, { TOKEN "\n", 0 }, { TOKEN, 0 } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		char *folder = pp_test_folder(), path[600];
		struct pp_problem problem = { "" };
		const struct pp_web_options options = { .metrics_token = path,
			.problem = &problem };
		struct pp_web w = { 0 };

		snprintf(path, sizeof(path), "%s/token", folder);
		assert_int_equal(
			pp_file_write(path, cases[i].text, strlen(cases[i].text), 0600), 0);
		assert_int_equal(pp_scrape_open(&w, &options), cases[i].want);
		assert_true(cases[i].want == 0 ? strcmp(w.metrics_token, TOKEN) == 0
					       : strstr(problem.text, "32 to 200") != NULL);
		pp_scrape_close(&w);
		pp_test_folder_remove(folder);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_the_control_socket_it_needs_nothing),
		cmocka_unit_test(over_tcp_it_wants_the_token_and_counts_who_lacks_it),
		cmocka_unit_test(a_session_is_no_token_for_it),
		cmocka_unit_test(every_counter_is_a_sample_and_every_refusal_has_its_labels),
		cmocka_unit_test(gauges_say_how_the_record_and_the_machine_are),
		cmocka_unit_test(a_token_file_that_anybody_could_guess_stops_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
