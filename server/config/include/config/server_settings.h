/* SPDX-License-Identifier: Apache-2.0 */
/* config/server_settings.h -- server.yaml: the one table of the server's settings. Used by every
 * program that works on the same record. */
#ifndef CONFIG_SERVER_SETTINGS_H
#define CONFIG_SERVER_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/yaml.h"

struct pp_server_settings {
	char *data; /* folder of record.db and heads.log */
	char *signing_key;
	struct {
		char *host;
		int64_t port;
		char *ca, *certificate, *key, *crl;
	} broker;
	struct {
		char *address;
		int64_t port;
		char *console, *socket, *metrics_token;
	} http;
	char *origin; /* "": none */
	int64_t session_idle_us, session_absolute_us;
	char *factor_required; /* roles, comma between; "": nobody */
	bool webhook_allow_private;
	struct {
		char *server; /* "": no mail */
		char *from, *user, *password, *ca;
		bool plain;
	} mail;
	struct {
		char *url; /* "": no gateway */
		char *template, *type, *authorization, *success, *reference;
		char *inbound; /* "": nothing is taken */
		bool modem;
		char *bus; /* "": the system's */
	} sms;
	/* Made of `data`: */
	char *record_path, *heads_path;
};

/* -EINVAL with *problem, or -errno of the file. On success pp_server_settings_done frees. */
int pp_server_settings_read(
	const char *path, struct pp_server_settings *ret_settings, struct pp_problem *problem);
void pp_server_settings_done(struct pp_server_settings *s);
/* As YAML with its sentences; NULL: the fallbacks. */
void pp_server_settings_print(const struct pp_server_settings *s, FILE *out);

#endif
