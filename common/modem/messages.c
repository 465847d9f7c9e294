/* SPDX-License-Identifier: Apache-2.0 */
/* messages.c -- messages on their way out, their reports, and those that come in. */
#include "inside.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEND_US (120 * SECOND) /* modems take their time */

/* MMSmsState, MMSmsDeliveryState of the reference. */
#define SMS_STATE_RECEIVED 3
#define DELIVERY_COMPLETED_LAST 0x02
#define DELIVERY_PERMANENT_FIRST 0x40
#define DELIVERY_PERMANENT_LAST 0x6f

struct send {
	TAILQ_ENTRY(send) entry;
	struct pp_modem *modem;
	struct pp_modem_message message; /* its texts are the next two */
	char number[PP_MODEM_NUMBER_MAX + 1], text[PP_MODEM_TEXT_MAX + 1];
	char path[PATH_SIZE]; /* of the message at the modem, once it is made there */
	sd_bus_slot *call;
	bool over; /* to be told with this: */
	int error;
	char why[96];
};

/* ---- sends ---- */

static void send_over(struct send *s, int error, const char *why)
{
	s->over = true;
	s->error = error;
	snprintf(s->why, sizeof(s->why), "%s", why);
	s->call = sd_bus_slot_unref(s->call);
}

/* The call could not even be handed to the bus. */
static void send_refused(struct send *s, int r)
{
	bool gone = r == -ECONNRESET || r == -EPIPE || r == -ESHUTDOWN || r == -ECONNREFUSED;

	send_over(s, gone ? -ENOTCONN : r, strerrordesc_np(-r));
}

