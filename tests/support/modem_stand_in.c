/* SPDX-License-Identifier: Apache-2.0 */
/* modem_stand_in.c -- stands in for ModemManager on a bus of the tests' own: one modem with the
 * Messaging interface, and messages, as "ModemManager D-Bus reference" documents them.
 *
 *   modem-stand-in ADDRESS     says "ready", then "sent NUMBER TEXT" for each message sent and
 *                              "deleted PATH"; takes lines on stdin:
 *   receive NUMBER TEXT        a message comes in
 *   arrive | lose              what was sent with a report asked for has arrived, or never will
 *   mode fine|refuses|hangs    what Send does
 *   gone | back                the modem is pulled out, and put back
 * It ends when stdin does. */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#define SERVICE "org.freedesktop.ModemManager1"
#define ROOT "/org/freedesktop/ModemManager1"
#define MODEM ROOT "/Modem/0"
#define MESSAGING SERVICE ".Modem.Messaging"
#define SMS SERVICE ".Sms"
#define MESSAGES_MAX 256

enum { STATE_UNKNOWN, STATE_STORED, STATE_RECEIVING, STATE_RECEIVED, STATE_SENDING, STATE_SENT };
enum { DELIVERY_COMPLETED = 0x00, DELIVERY_REFUSED = 0x41, DELIVERY_UNKNOWN = 0x100 };

struct sms {
	bool used;
	int id;
	uint32_t state, delivery;
	int report;
	char number[64], text[1024];
	sd_bus_slot *slot;
};

static struct {
	sd_bus *bus;
	sd_bus_slot *modem;
	enum { FINE, REFUSES, HANGS } mode;
	int last_id;
	struct sms messages[MESSAGES_MAX];
	char line[2048];
	size_t length;
} at;

static void path_of(const struct sms *s, char path[128])
{
	snprintf(path, 128, ROOT "/SMS/%d", s->id);
}

static struct sms *find(const char *path)
{
	char own[128];

	for (size_t i = 0; i < MESSAGES_MAX; i++) {
		path_of(&at.messages[i], own);
		if (at.messages[i].used && strcmp(own, path) == 0)
			return &at.messages[i];
	}
	return NULL;
}

/* ---- a message ---- */

static int on_send(sd_bus_message *call, void *user, sd_bus_error *error)
{
	struct sms *s = user;

	if (at.mode == HANGS)
		return 1; /* it never answers */
	if (at.mode == REFUSES)
		return sd_bus_error_set(error, SERVICE ".Error.MobileEquipment.NoNetwork",
			"Couldn't send SMS: no network service");
	s->state = STATE_SENT;
	printf("sent %s %s\n", s->number, s->text);
	return sd_bus_reply_method_return(call, "");
}

static int on_store(sd_bus_message *call, void *user, sd_bus_error *error)
{
	struct sms *s = user;

	(void)error;
	s->state = STATE_STORED;
	return sd_bus_reply_method_return(call, "");
}

static int text_get(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *user, sd_bus_error *error)
{
	(void)bus, (void)path, (void)interface, (void)property, (void)error;
	return sd_bus_message_append(reply, "s", (const char *)user);
}

