/* SPDX-License-Identifier: Apache-2.0 */
/* problem.h -- refusals as application/problem+json (RFC 9457). */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include <stddef.h>

struct pp_call;

/* {"type":"about:blank","title","status","detail"}; the title is the status's phrase. Caller frees
 * *ret_text. */
int pp_problem_print(unsigned status, const char *detail, char **ret_text, size_t *ret_length);
const char *pp_problem_title(unsigned status);
/* Answers the call with it. */
void pp_call_refuse(struct pp_call *c, unsigned status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
