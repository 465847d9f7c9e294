/* SPDX-License-Identifier: Apache-2.0 */
/* loop_test.c -- fds, timers, signals, wakes, and the lifetime of their sources. */
#include "loop/loop.h"

#include "pospin_test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

struct fixture {
	struct pp_loop *loop;
	struct pp_loop_source *source, *other;
	int pipe[2];
	int calls, signal;
	uint64_t at_us;
	char bytes[16];
};

static uint64_t mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(pp_loop_new(&f->loop), 0);
	assert_int_equal(pipe2(f->pipe, O_NONBLOCK | O_CLOEXEC), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	assert_null(pp_loop_source_free(f->source));
	assert_null(pp_loop_source_free(f->other));
	assert_null(pp_loop_free(f->loop));
	close(f->pipe[0]);
	close(f->pipe[1]);
	free(f);
	return 0;
}

static void stop_7(void *user)
{
	struct fixture *f = user;

	f->calls++;
	f->at_us = pp_loop_now_us(f->loop);
	pp_loop_stop(f->loop, 7);
}

static void read_and_stop(void *user, int fd, uint32_t events)
{
	struct fixture *f = user;

	assert_true(events & EPOLLIN);
	assert_true(read(fd, f->bytes, sizeof(f->bytes)) > 0);
	f->calls++;
	pp_loop_stop(f->loop, 0);
}

static void a_readable_fd_calls_its_function(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
		pp_loop_add_fd(f->loop, f->pipe[0], EPOLLIN, read_and_stop, f, &f->source), 0);
	assert_int_equal(write(f->pipe[1], "hi", 2), 2);
	assert_int_equal(pp_loop_run(f->loop), 0);
	assert_string_equal(f->bytes, "hi");
}

static void a_stopped_loop_can_run_again_and_returns_each_code(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pp_loop_add_timer(f->loop, 1000, stop_7, f, &f->source), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pp_loop_arm_at(f->source, 0), 0);
		assert_int_equal(pp_loop_run(f->loop), 7);
	}
	assert_int_equal(f->calls, 3);
	pp_loop_stop(f->loop, -EIO);
	assert_int_equal(pp_loop_run(f->loop), -EIO);
}

static void a_timer_fires_in_its_window_and_only_once(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pp_loop_add_timer(f->loop, 0, stop_7, f, &f->source), 0);
	uint64_t due = mono_us() + 30000;
	assert_int_equal(pp_loop_arm_at(f->source, due), 0);
	assert_int_equal(pp_loop_run(f->loop), 7);
	assert_true(f->at_us >= due);
	/* Not sd-event's own 250 ms. */
	assert_true(f->at_us < due + 200000);
	assert_true(pp_loop_now_us(f->loop) <= mono_us());

	assert_int_equal(pp_loop_add_timer(f->loop, 0, stop_7, f, &f->other), 0);
	assert_int_equal(pp_loop_arm_at(f->other, mono_us() + 20000), 0);
	assert_int_equal(pp_loop_run(f->loop), 7);
	assert_int_equal(f->calls, 2);
}

static void a_disarmed_timer_stays_silent(void **state)
{
	struct fixture *f = *state;
	struct fixture silent = { .loop = f->loop };

	assert_int_equal(pp_loop_add_timer(f->loop, 0, stop_7, &silent, &f->other), 0);
	assert_int_equal(pp_loop_arm_at(f->other, mono_us() + 1000), 0);
	assert_int_equal(pp_loop_arm_at(f->other, UINT64_MAX), 0);
	assert_int_equal(pp_loop_add_timer(f->loop, 0, stop_7, f, &f->source), 0);
	assert_int_equal(pp_loop_arm_at(f->source, mono_us() + 20000), 0);
	assert_int_equal(pp_loop_run(f->loop), 7);
	assert_int_equal(silent.calls, 0);
	assert_int_equal(f->calls, 1);
}

static void arm_again(void *user)
{
	struct fixture *f = user;

	if (++f->calls == 5)
		pp_loop_stop(f->loop, 0);
	else
		assert_int_equal(pp_loop_arm_at(f->source, pp_loop_now_us(f->loop) + 1000), 0);
}

