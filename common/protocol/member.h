/* SPDX-License-Identifier: Apache-2.0 */
/* member.h -- what the messages share: size and version, epochs, whole numbers, texts that are cut
 * to fit. */
#ifndef PROTOCOL_MEMBER_H
#define PROTOCOL_MEMBER_H

#include "json/json.h"
#include "protocol/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_WHOLE_MAX INT64_C(9007199254740991) /* 2^53 - 1: whole in every JSON reader */
#define PP_WHY_SIZE 160

/* Writes the reason (why may be NULL) and returns -EBADMSG. */
int pp_refuse(char *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* One JSON object of at most PP_PAYLOAD_MAX whose "v", if any, is 1. -EBADMSG, -EPROTONOSUPPORT,
 * -ENOMEM. */
int pp_message_parse(const char *text, size_t length, struct pp_json **ret_message, char *why);
/* Takes message. -EMSGSIZE: longer than PP_PAYLOAD_MAX; -EINVAL: a text was not UTF-8; -ENOMEM. */
int pp_message_print(struct pp_json *message, char **ret_text, size_t *ret_length);

void pp_member_set_epoch(struct pp_json *object, uint64_t epoch);
int pp_member_epoch(const struct pp_json *object, uint64_t *ret_epoch, char *why);
/* An integer of min..PP_WHOLE_MAX that must be there / that is `absent` when missing or null. */
int pp_member_whole(
	const struct pp_json *object, const char *key, int64_t min, int64_t *ret_value, char *why);
int pp_member_whole_or(const struct pp_json *object, const char *key, int64_t absent,
	int64_t *ret_value, char *why);
/* "" when missing or null, cut to fit as pp_text_fit does. */
int pp_member_text(
	const struct pp_json *object, const char *key, char *ret_text, size_t size, char *why);
/* NULL when missing or null. -EBADMSG: no list, or more than max items. */
int pp_member_list(const struct pp_json *object, const char *key, size_t max,
	const struct pp_json **ret_list, char *why);

/* Copies UTF-8, cut between characters to size - 1 bytes, control characters as '?'. True: it was
 * changed. */
bool pp_text_fit(const char *text, char *ret_text, size_t size);
/* Copies a point's name; what is no name is cut and its foreign characters become '-'. True: it was
 * changed. */
bool pp_point_fit(const char *name, char ret_point[PP_POINT_MAX + 1]);

#endif
