/* SPDX-License-Identifier: Apache-2.0 */
/* checkup.c -- children that check, and a parent that reads what they say until time is up. A
 * finding goes through the pipe as one line of JSON. */
#include "checkup/checkup.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/text.h"

#define SAID_MAX (1u << 20) /* bytes of one group */

struct pp_checkup {
	struct pp_findings findings;
	int fd; /* -1: kept in findings */
	char at[PP_FINDING_TEXT];
};

static void line_send(struct pp_checkup *c, struct pp_json *o)
{
	char *text;
	size_t length, sent = 0;
	int r = pp_json_print(o, &text, &length);

	pp_json_free(o);
	if (r < 0)
		return;
	text[length++] = '\n'; /* where its NUL was */
	while (sent < length) {
		ssize_t n = write(c->fd, text + sent, length - sent);

		if (n < 0 && errno != EINTR)
			break;
		sent += n > 0 ? (size_t)n : 0;
	}
	free(text);
}

static void found(struct pp_checkup *c, const struct pp_finding *finding)
{
	struct pp_findings one = { 0 };
	struct pp_json *o;

	if (c->fd < 0) {
		(void)pp_findings_add(&c->findings, finding);
		return;
	}
	if (pp_findings_add(&one, finding) < 0)
		return;
	o = pp_json_object();
	(void)pp_json_set_i64(o, "level", one.list[0].level);
	(void)pp_json_set_text(o, "id", one.list[0].id);
	(void)pp_json_set_text(o, "text", one.list[0].text);
	(void)pp_json_set_text(o, "todo", one.list[0].todo);
	line_send(c, o);
	pp_findings_done(&one);
}

void pp_checkup_ok(struct pp_checkup *c, const char *id, const char *fmt, ...)
{
	struct pp_finding f = { .level = PP_FINDING_OK };
	va_list args;

	snprintf(f.id, sizeof(f.id), "%s", id);
	va_start(args, fmt);
	vsnprintf(f.text, sizeof(f.text), fmt, args);
	va_end(args);
	found(c, &f);
}

void pp_checkup_say(struct pp_checkup *c, const struct pp_trouble *trouble, const char *fmt, ...)
{
	struct pp_finding f = { .level = trouble->level };
	va_list args;

	snprintf(f.id, sizeof(f.id), "%s", trouble->id);
	snprintf(f.todo, sizeof(f.todo), "%s", trouble->todo);
	va_start(args, fmt);
	vsnprintf(f.text, sizeof(f.text), fmt, args);
	va_end(args);
	found(c, &f);
}

void pp_checkup_at(struct pp_checkup *c, const char *fmt, ...)
{
	struct pp_json *o;
	va_list args;

	va_start(args, fmt);
	vsnprintf(c->at, sizeof(c->at), fmt, args);
	va_end(args);
	if (c->fd < 0)
		return;
	o = pp_json_object();
	(void)pp_json_set_text(o, "at", pp_text_is_utf8(c->at, strlen(c->at)) ? c->at : "a file");
	line_send(c, o);
}

void pp_checkup_here(
	void (*run)(struct pp_checkup *c, void *user), void *user, struct pp_findings *findings)
{
	struct pp_checkup c = { .findings = *findings, .fd = -1 };

	run(&c, user);
	*findings = c.findings;
}

/* ---- the parent's side ---- */

struct child {
	pid_t pid;
	int fd; /* -1: it has said all */
	struct pp_buf said;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void child_work(const struct pp_checkup_group *group, void *user, int fd, pid_t parent)
{
	struct pp_checkup c = { .fd = fd };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGPIPE, SIG_IGN);
	if (getppid() == parent)
		group->run(&c, user);
	_exit(0);
}

static int child_start(const struct pp_checkup_group *group, void *user, struct child *child)
{
	pid_t parent = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	child->pid = fork();
	if (child->pid < 0) {
		int error = -errno;

		close(ends[0]);
		close(ends[1]);
		return error;
	}
	if (child->pid == 0)
		child_work(group, user, ends[1], parent);
	close(ends[1]);
	child->fd = ends[0];
	return 0;
}

static void child_hear(struct child *child)
{
	char part[4096];
	ssize_t n = read(child->fd, part, sizeof(part));

	if (n > 0 && child->said.length < SAID_MAX) {
		pp_buf_add(&child->said, part, (size_t)n);
		return;
	}
	if (n < 0 && errno == EINTR)
		return;
	close(child->fd);
	child->fd = -1;
}

