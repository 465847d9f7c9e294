/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/topic.h -- pospin/v1/<tenant>/<post>/<channel>. */
#ifndef PROTOCOL_TOPIC_H
#define PROTOCOL_TOPIC_H

#include "protocol/limits.h"
#include "protocol/words.h"

struct pp_topic {
	char tenant[PP_TENANT_MAX + 1];
	char post[PP_POST_MAX + 1];
	enum pp_channel channel;
};
/* -EBADMSG: no topic of this contract; -EPROTONOSUPPORT: of another major version. */
int pp_topic_parse(const char *text, struct pp_topic *ret_topic);
/* tenant and post may be "+" for subscriptions. -ENAMETOOLONG, -EINVAL: as the checks below. */
int pp_topic_format(
	const char *tenant, const char *post, enum pp_channel channel, char ret_text[PP_TOPIC_MAX]);
/* [a-z0-9][a-z0-9-]* and for posts not "svc-..." (-EINVAL), in bounds (-ENAMETOOLONG). */
int pp_tenant_check(const char *name);
int pp_post_check(const char *name);

#endif
