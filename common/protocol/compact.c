/* SPDX-License-Identifier: Apache-2.0 */
/* compact.c -- a signal or a receipt as bytes, and the bytes as letters; and both ways back. */
#include "protocol/compact.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "member.h"

#define PREFIX_LENGTH (sizeof(PP_COMPACT_PREFIX) - 1)
static_assert(sizeof(PP_COMPACT_RECEIPT_PREFIX) - 1 == PREFIX_LENGTH, "one length of prefixes");
/* Base64 without its padding. */
#define BYTES_MAX ((PP_COMPACT_MAX - PREFIX_LENGTH) * 3 / 4)

#define FLAGS (PP_FLAG_AT_START | PP_FLAG_SILENT | PP_FLAG_DRILL | PP_FLAG_VERIFIED)

/* ---- writing ---- */

struct writing {
	uint8_t bytes[BYTES_MAX];
	size_t count;
	bool over;
};

static void put(struct writing *w, const void *bytes, size_t count)
{
	if (count > sizeof(w->bytes) - w->count) {
		w->over = true;
		return;
	}
	memcpy(w->bytes + w->count, bytes, count);
	w->count += count;
}

static void put_byte(struct writing *w, unsigned value)
{
	put(w, &(uint8_t){ (uint8_t)value }, 1);
}

/* Seven bits a byte, the lowest first; the eighth says that more follow. */
static void put_number(struct writing *w, uint64_t value)
{
	for (; value >= 128; value >>= 7)
		put_byte(w, (unsigned)(value & 127) | 128);
	put_byte(w, (unsigned)value);
}

static void put_text(struct writing *w, const char *text)
{
	size_t length = strlen(text); /* at most PP_DETAIL_MAX */

	put_byte(w, (unsigned)length);
	put(w, text, length);
}

static void put_epoch(struct writing *w, uint64_t epoch)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		put_byte(w, (unsigned)(epoch >> shift) & 255);
}

static void put_signal(struct writing *w, const struct pp_signal *s)
{
	put_epoch(w, s->epoch);
	put_number(w, (uint64_t)s->seq);
	put_number(w, (uint64_t)s->boot);
	put_number(w, (uint64_t)s->mono_ms);
	put_number(w, s->at_ms < 0 ? 0 : (uint64_t)s->at_ms + 1);
	put_byte(w, s->kind);
	put_byte(w, s->type);
	put_byte(w, s->class);
	put_byte(w, s->flags & 255);
	put_number(w, (uint64_t)s->cause);
	put_text(w, s->point);
	put_text(w, s->detail);
}

static void letters_write(const struct writing *w, const char *prefix, char *ret_text)
{
	char padded[4 * ((BYTES_MAX + 2) / 3) + 1];
	size_t length;

	pp_base64(w->bytes, w->count, padded);
	length = strcspn(padded, "=");
	memcpy(ret_text, prefix, PREFIX_LENGTH);
	memcpy(ret_text + PREFIX_LENGTH, padded, length);
	ret_text[PREFIX_LENGTH + length] = '\0';
}

void pp_compact_hint(
	const uint8_t public_key[PP_PUBLIC_KEY_SIZE], uint8_t ret_hint[PP_COMPACT_HINT])
{
	uint8_t hash[PP_SHA256_SIZE];

	pp_sha256(public_key, PP_PUBLIC_KEY_SIZE, hash);
	memcpy(ret_hint, hash, PP_COMPACT_HINT);
}

/* Whether a reader who knows what the message says would make these bytes. encoded: what the
 * encoder said; text is freed. */
static int check_same(int encoded, char *text, size_t same, const char *payload, size_t length)
{
	int r;

	if (encoded < 0)
		return encoded == -ENOMEM ? encoded : -EBADMSG;
	r = same == length && memcmp(text, payload, length) == 0 ? 0 : -EBADMSG;
	free(text);
	return r;
}

