/* SPDX-License-Identifier: Apache-2.0 */
/* paho.c -- Paho, cured of Nagle's algorithm and of its idle sleep as common/mqtt cures it, because
 * a floor that is slow for nothing would flatter. */
#include "paho.h"

#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/text.h"

enum {
	IDLE_SLEEP_US = 100000,
	REAL_WAIT_US = 5000,
	CONNECT_TRIES = 10,
	WINDOW = 20, /* the broker's receive maximum: beyond it Paho waits a second for nothing */
};

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	union {
		void *symbol;
		int (*call)(int, const struct sockaddr *, socklen_t);
	} next = { .symbol = dlsym(RTLD_NEXT, "connect") };
	int one = 1;

	if (address->sa_family == AF_INET)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return next.call(fd, address, length);
}

static uint64_t mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

int usleep(useconds_t us)
{
	static _Thread_local uint64_t last_us;
	struct timespec wait = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000L };

	if (us != IDLE_SLEEP_US || mono_us() - last_us < REAL_WAIT_US)
		(void)nanosleep(&wait, NULL);
	last_us = us == IDLE_SLEEP_US ? mono_us() : last_us;
	return 0;
}

static sem_t done, window;
static bool refused;

static void on_sent(void *context, MQTTAsync_successData5 *success)
{
	(void)context;
	(void)success;
	sem_post(&window);
}

static void on_not_sent(void *context, MQTTAsync_failureData5 *failure)
{
	(void)context;
	fprintf(stderr, "%s: not sent (%d)\n", program_invocation_short_name, failure->code);
	sem_post(&window);
}

static void on_good(void *context, MQTTAsync_successData5 *success)
{
	(void)context;
	(void)success;
	sem_post(&done);
}

static void on_bad(void *context, MQTTAsync_failureData5 *failure)
{
	(void)context;
	fprintf(stderr, "%s: %s (%d)\n", program_invocation_short_name,
		failure->message ? failure->message : "refused", failure->code);
	refused = true;
	sem_post(&done);
}

static void on_lost(void *context, char *cause)
{
	(void)context;
	(void)cause;
	fprintf(stderr, "%s: connection lost\n", program_invocation_short_name);
	exit(EXIT_FAILURE);
}

static void subscribe(MQTTAsync client, const char *const *topics)
{
	MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
	char *names[8];
	int qos[8], count = 0;

	for (; topics[count]; count++) {
		names[count] = strdup(topics[count]);
		qos[count] = 1;
	}
	if (count == 0)
		return;
	response.onSuccess5 = on_good;
	response.onFailure5 = on_bad;
	MQTTAsync_subscribeMany(client, count, names, qos, &response);
	sem_wait(&done);
}

MQTTAsync paho_open(const struct paho_options *o)
{
	MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
	MQTTAsync_connectOptions connection = MQTTAsync_connectOptions_initializer5;
	MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
	MQTTAsync_init_options init = MQTTAsync_init_options_initializer;
	char uri[64], trust[4096];
	MQTTAsync client;

	init.do_openssl_init = 0;
	MQTTAsync_global_init(&init);
	sem_init(&done, 0, 0);
	sem_init(&window, 0, WINDOW);
	snprintf(uri, sizeof(uri), "ssl://127.0.0.1:%d", o->port);
	snprintf(trust, sizeof(trust), "%s/service-ca.crt", o->pki);
	if (MQTTAsync_createWithOptions(&client, uri, o->client_id, MQTTCLIENT_PERSISTENCE_NONE,
		    NULL, &create) != MQTTASYNC_SUCCESS)
		exit(EXIT_FAILURE);
	MQTTAsync_setCallbacks(client, o->user, on_lost, o->message, NULL);
	tls.trustStore = trust;
	tls.keyStore = o->certificate;
	tls.privateKey = o->key;
	tls.enableServerCertAuth = 1;
	tls.verify = 1;
	tls.disableDefaultTrustStore = 1;
	connection.keepAliveInterval = o->keepalive_s;
	connection.cleanstart = 1;
	connection.ssl = &tls;
	connection.onSuccess5 = on_good;
	connection.onFailure5 = on_bad;
	/* Mosquitto now and then throws off those who are connecting. */
	for (int tries = 0; tries < CONNECT_TRIES; tries++) {
		refused = false;
		if (MQTTAsync_connect(client, &connection) != MQTTASYNC_SUCCESS)
			break;
		sem_wait(&done);
		if (!refused)
			subscribe(client, o->topics);
		if (!refused)
			return client;
	}
	exit(EXIT_FAILURE);
}

void paho_send(MQTTAsync client, const char *topic, const char *signature, const void *payload,
	size_t length)
{
	MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
	char name[] = "sig", text[128];
	MQTTProperty property = { .identifier = MQTTPROPERTY_CODE_USER_PROPERTY };

	response.onSuccess5 = on_sent;
	response.onFailure5 = on_not_sent;
	sem_wait(&window);
	if (signature) {
		snprintf(text, sizeof(text), "%s", signature);
		property.value.data = (MQTTLenString){ .len = 3, .data = name };
		property.value.value = (MQTTLenString){ .len = (int)strlen(text), .data = text };
		MQTTProperties_add(&response.properties, &property);
	}
	if (MQTTAsync_send(client, topic, (int)length, payload, 1, 0, &response) !=
		MQTTASYNC_SUCCESS)
		exit(EXIT_FAILURE);
	MQTTProperties_free(&response.properties);
}

const char *paho_signature(const MQTTAsync_message *m, int *ret_length)
{
	for (int i = 0; i < m->properties.count; i++) {
		const MQTTProperty *p = &m->properties.array[i];

		if (p->identifier != MQTTPROPERTY_CODE_USER_PROPERTY)
			continue;
		*ret_length = p->value.value.len;
		return p->value.value.data;
	}
	return NULL;
}

long number_read(const char *text)
{
	int64_t value;

	if (pp_text_i64(text, strlen(text), 0, INT64_C(1000000000000), &value) == 0)
		return (long)value;
	fprintf(stderr, "bench: '%s' is no number\n", text);
	exit(2);
}
