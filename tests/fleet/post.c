/* SPDX-License-Identifier: Apache-2.0 */
/* post.c -- a post as the contract wants it (docs/protocol.md), without wires, lamps and disk. */
#include "post.h"

#include <errno.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "protocol/sample.h"
#include "protocol/seal.h"
#include "protocol/signal.h"

enum { FLYING_MAX = 8, SAMPLES_FLYING_MAX = 16, BOOT = 1 };

static void *need(void *memory)
{
	if (!memory) {
		fprintf(stderr, "fleet: no memory\n");
		exit(EXIT_FAILURE);
	}
	return memory;
}

/* ---- identity ---- */

static int pem_load(struct post *p, const char *dir)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.key", dir, p->name);
	int r = pp_key_load(path, &p->key);
	if (r < 0) {
		fprintf(stderr, "fleet: %s: %s\n", path, strerror(-r));
		return r;
	}
	file = fopen(path, "re");
	p->wire.key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
	if (file)
		fclose(file);
	snprintf(path, sizeof(path), "%s/%s.crt", dir, p->name);
	file = fopen(path, "re");
	p->wire.certificate = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
	if (file)
		fclose(file);
	if (p->wire.key && p->wire.certificate)
		return 0;
	fprintf(stderr, "fleet: %s: no certificate, or its key is missing\n", path);
	return -ENOENT;
}

int post_init(struct post *p, struct fleet *f, const char *tenant, const char *dir)
{
	static const enum pp_channel heard[TOPICS_HEARD] = { PP_CHANNEL_RECEIPT, PP_CHANNEL_BEAT,
		PP_CHANNEL_PROGRESS, PP_CHANNEL_COMMAND };
	int r = 0;

	p->fleet = f;
	p->index = (unsigned)(p - f->posts);
	snprintf(p->name, sizeof(p->name), "bench-%04u", p->index);
	snprintf(p->client_id, sizeof(p->client_id), "%s/%s", tenant, p->name);
	for (int i = 0; r == 0 && i < PP_CHANNEL_COUNT; i++)
		r = pp_topic_format(tenant, p->name, (enum pp_channel)i, p->topics[i]);
	for (int i = 0; i < TOPICS_HEARD; i++)
		p->heard[i] = p->topics[heard[i]];
	pp_random(&p->epoch, sizeof(p->epoch));
	p->packet_id = 1;
	p->next_send = 1;
	p->wire.place = &f->place;
	p->wire.fd = -1;
	p->wire.client_id = p->client_id;
	p->wire.will_topic = p->topics[PP_CHANNEL_WILL];
	p->wire.topics = p->heard;
	p->wire.topic_count = TOPICS_HEARD;
	return r < 0 ? r : pem_load(p, dir);
}

static void seal_text(struct post *p, enum pp_channel channel, const char *payload, size_t length,
	char ret_text[SIGNATURE_TEXT_SIZE])
{
	uint8_t signature[PP_SIGNATURE_SIZE];

	if (pp_seal(p->key, p->topics[channel], payload, length, signature) < 0) {
		fprintf(stderr, "fleet: cannot sign\n");
		exit(EXIT_FAILURE);
	}
	pp_base64(signature, sizeof(signature), ret_text);
}

static uint16_t packet_id_next(struct post *p)
{
	p->packet_id = p->packet_id == UINT16_MAX ? 2 : (uint16_t)(p->packet_id + 1);
	return p->packet_id;
}

/* ---- the outbox ---- */

static void signal_add(struct post *p, struct signal *s)
{
	if ((size_t)p->seq >= p->signals_size) {
		p->signals_size = p->signals_size ? p->signals_size * 2 : 8;
		p->signals =
			need(realloc(p->signals, p->signals_size * sizeof(struct signal *)));
	}
	p->signals[p->seq++] = s;
	s->seq = p->seq;
}

struct signal *post_prepare(struct post *p, uint64_t at_us, unsigned kind)
{
	static const enum pp_class classes[] = { PP_CLASS_CRIME, PP_CLASS_FIRE, PP_CLASS_MEDICAL,
		PP_CLASS_DISASTER };
	struct signal *s = need(calloc(1, sizeof(*s)));
	uint64_t now_us = pp_clock_mono_us();
	struct pp_signal signal = { .epoch = p->epoch,
		.boot = BOOT,
		.mono_ms = (int64_t)(at_us / 1000),
		.at_ms = pp_clock_wall_ms() + ((int64_t)at_us - (int64_t)now_us) / 1000,
		.kind = PP_KIND_PANIC,
		.type = PP_SIGNAL_ALARM,
		.class = classes[kind % 4] };

	s->post = p->index;
	signal_add(p, s);
	signal.seq = s->seq;
	snprintf(signal.point, sizeof(signal.point), "panic-%s", pp_class_text(signal.class));
	if (pp_signal_encode(&signal, &s->payload, &s->length) < 0)
		need(NULL);
	seal_text(p, PP_CHANNEL_SIGNAL, s->payload, s->length, s->signature);
	return s;
}

