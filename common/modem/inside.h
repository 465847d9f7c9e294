/* SPDX-License-Identifier: Apache-2.0 */
/* inside.h -- what modem.c (bus, service, modem) and messages.c (what is sent and comes in) share.
 * Private to the room. */
#ifndef MODEM_INSIDE_H
#define MODEM_INSIDE_H

#include "modem/modem.h"

#include <sys/queue.h>

#include <systemd/sd-bus.h>

#define SERVICE "org.freedesktop.ModemManager1"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define MESSAGING SERVICE ".Modem.Messaging"
#define SMS SERVICE ".Sms"

#define SECOND 1000000u
#define CALL_US (30 * SECOND)
#define PATH_SIZE 128
#define REPORTS_MAX 64 /* messages whose report is awaited; the oldest gives way */
#define TAKEN_MAX 16   /* messages taken in whose deletion may be under way */

struct send;
struct report {
	char path[PATH_SIZE]; /* "": free */
	uint64_t token, order;
};

struct pp_modem {
	struct pp_loop *loop;
	struct pp_modem_handlers handlers;
	void *user;
	char address[256];
	sd_bus *bus; /* NULL: away */
	struct pp_loop_source *on_bus, *on_timer;
	char path[PATH_SIZE]; /* of the modem; "": none was found */
	const char *why_away;
	uint64_t find_wait_us, find_us, look_us; /* UINT64_MAX: not planned */
	/* messages.c */
	TAILQ_HEAD(, send) sends;
	size_t send_count;
	struct report reports[REPORTS_MAX];
	uint64_t order;
	char taken[TAKEN_MAX][PATH_SIZE];
	size_t next_taken;
};

/* Calls those who wait for what is over: outside sd-bus, because they may send again. */
void pp_modem_tell(struct pp_modem *m);
/* The bus is gone: so is everything that was under way there. */
void pp_modem_drop(struct pp_modem *m);
void pp_modem_forget(struct pp_modem *m); /* frees what is under way; nobody is told */
/* Asks for the messages that the modem holds. */
void pp_modem_look(struct pp_modem *m);
/* The matches that messages need. -errno. */
int pp_modem_listen(struct pp_modem *m);

#endif
