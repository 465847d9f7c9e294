/* SPDX-License-Identifier: Apache-2.0 */
/* modem.c -- one connection to a bus, and the modem that is found there. */
#include "inside.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define ROOT "/org/freedesktop/ModemManager1"
#define OBJECTS "org.freedesktop.DBus.ObjectManager"

#define FIND_FIRST_US SECOND
#define FIND_LAST_US (60 * SECOND)
#define LOOK_US (60 * SECOND) /* at what may have come in unheard */
#define AT_ONCE 64            /* events of the bus in one turn of the loop */

static void pump(struct pp_modem *m);

/* ---- the bus, the service and the modem ---- */

static void find_again(struct pp_modem *m, const char *why)
{
	m->why_away = why;
	m->path[0] = '\0';
	m->find_us = pp_loop_now_us(m->loop) + m->find_wait_us;
	m->find_wait_us = 2 * m->find_wait_us < FIND_LAST_US ? 2 * m->find_wait_us : FIND_LAST_US;
}

static void bus_close(struct pp_modem *m)
{
	pp_modem_drop(m);
	m->on_bus = pp_loop_source_free(m->on_bus);
	if (m->bus)
		sd_bus_close(m->bus);
	m->bus = sd_bus_unref(m->bus);
	m->look_us = UINT64_MAX;
}

/* The first object that can send messages. */
static int objects_read(sd_bus_message *m, char ret_path[PATH_SIZE])
{
	const char *path, *interface;
	int r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");

	ret_path[0] = '\0';
	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
		r = sd_bus_message_read(m, "o", &path);
		if (r >= 0)
			r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
		while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
			r = sd_bus_message_read(m, "s", &interface);
			if (r >= 0 && strcmp(interface, MESSAGING) == 0 && !ret_path[0] &&
				strlen(path) < PATH_SIZE)
				memcpy(ret_path, path, strlen(path) + 1);
			if (r >= 0)
				r = sd_bus_message_skip(m, "a{sv}");
			if (r >= 0)
				r = sd_bus_message_exit_container(m);
		}
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return r;
}

static void look(struct pp_modem *m)
{
	m->look_us = pp_loop_now_us(m->loop) + LOOK_US;
	pp_modem_look(m);
}

static int on_objects(sd_bus_message *reply, void *user, sd_bus_error *error)
{
	struct pp_modem *m = user;
	char path[PATH_SIZE];

	(void)error;
	if (sd_bus_message_get_error(reply) || objects_read(reply, path) < 0) {
		find_again(m, "no ModemManager");
		return 0;
	}
	if (!path[0]) {
		find_again(m, "no modem");
		return 0;
	}
	memcpy(m->path, path, sizeof(m->path));
	m->why_away = "";
	m->find_wait_us = FIND_FIRST_US;
	m->find_us = UINT64_MAX;
	look(m);
	return 0;
}

/* Something came or went: what is there now? */
static int on_presence(sd_bus_message *signal, void *user, sd_bus_error *error)
{
	struct pp_modem *m = user;

	(void)signal;
	(void)error;
	m->find_wait_us = FIND_FIRST_US;
	m->find_us = 0;
	return 0;
}

static int bus_listen(struct pp_modem *m)
{
	static const char owner[] =
		"type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
		"member='NameOwnerChanged',arg0='" SERVICE "'";
	int r = pp_modem_listen(m);

	if (r >= 0)
		r = sd_bus_match_signal_async(m->bus, NULL, SERVICE, ROOT, OBJECTS,
			"InterfacesAdded", on_presence, NULL, m);
	if (r >= 0)
		r = sd_bus_match_signal_async(m->bus, NULL, SERVICE, ROOT, OBJECTS,
			"InterfacesRemoved", on_presence, NULL, m);
	return r < 0 ? r : sd_bus_add_match_async(m->bus, NULL, owner, on_presence, NULL, m);
}

static void on_bus(void *user, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	pump(user);
}