int pp_compact_write(const char *payload, size_t length, const uint8_t hint[PP_COMPACT_HINT],
	const uint8_t signature[PP_SIGNATURE_SIZE], char *ret_text)
{
	struct writing w = { .count = 0 };
	struct pp_signal s;
	char why[160], *again = NULL;
	size_t same = 0;
	int r = pp_signal_decode(payload, length, &s, why);

	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	if (s.foreign_words || s.lost_count > 0)
		return -EBADMSG;
	r = pp_signal_encode(&s, &again, &same);
	r = check_same(r, again, same, payload, length);
	if (r < 0)
		return r;
	put(&w, hint, PP_COMPACT_HINT);
	put(&w, signature, PP_SIGNATURE_SIZE);
	put_signal(&w, &s);
	if (w.over)
		return -EMSGSIZE;
	letters_write(&w, PP_COMPACT_PREFIX, ret_text);
	return 0;
}

int pp_compact_receipt_write(const char *payload, size_t length,
	const uint8_t signature[PP_SIGNATURE_SIZE],
	char ret_text[PP_COMPACT_RECEIPT_MAX + 1])
{
	struct writing w = { .count = 0 };
	struct pp_receipt receipt;
	char why[160], *again = NULL;
	size_t same = 0, count;
	int r = pp_receipts_decode(payload, length, &receipt, 1, &count, why);

	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	if (count != 1 || receipt.result != PP_RECEIPT_RECORDED)
		return -EBADMSG;
	receipt.reason[0] = '\0';
	r = pp_receipts_encode(&receipt, 1, &again, &same);
	r = check_same(r, again, same, payload, length);
	if (r < 0)
		return r;
	put(&w, signature, PP_SIGNATURE_SIZE);
	put_epoch(&w, receipt.epoch);
	put_number(&w, (uint64_t)receipt.seq);
	put_text(&w, receipt.incident);
	letters_write(&w, PP_COMPACT_RECEIPT_PREFIX, ret_text);
	return 0;
}

/* ---- reading ---- */

struct reading {
	const uint8_t *at, *end;
	bool bad;
};

static const uint8_t *take(struct reading *r, size_t count)
{
	const uint8_t *at = r->at;

	if (r->bad || count > (size_t)(r->end - r->at)) {
		r->bad = true;
		return NULL;
	}
	r->at += count;
	return at;
}

static uint8_t take_byte(struct reading *r)
{
	const uint8_t *at = take(r, 1);

	return at ? *at : 0;
}

/* One way to write each number, as its writer has it: else two texts would be one signal. */
static int64_t take_number(struct reading *r)
{
	uint64_t value = 0;
	uint8_t byte = 0;

	for (unsigned shift = 0; shift < 63; shift += 7) {
		byte = take_byte(r);
		value |= (uint64_t)(byte & 127) << shift;
		if (byte < 128) {
			r->bad |= byte == 0 && shift > 0;
			break;
		}
	}
	r->bad |= byte >= 128 || value > PP_WHOLE_MAX;
	return r->bad ? 0 : (int64_t)value;
}

static void take_text(struct reading *r, char *ret_text, size_t max)
{
	size_t length = take_byte(r);
	const uint8_t *at = take(r, length);

	if (!at || length > max || !pp_text_is_utf8((const char *)at, length)) {
		r->bad = true;
		return;
	}
	memcpy(ret_text, at, length);
	ret_text[length] = '\0';
}

static void take_words(struct reading *r, struct pp_signal *s)
{
	unsigned kind = take_byte(r), type = take_byte(r), class = take_byte(r);

	r->bad |= kind == PP_KIND_UNKNOWN || kind >= PP_KIND_COUNT || type == PP_SIGNAL_UNKNOWN ||
		  type >= PP_SIGNAL_COUNT || class >= PP_CLASS_COUNT ||
		  (class > 0 && type != PP_SIGNAL_ALARM && type != PP_SIGNAL_TEST);
	if (r->bad)
		return;
	s->kind = (enum pp_kind)kind;
	s->type = (enum pp_signal_type)type;
	s->class = (enum pp_class)class;
	s->flags = take_byte(r);
	r->bad |= (s->flags & ~FLAGS) != 0;
}

static uint64_t take_epoch(struct reading *r)
{
	const uint8_t *bytes = take(r, 8);
	uint64_t epoch = 0;

	for (size_t i = 0; bytes && i < 8; i++)
		epoch = epoch << 8 | bytes[i];
	return epoch;
}

