/* SPDX-License-Identifier: Apache-2.0 */
/* options.c -- a client's own copy of its options. */
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void text_free(const char *text)
{
	free((void *)(uintptr_t)text);
}

void pp_mqtt_options_done(struct pp_mqtt_options *copy)
{
	const char *texts[] = { copy->host, copy->client_id, copy->ca_path, copy->cert_path,
		copy->key_path, copy->will_topic, copy->brief_topic };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		text_free(texts[i]);
	for (size_t i = 0; copy->subscriptions && copy->subscriptions[i]; i++)
		text_free(copy->subscriptions[i]);
	free((void *)(uintptr_t)copy->subscriptions);
}

int pp_mqtt_options_copy(const struct pp_mqtt_options *from, struct pp_mqtt_options *ret_copy)
{
	struct pp_mqtt_options copy = *from;
	const char **texts[] = { &copy.host, &copy.client_id, &copy.ca_path, &copy.cert_path,
		&copy.key_path, &copy.will_topic, &copy.brief_topic };
	size_t count = 0;

	while (from->subscriptions && from->subscriptions[count])
		count++;
	const char **topics = calloc(count + 1, sizeof(*topics));
	bool failed = !topics;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!*texts[i])
			continue;
		*texts[i] = strdup(*texts[i]);
		failed = failed || !*texts[i];
	}
	for (size_t i = 0; !failed && i < count; i++) {
		topics[i] = strdup(from->subscriptions[i]);
		failed = !topics[i];
	}
	copy.subscriptions = topics;
	if (failed) {
		pp_mqtt_options_done(&copy);
		return -ENOMEM;
	}
	*ret_copy = copy;
	return 0;
}
