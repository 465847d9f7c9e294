/* SPDX-License-Identifier: Apache-2.0 */
/* modem/modem.h -- text messages through ModemManager on D-Bus (the one adapter of sd-bus).
 * Interfaces: org.freedesktop.ModemManager1, its Modem.Messaging and Sms, as documented at
 * "ModemManager D-Bus reference". Never waits: answers come as calls on the loop. A bus, a service
 * or a modem that is away is looked for again, after 1 s, doubled to 60 s. */
#ifndef MODEM_MODEM_H
#define MODEM_MODEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop/loop.h"

#define PP_MODEM_NUMBER_MAX 20 /* characters */
#define PP_MODEM_TEXT_MAX 480  /* letters: three messages, which the modem joins */
#define PP_MODEM_SENDS_MAX 16  /* under way at once; more are -ENOBUFS */

struct pp_modem;

struct pp_modem_handlers {
	/* A message came. It is deleted from the modem after this has returned true; false: it is
	 * offered again, in a minute or when the modem is found anew. */
	bool (*received)(void *user, const char *number, const char *text);
	/* A report of the network about a message that `send` was told to ask it for. */
	void (*delivered)(void *user, uint64_t token, bool arrived);
};

/* address: of the bus, as D-Bus writes it ("unix:path=/run/dbus/system_bus_socket"); "": the system
 * bus. handlers may hold NULLs: then what comes in stays in the modem. */
int pp_modem_new(struct pp_loop *loop, const char *address,
	const struct pp_modem_handlers *handlers, void *user, struct pp_modem **ret_modem);
/* What is under way is not told any more. NULL is fine; returns NULL. */
struct pp_modem *pp_modem_free(struct pp_modem *m);
/* "" when messages can be sent; else why not: "no bus", "no ModemManager", "no modem". */
const char *pp_modem_why_away(const struct pp_modem *m);

/* Offers what stayed there at once, instead of in a minute. */
void pp_modem_offer(struct pp_modem *m);

/* [+] and 3 to 15 digits (ITU-T E.164). */
bool pp_modem_number_is_fine(const char *number);
/* error 0: the network has taken it; else it was not sent, or nobody knows: -ENOTCONN, -ETIMEDOUT,
 * -EREMOTEIO (ModemManager refused; see why). Called exactly once, never inside send. */
typedef void pp_modem_sent_fn(void *user, uint64_t token, int error, const char *why);
struct pp_modem_message {
	const char *number, *text;
	bool report;    /* ask the network for one: `delivered' */
	uint64_t token; /* the caller's name for it */
	pp_modem_sent_fn *sent;
	void *user;
};
/* -EINVAL: no number, or no text of up to PP_MODEM_TEXT_MAX bytes; -ENOBUFS; -ENOMEM. */
int pp_modem_send(struct pp_modem *m, const struct pp_modem_message *message);

#endif
