/* SPDX-License-Identifier: Apache-2.0 */
/* call.h -- one request that is being answered, as handlers see it; httpd.c is the other side. */
#ifndef HTTP_CALL_H
#define HTTP_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Owned by httpd from the request's first line until its answer is out. A handler answers exactly
 * once, at once or later on the loop; until then the pointer stays valid, also when the client has
 * gone. */
struct pp_call;

/* Everything here is borrowed from the call. */
const char *pp_call_method(const struct pp_call *c);
const char *pp_call_path(const struct pp_call *c); /* decoded, without the query */
const char *pp_call_header(const struct pp_call *c, const char *name); /* NULL: absent */
/* Of several with that name the one that came last: a proxy adds its own behind the client's. */
const char *pp_call_header_last(const struct pp_call *c, const char *name);
const char *pp_call_query(const struct pp_call *c, const char *name);
const char *pp_call_cookie(const struct pp_call *c, const char *name);
const char *pp_call_body(const struct pp_call *c, size_t *ret_length);
/* On the control socket: true, and who is at the other end. */
bool pp_call_is_local(const struct pp_call *c, uid_t *ret_uid);
/* The other end's address in figures, "" when there is none; ret_address holds PP_ADDRESS_SIZE. */
#define PP_ADDRESS_SIZE 48
void pp_call_address(const struct pp_call *c, char *ret_address);
/* Whether the other side has not closed the connection: a stream that nobody writes to does not
 * notice. */
bool pp_call_is_connected(const struct pp_call *c);
/* Zeroed memory that lives as long as the call; once per call. NULL: no memory. */
void *pp_call_room(struct pp_call *c, size_t size);

/* A header of the answer; before the answer. What does not fit (16 of them) makes it a 500. */
void pp_call_set_header(struct pp_call *c, const char *name, const char *value);
/* Takes data (malloc); NULL with length 0: an empty answer. type may be NULL with it. */
void pp_call_answer(
	struct pp_call *c, unsigned status, const char *type, char *data, size_t length);
/* Takes the request's place with an answer without end. read: bytes written (1..size), 0: nothing
 * now, will be woken, negative: the end. Called only while the client takes what it gets. close:
 * exactly once, whatever ends the stream. */
struct pp_call_stream {
	ssize_t (*read)(void *user, char *buf, size_t size);
	void (*close)(void *user);
};
void pp_call_answer_stream(
	struct pp_call *c, const char *type, const struct pp_call_stream *ops, void *user);
void pp_call_wake(struct pp_call *c); /* a stream has something to read again */

#endif