void post_send(struct post *p)
{
	uint64_t now_us = pp_clock_mono_us();
	bool wrote = false;

	if (p->wire.phase != WIRE_UP)
		return;
	for (; p->next_send <= p->seq && p->flying < FLYING_MAX; p->next_send++) {
		struct signal *s = p->signals[p->next_send - 1];

		if (!s->queued)
			break;
		if (s->receipted_us || s->sent_us)
			continue;
		packet_publish(&p->wire.out, packet_id_next(p), p->topics[PP_CHANNEL_SIGNAL],
			s->signature, s->payload, s->length);
		s->sent_us = now_us;
		s->sends++;
		p->fleet->counts.sent++;
		p->flying++;
		wrote = true;
	}
	if (wrote)
		wire_flush(&p->wire);
}

void post_press(struct post *p, struct signal *s)
{
	s->queued = true;
	p->fleet->counts.pressed++;
	post_send(p);
}

static void send_again(struct post *p, uint64_t before_us)
{
	for (int64_t i = p->seq; i >= 1; i--) {
		struct signal *s = p->signals[i - 1];

		if (s->receipted_us || !s->queued || !s->sent_us || s->sent_us > before_us)
			continue;
		s->sent_us = 0;
		if (i < p->next_send)
			p->next_send = i;
	}
	post_send(p);
}

void post_resend(struct post *p, uint64_t now_us)
{
	if (now_us > PP_RESEND_AFTER_MS * UINT64_C(1000))
		send_again(p, now_us - PP_RESEND_AFTER_MS * UINT64_C(1000));
}

/* ---- states and samples ---- */

void post_state(struct post *p)
{
	struct pp_state state = { .epoch = p->epoch,
		.boot = BOOT,
		.mono_ms = (int64_t)(pp_clock_mono_us() / 1000),
		.n = ++p->n,
		.config = "00000000000bea7f",
		.version = POSPIN_VERSION,
		.count = 4 };
	static const char *const points[] = { "panic-crime", "panic-fire", "panic-medical",
		"panic-disaster" };
	char signature[SIGNATURE_TEXT_SIZE], *text;
	size_t length;

	if (p->wire.phase != WIRE_UP)
		return;
	for (size_t i = 0; i < state.count; i++) {
		snprintf(state.points[i].point, sizeof(state.points[i].point), "%s", points[i]);
		state.points[i].state = PP_POINT_NORMAL;
	}
	if (pp_state_encode(&state, &text, &length) < 0)
		need(NULL);
	seal_text(p, PP_CHANNEL_STATE, text, length, signature);
	packet_publish(&p->wire.out, packet_id_next(p), p->topics[PP_CHANNEL_STATE], signature,
		text, length);
	free(text);
	p->flying++;
	p->fleet->counts.states++;
	wire_flush(&p->wire);
}

/* Six readings, as a real post has them; the first one's value tells the samples apart. */
void post_sample(struct post *p)
{
	static const char *const names[] = { "temperature", "load", "disk_free", "round_trip",
		"outbox_depth", "clock_synchronised" };
	bool wrote = false;

	while (p->wire.phase == WIRE_UP && p->samples_sent < p->samples_wanted &&
		p->samples_flying < SAMPLES_FLYING_MAX) {
		struct pp_buf b = { 0 };
		long long mono_ms = (long long)p->samples_sent + 1;

		pp_buf_addf(&b, "{\"boot\":1,\"mono\":%lld,\"at\":%lld,\"readings\":[", mono_ms,
			(long long)p->fleet->samples_from_ms + mono_ms);
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			pp_buf_addf(&b,
				"%s{\"name\":\"%s\",\"value\":%lld,\"unit\":\"1\",\"mono\":%lld}",
				i ? "," : "", names[i], mono_ms + (long long)i, mono_ms);
		pp_buf_addf(&b, "]}");
		packet_publish(&p->wire.out, packet_id_next(p), p->topics[PP_CHANNEL_SAMPLE], NULL,
			b.data, b.length);
		pp_buf_done(&b);
		p->samples_sent++;
		p->samples_flying++;
		p->fleet->counts.samples_sent++;
		wrote = true;
	}
	if (wrote)
		wire_flush(&p->wire);
}

/* ---- what is heard ---- */

static void check_later(struct post *p, enum pp_channel channel, const struct packet *packet)
{
	struct fleet *f = p->fleet;
	struct check *c = need(malloc(sizeof(*c) + packet->length));

	*c = (struct check){ .post = p->index, .channel = channel, .length = packet->length };
	memcpy(c->payload, packet->payload, packet->length);
	c->is_signed = packet->signature &&
		       pp_unbase64(packet->signature, packet->signature_length, c->signature,
			       sizeof(c->signature)) == 0;
	if (f->check_count == f->checks_size) {
		f->checks_size = f->checks_size ? f->checks_size * 2 : 1024;
		f->checks = need(realloc(f->checks, f->checks_size * sizeof(struct check *)));
	}
	f->checks[f->check_count++] = c;
}

