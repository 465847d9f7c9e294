/* SPDX-License-Identifier: Apache-2.0 */
/* log_test.c -- one event is one line, whatever is in it. */
#include "pospin_test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "core/log.h"

static int saved_stderr, ends[2];

static int stderr_catch(void **state)
{
	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	saved_stderr = dup(STDERR_FILENO);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	unsetenv("JOURNAL_STREAM");
	return 0;
}

static int stderr_restore(void **state)
{
	(void)state;
	assert_true(dup2(saved_stderr, STDERR_FILENO) >= 0);
	close(saved_stderr);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

/* What has been written since; borrowed until the next call. */
static const char *caught(void)
{
	static char text[8192];
	ssize_t n = read(ends[0], text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void a_line_has_time_program_level_id_and_keys(void **state)
{
	const char *line;

	(void)state;
	pp_log_init("pospin-edge", PP_LOG_INFO);
	pp_log(PP_LOG_WARNING, "uplink.lost", "host=%s after_s=%d", "broker", 7);
	line = caught();
	assert_true(strlen(line) > 25 && line[10] == 'T' && line[23] == 'Z');
	assert_string_equal(line + 24, " pospin-edge warning uplink.lost host=broker after_s=7\n");
}

static void lines_above_the_level_are_dropped(void **state)
{
	(void)state;
	pp_log_init("p", PP_LOG_NOTICE);
	pp_log(PP_LOG_INFO, "a.b", "k=%d", 1);
	assert_string_equal(caught(), "");
	pp_log(PP_LOG_NOTICE, "a.b", "k=%d", 1);
	assert_string_not_equal(caught(), "");
}

static void the_journal_gets_its_prefix_only_if_it_reads_us(void **state)
{
	char stream[64];
	struct stat st;

	(void)state;
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	pp_log_init("p", PP_LOG_INFO);
	pp_log(PP_LOG_ERROR, "a.b", "k=%d", 1);
	assert_string_equal(caught(), "<3>a.b k=1\n");
	setenv("JOURNAL_STREAM", "1:1", 1);
	pp_log_init("p", PP_LOG_INFO);
	pp_log(PP_LOG_ERROR, "a.b", "k=%d", 1);
	assert_string_equal(caught() + 24, " p error a.b k=1\n");
}

static void control_characters_cannot_forge_a_line(void **state)
{
	(void)state;
	pp_log_init("p", PP_LOG_INFO);
	pp_log(PP_LOG_INFO, "a.b", "k=%s", "x\n<0>y\x1b[2J\x7f\xc2\x9bz\xc3\xa9");
	assert_string_equal(caught() + 24, " p info a.b k=x?<0>y?[2J???z\xc3\xa9\n");
}

static void a_long_line_is_cut_and_says_so(void **state)
{
	char *big = malloc(10000);
	const char *line;

	(void)state;
	assert_non_null(big);
	memset(big, 'x', 9999);
	big[9999] = '\0';
	pp_log_init("p", PP_LOG_INFO);
	pp_log(PP_LOG_INFO, "a.b", "k=%s", big);
	line = caught();
	assert_in_range(strlen(line), 2000, 2100);
	assert_string_equal(line + strlen(line) - 5, "x...\n");
	free(big);
}

static void errno_survives_logging(void **state)
{
	(void)state;
	pp_log_init("p", PP_LOG_INFO);
	errno = ENOSPC;
	pp_log(PP_LOG_INFO, "a.b", "k=%d", 1);
	assert_int_equal(errno, ENOSPC);
}

#define CATCHING(test) cmocka_unit_test_setup_teardown(test, stderr_catch, stderr_restore)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CATCHING(a_line_has_time_program_level_id_and_keys),
		CATCHING(lines_above_the_level_are_dropped),
		CATCHING(the_journal_gets_its_prefix_only_if_it_reads_us),
		CATCHING(control_characters_cannot_forge_a_line),
		CATCHING(a_long_line_is_cut_and_says_so),
		CATCHING(errno_survives_logging),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
