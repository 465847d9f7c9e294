/* SPDX-License-Identifier: Apache-2.0 */
/* plugin.c -- the buckets between Mosquitto and what its clients publish: the adapter of
 * Mosquitto's plugin interface, version 5. */
#include "buckets.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>

#define SERVICE "svc-"

/* As mosquitto.h has them, which belongs to the client library and is not needed otherwise. */
enum { MOSQ_ERR_SUCCESS = 0, MOSQ_ERR_NOMEM = 1, MOSQ_ERR_ACL_DENIED = 12 };
enum { MOSQ_LOG_WARNING = 4 };

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The client's id is its certificate's name. Refused as a foreign topic is (0x87), because releases
 * before 2.1 know no other refusal that leaves the connection up. */
static int on_message(int event, void *event_data, void *user)
{
	const struct mosquitto_evt_message *m = event_data;
	const char *client = mosquitto_client_id(m->client);
	const char *channel = strrchr(m->topic, '/');
	uint64_t say;

	(void)event;
	if (!client || strncmp(client, SERVICE, strlen(SERVICE)) == 0 ||
		pp_limits_pass(user, client, channel ? channel + 1 : "", now_ms(), &say))
		return MOSQ_ERR_SUCCESS;
	if (say > 0)
		mosquitto_log_printf(MOSQ_LOG_WARNING,
			"flood: %s publishes more than its share on %s: %llu refused", client,
			m->topic, (unsigned long long)say);
	return MOSQ_ERR_ACL_DENIED;
}

mosq_plugin_EXPORT int mosquitto_plugin_version(int count, const int *versions)
{
	for (int i = 0; i < count; i++) {
		if (versions[i] == 5)
			return 5;
	}
	return -1;
}

mosq_plugin_EXPORT int mosquitto_plugin_init(
	mosquitto_plugin_id_t *id, void **user, struct mosquitto_opt *options, int count)
{
	struct pp_limits *limits;
	int r;

	(void)options;
	(void)count;
	if (pp_limits_new(&limits) < 0)
		return MOSQ_ERR_NOMEM;
	r = mosquitto_callback_register(id, MOSQ_EVT_MESSAGE, on_message, NULL, limits);
	if (r != MOSQ_ERR_SUCCESS) {
		pp_limits_free(limits);
		return r;
	}
	*user = limits;
	return MOSQ_ERR_SUCCESS;
}

mosq_plugin_EXPORT int mosquitto_plugin_cleanup(
	void *user, struct mosquitto_opt *options, int count)
{
	(void)options;
	(void)count;
	pp_limits_free(user);
	return MOSQ_ERR_SUCCESS;
}
