/* SPDX-License-Identifier: Apache-2.0 */
/* kind_play.h -- plays a table of levels and times to a kind of sensor and compares what it says,
 * as text. */
#ifndef KIND_PLAY_H
#define KIND_PLAY_H

#include "kind/kind.h"

#include "pospin_test.h"

enum kind_act { START_OFF, START_ON, OFF, ON, WAIT };

/* At at_ms this happens; want is what was said since the step before: "alarm@1000
 * trouble:stuck@61000", "" nothing. A flag follows its time: "alarm@1000!at-start!verified". Times
 * that are no whole milliseconds have a fraction: "@1000.250". */
struct kind_step {
	double at_ms;
	enum kind_act act;
	const char *want;
};

struct kind_log {
	char text[4096];
	size_t length;
	unsigned alarms, restores, troubles, trouble_restores;
};

static inline void kind_log_add(void *user, const struct pp_sensor_event *event)
{
	struct kind_log *log = user;
	char at[32];

	log->alarms += event->type == PP_SIGNAL_ALARM;
	log->restores += event->type == PP_SIGNAL_RESTORE;
	log->troubles += event->type == PP_SIGNAL_TROUBLE;
	log->trouble_restores += event->type == PP_SIGNAL_TROUBLE_RESTORE;
	if (event->at_us % 1000)
		snprintf(at, sizeof(at), "%.3f", (double)event->at_us / 1000);
	else
		snprintf(at, sizeof(at), "%ju", (uintmax_t)event->at_us / 1000);
	log->length += (size_t)snprintf(log->text + log->length, sizeof(log->text) - log->length,
		"%s%s%s%s@%s%s%s", log->length ? " " : "", pp_signal_text(event->type),
		event->detail ? ":" : "", event->detail ? event->detail : "", at,
		event->flags & PP_FLAG_AT_START ? "!at-start" : "",
		event->flags & PP_FLAG_VERIFIED ? "!verified" : "");
	if (log->length >= sizeof(log->text)) /* long runs look at the counters only */
		log->length = 0;
}

/* A kind with its log; the counterpart of what the room `sensor` does. */
struct kind_player {
	const struct pp_kind_ops *ops;
	void *k;
	struct kind_log log;
	struct pp_kind_out out;
};

static inline void kind_player_begin(
	struct kind_player *p, const struct pp_kind_ops *ops, const struct pp_sensor_config *config)
{
	memset(p, 0, sizeof(*p));
	p->ops = ops;
	p->out = (struct pp_kind_out){ .emit = kind_log_add, .user = &p->log };
	assert_int_equal(ops->new (config, &p->k), 0);
}

static inline void kind_player_end(struct kind_player *p)
{
	assert_null(p->ops->free(p->k));
}

static inline void kind_player_wait(struct kind_player *p, uint64_t now_us)
{
	while (p->ops->deadline(p->k) <= now_us)
		p->ops->step(p->k, p->ops->deadline(p->k), &p->out);
}

static inline void kind_player_act(struct kind_player *p, enum kind_act act, uint64_t at_us)
{
	kind_player_wait(p, at_us);
	if (act != WAIT)
		p->ops->feed(p->k, act == ON || act == START_ON, act == ON || act == OFF, at_us,
			&p->out);
}

static inline void kind_play(const struct pp_kind_ops *ops, const struct pp_sensor_config *config,
	const struct kind_step *steps, size_t count)
{
	struct kind_player p;

	kind_player_begin(&p, ops, config);
	for (size_t i = 0; i < count; i++) {
		p.log.text[p.log.length = 0] = '\0';
		kind_player_act(&p, steps[i].act, (uint64_t)(steps[i].at_ms * 1000 + 0.5));
		if (strcmp(p.log.text, steps[i].want) != 0)
			fail_msg("step %zu at %.3f ms: got \"%s\", want \"%s\"", i, steps[i].at_ms,
				p.log.text, steps[i].want);
	}
	kind_player_end(&p);
}

/* The same numbers on every machine: xorshift64*. */
static inline uint64_t kind_random(uint64_t *seed, uint64_t from, uint64_t to)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return from + *seed * 0x2545F4914F6CDD1Dull % (to - from + 1);
}

#endif
