/* SPDX-License-Identifier: Apache-2.0 */
/* fetch/fetch.h -- outgoing HTTP (the one adapter of libcurl). Never follows redirects; http and
 * https only; answers are capped. */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include "loop/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pp_fetch_request {
	const char *method; /* "GET", "POST" */
	const char *url;
	const char *unix_socket;    /* NULL: TCP */
	const char *const *headers; /* NULL-terminated "Name: value" */
	const void *body;           /* copied */
	size_t length;
	uint32_t timeout_ms; /* whole exchange */
	size_t answer_limit; /* more is cut off: the answer then counts as -EFBIG */
	/* judged after name resolution: addresses of this machine, private, link-local and other
	 * special networks are not connected to (-EACCES) */
	bool public_only;
};

struct pp_fetch_answer {
	/* 0, or -errno: -ETIMEDOUT, -ECONNREFUSED, -EHOSTUNREACH, -EFBIG, -EPROTO, ... */
	int error;
	long status; /* HTTP status when error is 0 or -EFBIG */
	char *body;  /* NUL-terminated; freed by pp_fetch_answer_done */
	size_t length;
	long retry_after_s; /* -1: not said */
	char why[128];
};
void pp_fetch_answer_done(struct pp_fetch_answer *a);

/* Blocking: for pospinctl and the recorder's writer thread. */
int pp_fetch(const struct pp_fetch_request *request, struct pp_fetch_answer *ret_answer);

/* On a loop: any number at once. fn runs exactly once per started request, never inside
 * pp_fetcher_start; the answer is its to read, not to keep. */
struct pp_fetcher;
typedef void pp_fetch_fn(void *user, const struct pp_fetch_answer *answer);
int pp_fetcher_new(struct pp_loop *loop, struct pp_fetcher **ret_fetcher);
/* Running requests end without their call. */
struct pp_fetcher *pp_fetcher_free(struct pp_fetcher *f);
int pp_fetcher_start(
	struct pp_fetcher *f, const struct pp_fetch_request *request, pp_fetch_fn *fn, void *user);

#endif
