/* SPDX-License-Identifier: Apache-2.0 */
/* server_settings.c -- the table of server.yaml. */
#include "config/server_settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/settings.h"
#include "core/text.h"
#include "roles/roles.h"

#define AT(member) offsetof(struct pp_server_settings, member)
#define ROW(name, kind, at, fall, low, high, sentence)                                             \
	{                                                                                          \
		.key = name, .type = PP_SETTING_##kind, .offset = AT(at), .fallback = fall,        \
		.min = low, .max = high, .help = sentence                                          \
	}

static const struct pp_setting table[] = {
	ROW("data", PATH, data, NULL, 0, 0,
		"Folder of the record (record.db) and of the signed heads of its timelines "
		"(heads.log)."),
	ROW("signing_key", PATH, signing_key, NULL, 0, 0,
		"The server's Ed25519 signing key, which is no TLS key; posts pin its public "
		"half."),
	ROW("broker.host", TEXT, broker.host, "localhost", 1, 255, "Where the MQTT broker is."),
	ROW("broker.port", INTEGER, broker.port, "8883", 1, 65535, "Its TLS port."),
	ROW("broker.ca", PATH, broker.ca, NULL, 0, 0,
		"Certificate of the service authority, which the broker's certificate must come "
		"from."),
	ROW("broker.certificate", PATH, broker.certificate, NULL, 0, 0,
		"Certificate of this server; its name is the MQTT client id (svc-server)."),
	ROW("broker.key", PATH, broker.key, NULL, 0, 0, "Its key."),
	ROW("broker.crl", PATH, broker.crl, "", 0, 0,
		"The broker's revocation lists, only to warn before they end; empty: not looked "
		"at."),
	ROW("http.address", TEXT, http.address, "127.0.0.1", 1, 45,
		"Address, in figures, that the console and the API listen on; a proxy with TLS "
		"stands before it."),
	ROW("http.port", INTEGER, http.port, "8480", 1, 65535, "Port of the console and the API."),
	ROW("http.console", PATH, http.console, "", 0, 0,
		"Folder of the console's built files; empty: the API alone."),
	ROW("http.socket", PATH, http.socket, "", 0, 100,
		"Control socket for pospinctl, which needs no login there; mode 0660; empty: "
		"none."),
	ROW("http.metrics_token", PATH, http.metrics_token, "", 0, 0,
		"File with the token, 32 characters or more, that /metrics wants over TCP; empty: "
		"only on the socket."),
	ROW("origin", TEXT, origin, "", 0, 255,
		"Public origin when a proxy stands before the server, such as "
		"https://pospin.kendalkab.go.id."),
	ROW("session.idle", DURATION, session_idle_us, "12h", INT64_C(300000000),
		INT64_C(604800000000), "How long a login lives without being used."),
	ROW("session.absolute", DURATION, session_absolute_us, "24h", INT64_C(900000000),
		INT64_C(2592000000000), "How long a login lives, however much it is used."),
	ROW("factor.required", TEXT, factor_required, "", 0, 80,
		"Roles that must have a second factor, such as administrator,supervisor; empty: "
		"nobody must."),
	ROW("webhook.allow_private", BOOLEAN, webhook_allow_private, "false", 0, 0,
		"Whether webhooks may go to private, local and link-local addresses."),
	ROW("mail.server", TEXT, mail.server, "", 0, 255,
		"Relay for mail: smtps://host:465, or smtp://host:587 with STARTTLS; empty: no "
		"mail."),
	ROW("mail.from", TEXT, mail.from, "", 0, 254, "Mailbox that our mail comes from."),
	ROW("mail.user", TEXT, mail.user, "", 0, 254, "Login at the relay; empty: none."),
	ROW("mail.password", PATH, mail.password, "", 0, 0, "File with its password."),
	ROW("mail.ca", PATH, mail.ca, "", 0, 0,
		"Authorities that the relay's certificate may come from; empty: the system's."),
	ROW("mail.plain", BOOLEAN, mail.plain, "false", 0, 0,
		"Whether a relay on smtp:// may do without TLS: only on this machine."),
	ROW("sms.url", TEXT, sms.url, "", 0, 500,
		"SMS gateway that takes a POST for each message; empty: none."),
	ROW("sms.template", TEXT, sms.template, "", 0, 4000,
		"What it is sent, with {{address}} and {{text}}: JSON, or a form such as "
		"to={{address}}&text={{text}}."),
	ROW("sms.type", TEXT, sms.type, "json", 1, 8, "json or form."),
	ROW("sms.authorization", PATH, sms.authorization, "", 0, 0,
		"File with the value of the Authorization header; empty: none."),
	ROW("sms.success", TEXT, sms.success, "", 0, 120,
		"Member of its answer that says that it has taken the message, such as status=0; "
		"empty: a 2xx alone."),
	ROW("sms.reference", TEXT, sms.reference, "", 0, 120,
		"Member of its answer that names the message, as delivery reports name it; "
		"empty: none."),
	ROW("sms.inbound", PATH, sms.inbound, "", 0, 0,
		"File with the token, 32 characters or more, of answers and delivery reports "
		"from the gateway; empty: none are taken."),
	ROW("sms.modem", BOOLEAN, sms.modem, "false", 0, 0,
		"Whether SMS go out, and come in, by a modem that ModemManager knows."),
	ROW("sms.bus", TEXT, sms.bus, "", 0, 255,
		"D-Bus address where ModemManager is; empty: the system bus."),
};
static const size_t table_count = sizeof(table) / sizeof(table[0]);