static int errno_of(const sd_bus_error *e)
{
	if (sd_bus_error_has_name(e, SD_BUS_ERROR_NO_REPLY) ||
		sd_bus_error_has_name(e, SD_BUS_ERROR_TIMEOUT))
		return -ETIMEDOUT;
	return sd_bus_error_has_name(e, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
			       sd_bus_error_has_name(e, SD_BUS_ERROR_DISCONNECTED) ||
			       sd_bus_error_has_name(e, SD_BUS_ERROR_NAME_HAS_NO_OWNER)
		       ? -ENOTCONN
		       : -EREMOTEIO;
}

/* True: the call failed, and the send is over. */
static bool call_failed(struct send *s, sd_bus_message *reply)
{
	const sd_bus_error *e = sd_bus_message_get_error(reply);

	s->call = sd_bus_slot_unref(s->call);
	if (!e)
		return false;
	send_over(s, errno_of(e), e->message && e->message[0] ? e->message : e->name);
	return true;
}

static void sms_delete(struct pp_modem *m, const char *path)
{
	if (m->bus && m->path[0])
		(void)sd_bus_call_method_async(m->bus, NULL, SERVICE, m->path, MESSAGING, "Delete",
			NULL, NULL, "o", path);
}

/* The oldest report that is awaited gives way: what is late by 63 messages will not come. */
static void report_await(struct pp_modem *m, const char *path, uint64_t token)
{
	struct report *r = &m->reports[0];

	for (size_t i = 0; i < REPORTS_MAX; i++)
		if (m->reports[i].order < r->order)
			r = &m->reports[i];
	if (r->path[0])
		sms_delete(m, r->path);
	*r = (struct report){ .token = token, .order = ++m->order };
	snprintf(r->path, sizeof(r->path), "%s", path);
}

static int on_sent(sd_bus_message *reply, void *user, sd_bus_error *error)
{
	struct send *s = user;

	(void)error;
	if (call_failed(s, reply)) {
		sms_delete(s->modem, s->path);
		return 0;
	}
	if (s->message.report)
		report_await(s->modem, s->path, s->message.token);
	else
		sms_delete(s->modem, s->path);
	send_over(s, 0, "");
	return 0;
}

static int on_created(sd_bus_message *reply, void *user, sd_bus_error *error)
{
	struct send *s = user;
	sd_bus_message *call = NULL;
	const char *path;
	int r;

	(void)error;
	if (call_failed(s, reply))
		return 0;
	r = sd_bus_message_read(reply, "o", &path);
	if (r < 0 || strlen(path) >= sizeof(s->path)) {
		send_over(s, -EREMOTEIO, "ModemManager's answer cannot be read");
		return 0;
	}
	snprintf(s->path, sizeof(s->path), "%s", path);
	r = sd_bus_message_new_method_call(s->modem->bus, &call, SERVICE, path, SMS, "Send");
	if (r >= 0)
		r = sd_bus_call_async(s->modem->bus, &s->call, call, on_sent, s, SEND_US);
	sd_bus_message_unref(call);
	if (r < 0)
		send_refused(s, r);
	return 0;
}

static int create_call(struct send *s, sd_bus_message **ret_call)
{
	sd_bus_message *call = NULL;
	int r = sd_bus_message_new_method_call(
		s->modem->bus, &call, SERVICE, s->modem->path, MESSAGING, "Create");

	if (r >= 0)
		r = sd_bus_message_append(call, "a{sv}", 3, "number", "s", s->number, "text", "s",
			s->text, "delivery-report-request", "b", (int)s->message.report);
	if (r < 0) {
		sd_bus_message_unref(call);
		return r;
	}
	*ret_call = call;
	return 0;
}

static void send_begin(struct send *s)
{
	struct pp_modem *m = s->modem;
	sd_bus_message *call = NULL;
	int r;

	if (!m->path[0]) {
		send_over(s, -ENOTCONN, m->why_away);
		return;
	}
	r = create_call(s, &call);
	if (r >= 0)
		r = sd_bus_call_async(m->bus, &s->call, call, on_created, s, CALL_US);
	sd_bus_message_unref(call);
	if (r < 0)
		send_refused(s, r);
}

void pp_modem_tell(struct pp_modem *m)
{
	struct send *s, *next;

	for (s = TAILQ_FIRST(&m->sends); s; s = next) {
		next = TAILQ_NEXT(s, entry);
		if (!s->over)
			continue;
		TAILQ_REMOVE(&m->sends, s, entry);
		m->send_count--;
		s->message.sent(s->message.user, s->message.token, s->error, s->why);
		free(s);
		next = TAILQ_FIRST(&m->sends); /* the list may be another now */
	}
}

/* ---- what comes in ---- */

struct incoming {
	const char *number, *text;
	uint32_t state;
};

static int on_member(sd_bus_message *m, const char *name, void *user)
{
	struct incoming *in = user;

	if (strcmp(name, "Number") == 0)
		return sd_bus_message_read(m, "v", "s", &in->number);
	if (strcmp(name, "Text") == 0)
		return sd_bus_message_read(m, "v", "s", &in->text);
	if (strcmp(name, "State") == 0)
		return sd_bus_message_read(m, "v", "u", &in->state);
	return sd_bus_message_skip(m, "v");
}

/* The members of an a{sv}, each handed to fn. */
typedef int member_fn(sd_bus_message *m, const char *name, void *user);
static int members_read(sd_bus_message *m, member_fn *fn, void *user)
{
	const char *name;
	int r = sd_bus_message_enter_container(m, 'a', "{sv}");

	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &name);
		if (r >= 0)
			r = fn(m, name, user);
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* One message at the modem that is asked about. */
struct look {
	struct pp_modem *modem;
	char path[PATH_SIZE];
};

static int on_looked(sd_bus_message *reply, void *user, sd_bus_error *error)
{
	struct incoming in = { .number = "", .text = "" };
	const struct look *look = user;
	struct pp_modem *m = look->modem;

	(void)error;
	if (sd_bus_message_get_error(reply) || members_read(reply, on_member, &in) < 0 ||
		in.state != SMS_STATE_RECEIVED)
		return 0;
	for (size_t i = 0; i < TAKEN_MAX; i++)
		if (strcmp(m->taken[i], look->path) == 0)
			return 0; /* it is being deleted */
	if (!m->handlers.received(m->user, in.number, in.text))
		return 0;
	memcpy(m->taken[m->next_taken], look->path, PATH_SIZE);
	m->next_taken = (m->next_taken + 1) % TAKEN_MAX;
	sms_delete(m, look->path);
	return 0;
}

static void look_at(struct pp_modem *m, const char *path)
{
	struct look *look = calloc(1, sizeof(*look));
	sd_bus_slot *slot = NULL;

	if (!look || strlen(path) >= sizeof(look->path)) {
		free(look);
		return;
	}
	look->modem = m;
	snprintf(look->path, sizeof(look->path), "%s", path);
	if (sd_bus_call_method_async(m->bus, &slot, SERVICE, path, PROPERTIES, "GetAll", on_looked,
		    look, "s", SMS) < 0) {
		free(look);
		return;
	}
	/* It lives as long as the call, however that ends. */
	(void)sd_bus_slot_set_destroy_callback(slot, free);
	(void)sd_bus_slot_set_floating(slot, true);
	sd_bus_slot_unref(slot);
}

static int on_list(sd_bus_message *reply, void *user, sd_bus_error *error)
{
	struct pp_modem *m = user;
	const char *path;
	int r;

	(void)error;
	if (sd_bus_message_get_error(reply))
		return 0;
	r = sd_bus_message_enter_container(reply, 'a', "o");
	while (r >= 0 && (r = sd_bus_message_read(reply, "o", &path)) > 0)
		look_at(m, path);
	return 0;
}

void pp_modem_look(struct pp_modem *m)
{
	if (m->handlers.received && m->path[0])
		(void)sd_bus_call_method_async(m->bus, NULL, SERVICE, m->path, MESSAGING, "List",
			on_list, m, NULL);
}

static int on_added(sd_bus_message *signal, void *user, sd_bus_error *error)
{
	struct pp_modem *m = user;
	const char *path;
	int received;

	(void)error;
	if (sd_bus_message_read(signal, "ob", &path, &received) >= 0 && received &&
		m->handlers.received)
		look_at(m, path);
	return 0;
}

static int on_delivery_member(sd_bus_message *m, const char *name, void *user)
{
	if (strcmp(name, "DeliveryState") == 0)
		return sd_bus_message_read(m, "v", "u", (uint32_t *)user);
	return sd_bus_message_skip(m, "v");
}

/* A message's state has changed; of those whose report is awaited: has it arrived? */
static int on_changed(sd_bus_message *signal, void *user, sd_bus_error *error)
{
	const char *path = sd_bus_message_get_path(signal), *interface;
	uint32_t state = UINT32_MAX;
	struct pp_modem *m = user;

	(void)error;
	if (sd_bus_message_read(signal, "s", &interface) < 0 || strcmp(interface, SMS) != 0 ||
		members_read(signal, on_delivery_member, &state) < 0)
		return 0;
	for (size_t i = 0; i < REPORTS_MAX; i++) {
		struct report *r = &m->reports[i];
		bool arrived = state <= DELIVERY_COMPLETED_LAST;

		if (strcmp(r->path, path) != 0 || r->path[0] == '\0')
			continue;
		if (!arrived &&
			(state < DELIVERY_PERMANENT_FIRST || state > DELIVERY_PERMANENT_LAST))
			continue; /* the network goes on trying */
		r->path[0] = '\0';
		r->order = 0;
		sms_delete(m, path);
		if (m->handlers.delivered)
			m->handlers.delivered(m->user, r->token, arrived);
	}
	return 0;
}

int pp_modem_listen(struct pp_modem *m)
{
	static const char changed[] = "type='signal',sender='" SERVICE "',interface='" PROPERTIES
				      "',member='PropertiesChanged',arg0='" SMS "'";
	int r = sd_bus_match_signal_async(
		m->bus, NULL, SERVICE, NULL, MESSAGING, "Added", on_added, NULL, m);

	return r < 0 ? r : sd_bus_add_match_async(m->bus, NULL, changed, on_changed, NULL, m);
}

void pp_modem_drop(struct pp_modem *m)
{
	struct send *s;

	TAILQ_FOREACH(s, &m->sends, entry)
	if (!s->over)
		send_over(s, -ENOTCONN, "the bus is gone");
	for (size_t i = 0; i < REPORTS_MAX; i++)
		m->reports[i] = (struct report){ .order = 0 };
}

void pp_modem_forget(struct pp_modem *m)
{
	struct send *s;

	while ((s = TAILQ_FIRST(&m->sends))) {
		TAILQ_REMOVE(&m->sends, s, entry);
		free(s);
	}
	m->send_count = 0;
}

/* ---- public ---- */

bool pp_modem_number_is_fine(const char *number)
{
	const char *digits = number[0] == '+' ? number + 1 : number;
	size_t length = strspn(digits, "0123456789");

	return length >= 3 && length <= 15 && digits[length] == '\0';
}

int pp_modem_send(struct pp_modem *m, const struct pp_modem_message *message)
{
	struct send *s;
	size_t length = strlen(message->text);

	if (!pp_modem_number_is_fine(message->number) || length == 0 || length > PP_MODEM_TEXT_MAX)
		return -EINVAL;
	if (m->send_count == PP_MODEM_SENDS_MAX)
		return -ENOBUFS;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->modem = m;
	s->message = *message;
	snprintf(s->number, sizeof(s->number), "%s", message->number);
	memcpy(s->text, message->text, length + 1);
	TAILQ_INSERT_TAIL(&m->sends, s, entry);
	m->send_count++;
	send_begin(s);
	(void)pp_loop_arm_at(m->on_timer, 0);
	return 0;
}
