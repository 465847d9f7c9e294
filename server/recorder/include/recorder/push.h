/* SPDX-License-Identifier: Apache-2.0 */
/* recorder/push.h -- moves the spool into the time-series store: one batch at a time, gzip, over
 * HTTP. */
#ifndef RECORDER_PUSH_H
#define RECORDER_PUSH_H

#include "loop/loop.h"
#include "config/recorder_settings.h"
#include "recorder/spool.h"

#include <stdint.h>

struct pp_push;

enum pp_push_news { PP_PUSH_STORE_LOST, PP_PUSH_STORE_BACK, PP_PUSH_POISON, PP_PUSH_SPOOL_FAILED };
/* What is worth a line in the log; STORE_LOST and STORE_BACK once each outage. */
typedef void pp_push_news_fn(void *user, enum pp_push_news news, const char *text);

struct pp_push_options {
	struct pp_loop *loop;
	struct pp_spool *spool;
	const struct pp_recorder_settings *settings; /* borrowed for life */
	const char *token;                           /* NULL: none; borrowed for life */
	pp_push_news_fn *news;
	void *user;
};
int pp_push_new(const struct pp_push_options *options, struct pp_push **ret_push);
struct pp_push *pp_push_free(struct pp_push *p); /* NULL is fine; returns NULL */
/* Lines may be waiting: sends after at most a second, so that lines gather into batches. */
void pp_push_kick(struct pp_push *p);
uint64_t pp_push_written(const struct pp_push *p); /* lines, since start */

#endif
