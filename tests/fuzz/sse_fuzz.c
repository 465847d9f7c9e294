/* SPDX-License-Identifier: Apache-2.0 */
/* sse_fuzz.c -- where a stream of events goes on: whatever stands in Last-Event-ID and in `after`,
 * the reader gets each later event of its tenant once and in order, or a reset, or a refusal.
 * Input: a byte (which of them are there), a byte (size of the pieces), the header, the query. */
#include "fuzz.h"

#include "http_rig.h"

/* Our own reading of an id: decimal digits without needless zeros, not above INT64_MAX. */
static bool id_read(const char *text, int64_t *ret_id)
{
	uint64_t value = 0;
	size_t length = strlen(text);

	if (length == 0 || length > 19 || (length > 1 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(text[i] - '0');
	}
	*ret_id = (int64_t)value;
	return value <= INT64_MAX;
}

static void stream_read(struct pp_call *c, size_t piece, char *text, size_t size)
{
	size_t length = 0;
	ssize_t n;

	while ((n = c->stream->read(c->stream_user, text + length, piece)) > 0) {
		length += (size_t)n;
		MUST_HOLD(length + piece < size);
	}
	MUST_HOLD(n == 0);
	text[length] = '\0';
}

/* after: -1: from now on. */
static void stream_check(const char *text, int64_t after)
{
	int64_t want = after < 0 || after > RIG_LAST_ID ? RIG_LAST_ID + 2 : (after + 1) | 1;
	const char *at = text;

	MUST_HOLD(strncmp(at, "retry: 2000\n\n", 13) == 0);
	at += 13;
	if (after > RIG_LAST_ID) {
		static const char reset[] = "id: 79\nevent: reset\ndata: {}\n\n";

		MUST_HOLD(strncmp(at, reset, sizeof(reset) - 1) == 0);
		at += sizeof(reset) - 1;
	}
	for (; want <= RIG_LAST_ID; want += 2) {
		char head[80];

		snprintf(head, sizeof(head), "id: %lld\nevent: incident.note\ndata: {",
			(long long)want);
		MUST_HOLD(strncmp(at, head, strlen(head)) == 0);
		at = strstr(at, "\n\n");
		MUST_HOLD(at);
		at += 2;
	}
	MUST_HOLD(*at == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pp_call call;
	static char text[65536];
	struct fuzz_input in = { data, size };
	unsigned there = fuzz_byte(&in);
	size_t piece = (size_t)fuzz_byte(&in) * 16 + 1;
	char header[64], query[64];
	const char *asked = NULL;
	int64_t after = -1;

	(void)rig_web();
	memset(&call, 0, sizeof(call));
	snprintf(call.method, sizeof(call.method), "GET");
	snprintf(call.path, sizeof(call.path), "/api/v1/events");
	call.body = "";
	rig_add(call.headers, &call.header_count, "Host", "localhost");
	rig_add(call.cookies, &call.cookie_count, PP_COOKIE_SESSION, rig_session);
	(void)fuzz_text(&in, '\n', header, sizeof(header));
	(void)fuzz_text(&in, '\n', query, sizeof(query));
	if (there & 2) {
		rig_add(call.query, &call.query_count, "after", query);
		asked = query;
	}
	if (there & 1) {
		rig_add(call.headers, &call.header_count, "Last-Event-ID", header);
		asked = header[0] ? header : asked;
	}
	rig_ask(&call);
	if (asked && !id_read(asked, &after)) {
		MUST_HOLD(call.status == 422 && !call.stream);
	} else {
		MUST_HOLD(call.status == 200 && call.stream);
		stream_read(&call, piece, text, sizeof(text));
		stream_check(text, after);
	}
	rig_done(&call);
	return 0;
}
