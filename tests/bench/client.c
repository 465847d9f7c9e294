/* SPDX-License-Identifier: Apache-2.0 */
/* client.c -- the least that a post could be, for comparison with the agent. `idle`: a Paho client
 * that says its state every 10 s and does nothing else. `publish`: one row synced, one PUBLISH, and
 * when each was begun. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "crypto/sign.h"
#include "db/db.h"
#include "paho.h"
#include "protocol/seal.h"
#include "protocol/state.h"

enum { STATE_EVERY_S = 10, POINTS = 7 };

struct client {
	MQTTAsync paho;
	const char *tenant, *post, *dir;
	struct pp_key *key;
	uint64_t epoch;
	int64_t n;
};

static int on_message(void *user, char *topic, int length, MQTTAsync_message *m)
{
	(void)user;
	(void)length;
	MQTTAsync_freeMessage(&m);
	MQTTAsync_free(topic);
	return 1;
}

static void wait_ms(long ms)
{
	struct timespec wait = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&wait, NULL);
}

static void send_signed(struct client *c, const char *channel, const char *text, size_t length)
{
	char topic[128], signature_text[89];
	uint8_t signature[PP_SIGNATURE_SIZE];

	snprintf(topic, sizeof(topic), "pospin/v1/%s/%s/%s", c->tenant, c->post, channel);
	if (pp_seal(c->key, topic, text, length, signature) < 0)
		exit(EXIT_FAILURE);
	pp_base64(signature, sizeof(signature), signature_text);
	paho_send(c->paho, topic, signature_text, text, length);
}

static void be_idle(struct client *c)
{
	for (;;) {
		struct pp_state state = { .epoch = c->epoch,
			.boot = 1,
			.mono_ms = (int64_t)(pp_clock_mono_us() / 1000),
			.n = ++c->n,
			.config = "0000000000000000",
			.version = POSPIN_VERSION,
			.count = POINTS };
		char *text;
		size_t length;

		for (size_t i = 0; i < POINTS; i++) {
			snprintf(state.points[i].point, sizeof(state.points[i].point),
				"panic-%zu", i);
			state.points[i].state = PP_POINT_NORMAL;
		}
		if (pp_state_encode(&state, &text, &length) < 0)
			exit(EXIT_FAILURE);
		send_signed(c, "state", text, length);
		free(text);
		wait_ms(STATE_EVERY_S * 1000);
	}
}

static void must(int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "client: %s: %s\n", what, strerror(-r));
	exit(EXIT_FAILURE);
}

/* The payload was made and signed beforehand: what remains is the disk and the network. */
static void publish(struct client *c, unsigned count, long every_ms)
{
	char path[4200], text[256], topic[128], signature_text[89];
	uint8_t signature[PP_SIGNATURE_SIZE];
	struct pp_db *db;
	struct pp_stmt *s;

	snprintf(path, sizeof(path), "%s/client.db", c->dir);
	(void)unlink(path);
	must(pp_db_open(path, PP_DB_WRITE, &db), path);
	must(pp_db_exec(db, "CREATE TABLE IF NOT EXISTS signal (id INTEGER PRIMARY KEY,"
			    " payload BLOB, sig BLOB)"),
		"table");
	snprintf(topic, sizeof(topic), "pospin/v1/%s/%s/signal", c->tenant, c->post);
	for (unsigned i = 0; i < count; i++) {
		int n = snprintf(text, sizeof(text),
			"{\"epoch\":\"%016" PRIx64 "\",\"seq\":%u,\"boot\":1,\"mono\":%" PRIu64
			",\"point\":\"panic-crime\",\"kind\":\"panic\",\"signal\":\"alarm\","
			"\"class\":\"crime\",\"at\":null}",
			c->epoch, i + 1, pp_clock_mono_us() / 1000);

		must(pp_seal(c->key, topic, text, (size_t)n, signature), "sign");
		pp_base64(signature, sizeof(signature), signature_text);
		wait_ms(every_ms);
		printf("%" PRIu64 "\n", pp_clock_mono_us());
		must(pp_db_begin(db), "begin");
		must(pp_db_prepare(db, "INSERT INTO signal (payload, sig) VALUES (?1, ?2)", &s),
			"prepare");
		pp_stmt_blob(s, 1, text, (size_t)n);
		pp_stmt_blob(s, 2, signature, sizeof(signature));
		must(pp_stmt_run(s), "insert");
		must(pp_db_commit(db), "commit");
		paho_send(c->paho, topic, signature_text, text, (size_t)n);
	}
	fflush(stdout);
	wait_ms(500);
	pp_db_close(db);
}

int main(int argc, char **argv)
{
	static const char *const channels[] = { "receipt", "beat", "progress", "command" };
	char pki[4096], cert[4200], key[4200], id[128], topics[4][128];
	const char *heard[5] = { topics[0], topics[1], topics[2], topics[3], NULL };
	struct client c = { 0 };

	if (argc != 8) {
		fprintf(stderr, "usage: bench.client idle|publish DIR PORT TENANT POST COUNT "
				"EVERY_MS\n");
		return 2;
	}
	c.dir = argv[2];
	c.tenant = argv[4];
	c.post = argv[5];
	snprintf(pki, sizeof(pki), "%s/pki", c.dir);
	snprintf(cert, sizeof(cert), "%s/posts/%s/post.crt", c.dir, c.post);
	snprintf(key, sizeof(key), "%s/posts/%s/post.key", c.dir, c.post);
	snprintf(id, sizeof(id), "%s/%s", c.tenant, c.post);
	for (int i = 0; i < 4; i++)
		snprintf(topics[i], sizeof(topics[i]), "pospin/v1/%s/%s/%s", c.tenant, c.post,
			channels[i]);
	must(pp_key_load(key, &c.key), key);
	pp_random(&c.epoch, sizeof(c.epoch));
	const struct paho_options o = { .pki = pki,
		.certificate = cert,
		.key = key,
		.client_id = id,
		.port = (int)number_read(argv[3]),
		.keepalive_s = 20,
		.topics = heard,
		.message = on_message };
	c.paho = paho_open(&o);
	fprintf(stderr, "connected\n");
	if (strcmp(argv[1], "idle") == 0)
		be_idle(&c);
	else
		publish(&c, (unsigned)number_read(argv[6]), number_read(argv[7]));
	return EXIT_SUCCESS;
}
