/* SPDX-License-Identifier: Apache-2.0 */
/* sms_http/inbound.h -- what an SMS gateway posts back. Pure. */
#ifndef SMS_HTTP_INBOUND_H
#define SMS_HTTP_INBOUND_H

#include <stddef.h>

#include "form/form.h"
#include "texts/reply.h"

#define PP_INBOUND_MAX 8192      /* bytes of a body */
#define PP_INBOUND_ALARM_MAX 640 /* bytes of an alarm, with what gateways add between its letters */
#define PP_INBOUND_FROM_MAX 40   /* bytes */

enum pp_inbound_kind {
	PP_INBOUND_REPLY,
	PP_INBOUND_ALARM,
	PP_INBOUND_DELIVERED,
	PP_INBOUND_FAILED,
};
struct pp_inbound {
	enum pp_inbound_kind kind;
	struct pp_reply reply;                /* REPLY */
	char alarm[PP_INBOUND_ALARM_MAX + 1]; /* ALARM: as a post has sent it */
	char from[PP_INBOUND_FROM_MAX + 1];   /* of a text: the gateway's word for who; "": none */
	/* of a report: the gateway's word for the message */
	char reference[PP_FORM_REFERENCE_SIZE];
};
/* A JSON object with `text` (or `message`, `body`), and `from` (or `sender`, `number`,
 * `msisdn`), or with `reference` (or `id`, `message_id`) and
 * `status`: delivered, or undelivered, failed, rejected, expired. -EBADMSG: neither. -EINVAL: a
 * text that is no answer of anybody called. -EAGAIN: a report that says nothing yet ("queued"). */
int pp_inbound_parse(const char *body, size_t length, struct pp_inbound *ret_inbound);

#endif