static int bus_open(struct pp_modem *m)
{
	int r = m->address[0] ? sd_bus_new(&m->bus) : sd_bus_open_system(&m->bus);

	if (r >= 0 && m->address[0]) {
		r = sd_bus_set_address(m->bus, m->address);
		if (r >= 0)
			r = sd_bus_set_bus_client(m->bus, true);
		if (r >= 0)
			r = sd_bus_start(m->bus);
	}
	if (r >= 0)
		r = sd_bus_set_method_call_timeout(m->bus, CALL_US);
	if (r >= 0)
		r = bus_listen(m);
	if (r >= 0)
		r = pp_loop_add_fd(
			m->loop, sd_bus_get_fd(m->bus), EPOLLIN, on_bus, m, &m->on_bus);
	return r;
}

static void find(struct pp_modem *m)
{
	m->find_us = UINT64_MAX;
	if (!m->bus && bus_open(m) < 0) {
		bus_close(m);
		find_again(m, "no bus");
		return;
	}
	if (sd_bus_call_method_async(m->bus, NULL, SERVICE, ROOT, OBJECTS, "GetManagedObjects",
		    on_objects, m, NULL) < 0)
		find_again(m, "no ModemManager");
}

/* ---- the loop ---- */

static void timer_arm(struct pp_modem *m)
{
	uint64_t at = m->find_us < m->look_us ? m->find_us : m->look_us, bus_us = UINT64_MAX;

	if (m->bus && sd_bus_get_timeout(m->bus, &bus_us) >= 0 && bus_us < at)
		at = bus_us;
	(void)pp_loop_arm_at(m->on_timer, at);
}

/* True: more waits. */
static bool bus_process(struct pp_modem *m)
{
	int r = 1, wanted;

	for (int i = 0; r > 0 && i < AT_ONCE; i++)
		r = sd_bus_process(m->bus, NULL);
	wanted = r < 0 ? r : sd_bus_get_events(m->bus);
	if (wanted < 0) {
		bus_close(m);
		find_again(m, "no bus");
		return false;
	}
	(void)pp_loop_set_fd_events(m->on_bus,
		(wanted & POLLIN ? (uint32_t)EPOLLIN : 0) |
			(wanted & POLLOUT ? (uint32_t)EPOLLOUT : 0));
	return r > 0;
}

/* Lets the bus do what it can without waiting. */
static void pump(struct pp_modem *m)
{
	bool more = m->bus && bus_process(m);

	pp_modem_tell(m);
	timer_arm(m);
	if (more) /* after the others' turn */
		(void)pp_loop_arm_at(m->on_timer, 0);
}

static void on_timer(void *user)
{
	struct pp_modem *m = user;
	uint64_t now = pp_loop_now_us(m->loop);

	if (now >= m->find_us)
		find(m);
	if (now >= m->look_us)
		look(m);
	pump(m);
}

/* ---- public ---- */

void pp_modem_offer(struct pp_modem *m)
{
	if (m->look_us == UINT64_MAX)
		return; /* no modem: all of it is offered when one is found */
	m->look_us = 0;
	(void)pp_loop_arm_at(m->on_timer, 0);
}

const char *pp_modem_why_away(const struct pp_modem *m)
{
	return m->why_away;
}

int pp_modem_new(struct pp_loop *loop, const char *address,
	const struct pp_modem_handlers *handlers, void *user, struct pp_modem **ret_modem)
{
	struct pp_modem *m;
	int r;

	if (strlen(address) >= sizeof(m->address))
		return -EINVAL;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->loop = loop;
	m->handlers = *handlers;
	m->user = user;
	snprintf(m->address, sizeof(m->address), "%s", address);
	m->why_away = "no bus";
	m->find_wait_us = FIND_FIRST_US;
	m->look_us = UINT64_MAX;
	TAILQ_INIT(&m->sends);
	r = pp_loop_add_timer(loop, 1000, on_timer, m, &m->on_timer);
	if (r == 0)
		r = pp_loop_arm_at(m->on_timer, 0); /* finds */
	if (r < 0) {
		pp_modem_free(m);
		return r;
	}
	*ret_modem = m;
	return 0;
}

struct pp_modem *pp_modem_free(struct pp_modem *m)
{
	if (!m)
		return NULL;
	bus_close(m);
	pp_modem_forget(m);
	pp_loop_source_free(m->on_timer);
	free(m);
	return NULL;
}
