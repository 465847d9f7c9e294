/* SPDX-License-Identifier: Apache-2.0 */
/* traffic.c -- carries the agent's decisions to the outbox and the uplink, and their answers back
 * to the agent. */
#include "edge.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"
#include "core/random.h"
#include "protocol/seal.h"
#include "protocol/topic.h"

#define MESSAGES_AT_ONCE 16
#define STORE_QUEUE 4096
#define STORE_HANG_US 3000000
#define STORE_SILENT_US 15000000
#define STORE_RETRY_FIRST_US 5000000
#define STORE_RETRY_US 60000000
#define MEMORY_ROWS 2000
#define OUTBOX_BYTES (64LL << 20)

static uint32_t random32(void)
{
	uint32_t value;

	pp_random(&value, sizeof(value));
	return value;
}

static void take_receipts(struct pp_edge *e, const struct pp_inbox_message *m)
{
	for (size_t i = 0; i < m->count; i++) {
		struct pp_agent_input in = { .type = PP_AGENT_RECEIPT, .receipt = &m->receipts[i] };

		if (!pp_sender_holds(e->sender, m->receipts[i].epoch, m->receipts[i].seq)) {
			e->counts
				.receipts_unknown++; /* said before, or of an outbox that is gone */
			continue;
		}
		e->counts.receipts++;
		pp_log(PP_LOG_INFO, "uplink.receipt", "seq=%" PRId64 " incident=%s%s",
			m->receipts[i].seq,
			m->receipts[i].incident[0] ? m->receipts[i].incident : "-",
			m->receipts[i].result == PP_RECEIPT_REFUSED ? " refused" : "");
		pp_traffic_input(e, &in);
	}
}

void pp_traffic_take(struct pp_edge *e, const struct pp_mqtt_event *event)
{
	struct pp_agent_input in = { .type = PP_AGENT_PROGRESS };
	char why[160] = "";
	int r = pp_inbox_read(&e->inbox, event, &e->inbox_counts, &e->message, why);

	if (r < 0) {
		uint64_t refused =
			e->inbox_counts.ignored_retained + e->inbox_counts.ignored_foreign +
			e->inbox_counts.ignored_unsigned + e->inbox_counts.ignored_forged +
			e->inbox_counts.ignored_malformed;

		if ((refused & (refused - 1)) == 0) /* the 1st, 2nd, 4th, 8th, ... */
			pp_log(PP_LOG_WARNING, "inbox.ignored",
				"topic=%s reason=%d why=\"%s\" so_far=%" PRIu64, event->topic, r,
				why, refused);
		return;
	}
	switch (e->message.channel) {
	case PP_CHANNEL_RECEIPT:
		take_receipts(e, &e->message);
		break;
	case PP_CHANNEL_BEAT:
		in.type = PP_AGENT_BEAT;
		in.beat = &e->message.beat;
		in.seq = pp_sender_unseen(e->sender, in.beat->epoch);
		pp_traffic_input(e, &in);
		break;
	case PP_CHANNEL_PROGRESS:
		pp_traffic_input(e, &in);
		break;
	case PP_CHANNEL_COMMAND:
		pp_commands_take(e, &e->message.command);
		break;
	default:
		break;
	}
}

static void on_message(void *user, const struct pp_mqtt_event *event)
{
	pp_traffic_take(user, event);
}

static void on_up(void *user)
{
	struct pp_edge *e = user;
	struct pp_agent_input in = { .type = PP_AGENT_LINK, .connected = true };

	pp_log(PP_LOG_NOTICE, "uplink.up", "host=%s unreceipted=%zu", e->scalars->broker_host,
		pp_sender_depth(e->sender));
	e->lost_in_a_row = 0;
	e->down_why[0] = '\0';
	e->counts.connections++;
	pp_traffic_input(e, &in);
}

static void on_down(void *user, int reason, const char *why)
{
	struct pp_edge *e = user;
	struct pp_agent_input in = { .type = PP_AGENT_LINK };
	unsigned n = ++e->lost_in_a_row;

	snprintf(e->down_why, sizeof(e->down_why), "%s", why);
	if ((n & (n - 1)) == 0)
		pp_log(PP_LOG_WARNING, "uplink.down", "host=%s reason=%d why=\"%s\" in_a_row=%u",
			e->scalars->broker_host, reason, why, n);
	pp_traffic_input(e, &in);
}

