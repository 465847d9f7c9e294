/* SPDX-License-Identifier: Apache-2.0 */
/* floor.c -- what no server over this broker, TLS, signatures and disk can beat: subscribe, verify,
 * one row, one synced commit for all that waits, signed receipts. It decides nothing. With
 * `nothing` it only counts what the broker hands over. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "core/clock.h"
#include "crypto/sign.h"
#include "db/db.h"
#include "paho.h"
#include "protocol/seal.h"

enum { BATCH_MAX = 256, POSTS_MAX = 5000, SIGNATURE_TEXT = 89 };

struct message {
	STAILQ_ENTRY(message) entry;
	char *topic, *payload;
	size_t length;
	uint8_t signature[PP_SIGNATURE_SIZE];
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t more;
	STAILQ_HEAD(, message) waiting;
	uint64_t count, first_us, last_us; /* `nothing` */
} in = { .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER };

struct floor {
	MQTTAsync client;
	struct pp_db *db;
	struct pp_key *key;
	uint8_t (*posts)[1][PP_PUBLIC_KEY_SIZE];
};

static int on_message(void *user, char *topic, int length, MQTTAsync_message *m)
{
	struct message *copy = calloc(1, sizeof(*copy));
	const char *signature = paho_signature(m, &length);

	(void)user;
	copy->topic = strdup(topic);
	copy->length = (size_t)m->payloadlen;
	copy->payload = calloc(1, copy->length + 1);
	memcpy(copy->payload, m->payload, copy->length);
	if (signature)
		(void)pp_unbase64(
			signature, (size_t)length, copy->signature, sizeof(copy->signature));
	MQTTAsync_freeMessage(&m);
	MQTTAsync_free(topic);
	pthread_mutex_lock(&in.lock);
	STAILQ_INSERT_TAIL(&in.waiting, copy, entry);
	pthread_cond_signal(&in.more);
	pthread_mutex_unlock(&in.lock);
	return 1;
}

static int on_nothing(void *user, char *topic, int length, MQTTAsync_message *m)
{
	(void)user;
	(void)length;
	MQTTAsync_freeMessage(&m);
	MQTTAsync_free(topic);
	in.last_us = pp_clock_mono_us();
	if (in.count++ == 0)
		in.first_us = in.last_us;
	return 1;
}

static size_t take(struct message *batch[BATCH_MAX])
{
	size_t count = 0;

	pthread_mutex_lock(&in.lock);
	while (STAILQ_EMPTY(&in.waiting))
		pthread_cond_wait(&in.more, &in.lock);
	while (count < BATCH_MAX && !STAILQ_EMPTY(&in.waiting)) {
		batch[count++] = STAILQ_FIRST(&in.waiting);
		STAILQ_REMOVE_HEAD(&in.waiting, entry);
	}
	pthread_mutex_unlock(&in.lock);
	return count;
}

/* "pospin/v1/bench/bench-0007/signal": the post's number, and its topic for an answer. */
static unsigned post_of(const char *topic, const char *channel, char ret_answer[128])
{
	const char *name = strstr(topic, "/bench-"), *end = strrchr(topic, '/');

	if (!name)
		return 0;
	snprintf(ret_answer, 128, "%.*s/%s", (int)(end - topic), topic, channel);
	return (unsigned)strtoul(name + 7, NULL, 10);
}

static bool is_signal(const struct message *m)
{
	return strcmp(strrchr(m->topic, '/'), "/signal") == 0;
}

static void must(int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "floor: %s: %s\n", what, strerror(-r));
	exit(EXIT_FAILURE);
}

static void record(struct floor *f, const struct message *m)
{
	struct pp_stmt *s;
	char unused[128];
	unsigned post = post_of(m->topic, "", unused);

	must(pp_seal_check((const uint8_t(*)[PP_PUBLIC_KEY_SIZE])f->posts[post], 1, m->topic,
		     m->payload, m->length, m->signature),
		"signature");
	if (!is_signal(m))
		return;
	must(pp_db_prepare(f->db, "INSERT INTO signal (post, payload, sig) VALUES (?1, ?2, ?3)",
		     &s),
		"prepare");
	pp_stmt_i64(s, 1, post);
	pp_stmt_blob(s, 2, m->payload, m->length);
	pp_stmt_blob(s, 3, m->signature, sizeof(m->signature));
	must(pp_stmt_run(s), "insert");
}