static const sd_bus_vtable sms_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("Send", "", "", on_send, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Store", "u", "", on_store, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_PROPERTY("State", "u", NULL, offsetof(struct sms, state), 0),
	SD_BUS_PROPERTY("Number", "s", text_get, offsetof(struct sms, number), 0),
	SD_BUS_PROPERTY("Text", "s", text_get, offsetof(struct sms, text), 0),
	SD_BUS_PROPERTY("DeliveryReportRequest", "b", NULL, offsetof(struct sms, report), 0),
	SD_BUS_PROPERTY("DeliveryState", "u", NULL, offsetof(struct sms, delivery),
		SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
	SD_BUS_VTABLE_END,
};

static struct sms *sms_new(uint32_t state)
{
	char path[128];

	for (size_t i = 0; i < MESSAGES_MAX; i++) {
		struct sms *s = &at.messages[i];

		if (s->used)
			continue;
		*s = (struct sms){ .used = true, .id = ++at.last_id, .state = state };
		s->delivery = DELIVERY_UNKNOWN;
		path_of(s, path);
		if (sd_bus_add_object_vtable(at.bus, &s->slot, path, SMS, sms_table, s) < 0)
			abort();
		return s;
	}
	return NULL;
}

static void sms_free(struct sms *s)
{
	sd_bus_slot_unref(s->slot);
	s->used = false;
}

/* ---- the modem ---- */

static int member_take(sd_bus_message *call, const char *name, struct sms *s)
{
	const char *text;
	int r;

	if (strcmp(name, "delivery-report-request") == 0)
		return sd_bus_message_read(call, "v", "b", &s->report);
	if (strcmp(name, "number") != 0 && strcmp(name, "text") != 0)
		return sd_bus_message_skip(call, "v");
	r = sd_bus_message_read(call, "v", "s", &text);
	if (r >= 0 && name[0] == 'n')
		snprintf(s->number, sizeof(s->number), "%s", text);
	else if (r >= 0)
		snprintf(s->text, sizeof(s->text), "%s", text);
	return r;
}

static int on_create(sd_bus_message *call, void *user, sd_bus_error *error)
{
	struct sms *s = sms_new(STATE_UNKNOWN);
	const char *name;
	char path[128];
	int r = s ? sd_bus_message_enter_container(call, 'a', "{sv}") : -ENOBUFS;

	(void)user;
	while (r >= 0 && (r = sd_bus_message_enter_container(call, 'e', "sv")) > 0) {
		r = sd_bus_message_read(call, "s", &name);
		if (r >= 0)
			r = member_take(call, name, s);
		if (r >= 0)
			r = sd_bus_message_exit_container(call);
	}
	if (r >= 0 && (!s->number[0] || !s->text[0]))
		return sd_bus_error_set(error, SERVICE ".Error.Core.InvalidArgs",
			"Cannot create message: number and text are required");
	if (r < 0)
		return r;
	path_of(s, path);
	return sd_bus_reply_method_return(call, "o", path);
}

static int on_list(sd_bus_message *call, void *user, sd_bus_error *error)
{
	sd_bus_message *reply = NULL;
	char path[128];
	int r = sd_bus_message_new_method_return(call, &reply);

	(void)user, (void)error;
	if (r >= 0)
		r = sd_bus_message_open_container(reply, 'a', "o");
	for (size_t i = 0; r >= 0 && i < MESSAGES_MAX; i++) {
		if (!at.messages[i].used)
			continue;
		path_of(&at.messages[i], path);
		r = sd_bus_message_append(reply, "o", path);
	}
	if (r >= 0)
		r = sd_bus_message_close_container(reply);
	if (r >= 0)
		r = sd_bus_send(at.bus, reply, NULL);
	sd_bus_message_unref(reply);
	return r;
}

static int on_delete(sd_bus_message *call, void *user, sd_bus_error *error)
{
	const char *path;
	struct sms *s;
	int r = sd_bus_message_read(call, "o", &path);

	(void)user;
	s = r < 0 ? NULL : find(path);
	if (!s)
		return sd_bus_error_set(error, SERVICE ".Error.Core.NotFound", "No such SMS");
	printf("deleted %s\n", path);
	sms_free(s);
	return sd_bus_reply_method_return(call, "");
}

static const sd_bus_vtable messaging_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("List", "", "ao", on_list, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Create", "a{sv}", "o", on_create, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Delete", "o", "", on_delete, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_SIGNAL("Added", "ob", 0),
	SD_BUS_SIGNAL("Deleted", "o", 0),
	SD_BUS_VTABLE_END,
};

static int modem_add(void)
{
	int r;

	if (at.modem)
		return 0;
	r = sd_bus_add_object_vtable(at.bus, &at.modem, MODEM, MESSAGING, messaging_table, NULL);
	return r < 0 ? r : sd_bus_emit_object_added(at.bus, MODEM);
}

static void modem_remove(void)
{
	if (at.modem)
		(void)sd_bus_emit_object_removed(at.bus, MODEM);
	at.modem = sd_bus_slot_unref(at.modem);
}

/* ---- orders ---- */

static void receive(char *rest)
{
	char path[128], *text = strchr(rest, ' ');
	struct sms *s;

	if (!text || (size_t)(text - rest) >= sizeof(s->number) || strlen(text) > sizeof(s->text))
		return;
	s = sms_new(STATE_RECEIVED);
	if (!s)
		return;
	*text++ = '\0';
	memcpy(s->number, rest, strlen(rest) + 1);
	memcpy(s->text, text, strlen(text) + 1);
	path_of(s, path);
	(void)sd_bus_emit_signal(at.bus, MODEM, MESSAGING, "Added", "ob", path, 1);
}

static void deliver(uint32_t delivery)
{
	char path[128];

	for (size_t i = 0; i < MESSAGES_MAX; i++) {
		struct sms *s = &at.messages[i];

		if (!s->used || !s->report || s->state != STATE_SENT)
			continue;
		s->delivery = delivery;
		path_of(s, path);
		(void)sd_bus_emit_properties_changed(at.bus, path, SMS, "DeliveryState", NULL);
	}
}

static void obey(char *line)
{
	if (strncmp(line, "receive ", 8) == 0)
		receive(line + 8);
	else if (strcmp(line, "arrive") == 0)
		deliver(DELIVERY_COMPLETED);
	else if (strcmp(line, "lose") == 0)
		deliver(DELIVERY_REFUSED);
	else if (strncmp(line, "mode ", 5) == 0)
		at.mode = line[5] == 'f' ? FINE : line[5] == 'r' ? REFUSES : HANGS;
	else if (strcmp(line, "gone") == 0)
		modem_remove();
	else if (strcmp(line, "back") == 0 && modem_add() < 0)
		abort();
	else if (strcmp(line, "back") != 0)
		fprintf(stderr, "modem-stand-in: not an order: %s\n", line);
}

static int on_stdin(sd_event_source *source, int fd, uint32_t events, void *user)
{
	ssize_t got = read(fd, at.line + at.length, sizeof(at.line) - 1 - at.length);
	char *end;

	(void)events, (void)user;
	if (got <= 0)
		return sd_event_exit(sd_event_source_get_event(source), 0);
	at.length += (size_t)got;
	while ((end = memchr(at.line, '\n', at.length))) {
		size_t used = (size_t)(end - at.line) + 1;

		*end = '\0';
		obey(at.line);
		at.length -= used;
		memmove(at.line, at.line + used, at.length);
	}
	return 0;
}

int main(int argc, char **argv)
{
	sd_event *event = NULL;
	int r;

	if (argc != 2) {
		fprintf(stderr, "usage: modem-stand-in ADDRESS\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	r = sd_event_new(&event);
	if (r >= 0)
		r = sd_bus_new(&at.bus);
	if (r >= 0)
		r = sd_bus_set_address(at.bus, argv[1]);
	if (r >= 0)
		r = sd_bus_set_bus_client(at.bus, true);
	if (r >= 0)
		r = sd_bus_start(at.bus);
	if (r >= 0)
		r = sd_bus_attach_event(at.bus, event, 0);
	if (r >= 0)
		r = sd_bus_add_object_manager(at.bus, NULL, ROOT);
	if (r >= 0)
		r = modem_add();
	if (r >= 0)
		r = sd_bus_request_name(at.bus, SERVICE, 0);
	if (r >= 0)
		r = sd_event_add_io(event, NULL, 0, EPOLLIN, on_stdin, NULL);
	if (r >= 0)
		puts("ready");
	if (r >= 0)
		r = sd_event_loop(event);
	if (r < 0)
		fprintf(stderr, "modem-stand-in: %s\n", strerror(-r));
	return r < 0;
}
