/* SPDX-License-Identifier: Apache-2.0 */
/* machine.c -- small texts about the machine. */
#include "checkup/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"

#define LOG_MAX (512u << 10) /* bytes: the last ones */
#define ARGUMENTS_MAX 24

static void add_file(struct pp_buf *b, const char *path, const char *const *keys)
{
	char *text;

	if (pp_file_read(path, 65536, &text, NULL) < 0)
		return;
	for (char *line = text, *end; *line; line = end + (*end != '\0')) {
		end = line + strcspn(line, "\n");
		for (size_t i = 0; keys[i]; i++)
			if (strncmp(line, keys[i], strlen(keys[i])) == 0)
				pp_buf_addf(b, "%.*s\n", (int)(end - line), line);
	}
	free(text);
}

void pp_machine_describe(struct pp_buf *b)
{
	static const char *const release[] = { "PRETTY_NAME=", "VERSION_ID=", NULL };
	static const char *const memory[] = { "MemTotal", "MemAvailable", "SwapFree", NULL };
	static const char *const all[] = { "", NULL };
	struct utsname name;
	char now[25];

	pp_text_utc(pp_clock_wall_ms(), now);
	pp_buf_addf(b, "made: %s, clock %s\n", now,
		pp_clock_synchronised() ? "synchronised" : "not synchronised");
	/* Not the node's name: it may be a person's. */
	if (uname(&name) == 0)
		pp_buf_addf(b, "kernel: %s %s %s\n", name.sysname, name.release, name.machine);
	pp_buf_addf(b, "up: %llu s\n", (unsigned long long)(pp_clock_boot_us() / 1000000));
	add_file(b, "/etc/os-release", release);
	add_file(b, "/proc/meminfo", memory);
	pp_buf_addf(b, "load: ");
	add_file(b, "/proc/loadavg", all);
}

/* From the count-th line from the end. */
static const char *last_lines(const char *text, size_t length, unsigned count)
{
	const char *at = text + length;

	if (at > text && at[-1] == '\n')
		at--;
	while (at > text) {
		if (at[-1] == '\n' && --count == 0)
			return at;
		at--;
	}
	return text;
}

static void add_last(struct pp_buf *b, const char *text, size_t length)
{
	const char *from = last_lines(text, length, PP_LOG_LINES);

	pp_buf_add(b, from, (size_t)(text + length - from));
}

void pp_machine_log_file(const char *path, struct pp_buf *b)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat facts;
	char *text = malloc(LOG_MAX);
	ssize_t n = -1;

	if (fd >= 0 && text && fstat(fd, &facts) == 0) {
		off_t from = facts.st_size > (off_t)LOG_MAX ? facts.st_size - (off_t)LOG_MAX : 0;

		n = pread(fd, text, LOG_MAX, from);
	}
	if (n < 0)
		pp_buf_addf(b, "%s cannot be read: %s\n", path, strerrordesc_np(errno));
	else
		add_last(b, text, (size_t)n);
	free(text);
	if (fd >= 0)
		close(fd);
}

/* ---- programs ---- */

static int64_t now_ms(void)
{
	return (int64_t)(pp_clock_mono_us() / 1000);
}

static int hear(int fd, int64_t until_ms, size_t max, struct pp_buf *b)
{
	char part[4096];

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = until_ms - now_ms();
		ssize_t n;

		if (left <= 0 || poll(&p, 1, (int)left) == 0)
			return -ETIMEDOUT;
		n = read(fd, part, sizeof(part));
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0 && b->length < max)
			pp_buf_add(b, part, (size_t)n);
	}
}

static int spawn_into(const char *const *arguments, int out, pid_t *ret_pid)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale[] = "LC_ALL=C";
	char *environment[] = { path, locale, NULL }, *copies[ARGUMENTS_MAX + 1] = { NULL };
	posix_spawn_file_actions_t actions;
	int r = -posix_spawn_file_actions_init(&actions);

	if (r < 0)
		return r;
	for (size_t i = 0; arguments[i] && i < ARGUMENTS_MAX; i++)
		copies[i] =
			(char *)(uintptr_t)arguments[i]; /* posix_spawn does not write to them */
	r = -posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (r == 0)
		r = -posix_spawn_file_actions_addopen(
			&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (r == 0)
		r = -posix_spawn_file_actions_addopen(
			&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (r == 0)
		r = -posix_spawn(ret_pid, arguments[0], &actions, NULL, copies, environment);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

int pp_machine_run(const char *const *arguments, int timeout_ms, size_t max, struct pp_buf *b)
{
	int64_t until_ms = now_ms() + timeout_ms;
	int ends[2], status = 0, r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	r = spawn_into(arguments, ends[1], &pid);
	close(ends[1]);
	if (r == 0) {
		r = hear(ends[0], until_ms, max, b);
		if (r < 0)
			(void)kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (r == 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
			r = -EIO;
	}
	close(ends[0]);
	return r;
}

void pp_machine_log_journal(const char *const *units, int timeout_ms, struct pp_buf *b)
{
	const char *arguments[ARGUMENTS_MAX + 1] = { "/usr/bin/journalctl", "--no-pager", "-q",
		"-o", "short-iso", "-n", "500" };
	struct pp_buf said = { 0 };
	size_t count = 7;
	int r;

	for (size_t i = 0; units[i] && count + 2 <= ARGUMENTS_MAX; i++) {
		arguments[count++] = "-u";
		arguments[count++] = units[i];
	}
	r = pp_machine_run(arguments, timeout_ms, LOG_MAX, &said);
	if (r < 0)
		pp_buf_addf(b, "there is no journal to be read: %s\n",
			r == -ENOENT ? "no journalctl here" : strerrordesc_np(-r));
	else if (said.length == 0)
		pp_buf_addf(b, "the journal has no line of these programs (or this account may not "
			       "read it: the group systemd-journal may)\n");
	else
		add_last(b, said.data, said.length);
	pp_buf_done(&said);
}