static int path_join(const char *folder, const char *name, char **ret_path)
{
	struct pp_buf b = { 0 };

	pp_buf_addf(&b, "%s/%s", folder, name);
	return pp_buf_take(&b, ret_path, NULL);
}

/* Scheme and host only, so that it can be compared with what browsers send. */
static int origin_check(const char *origin, const struct pp_yaml *root, struct pp_problem *problem)
{
	const char *host = strncmp(origin, "https://", 8) == 0  ? origin + 8
			   : strncmp(origin, "http://", 7) == 0 ? origin + 7
								: NULL;

	if (origin[0] == '\0' || (host && host[0] && host[strcspn(host, "/?# \"")] == '\0'))
		return 0;
	return pp_problem_at(problem, pp_yaml_get(root, "origin"),
		"'origin': expected https://<host> without a path, got '%.80s'", origin);
}

static int roles_check(const char *roles, const struct pp_yaml *root, struct pp_problem *problem)
{
	const char *at = roles;

	while (*at) {
		size_t length = strcspn(at, ","), i = 0;

		while (i < PP_ROLE_COUNT && (strlen(pp_role_word(i)) != length ||
						    strncmp(pp_role_word(i), at, length) != 0))
			i++;
		if (i == PP_ROLE_COUNT || (at[length] == ',' && at[length + 1] == '\0'))
			return pp_problem_at(problem, pp_yaml_get(root, "factor"),
				"'factor.required': expected roles, got '%.80s'", roles);
		at += length + (at[length] == ',');
	}
	return 0;
}

int pp_server_settings_read(
	const char *path, struct pp_server_settings *ret_settings, struct pp_problem *problem)
{
	struct pp_server_settings s = { 0 };
	struct pp_yaml *root = NULL;
	int r = pp_yaml_load(path, &root, problem);

	if (r < 0)
		return r;
	r = pp_settings_read(table, table_count, NULL, root, &s, problem);
	if (r == 0)
		r = origin_check(s.origin, root, problem);
	if (r == 0)
		r = roles_check(s.factor_required, root, problem);
	if (r == 0)
		r = path_join(s.data, "record.db", &s.record_path);
	if (r == 0)
		r = path_join(s.data, "heads.log", &s.heads_path);
	pp_yaml_free(root);
	if (r < 0)
		pp_server_settings_done(&s);
	else
		*ret_settings = s;
	return r;
}

void pp_server_settings_done(struct pp_server_settings *s)
{
	free(s->record_path);
	free(s->heads_path);
	s->record_path = s->heads_path = NULL;
	pp_settings_done(table, table_count, s);
}

void pp_server_settings_print(const struct pp_server_settings *s, FILE *out)
{
	pp_settings_print(table, table_count, s, out);
}
