/* SPDX-License-Identifier: Apache-2.0 */
/* wires.c -- runs in the guest: moves gpio-sim's wires at given moments, and says when it did.
 *
 *   wires play            reads "<us after the one before> <line> <0|1>" lines, moves them, then
 *                         prints "<CLOCK_MONOTONIC us> <line> <0|1> <us>" for each: it moved
 *                         after the one moment and before the other
 *   wires chatter LINE HZ SECONDS
 *                         a square wave; prints "<edges> <us it took> <rests of 50 ms and more>";
 *                         never catches up
 *   wires took LINE HOLD_MS FILE WORD MS
 *                         presses LINE, waits for WORD to be added to FILE, prints "<us it took>",
 *                         or "late"
 *
 * Delays of 20 ms and more are kept at least: a guest that did not run for a while makes them
 * longer, never shorter. Shorter ones catch up, so that a bounce does not grow. What was really
 * done is what is printed. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define LINES 32
#define MOVES_MAX 20000
#define LOOK_US 2500
#define REST_US 50000
#define CATCH_UP_US 20000 /* shorter delays count from when the move before was due */
#define SLEEP_US 2000     /* shorter waits are spun: a sleep takes an emulated processor longer */

struct move {
	uint64_t at_us, end_us; /* at_us, before: the delay */
	int line, level;
};

static int pulls[LINES]; /* file descriptors; 0: not open yet */

static void fail(const char *what)
{
	fprintf(stderr, "wires: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void wait_until(uint64_t us)
{
	const struct timespec t = { .tv_sec = (time_t)(us / 1000000),
		.tv_nsec = (long)(us % 1000000) * 1000 };

	while (us > now_us() + SLEEP_US &&
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
	while (now_us() < us)
		;
}

static int open_wire(int line, const char *file, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/gpio-sim/sim_gpio%d/%s", line, file);
	fd = open(path, flags);
	if (fd < 0)
		fail(path);
	return fd;
}

static int number(const char *text, long max)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || value < 0 || value > max) {
		fprintf(stderr, "wires: '%s' is not 0 to %ld\n", text, max);
		exit(2);
	}
	return (int)value;
}

static void set(int line, int level)
{
	const char *word = level ? "pull-up" : "pull-down";

	if (!pulls[line])
		pulls[line] = open_wire(line, "pull", O_WRONLY);
	if (pwrite(pulls[line], word, strlen(word), 0) < 0)
		fail("pull");
}

static int play(void)
{
	static struct move moves[MOVES_MAX];
	unsigned long delay_us;
	uint64_t due_us;
	size_t count = 0;

	while (count < MOVES_MAX &&
		scanf("%lu %d %d", &delay_us, &moves[count].line, &moves[count].level) == 3) {
		if (moves[count].line < 0 || moves[count].line >= LINES)
			return 2;
		if (!pulls[moves[count].line])
			pulls[moves[count].line] = open_wire(moves[count].line, "pull", O_WRONLY);
		moves[count++].at_us = delay_us;
	}
	if (!feof(stdin))
		return 2;
	due_us = now_us();
	for (size_t i = 0; i < count; i++) {
		due_us = (moves[i].at_us < CATCH_UP_US ? due_us : now_us()) + moves[i].at_us;
		wait_until(due_us);
		moves[i].at_us = now_us();
		set(moves[i].line, moves[i].level);
		moves[i].end_us = now_us();
	}
	for (size_t i = 0; i < count; i++)
		printf("%llu %d %d %llu\n", (unsigned long long)moves[i].at_us, moves[i].line,
			moves[i].level, (unsigned long long)moves[i].end_us);
	return 0;
}

static int chatter(int line, int hz, int seconds)
{
	uint64_t begin_us = now_us(), half_us = 500000 / (uint64_t)hz, next_us = begin_us;
	uint64_t end_us = begin_us + (uint64_t)seconds * 1000000, t_us;
	unsigned long edges = 0, rests = 0;
	uint64_t last_us = begin_us;

	while ((t_us = now_us()) < end_us) {
		rests += t_us - last_us >= REST_US;
		last_us = t_us;
		set(line, !(edges++ & 1));
		next_us = (next_us + half_us > t_us ? next_us : t_us) + half_us;
		wait_until(next_us);
	}
	set(line, 0);
	printf("%lu %llu %lu\n", edges, (unsigned long long)(now_us() - begin_us), rests);
	return 0;
}

static int took(int line, int hold_ms, const char *file, const char *word, int ms)
{
	int fd = open(file, O_RDONLY);
	off_t from = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	uint64_t begin_us, t_us, took_us = 0;
	char text[65536];
	bool held = true;

	if (from < 0)
		fail(file);
	if (!pulls[line])
		pulls[line] = open_wire(line, "pull", O_WRONLY);
	t_us = begin_us = now_us();
	set(line, 1);
	while (held || (!took_us && t_us - begin_us <= (uint64_t)ms * 1000)) {
		ssize_t n = pread(fd, text, sizeof(text) - 1, from);

		t_us = now_us();
		text[n > 0 ? n : 0] = '\0';
		if (!took_us && strstr(text, word))
			took_us = t_us - begin_us;
		if (held && t_us - begin_us >= (uint64_t)hold_ms * 1000) {
			set(line, 0);
			held = false;
		}
		wait_until(t_us + LOOK_US);
	}
	if (took_us)
		printf("%llu\n", (unsigned long long)took_us);
	else
		puts("late");
	return took_us ? 0 : 1;
}

int main(int argc, char **argv)
{
	/* Or the kernel may add 50 us to every wait. */
	prctl(PR_SET_TIMERSLACK, 1);
	if (argc == 2 && strcmp(argv[1], "play") == 0)
		return play();
	if (argc == 5 && strcmp(argv[1], "chatter") == 0)
		return chatter(
			number(argv[2], LINES - 1), number(argv[3], 100000), number(argv[4], 3600));
	if (argc == 7 && strcmp(argv[1], "took") == 0)
		return took(number(argv[2], LINES - 1), number(argv[3], 10000), argv[4], argv[5],
			number(argv[6], 600000));
	fprintf(stderr, "usage: wires play | chatter LINE HZ SECONDS | took LINE HOLD_MS FILE WORD "
			"MS\n");
	return 2;
}
