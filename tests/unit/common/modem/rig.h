/* SPDX-License-Identifier: Apache-2.0 */
/* rig.h -- a bus of the test's own with ModemManager's stand-in on it, and a modem that looks
 * there. */
#ifndef RIG_H
#define RIG_H

#include "modem/modem.h"

#include "pospin_test.h"

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEP_US 20000
#define PATIENCE 1500 /* steps: half a minute, for a machine that is busy */

struct rig {
	char folder[64], address[128];
	pid_t bus, service;
	int orders;  /* to the stand-in */
	FILE *words; /* of the stand-in */
	struct pp_loop *loop;
	struct pp_loop_source *timer;
	struct pp_modem *modem;
	bool (*until)(struct rig *rig);
	int steps;
	/* what was told */
	unsigned sent, delivered, lost, received;
	int error;
	uint64_t token;
	char why[128], number[64], text[PP_MODEM_TEXT_MAX + 1];
	bool refuse; /* what comes in is not taken */
};

static pid_t rig_spawn(char *const argv[], int in, int out, bool quiet)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* whatever becomes of the test */
		if (quiet && !freopen("/dev/null", "w", stderr))
			_exit(127);
		if ((in < 0 || dup2(in, 0) == 0) && (out < 0 || dup2(out, 1) == 1))
			execvp(argv[0], argv);
		_exit(127);
	}
	return pid;
}

static void rig_kill(pid_t *pid)
{
	if (*pid > 0) {
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
	}
	*pid = 0;
}

static void rig_bus_start(struct rig *rig)
{
	char address[160], path[128];
	char *argv[] = { "dbus-daemon", "--nofork", "--nopidfile", address,
		"--config-file=" POSPIN_SOURCE_DIR "/tests/support/bus.conf", NULL };

	snprintf(path, sizeof(path), "%s/bus", rig->folder);
	unlink(path);
	snprintf(address, sizeof(address), "--address=%s", rig->address);
	rig->bus = rig_spawn(argv, -1, -1, true);
	for (int i = 0; access(path, F_OK) != 0; i++) {
		assert_true(i < PATIENCE);
		poll(NULL, 0, STEP_US / 1000);
	}
}

static void rig_service_start(struct rig *rig)
{
	char self[400], program[500], line[64];
	char *argv[] = { program, rig->address, NULL };
	int in[2], out[2];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	assert_true(length > 0);
	self[length] = '\0';
	snprintf(program, sizeof(program), "%s/modem-stand-in", dirname(self));
	assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
	rig->service = rig_spawn(argv, in[0], out[1], false);
	close(in[0]);
	close(out[1]);
	rig->orders = in[1];
	rig->words = fdopen(out[0], "r");
	assert_non_null(fgets(line, sizeof(line), rig->words));
	assert_string_equal(line, "ready\n");
}

static void rig_service_stop(struct rig *rig)
{
	rig_kill(&rig->service);
	close(rig->orders);
	(void)fclose(rig->words);
}

static void rig_order(struct rig *rig, const char *order)
{
	assert_int_equal(dprintf(rig->orders, "%s\n", order), (int)strlen(order) + 1);
}

/* The next line that begins so. */
static void rig_expect(struct rig *rig, const char *line)
{
	char got[PP_MODEM_TEXT_MAX + 100];

	assert_non_null(fgets(got, sizeof(got), rig->words));
	got[strcspn(got, "\n")] = '\0';
	if (strncmp(got, line, strlen(line)) != 0)
		fail_msg("the stand-in says \"%s\" instead of \"%s\"", got, line);
}

static void rig_on_timer(void *user)
{
	struct rig *rig = user;

	if (rig->until(rig) || ++rig->steps > PATIENCE)
		pp_loop_stop(rig->loop, 0);
	else
		(void)pp_loop_arm_at(rig->timer, pp_loop_now_us(rig->loop) + STEP_US);
}

static void rig_run(struct rig *rig, bool (*until)(struct rig *rig))
{
	rig->until = until;
	rig->steps = 0;
	assert_int_equal(pp_loop_arm_at(rig->timer, 0), 0);
	assert_int_equal(pp_loop_run(rig->loop), 0);
	assert_true(rig->until(rig));
}

static bool rig_on_received(void *user, const char *number, const char *text)
{
	struct rig *rig = user;

	rig->received++;
	snprintf(rig->number, sizeof(rig->number), "%s", number);
	snprintf(rig->text, sizeof(rig->text), "%s", text);
	return !rig->refuse;
}

static void rig_on_delivered(void *user, uint64_t token, bool arrived)
{
	struct rig *rig = user;

	rig->token = token;
	rig->delivered += arrived;
	rig->lost += !arrived;
}

static void rig_on_sent(void *user, uint64_t token, int error, const char *why)
{
	struct rig *rig = user;

	rig->sent++;
	rig->token = token;
	rig->error = error;
	snprintf(rig->why, sizeof(rig->why), "%s", why);
}

static int rig_send(struct rig *rig, const char *number, const char *text, bool report)
{
	const struct pp_modem_message message = { .number = number,
		.text = text,
		.report = report,
		.token = 7,
		.sent = rig_on_sent,
		.user = rig };

	return pp_modem_send(rig->modem, &message);
}

static bool rig_is_there(struct rig *rig)
{
	return pp_modem_why_away(rig->modem)[0] == '\0';
}

static bool rig_has_sent(struct rig *rig)
{
	return rig->sent > 0;
}

static inline bool rig_has_received(struct rig *rig)
{
	return rig->received > 0;
}

static int rig_make(void **state)
{
	static const struct pp_modem_handlers handlers = { rig_on_received, rig_on_delivered };
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	snprintf(rig->folder, sizeof(rig->folder), "/tmp/pospin-modem-XXXXXX");
	assert_non_null(mkdtemp(rig->folder));
	snprintf(rig->address, sizeof(rig->address), "unix:path=%s/bus", rig->folder);
	rig_bus_start(rig);
	rig_service_start(rig);
	assert_int_equal(pp_loop_new(&rig->loop), 0);
	assert_int_equal(pp_loop_add_timer(rig->loop, 1000, rig_on_timer, rig, &rig->timer), 0);
	assert_int_equal(
		pp_modem_new(rig->loop, rig->address, &handlers, rig, &rig->modem), 0);
	*state = rig;
	return 0;
}

static int rig_free(void **state)
{
	struct rig *rig = *state;
	char path[128];

	pp_modem_free(rig->modem);
	pp_loop_source_free(rig->timer);
	pp_loop_free(rig->loop);
	rig_service_stop(rig);
	rig_kill(&rig->bus);
	snprintf(path, sizeof(path), "%s/bus", rig->folder);
	unlink(path);
	rmdir(rig->folder);
	free(rig);
	return 0;
}

#endif
