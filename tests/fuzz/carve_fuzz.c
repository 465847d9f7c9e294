/* SPDX-License-Identifier: Apache-2.0 */
/* carve_fuzz.c -- looking for signed signals in the bytes of a damaged file never looks beyond
 * them, and finds nothing that does not begin as our own encoder does. */
#include "fuzz.h"

#include "carve.h"
#include "crypto/sign.h"
#include "protocol/limits.h"

struct bytes {
	const char *begin, *end;
	const char *last;
};

static void on_carved(void *user, const struct pp_carved *c)
{
	struct bytes *b = user;
	const char *signature = (const char *)c->signature;

	MUST_HOLD(c->payload >= b->begin && c->length >= 2 && c->length <= PP_PAYLOAD_MAX);
	MUST_HOLD(signature == c->payload + c->length);
	MUST_HOLD(signature + PP_SIGNATURE_SIZE <= b->end);
	MUST_HOLD(c->payload[0] == '{' && c->payload[c->length - 1] == '}');
	MUST_HOLD(!b->last || c->payload > b->last);
	b->last = c->payload;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char topic[] = "pospin/v1/kendal/boja-01/signal";
	struct bytes b = { (const char *)data, (const char *)data + size, NULL };

	pp_carve(data, size, topic, on_carved, &b);
	b.last = NULL;
	pp_carve_log(data, size, topic, on_carved, &b);
	return 0;
}
