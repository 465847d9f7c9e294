/* SPDX-License-Identifier: Apache-2.0 */
/* paho.h -- Paho's asynchronous client with nothing around it: what the floors stand on. */
#ifndef BENCH_PAHO_H
#define BENCH_PAHO_H

#include <MQTTAsync.h>

struct paho_options {
	const char *pki; /* folder of service-ca.crt */
	const char *certificate, *key, *client_id;
	int port, keepalive_s;
	const char *const *topics; /* NULL-terminated, QoS 1 */
	MQTTAsync_messageArrived *message;
	void *user;
};

/* Connected and subscribed, or the program ends. */
MQTTAsync paho_open(const struct paho_options *o);
/* QoS 1; signature: base64 or NULL. */
void paho_send(MQTTAsync client, const char *topic, const char *signature, const void *payload,
	size_t length);
/* The base64 of user property `sig`, or NULL; *ret_length its length. */
const char *paho_signature(const MQTTAsync_message *m, int *ret_length);

/* A number of the command line, 0 to a million million; ends the program when it is none. */
long number_read(const char *text);

#endif
