/* SPDX-License-Identifier: Apache-2.0 */
/* probe/probe.h -- how far one gets on the way to the broker, and why no further. */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include <stdint.h>

enum pp_probe_step {
	PP_PROBE_FILES, /* our own certificate, key, authority */
	PP_PROBE_NAME,
	PP_PROBE_CONNECTION,
	PP_PROBE_TLS,
	PP_PROBE_MQTT,
	PP_PROBE_DONE,
};

struct pp_probe_options {
	const char *host;
	uint16_t port;
	const char *ca_path, *cert_path, *key_path;
	const char *client_id; /* NULL: no CONNECT, so that nobody is thrown off */
	int timeout_ms;        /* of each step but the name */
	/* Told when a step begins; may be NULL. */
	void (*at)(void *user, enum pp_probe_step step);
	void *user;
};

struct pp_probe_result {
	enum pp_probe_step step; /* where it ended */
	int error;        /* 0 with DONE; else -errno as in probe/tls.h, -ENOENT: no such name,
			     -EAGAIN: no name server answers, -EACCES with MQTT: refused */
	char address[64]; /* "192.0.2.1", once known */
	char why[160];
};

/* ret_result->error. */
int pp_probe_broker(const struct pp_probe_options *options, struct pp_probe_result *ret_result);
/* What a CONNACK's reason means (MQTT 5, 3.2.2.2). */
const char *pp_probe_connack_words(unsigned reason);

#endif