bool fleet_check(struct fleet *f)
{
	if (f->checks_done == f->check_count)
		return false;
	struct check *c = f->checks[f->checks_done++];

	if (!c->is_signed ||
		pp_seal_check((const uint8_t(*)[PP_PUBLIC_KEY_SIZE])f->server_keys.keys,
			f->server_keys.count, f->posts[c->post].topics[c->channel], c->payload,
			c->length, c->signature) < 0)
		f->counts.forged++;
	free(c);
	if (f->checks_done == f->check_count)
		f->checks_done = f->check_count = 0;
	return true;
}

static void take_receipt(struct post *p, const struct pp_receipt *r, uint64_t now_us)
{
	struct fleet_counts *c = &p->fleet->counts;

	if (r->epoch != p->epoch || r->seq < 1 || r->seq > p->seq) {
		c->foreign_receipts++;
		return;
	}
	struct signal *s = p->signals[r->seq - 1];
	s->receipts++;
	if (s->receipted_us) {
		/* Once for each copy sent, and always the same. */
		c->doubled += s->receipts > s->sends || strcmp(s->incident, r->incident) != 0;
		return;
	}
	c->refused += r->result != PP_RECEIPT_RECORDED;
	memcpy(s->incident, r->incident, sizeof(s->incident));
	s->receipted_us = now_us;
	c->receipted++;
	p->fleet->last_receipt_us = now_us;
	quantile_add(p->fleet->latency, now_us > s->pressed_us ? now_us - s->pressed_us : 0);
	free(s->payload);
	s->payload = NULL;
}

static void take_receipts(struct post *p, const struct packet *packet, uint64_t now_us)
{
	struct pp_receipt receipts[PP_RECEIPTS_MAX];
	size_t count;
	char why[160];

	if (pp_receipts_decode(packet->payload, packet->length, receipts, PP_RECEIPTS_MAX, &count,
		    why) < 0) {
		p->fleet->counts.unreadable++;
		return;
	}
	for (size_t i = 0; i < count; i++)
		take_receipt(p, &receipts[i], now_us);
}

static void take_beat(struct post *p, const struct packet *packet)
{
	struct pp_beat *beat = need(malloc(sizeof(*beat)));
	char why[160];

	if (pp_beat_decode(packet->payload, packet->length, beat, why) < 0) {
		p->fleet->counts.unreadable++;
	} else if (beat->epoch != p->epoch || beat->n != p->n) {
		p->fleet->counts.beats_stale++;
	} else {
		p->fleet->counts.beats++;
		p->fleet->beaten += !p->beaten;
		p->beaten = true;
	}
	free(beat);
}

static void on_message(struct wire *w, const struct packet *packet)
{
	struct post *p = (struct post *)w;
	uint64_t now_us = pp_clock_mono_us();
	struct pp_topic topic;
	char text[PP_TOPIC_MAX];

	snprintf(text, sizeof(text), "%.*s", (int)packet->topic_length, packet->topic);
	if (packet->retained || pp_topic_parse(text, &topic) < 0 ||
		strcmp(topic.post, p->name) != 0) {
		p->fleet->counts.unreadable++;
		return;
	}
	if (topic.channel == PP_CHANNEL_RECEIPT)
		take_receipts(p, packet, now_us);
	else if (topic.channel == PP_CHANNEL_BEAT)
		take_beat(p, packet);
	else if (topic.channel == PP_CHANNEL_PROGRESS)
		p->fleet->counts.progress++;
	check_later(p, topic.channel, packet);
}

static void on_acknowledged(struct wire *w, uint16_t id, unsigned reason)
{
	struct post *p = (struct post *)w;

	(void)id;
	p->fleet->counts.failed_acks += reason >= 0x80;
	if (p->samples_flying > 0) {
		p->samples_flying--;
		p->fleet->counts.samples_acknowledged++;
		p->fleet->last_sample_us = pp_clock_mono_us();
		post_sample(p);
		return;
	}
	if (p->flying > 0)
		p->flying--;
	post_send(p);
}

static void on_up(struct wire *w)
{
	struct post *p = (struct post *)w;

	p->fleet->up++;
	p->fleet->counts.connects++;
	p->was_up = true;
	p->flying = 0;
	p->samples_flying = 0;
	post_state(p);
	send_again(p, UINT64_MAX);
}

static void on_down(struct wire *w, const char *why)
{
	struct post *p = (struct post *)w;

	if (p->was_up)
		p->fleet->up--;
	if (p->fleet->ending)
		return;
	if (p->fleet->counts.losses++ < 5)
		fprintf(stderr, "fleet: %s: %s (%s)\n", p->name, why,
			p->was_up ? "was connected" : "while connecting");
	p->was_up = false;
	p->fleet->on_down(p->fleet, p);
}

const struct wire_ops post_wire_ops = {
	.up = on_up,
	.down = on_down,
	.message = on_message,
	.acknowledged = on_acknowledged,
};