static void a_timer_may_be_armed_in_its_own_call(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pp_loop_add_timer(f->loop, 0, arm_again, f, &f->source), 0);
	assert_int_equal(pp_loop_arm_at(f->source, 0), 0);
	assert_int_equal(pp_loop_run(f->loop), 0);
	assert_int_equal(f->calls, 5);
}

static void note_signal(void *user, int signal)
{
	struct fixture *f = user;

	f->signal = signal;
	f->calls++;
	pp_loop_stop(f->loop, 0);
}

static void a_signal_is_an_event_and_not_an_interruption(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1 };
	struct fixture *f = *state;

	for (size_t i = 0; i < PP_COUNT(signals); i++) {
		assert_int_equal(
			pp_loop_add_signal(f->loop, signals[i], note_signal, f, &f->source), 0);
		assert_int_equal(raise(signals[i]), 0);
		assert_int_equal(pp_loop_run(f->loop), 0);
		assert_int_equal(f->signal, signals[i]);
		f->source = pp_loop_source_free(f->source);
	}
}

static void *wake_three_times(void *user)
{
	struct fixture *f = user;

	for (int i = 0; i < 3; i++)
		pp_loop_wake(f->source);
	return NULL;
}

static void wakes_of_another_thread_are_gathered_into_one_call(void **state)
{
	struct fixture *f = *state;
	pthread_t thread;

	assert_int_equal(pp_loop_add_wake(f->loop, stop_7, f, &f->source), 0);
	assert_int_equal(pthread_create(&thread, NULL, wake_three_times, f), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(pp_loop_run(f->loop), 7);
	assert_int_equal(f->calls, 1);
	pp_loop_wake(f->source);
	assert_int_equal(pp_loop_run(f->loop), 7);
	assert_int_equal(f->calls, 2);
}

static void *wake_once(void *user)
{
	pp_loop_wake(user);
	return NULL;
}

static void a_wake_from_another_thread_ends_the_wait(void **state)
{
	struct fixture *f = *state;
	pthread_t thread;

	assert_int_equal(pp_loop_add_wake(f->loop, stop_7, f, &f->source), 0);
	assert_int_equal(pthread_create(&thread, NULL, wake_once, f->source), 0);
	assert_int_equal(pp_loop_run(f->loop), 7);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void free_itself_and_stop(void *user)
{
	struct fixture *f = user;

	f->source = pp_loop_source_free(f->source);
	stop_7(f);
}

static void free_itself_fd(void *user, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	free_itself_and_stop(user);
}

static void free_itself_signal(void *user, int signal)
{
	(void)signal;
	free_itself_and_stop(user);
}

static void a_source_may_be_freed_in_its_own_call(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pp_loop_add_timer(f->loop, 0, free_itself_and_stop, f, &f->source), 0);
	assert_int_equal(pp_loop_arm_at(f->source, 0), 0);
	assert_int_equal(pp_loop_run(f->loop), 7);
	assert_int_equal(pp_loop_add_wake(f->loop, free_itself_and_stop, f, &f->source), 0);
	pp_loop_wake(f->source);
	assert_int_equal(pp_loop_run(f->loop), 7);
	assert_int_equal(
		pp_loop_add_fd(f->loop, f->pipe[1], EPOLLOUT, free_itself_fd, f, &f->source), 0);
	assert_int_equal(pp_loop_run(f->loop), 7);
	assert_int_equal(
		pp_loop_add_signal(f->loop, SIGUSR1, free_itself_signal, f, &f->source), 0);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(pp_loop_run(f->loop), 7);
	assert_int_equal(f->calls, 4);
	assert_null(f->source);
}

static void free_the_other(void *user)
{
	struct fixture *f = user;

	f->calls++;
	f->other = pp_loop_source_free(f->other);
}

static void a_source_that_another_frees_while_due_is_not_called(void **state)
{
	struct fixture *f = *state;
	struct pp_loop_source *end = NULL;
	struct fixture dead = { .loop = f->loop };

	assert_int_equal(pp_loop_add_timer(f->loop, 0, free_the_other, f, &f->source), 0);
	assert_int_equal(pp_loop_add_timer(f->loop, 0, stop_7, &dead, &f->other), 0);
	assert_int_equal(pp_loop_add_timer(f->loop, 0, stop_7, f, &end), 0);
	uint64_t due = mono_us() - 1000;
	assert_int_equal(pp_loop_arm_at(f->source, due), 0);
	assert_int_equal(pp_loop_arm_at(f->other, due + 1), 0);
	assert_int_equal(pp_loop_arm_at(end, due + 2), 0);
	assert_int_equal(pp_loop_run(f->loop), 7);
	assert_int_equal(dead.calls, 0);
	assert_int_equal(f->calls, 2);
	assert_null(pp_loop_source_free(end));
}

static void note_writable(void *user, int fd, uint32_t events)
{
	struct fixture *f = user;

	assert_true(events & EPOLLOUT);
	assert_int_equal(write(fd, "x", 1), 1);
	f->calls++;
	assert_int_equal(pp_loop_set_fd_events(f->source, 0), 0);
	assert_int_equal(pp_loop_arm_at(f->other, pp_loop_now_us(f->loop) + 5000), 0);
}

static void the_events_of_an_fd_can_be_changed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pp_loop_add_timer(f->loop, 0, stop_7, f, &f->other), 0);
	assert_int_equal(
		pp_loop_add_fd(f->loop, f->pipe[1], EPOLLOUT, note_writable, f, &f->source), 0);
	assert_int_equal(pp_loop_run(f->loop), 7);
	assert_int_equal(f->calls, 2);
}