bool pp_traffic_read_mqtt(struct pp_edge *e)
{
	return pp_uplink_read(e->uplink, MESSAGES_AT_ONCE, pp_loop_now_us(e->loop), random32());
}

void pp_traffic_read_store(struct pp_edge *e)
{
	struct pp_outbox_now now = pp_edge_row_now(e);

	pp_keeper_read(e->keeper, &now);
}

static void watch_server(struct pp_edge *e)
{
	bool away = pp_agent_server_away(e->agent, pp_loop_now_us(e->loop));

	if (away != e->server_away)
		pp_log(PP_LOG_NOTICE, away ? "server.away" : "server.back", "connected=%s",
			pp_sender_up(e->sender) ? "true" : "false");
	e->server_away = away;
}

void pp_traffic_step(struct pp_edge *e)
{
	struct pp_outbox_now now = pp_edge_row_now(e);
	struct pp_agent_input tick = { .type = PP_AGENT_TICK };

	if (pp_agent_deadline(e->agent) <= pp_loop_now_us(e->loop))
		pp_traffic_input(e, &tick);
	pp_keeper_step(e->keeper, &now);
	pp_commands_step(e);
	pp_keys_step(e);
	pp_uplink_step(e->uplink, pp_loop_now_us(e->loop), random32());
	pp_second_step(e);
	watch_server(e);
}

uint64_t pp_traffic_deadline(const struct pp_edge *e)
{
	uint64_t deadline = pp_agent_deadline(e->agent);

	if (pp_keeper_deadline(e->keeper) < deadline)
		deadline = pp_keeper_deadline(e->keeper);
	if (pp_orders_deadline(e->orders) < deadline)
		deadline = pp_orders_deadline(e->orders);
	if (e->keys_retry_us < deadline)
		deadline = e->keys_retry_us;
	if (pp_sender_deadline(e->sender) < deadline)
		deadline = pp_sender_deadline(e->sender);
	if (e->modem && pp_second_deadline(&e->second) < deadline)
		deadline = pp_second_deadline(&e->second);
	return deadline;
}

static void fill_points(struct pp_edge *e)
{
	const struct pp_wiring *w = &e->settings->wiring;

	for (size_t i = 0; i < w->point_count; i++) {
		snprintf(e->points[i].id, sizeof(e->points[i].id), "%s", w->points[i].text.id);
		e->points[i].kind = w->points[i].sensor.kind;
		e->points[i].class = w->points[i].class;
		e->points[i].silent = w->points[i].silent;
		e->points[i].sounds = w->points[i].siren;
	}
}

static int open_agent(struct pp_edge *e)
{
	struct pp_agent_config config = {
		.points = e->points,
		.point_count = e->settings->wiring.point_count,
		.state_every_us = (uint64_t)e->scalars->state_every_us,
		.version = POSPIN_VERSION,
		.config_hash = e->settings->hash,
	};

	fill_points(e);
	return pp_agent_new(&config, e->started_us, &e->agent);
}

static int open_keeper(struct pp_edge *e, void (*wake)(void *user))
{
	const struct pp_outbox_options outbox = {
		.path = e->outbox_path,
		.topic = e->topics[PP_CHANNEL_SIGNAL],
		.key = e->key,
		.signers = &e->signers,
		.boot_id = e->boot_id,
		.rows_max = e->scalars->outbox_rows,
		.bytes_max = OUTBOX_BYTES,
	};
	struct pp_keeper_options options = {
		.store = { .outbox = outbox, .queue_limit = STORE_QUEUE, .wake = wake, .user = e },
		.hang_us = STORE_HANG_US,
		.silent_us = STORE_SILENT_US,
		.retry_first_us = STORE_RETRY_FIRST_US,
		.retry_us = STORE_RETRY_US,
		.memory_max = MEMORY_ROWS,
	};
	struct pp_outbox_now now = pp_edge_row_now(e);

	snprintf(e->outbox_path, sizeof(e->outbox_path), "%s/outbox.db", e->scalars->data);
	snprintf(e->memo_path, sizeof(e->memo_path), "%s.ends", e->scalars->control);
	if (pp_file_is_in_memory(e->memo_path))
		options.memo = e->memo_path;
	else
		pp_log(PP_LOG_NOTICE, "memo.none", "file=%s why=\"not in memory\"",
			e->memo_path);
	return pp_keeper_new(&options, pp_traffic_answer, e, &now, &e->keeper);
}

