/* SPDX-License-Identifier: Apache-2.0 */
/* visitor.c -- a key and a certificate for one visit, and the visit. */
#include "visitor.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "mqtt/mqtt.h"
#include "pki_dir.h"

#define CONNECT_S 5
#define VISIT_MS 8000

int pp_visitor_init(struct pp_visitor *v, const char *pki, const char *authority, const char *name)
{
	const struct pp_pki_request request = {
		.usage = PP_PKI_CLIENT, .common_name = name, .days = 1
	};
	char ca_cert[PP_PATH_SIZE], ca_key[PP_PATH_SIZE];
	int r;

	memset(v, 0, sizeof(*v));
	snprintf(v->name, sizeof(v->name), "%s", name);
	snprintf(v->dir, sizeof(v->dir), "/tmp/pospinctl-XXXXXX");
	if (!mkdtemp(v->dir)) {
		v->dir[0] = '\0';
		return -errno;
	}
	snprintf(v->cert, sizeof(v->cert), "%s/crt", v->dir);
	snprintf(v->key, sizeof(v->key), "%s/key", v->dir);
	r = pp_pki_issue(pp_pki_dir_path(pki, authority, ".crt", ca_cert),
		pp_pki_dir_path(pki, authority, ".key", ca_key), &request, v->cert, v->key);
	if (r == 0)
		r = pp_pki_serial(v->cert, v->serial);
	if (r < 0)
		pp_visitor_done(v);
	return r;
}

void pp_visitor_done(struct pp_visitor *v)
{
	if (!v->dir[0])
		return;
	(void)unlink(v->key);
	(void)unlink(v->cert);
	(void)rmdir(v->dir);
	v->dir[0] = '\0';
}

/* 1: connected; 0: not, with why. */
static int answer_wait(struct pp_mqtt *m, char ret_why[96])
{
	uint64_t end_us = pp_clock_mono_us() + VISIT_MS * 1000u, now_us;
	struct pp_mqtt_event *event;
	int r = -1;

	while (r < 0 && (now_us = pp_clock_mono_us()) < end_us) {
		struct pollfd fd = { .fd = pp_mqtt_fd(m), .events = POLLIN };

		(void)poll(&fd, 1, (int)((end_us - now_us) / 1000 + 1));
		while (r < 0 && pp_mqtt_next(m, &event) == 1) {
			if (event->type == PP_MQTT_CONNECTED)
				r = 1;
			else if (event->type == PP_MQTT_LOST)
				r = 0;
			if (r == 0)
				snprintf(ret_why, 96, "%s", event->why);
			pp_mqtt_event_free(event);
		}
	}
	if (r < 0)
		snprintf(ret_why, 96, "no answer in %d s", VISIT_MS / 1000);
	return r == 1;
}

int pp_visitor_knock(const struct pp_visitor *v, const struct pp_visited *broker, char ret_why[96])
{
	static const char *const nothing[] = { NULL };
	char ca[PP_PATH_SIZE];
	struct pp_mqtt_options options = {
		.host = broker->host,
		.port = broker->port,
		.client_id = v->name,
		.ca_path = pp_pki_dir_path(broker->pki, "service-ca", ".crt", ca),
		.cert_path = v->cert,
		.key_path = v->key,
		.keepalive_s = 20,
		.connect_timeout_s = CONNECT_S,
		.subscriptions = nothing,
		.queue_limit = 16,
	};
	struct pp_mqtt *m;
	int r = pp_mqtt_new(&options, &m);

	if (r < 0)
		return r;
	r = pp_mqtt_connect(m);
	if (r == 0)
		r = answer_wait(m, ret_why);
	pp_mqtt_free(m);
	return r;
}
