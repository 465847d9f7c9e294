/* SPDX-License-Identifier: Apache-2.0 */
/* uplink/sender.h -- the sending rules of the promise (docs/protocol.md): what is sent when, and
 * when to connect again. Pure: it is told what happened and asked what to do next. */
#ifndef UPLINK_SENDER_H
#define UPLINK_SENDER_H

#include "outbox/parcel.h"
#include "uplink/backlog.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_SENDER_FLYING_MAX 8 /* messages inside Paho */

struct pp_sender;

/* Messages outside the outbox: only the newest of each waits, and none survives the connection. */
enum pp_loose { PP_LOOSE_STATE, PP_LOOSE_ANSWER, PP_LOOSE_SAMPLE, PP_LOOSE_COUNT };

enum pp_send_type { PP_SEND_NOTHING, PP_SEND_CONNECT, PP_SEND_DROP, PP_SEND_PUBLISH };
struct pp_send {
	enum pp_send_type type;
	const char *why; /* DROP: for the log */
	/* PUBLISH: borrowed until the next call. */
	const char *topic;
	const void *payload;
	size_t length;
	const uint8_t *signature; /* NULL: unsigned */
	uint64_t token;
};

int pp_sender_new(uint64_t now_us, struct pp_sender **ret_sender);
struct pp_sender *pp_sender_free(struct pp_sender *s); /* NULL is fine; returns NULL */

/* Takes parcel on success; -EEXIST: held already. It is sent until it is receipted. */
int pp_sender_add(struct pp_sender *s, struct pp_parcel *parcel, uint64_t now_us);
bool pp_sender_holds(const struct pp_sender *s, uint64_t epoch, int64_t seq);
/* Borrowed until the next call of anything of the sender. NULL: not held. */
const struct pp_parcel *pp_sender_parcel(const struct pp_sender *s, uint64_t epoch, int64_t seq);
/* -ENOENT: not held. Recorded: it goes. Refused: it is offered again in 10 minutes. */
int pp_sender_recorded(struct pp_sender *s, uint64_t epoch, int64_t seq);
int pp_sender_refused(struct pp_sender *s, uint64_t epoch, int64_t seq, uint64_t now_us);
/* What was sent of epoch up to high waits no longer for its receipt: it is sent again. */
void pp_sender_again(struct pp_sender *s, uint64_t epoch, int64_t high, uint64_t now_us);
/* The server has answered what was sent at before_us: what had its PUBACK by then and has no
 * receipt is sent again, each row so at most every 10 s. */
void pp_sender_unheard(struct pp_sender *s, uint64_t before_us, uint64_t now_us);
void pp_sender_forget(struct pp_sender *s, uint64_t epoch); /* all of it; it comes under another */
/* payload (heap) is taken. topic is copied; signature may be NULL. */
void pp_sender_put(struct pp_sender *s, enum pp_loose which, const char *topic, char *payload,
	size_t length, const uint8_t *signature);
/* The state that waits goes before alarms: without it the server could not date them. */
void pp_sender_state_first(struct pp_sender *s, bool first);
int64_t pp_sender_oldest(
	const struct pp_sender *s, uint64_t epoch); /* lowest unreceipted seq; 0: none */
/* Lowest seq that was made by this process and never handed over for sending; 0: none. A server
 * that has it recorded has it from somebody else. */
int64_t pp_sender_unseen(const struct pp_sender *s, uint64_t epoch);
/* For the second path (second.h): the alarm held longest of those that wait for a receipt since
 * first_us, or since again_us after they were told that way, times_max times at most. NULL: none,
 * and *ret_next_us says when there will be one; UINT64_MAX: never. */
struct pp_overdue {
	uint64_t first_us, again_us;
	unsigned times_max;
};
const struct pp_parcel *pp_sender_overdue(const struct pp_sender *s, const struct pp_overdue *rule,
	uint64_t now_us, uint64_t *ret_next_us);
void pp_sender_told(struct pp_sender *s, uint64_t epoch, int64_t seq, uint64_t now_us);
size_t pp_sender_depth(const struct pp_sender *s);                 /* unreceipted */
struct pp_backlog_facts pp_sender_look(const struct pp_sender *s); /* of those, for status */
bool pp_sender_up(const struct pp_sender *s);

/* What happened. */
void pp_sender_connected(struct pp_sender *s, uint64_t now_us);
void pp_sender_lost(struct pp_sender *s, uint64_t now_us, uint32_t random);
void pp_sender_published(struct pp_sender *s, uint64_t token, int reason, uint64_t now_us);
void pp_sender_inbound(struct pp_sender *s, uint64_t now_us); /* anything arrived */

/* What to do now; call until PP_SEND_NOTHING. Returns true when there is something to do. */
bool pp_sender_next(struct pp_sender *s, uint64_t now_us, struct pp_send *ret_send);
uint64_t pp_sender_deadline(
	const struct pp_sender *s); /* when to ask again by time alone; UINT64_MAX: never */

#endif
