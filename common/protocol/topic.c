/* SPDX-License-Identifier: Apache-2.0 */
/* topic.c -- reads and writes topics; anything but the exact form is no topic of ours. */
#include "protocol/topic.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

#define FAMILY "pospin/v"
#define PREFIX FAMILY "1/"

static int name_check(const char *name, size_t max)
{
	size_t length = strlen(name);

	if (length > max)
		return -ENAMETOOLONG;
	return pp_text_is_slug(name, length, max) ? 0 : -EINVAL;
}

int pp_tenant_check(const char *name)
{
	return name_check(name, PP_TENANT_MAX);
}

int pp_post_check(const char *name)
{
	/* Services have the names of posts on the broker; a post with such a name could pass for
	 * one. */
	if (strncmp(name, "svc-", 4) == 0)
		return -EINVAL;
	return name_check(name, PP_POST_MAX);
}

/* Copies the level at *text and moves behind its slash. */
static bool level_take(const char **text, char *ret_level, size_t size)
{
	size_t length = strcspn(*text, "/");

	if ((*text)[length] != '/' || length >= size)
		return false;
	memcpy(ret_level, *text, length);
	ret_level[length] = '\0';
	*text += length + 1;
	return true;
}

/* The text is not PREFIX: is it the same family in another major version? */
static int version_error(const char *text)
{
	const char *digits = text + strlen(FAMILY);
	size_t count;

	if (strncmp(text, FAMILY, strlen(FAMILY)) != 0)
		return -EBADMSG;
	count = strspn(digits, "0123456789");
	return count > 0 && digits[0] != '0' && digits[count] == '/' ? -EPROTONOSUPPORT : -EBADMSG;
}

int pp_topic_parse(const char *text, struct pp_topic *ret_topic)
{
	struct pp_topic topic;
	const char *rest = text;
	int channel;

	if (strncmp(text, PREFIX, strlen(PREFIX)) != 0)
		return version_error(text);
	rest += strlen(PREFIX);
	if (!level_take(&rest, topic.tenant, sizeof(topic.tenant)) ||
		!level_take(&rest, topic.post, sizeof(topic.post)))
		return -EBADMSG;
	channel = pp_channel_parse(rest);
	if (channel < 0 || pp_tenant_check(topic.tenant) || pp_post_check(topic.post))
		return -EBADMSG;
	topic.channel = (enum pp_channel)channel;
	*ret_topic = topic;
	return 0;
}

int pp_topic_format(
	const char *tenant, const char *post, enum pp_channel channel, char ret_text[PP_TOPIC_MAX])
{
	int error = strcmp(tenant, "+") == 0 ? 0 : pp_tenant_check(tenant);

	if (!error && strcmp(post, "+") != 0)
		error = pp_post_check(post);
	if (error)
		return error;
	/* Fits: 10 + 20 + 1 + 40 + 1 + 8 characters at most. */
	snprintf(ret_text, PP_TOPIC_MAX, PREFIX "%s/%s/%s", tenant, post, pp_channel_text(channel));
	return 0;
}
