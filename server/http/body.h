/* SPDX-License-Identifier: Apache-2.0 */
/* body.h -- strict reading of a request's JSON body by a table of its members, which are all texts.
 * Pure. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>

struct pp_json;

#define PP_BODY_DETAIL_SIZE 240

struct pp_body_field {
	const char *name;
	size_t min, max; /* bytes of UTF-8 */
	bool optional;   /* may be absent: *ret_text is then NULL */
	bool lines;      /* line feeds and tabs are fine; other control characters never are */
	const char **ret_text; /* borrowed from *ret_json */
};

/* Every member must be in the table. -EBADMSG: no JSON (400); -EINVAL: JSON, but not this (422);
 * both with the reason, which names the member. Caller frees *ret_json. */
int pp_body_read(const char *text, size_t length, const struct pp_body_field *fields, size_t count,
	struct pp_json **ret_json, char ret_detail[PP_BODY_DETAIL_SIZE]);
/* "application/json", with or without parameters. */
bool pp_body_type_is_json(const char *type);

#endif
