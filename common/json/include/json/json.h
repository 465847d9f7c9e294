/* SPDX-License-Identifier: Apache-2.0 */
/* json/json.h -- strict JSON (the one adapter of jansson). */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pp_json; /* a value, reference-counted by the library; one pp_json_free per new value */

/* -EBADMSG: not one UTF-8 JSON object or list of depth <= 16, duplicate members, NaN, NUL in a
 * text, lone surrogates, integers beyond 64 bits, junk behind it. -ENOMEM. ret_where (may be NULL)
 * gets a short English reason with its position. */
int pp_json_parse(const char *text, size_t length, struct pp_json **ret_value, char ret_where[160]);
struct pp_json *pp_json_free(struct pp_json *v); /* NULL is fine; returns NULL */
/* Compact text, members in the order in which they were set, reals with 15 significant digits.
 * Caller frees *ret_text. */
int pp_json_print(const struct pp_json *v, char **ret_text, size_t *ret_length);

/* Readers of members. 0: read. -ENOENT: absent or null. -EINVAL: other type (1.0 is not an
 * integer). -ERANGE: outside the bounds. */
int pp_json_get_i64(const struct pp_json *object, const char *key, int64_t min, int64_t max,
	int64_t *ret_value);
int pp_json_get_bool(const struct pp_json *object, const char *key, bool *ret_value);
/* Integers are fine too; -ERANGE beyond 1.79769313486231e308. */
int pp_json_get_real(const struct pp_json *object, const char *key, double *ret_value);
/* Borrowed from the object. max counts bytes. */
int pp_json_get_text(
	const struct pp_json *object, const char *key, size_t max, const char **ret_text);
int pp_json_get_object(
	const struct pp_json *object, const char *key, const struct pp_json **ret_object);
int pp_json_get_list(
	const struct pp_json *object, const char *key, const struct pp_json **ret_list);
bool pp_json_is_object(const struct pp_json *v);
bool pp_json_is_list(const struct pp_json *v);
bool pp_json_has(const struct pp_json *object, const char *key); /* present, null included */
/* Items of a list, members of an object. */
size_t pp_json_count(const struct pp_json *v);
const struct pp_json *pp_json_item(const struct pp_json *list, size_t index);
const char *pp_json_item_text(const struct pp_json *list, size_t index); /* NULL: no text */
int pp_json_item_i64(const struct pp_json *list, size_t index, int64_t *ret_value);
/* Walks an object's members in order: pass NULL first; NULL at the end. ret_member borrowed. */
const char *pp_json_next(
	const struct pp_json *object, const char *key, const struct pp_json **ret_member);

/* Builders. A failed allocation makes every later call on the value, and its printing, fail with
 * -ENOMEM, so that only pp_json_print need be checked. NULL values are refused likewise. A text
 * that is not UTF-8 does the same with -EINVAL. */
struct pp_json *pp_json_object(void);
struct pp_json *pp_json_list(void);
int pp_json_set_i64(struct pp_json *object, const char *key, int64_t value);
int pp_json_set_bool(struct pp_json *object, const char *key, bool value);
/* NaN, reals beyond 1.79769313486231e308 and a NULL text become null. */
int pp_json_set_real(struct pp_json *object, const char *key, double value);
int pp_json_set_text(struct pp_json *object, const char *key, const char *value);
int pp_json_set_null(struct pp_json *object, const char *key);
/* These two take value, also on failure. */
int pp_json_set(struct pp_json *object, const char *key, struct pp_json *value);
int pp_json_add(struct pp_json *list, struct pp_json *value);
int pp_json_add_i64(struct pp_json *list, int64_t value);
int pp_json_add_text(struct pp_json *list, const char *value);
struct pp_json *pp_json_copy(const struct pp_json *v); /* deep; NULL on allocation failure */

#endif