/* Until all have said all, or time is up. */
static void children_hear(struct child *children, size_t count, int64_t until_ms)
{
	for (;;) {
		struct pollfd polls[PP_CHECKUP_GROUPS_MAX];
		int64_t left = until_ms - now_ms();
		size_t open = 0;

		for (size_t i = 0; i < count; i++) {
			polls[i] = (struct pollfd){ .fd = children[i].fd, .events = POLLIN };
			open += children[i].fd >= 0;
		}
		if (open == 0 || left <= 0 || poll(polls, count, (int)left) == 0)
			return;
		for (size_t i = 0; i < count; i++)
			if (children[i].fd >= 0 && polls[i].revents)
				child_hear(&children[i]);
	}
}

static void line_take(
	const char *line, size_t length, struct pp_findings *to, char at[PP_FINDING_TEXT])
{
	struct pp_json *o = NULL;
	struct pp_finding f = { .level = PP_FINDING_OK };
	const char *text;
	int64_t level;

	if (pp_json_parse(line, length, &o, NULL) < 0)
		return;
	if (pp_json_get_text(o, "at", PP_FINDING_TEXT, &text) == 0) {
		snprintf(at, PP_FINDING_TEXT, "%s", text);
	} else if (pp_json_get_i64(o, "level", 0, 2, &level) == 0) {
		f.level = (enum pp_finding_level)level;
		if (pp_json_get_text(o, "id", sizeof(f.id) - 1, &text) == 0)
			snprintf(f.id, sizeof(f.id), "%s", text);
		if (pp_json_get_text(o, "text", sizeof(f.text) - 1, &text) == 0)
			snprintf(f.text, sizeof(f.text), "%s", text);
		if (pp_json_get_text(o, "todo", sizeof(f.todo) - 1, &text) == 0)
			snprintf(f.todo, sizeof(f.todo), "%s", text);
		(void)pp_findings_add(to, &f);
	}
	pp_json_free(o);
}

/* Ends the child, and takes what it said. */
static void child_finish(const struct pp_checkup_group *group, struct child *child,
	unsigned timeout_ms, struct pp_findings *to)
{
	struct pp_finding late = { .level = group->late };
	char at[PP_FINDING_TEXT] = "";
	int status = 0, hung = child->fd >= 0;
	const char *p = child->said.data ? child->said.data : "", *end;

	for (; (end = strchr(p, '\n')) != NULL; p = end + 1)
		line_take(p, (size_t)(end - p), to, at);
	pp_buf_done(&child->said);
	if (hung) {
		close(child->fd);
		(void)kill(child->pid, SIGKILL);
		/* In an uninterruptible wait of the kernel it cannot die: that is not waited for.
		 */
		(void)waitpid(child->pid, &status, WNOHANG);
	} else {
		(void)waitpid(child->pid, &status, 0);
	}
	if (!hung && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	snprintf(late.id, sizeof(late.id), "%s", group->id);
	snprintf(late.todo, sizeof(late.todo), "%s", group->late_todo);
	if (hung)
		snprintf(late.text, sizeof(late.text), "no answer within %u s: %.300s",
			timeout_ms / 1000, at[0] ? at : "it had not begun");
	else
		snprintf(late.text, sizeof(late.text), "the check itself failed: %.300s",
			at[0] ? at : "it had not begun");
	(void)pp_findings_add(to, &late);
}

int pp_checkup_run(const struct pp_checkup_group *groups, size_t count, void *user,
	unsigned timeout_ms, struct pp_findings *ret_findings)
{
	struct child children[PP_CHECKUP_GROUPS_MAX] = { 0 };
	struct pp_findings all = { 0 };
	size_t started = 0;
	int r = 0;

	assert(count <= PP_CHECKUP_GROUPS_MAX);
	fflush(NULL); /* or each child would print it again */
	while (r == 0 && started < count) {
		r = child_start(&groups[started], user, &children[started]);
		started += r == 0;
	}
	if (r == 0)
		children_hear(children, count, now_ms() + timeout_ms);
	for (size_t i = 0; i < started; i++)
		child_finish(&groups[i], &children[i], timeout_ms, &all);
	if (r < 0)
		pp_findings_done(&all);
	else
		*ret_findings = all;
	return r;
}
