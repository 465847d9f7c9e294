/* SPDX-License-Identifier: Apache-2.0 */
/* parcel.c -- numbers, encodes and signs a signal. */
#include "outbox/parcel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/seal.h"

struct pp_parcel *pp_parcel_free(struct pp_parcel *parcel)
{
	free(parcel);
	return NULL;
}

int pp_parcel_new(const char *topic, const void *payload, size_t length,
	const uint8_t signature[PP_SIGNATURE_SIZE], struct pp_parcel **ret_parcel)
{
	struct pp_parcel *parcel;

	if (length > PP_PAYLOAD_MAX || strlen(topic) >= PP_TOPIC_MAX)
		return -EMSGSIZE;
	parcel = calloc(1, sizeof(*parcel) + length);
	if (!parcel)
		return -ENOMEM;
	memcpy(parcel->topic, topic, strlen(topic) + 1);
	memcpy(parcel->signature, signature, PP_SIGNATURE_SIZE);
	memcpy(parcel->payload, payload, length);
	parcel->length = length;
	*ret_parcel = parcel;
	return 0;
}

static int check(const struct pp_parcel *parcel, const struct pp_key_list *signers,
	struct pp_signal *ret_signal)
{
	struct pp_signal signal;
	char why[160];
	int r = pp_seal_check(signers->keys, signers->count, parcel->topic, parcel->payload,
		parcel->length, parcel->signature);

	if (r == 0)
		r = pp_signal_decode(parcel->payload, parcel->length, &signal, why);
	if (r == -ENOMEM)
		return r;
	if (r < 0 || signal.epoch != parcel->epoch || signal.seq != parcel->seq)
		return -EBADMSG;
	if (ret_signal)
		*ret_signal = signal;
	return 0;
}

/* What is damaged is so the second time too; want of memory in a library may look like it. */
int pp_parcel_check(const struct pp_parcel *parcel, const struct pp_key_list *signers,
	struct pp_signal *ret_signal)
{
	int r = check(parcel, signers, ret_signal);

	return r == -EBADMSG ? check(parcel, signers, ret_signal) : r;
}

uint64_t pp_mint_epoch(void)
{
	uint64_t epoch = 0;

	while (epoch == 0)
		pp_random(&epoch, sizeof(epoch));
	return epoch;
}

static int64_t cause_of(const struct pp_mint *m, const struct pp_draft *draft)
{
	if (draft->signal.cause && draft->cause_epoch == m->epoch)
		return draft->signal.cause;
	for (unsigned i = 0; draft->cause_ticket && i < PP_MINT_RECENT; i++)
		if (m->recent[i].ticket == draft->cause_ticket)
			return m->recent[i].seq;
	return 0;
}

int pp_mint_make(struct pp_mint *m, const struct pp_draft *draft, struct pp_parcel **ret_parcel)
{
	struct pp_signal signal = draft->signal;
	uint8_t signature[PP_SIGNATURE_SIZE];
	struct pp_parcel *parcel = NULL;
	char *text = NULL;
	size_t length;
	int r;

	signal.epoch = m->epoch;
	signal.boot = m->boot;
	signal.seq = m->last_seq + 1;
	signal.cause = cause_of(m, draft);
	r = pp_signal_encode(&signal, &text, &length);
	if (r < 0)
		return r;
	r = pp_seal(m->key, m->topic, text, length, signature);
	if (r == 0)
		r = pp_parcel_new(m->topic, text, length, signature, &parcel);
	free(text);
	if (r < 0)
		return r;
	parcel->epoch = m->epoch;
	parcel->seq = signal.seq;
	parcel->alarm = signal.type == PP_SIGNAL_ALARM;
	parcel->fresh = true;
	m->last_seq = signal.seq;
	m->recent[m->next_recent].ticket = draft->ticket;
	m->recent[m->next_recent].seq = signal.seq;
	m->next_recent = (m->next_recent + 1) % PP_MINT_RECENT;
	*ret_parcel = parcel;
	return 0;
}