/* A clean session: the outbox is our session. What the broker could keep for us, the server says
 * again when the signal is sent again, and a beat that answers an old state is worthless. */
static int open_mqtt(struct pp_edge *e)
{
	const char *const subscriptions[] = { e->topics[PP_CHANNEL_RECEIPT],
		e->topics[PP_CHANNEL_BEAT], e->topics[PP_CHANNEL_PROGRESS],
		e->topics[PP_CHANNEL_COMMAND], NULL };
	char client_id[PP_TENANT_MAX + PP_POST_MAX + 2];
	struct pp_mqtt_options options = {
		.host = e->scalars->broker_host,
		.port = (uint16_t)e->scalars->broker_port,
		.client_id = client_id,
		.ca_path = e->scalars->broker_ca,
		.cert_path = e->scalars->certificate,
		.key_path = e->scalars->key,
		.keepalive_s = 20,
		.connect_timeout_s = 5,
		.session_expiry_s = 0,
		.subscriptions = subscriptions,
		.will_topic = e->topics[PP_CHANNEL_WILL],
		.will_delay_s = 5,
		.brief_topic = e->topics[PP_CHANNEL_STATE], /* so nobody is kept alive by it */
		.brief_s = PP_STATE_KEPT_S,
		.queue_limit = 256,
	};

	snprintf(client_id, sizeof(client_id), "%s/%s", e->scalars->tenant, e->scalars->post);
	return pp_mqtt_new(&options, &e->mqtt);
}

static int open_uplink(struct pp_edge *e)
{
	static const struct pp_uplink_handlers handlers = { on_message, on_up, on_down };
	int r = pp_sender_new(e->started_us, &e->sender);

	if (r == 0)
		r = open_mqtt(e);
	return r < 0 ? r
		     : pp_uplink_new(e->sender, &pp_uplink_mqtt, e->mqtt, &handlers, e, &e->uplink);
}

int pp_traffic_open(struct pp_edge *e, void (*wake)(void *user))
{
	const struct pp_edge_scalars *s = e->scalars;
	int r = pp_identity_open(e);

	if (r < 0)
		return r;
	for (int i = 0; r == 0 && i < PP_CHANNEL_COUNT; i++)
		r = pp_topic_format(s->tenant, s->post, (enum pp_channel)i, e->topics[i]);
	snprintf(e->inbox.tenant, sizeof(e->inbox.tenant), "%s", s->tenant);
	snprintf(e->inbox.post, sizeof(e->inbox.post), "%s", s->post);
	snprintf(e->keys_path, sizeof(e->keys_path), "%s/server-keys", s->data);
	if (r == 0)
		r = pp_keys_load(e);
	if (r == 0)
		r = pp_commands_open(e);
	if (r == 0)
		r = pp_clock_boot_id(e->boot_id);
	if (r == 0)
		r = open_agent(e);
	if (r == 0)
		r = open_uplink(e);
	if (r == 0)
		r = pp_second_open(e);
	if (r == 0)
		r = open_keeper(e, wake);
	if (r == 0)
		pp_identity_begin(e);
	return r;
}

void pp_traffic_close(struct pp_edge *e)
{
	pp_second_close(e);
	e->keeper = pp_keeper_free(e->keeper); /* writes what waits */
	e->uplink = pp_uplink_free(e->uplink);
	e->mqtt = pp_mqtt_free(e->mqtt);
	e->sender = pp_sender_free(e->sender);
	e->agent = pp_agent_free(e->agent);
	pp_commands_close(e);
	pp_identity_close(e);
	free(e->effects);
}