static void what_cannot_be_waited_for_is_refused(void **state)
{
	struct fixture *f = *state;
	struct pp_loop_source *none = NULL;

	assert_int_equal(pp_loop_add_fd(f->loop, -1, EPOLLIN, read_and_stop, f, &none), -EBADF);
	assert_int_equal(pp_loop_add_signal(f->loop, 9999, note_signal, f, &none), -EINVAL);
	assert_null(none);
}

static void systemd_is_told_where_it_listens(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char *folder = pp_test_folder(), got[64] = "";
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	pp_notify("READY=1");
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", folder);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	pp_notify("READY=1");
	assert_int_equal(recv(fd, got, sizeof(got) - 1, 0), 7);
	assert_string_equal(got, "READY=1");
	unsetenv("NOTIFY_SOCKET");
	close(fd);
	pp_test_folder_remove(folder);
}

static void the_watchdog_interval_is_what_systemd_asks_for(void **state)
{
	(void)state;
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(pp_watchdog_us(), 0);
	setenv("WATCHDOG_USEC", "5000000", 1);
	assert_int_equal(pp_watchdog_us(), 5000000);
	unsetenv("WATCHDOG_USEC");
}

#define LOOP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(a_readable_fd_calls_its_function),
		LOOP_TEST(a_stopped_loop_can_run_again_and_returns_each_code),
		LOOP_TEST(a_timer_fires_in_its_window_and_only_once),
		LOOP_TEST(a_disarmed_timer_stays_silent),
		LOOP_TEST(a_timer_may_be_armed_in_its_own_call),
		LOOP_TEST(a_signal_is_an_event_and_not_an_interruption),
		LOOP_TEST(wakes_of_another_thread_are_gathered_into_one_call),
		LOOP_TEST(a_wake_from_another_thread_ends_the_wait),
		LOOP_TEST(a_source_may_be_freed_in_its_own_call),
		LOOP_TEST(a_source_that_another_frees_while_due_is_not_called),
		LOOP_TEST(the_events_of_an_fd_can_be_changed),
		LOOP_TEST(what_cannot_be_waited_for_is_refused),
		cmocka_unit_test(systemd_is_told_where_it_listens),
		cmocka_unit_test(the_watchdog_interval_is_what_systemd_asks_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
