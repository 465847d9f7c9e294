/* SPDX-License-Identifier: Apache-2.0 */
/* alarm_inbox.h -- alarms of posts without a network, and answers of people who were called:
 * into the record first, and only then away from the modem. Private to the room. */
#ifndef SMS_MODEM_ALARM_INBOX_H
#define SMS_MODEM_ALARM_INBOX_H

#include "engine/engine.h"

#include <stdbool.h>
#include <stdint.h>

#define PP_ALARMS_ASKED_MAX 32

struct pp_alarm_inbox;
struct pp_alarm_text {
	enum { ALARM_FREE, ALARM_ASKED, ALARM_DONE } state;
	uint8_t digest[32]; /* of the text and the number that it came from */
	struct pp_alarm_inbox *inbox;
};
/* Zeroed but for engine, dealt and user. Stays where it is while the engine lives. */
struct pp_alarm_inbox {
	struct pp_engine *engine;
	void (*dealt)(void *user); /* something was: offer what there is */
	void *user;
	size_t next;
	struct pp_alarm_text texts[PP_ALARMS_ASKED_MAX];
};

/* Asks for the change that a text means. True: the record has it, or never will: the modem may
 * forget the text. False: it is to be offered again, in a minute or so. */
bool pp_alarm_inbox_take(
	struct pp_alarm_inbox *s, const struct pp_action *action, const char *text);

#endif