static bool take_signal(struct reading *r, struct pp_signal *s)
{
	int64_t at;

	s->epoch = take_epoch(r);
	s->seq = take_number(r);
	s->boot = take_number(r);
	s->mono_ms = take_number(r);
	at = take_number(r); /* the last whole number cannot be told: then it is not known */
	s->at_ms = at > 0 ? at - 1 : PP_AT_UNKNOWN;
	take_words(r, s);
	s->cause = take_number(r);
	take_text(r, s->point, PP_POINT_MAX);
	take_text(r, s->detail, PP_DETAIL_MAX);
	return !r->bad && r->at == r->end && s->epoch != 0 && s->seq >= 1;
}

/* The letters as bytes. How many, or -EBADMSG. */
static int letters_read(
	const char *prefix, const char *text, size_t length, uint8_t ret_bytes[BYTES_MAX])
{
	char letters[PP_COMPACT_MAX + 4];
	size_t count = 0, size;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == ' ' || text[i] == '\r' || text[i] == '\n' || text[i] == '\t')
			continue;
		if (count == PP_COMPACT_MAX)
			return -EBADMSG;
		letters[count++] = text[i];
	}
	if (count <= PREFIX_LENGTH || memcmp(letters, prefix, PREFIX_LENGTH) != 0)
		return -EBADMSG;
	size = (count - PREFIX_LENGTH) * 3 / 4;
	if ((count - PREFIX_LENGTH) % 4 == 1 || size > BYTES_MAX || letters[count - 1] == '=')
		return -EBADMSG;
	while ((count - PREFIX_LENGTH) % 4 != 0)
		letters[count++] = '=';
	return pp_unbase64(letters + PREFIX_LENGTH, count - PREFIX_LENGTH, ret_bytes, size) == 0
		       ? (int)size
		       : -EBADMSG;
}

bool pp_compact_is(const char *text)
{
	return strncmp(text + strspn(text, " \r\n\t"), PP_COMPACT_PREFIX, PREFIX_LENGTH) == 0;
}

int pp_compact_read(const char *text, size_t length, struct pp_compact *ret_compact)
{
	struct pp_signal s = { .at_ms = PP_AT_UNKNOWN };
	struct pp_compact c = { .payload = NULL };
	const uint8_t *hint, *signature;
	uint8_t bytes[BYTES_MAX];
	int size = letters_read(PP_COMPACT_PREFIX, text, length, bytes), r;
	struct reading in;

	if (size < 0)
		return size;
	in = (struct reading){ bytes, bytes + size, false };
	hint = take(&in, PP_COMPACT_HINT);
	signature = take(&in, PP_SIGNATURE_SIZE);
	if (!take_signal(&in, &s))
		return -EBADMSG;
	memcpy(c.hint, hint, sizeof(c.hint));
	memcpy(c.signature, signature, sizeof(c.signature));
	r = pp_signal_encode(&s, &c.payload, &c.length);
	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	*ret_compact = c;
	return 0;
}

/* Printable ASCII alone: what the encoder would replace would be a second text of one receipt. */
static bool take_receipt(struct reading *in, struct pp_receipt *r)
{
	r->epoch = take_epoch(in);
	r->seq = take_number(in);
	take_text(in, r->incident, PP_INCIDENT_MAX);
	for (const char *c = r->incident; *c; c++)
		in->bad |= *c < ' ' || *c > '~';
	return !in->bad && in->at == in->end && r->epoch != 0 && r->seq >= 1;
}

int pp_compact_receipt_read(
	const char *text, size_t length, struct pp_compact_receipt *ret_receipt)
{
	struct pp_compact_receipt c = { .receipt.result = PP_RECEIPT_RECORDED };
	const uint8_t *signature;
	uint8_t bytes[BYTES_MAX];
	int size = letters_read(PP_COMPACT_RECEIPT_PREFIX, text, length, bytes), r;
	struct reading in;

	if (size < 0)
		return size;
	in = (struct reading){ bytes, bytes + size, false };
	signature = take(&in, PP_SIGNATURE_SIZE);
	if (!take_receipt(&in, &c.receipt))
		return -EBADMSG;
	memcpy(c.signature, signature, sizeof(c.signature));
	r = pp_receipts_encode(&c.receipt, 1, &c.payload, &c.length);
	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	*ret_receipt = c;
	return 0;
}
