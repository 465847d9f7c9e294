/* SPDX-License-Identifier: Apache-2.0 */
/* post.h -- one played post: its key, its outbox in memory, its states; and the signals of all. */
#ifndef FLEET_POST_H
#define FLEET_POST_H

#include "crypto/key_list.h"
#include "crypto/sign.h"
#include "protocol/state.h"
#include "protocol/topic.h"
#include "quantile.h"
#include "wire.h"

#define SIGNATURE_TEXT_SIZE 89

enum { TOPIC_RECEIPT, TOPIC_BEAT, TOPIC_PROGRESS, TOPIC_COMMAND, TOPICS_HEARD };

struct signal {
	unsigned post;
	int64_t seq;
	uint64_t pressed_us; /* when it was meant to be: a late sender hides nothing */
	uint64_t sent_us;    /* last; 0: waits for its turn */
	uint64_t receipted_us;
	unsigned sends, receipts;
	bool queued, refused;
	char incident[PP_INCIDENT_MAX + 1];
	char signature[SIGNATURE_TEXT_SIZE];
	char *payload;
	size_t length;
};

struct post {
	struct wire wire; /* first: a wire is its post */
	struct fleet *fleet;
	unsigned index;
	char name[PP_POST_MAX + 1], client_id[PP_TENANT_MAX + PP_POST_MAX + 2];
	char topics[PP_CHANNEL_COUNT][PP_TOPIC_MAX];
	const char *heard[TOPICS_HEARD];
	struct pp_key *key;
	uint64_t epoch;
	int64_t seq; /* last given */
	struct signal **signals; /* by seq - 1 */
	size_t signals_size;
	int64_t next_send; /* the lowest seq that may have to be sent */
	unsigned flying;
	uint16_t packet_id;
	int64_t n; /* of states */
	bool beaten; /* the newest state has been answered */
	bool was_up;
	uint64_t samples_wanted, samples_sent, samples_flying;
};

/* A receipt or beat whose signature is checked when there is time: receipts are timed when they
 * come, and no run is good before all of them are checked. */
struct check {
	unsigned post;
	enum pp_channel channel;
	size_t length;
	uint8_t signature[PP_SIGNATURE_SIZE];
	bool is_signed;
	char payload[];
};

struct fleet_counts {
	uint64_t pressed, sent, receipted, refused, doubled, foreign_receipts;
	uint64_t states, beats, beats_stale, forged, unreadable, connects, losses, failed_acks;
	uint64_t samples_sent, samples_acknowledged, progress;
};

struct fleet {
	struct post *posts;
	size_t post_count;
	struct wire_place place;
	struct pp_key_list server_keys;
	struct fleet_counts counts;
	struct quantiles *latency; /* of the phase that runs */
	struct check **checks;
	size_t check_count, checks_done, checks_size;
	size_t up, beaten;
	uint64_t last_receipt_us, last_sample_us;
	int64_t samples_from_ms; /* each sample of a post is of another millisecond of the past */
	bool ending;
	void (*on_down)(struct fleet *f, struct post *p);
};

extern const struct wire_ops post_wire_ops;

/* dir holds <name>.key and <name>.crt. -errno with a word on stderr. */
int post_init(struct post *p, struct fleet *f, const char *tenant, const char *dir);
/* Makes and signs the next signal of p; it waits until post_press. */
struct signal *post_prepare(struct post *p, uint64_t at_us, unsigned kind);
void post_press(struct post *p, struct signal *s);
void post_send(struct post *p); /* what may be sent, is */
void post_state(struct post *p);
void post_sample(struct post *p); /* samples, as many as may fly */
/* Sends again what has had no receipt for 10 s. */
void post_resend(struct post *p, uint64_t now_us);
/* Checks one signature; false: none is left. */
bool fleet_check(struct fleet *f);

#endif