static void answer(struct floor *f, const struct message *m)
{
	char topic[128], text[512], signature_text[SIGNATURE_TEXT], epoch[17] = "";
	uint8_t signature[PP_SIGNATURE_SIZE];
	long long a = 0, b = 0, c = 0;
	int n;

	if (is_signal(m)) {
		post_of(m->topic, "receipt", topic);
		(void)!sscanf(m->payload, "{\"epoch\":\"%16[0-9a-f]\",\"seq\":%lld", epoch, &a);
		n = snprintf(text, sizeof(text),
			"{\"receipts\":[{\"epoch\":\"%s\",\"seq\":%lld,\"result\":\"recorded\"}]}",
			epoch, a);
	} else {
		post_of(m->topic, "beat", topic);
		(void)!sscanf(m->payload,
			"{\"epoch\":\"%16[0-9a-f]\",\"boot\":%lld,\"mono\":%lld,\"n\":%lld", epoch,
			&a, &b, &c);
		n = snprintf(text, sizeof(text),
			"{\"epoch\":\"%s\",\"boot\":%lld,\"mono\":%lld,\"n\":%lld,\"high\":0,"
			"\"open\":[]}",
			epoch, a, b, c);
	}
	must(pp_seal(f->key, topic, text, (size_t)n, signature), "sign");
	pp_base64(signature, sizeof(signature), signature_text);
	paho_send(f->client, topic, signature_text, text, (size_t)n);
}

static void work(struct floor *f)
{
	struct message *batch[BATCH_MAX];
	size_t count = take(batch), signals = 0;

	for (size_t i = 0; i < count; i++)
		signals += is_signal(batch[i]);
	if (signals > 0)
		must(pp_db_begin(f->db), "begin");
	for (size_t i = 0; i < count; i++)
		record(f, batch[i]);
	if (signals > 0)
		must(pp_db_commit(f->db), "commit");
	for (size_t i = 0; i < count; i++) {
		answer(f, batch[i]);
		free(batch[i]->topic);
		free(batch[i]->payload);
		free(batch[i]);
	}
}

static void on_term(int number)
{
	(void)number;
	_exit(EXIT_SUCCESS);
}

/* Tells how many have come, once a second at most, until it is ended. */
static void count_only(void)
{
	for (uint64_t told = UINT64_MAX;;) {
		uint64_t count = in.count;

		if (count != told)
			printf("{\"count\":%llu,\"seconds\":%.4f}\n", (unsigned long long)count,
				(double)(in.last_us - in.first_us) / 1e6);
		fflush(stdout);
		told = count;
		(void)nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL);
	}
}

static void open_all(struct floor *f, const char *dir, unsigned posts)
{
	char path[4200];
	struct pp_key *key;

	snprintf(path, sizeof(path), "%s/floor.db", dir);
	(void)unlink(path);
	must(pp_db_open(path, PP_DB_WRITE, &f->db), path);
	must(pp_db_exec(f->db,
		     "CREATE TABLE IF NOT EXISTS signal (id INTEGER PRIMARY KEY, post INTEGER,"
		     " payload BLOB, sig BLOB)"),
		"table");
	snprintf(path, sizeof(path), "%s/pki/server-signing.key", dir);
	must(pp_key_load(path, &f->key), path);
	f->posts = calloc(posts, sizeof(*f->posts));
	for (unsigned i = 0; i < posts; i++) {
		snprintf(path, sizeof(path), "%s/posts/bench-%04u.key", dir, i);
		must(pp_key_load(path, &key), path);
		pp_key_public(key, f->posts[i][0]);
		pp_key_free(key);
	}
}

int main(int argc, char **argv)
{
	static const char *const alarms[] = { "pospin/v1/+/+/signal", "pospin/v1/+/+/state", NULL };
	static const char *const samples[] = { "pospin/v1/+/+/sample", NULL };
	char pki[4096], cert[4200], key[4200];
	struct floor f = { 0 };

	if (argc != 5) {
		fprintf(stderr, "usage: bench.floor alarms|nothing DIR PORT POSTS\n");
		return 2;
	}
	bool nothing = strcmp(argv[1], "nothing") == 0;
	const char *who = nothing ? "svc-recorder" : "svc-server";
	snprintf(pki, sizeof(pki), "%s/pki", argv[2]);
	snprintf(cert, sizeof(cert), "%s/%s.crt", pki, who);
	snprintf(key, sizeof(key), "%s/%s.key", pki, who);
	const struct paho_options o = { .pki = pki,
		.certificate = cert,
		.key = key,
		.client_id = who,
		.port = (int)number_read(argv[3]),
		.keepalive_s = 20,
		.topics = nothing ? samples : alarms,
		.message = nothing ? on_nothing : on_message };

	signal(SIGTERM, on_term);
	STAILQ_INIT(&in.waiting);
	if (!nothing)
		open_all(&f, argv[2], (unsigned)number_read(argv[4]));
	f.client = paho_open(&o);
	printf("{\"ready\":true}\n");
	fflush(stdout);
	if (nothing)
		count_only();
	for (;;)
		work(&f);
}
