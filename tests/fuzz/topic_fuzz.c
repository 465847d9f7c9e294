/* SPDX-License-Identifier: Apache-2.0 */
/* topic_fuzz.c -- a topic that is taken is exactly the one that its parts make. */
#include "fuzz.h"

#include "protocol/topic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), again[PP_TOPIC_MAX];
	struct pp_topic topic;

	MUST_HOLD(text);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	FUZZ_FILL(topic);
	if (pp_topic_parse(text, &topic) < 0) {
		MUST_HOLD(FUZZ_UNTOUCHED(topic));
	} else {
		MUST_HOLD(pp_tenant_check(topic.tenant) == 0 && pp_post_check(topic.post) == 0);
		MUST_HOLD(pp_topic_format(topic.tenant, topic.post, topic.channel, again) == 0);
		MUST_HOLD(strcmp(text, again) == 0);
	}
	free(text);
	return 0;
}
