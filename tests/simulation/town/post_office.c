/* SPDX-License-Identifier: Apache-2.0 */
/* post_office.c -- fetch/mail.h of the simulated world: one relay, which takes each letter, or
 * misbehaves by choice (sink). */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "fetch/mail.h"
#include "net.h"
#include "world/world.h"

#define KEY_MAX 80

struct letter {
	struct pp_mailer *mailer;
	pp_fetch_fn *fn;
	void *user;
	char key[KEY_MAX];
	struct pp_fetch_answer answer;
	STAILQ_ENTRY(letter) entry;
};

struct pp_mailer {
	struct world_process *process;
	struct pp_loop_source *wake;
	unsigned under_way;
	bool gone;
	STAILQ_HEAD(, letter) answered;
};

/* The first is how it should be. */
static const struct {
	bool taken;
	long status; /* its last word; 0: none */
	int error;   /* as fetch/mail.h has it */
	uint32_t late_s;
} manners[] = {
	{ true, 250, 0, 0 }, { false, 451, -EPROTO, 0 }, { false, 421, -EPROTO, 2 },
	{ false, 0, -ECONNREFUSED, 0 }, { true, 0, -ETIMEDOUT, 10 }, /* takes it and hangs */
	{ true, 0, -ECONNRESET, 1 },                                 /* its last word is lost */
	{ false, 0, -ETIMEDOUT, 10 },                                /* hangs */
	{ true, 250, 0, 8 },                                         /* slow */
	{ false, 550, -EPROTO, 0 },                                  /* for good */
};

static void on_wake(void *user)
{
	struct pp_mailer *m = user;
	struct letter *l;

	while ((l = STAILQ_FIRST(&m->answered))) {
		STAILQ_REMOVE_HEAD(&m->answered, entry);
		m->under_way--;
		l->fn(l->user, &l->answer);
		free(l);
	}
}

int pp_mailer_new(struct pp_loop *loop, struct pp_mailer **ret_mailer)
{
	struct pp_mailer *m = calloc(1, sizeof(*m));
	int r;

	assert(m && world_process_current());
	m->process = world_process_current();
	STAILQ_INIT(&m->answered);
	r = pp_loop_add_wake(loop, on_wake, m, &m->wake);
	if (r < 0) {
		free(m);
		return r;
	}
	*ret_mailer = m;
	return 0;
}

struct pp_mailer *pp_mailer_free(struct pp_mailer *m)
{
	if (!m)
		return NULL;
	m->gone = true;
	pp_loop_source_free(m->wake);
	return NULL; /* an answer may still be on its way to it */
}

static void answer_arrives(void *user)
{
	struct letter *l = user;

	if (l->mailer->gone || !world_process_is_alive(l->mailer->process))
		return;
	STAILQ_INSERT_TAIL(&l->mailer->answered, l, entry);
	pp_loop_wake(l->mailer->wake);
}

static void letter_arrives(void *user)
{
	struct letter *l = user;
	uint32_t which = world_choose(WORLD_CHOICE_sink, sizeof(manners) / sizeof(manners[0]));

	if (manners[which].taken || manners[which].status)
		world_history("told",
			"\"sink\":\"relay\",\"key\":\"%s\",\"kind\":\"mail\",\"answer\":%ld",
			l->key, manners[which].status);
	l->answer = (struct pp_fetch_answer){
		.error = manners[which].error, .status = manners[which].status, .retry_after_s = -1
	};
	world_after(
		manners[which].late_s * (uint64_t)WORLD_S + net_latency_us(), answer_arrives, l);
}

static void key_read(const struct pp_mail_request *request, char ret_key[KEY_MAX])
{
	static const char before[] = "Message-ID: <pospin.";
	const char *at = memmem(request->letter, request->length, before, sizeof(before) - 1);
	size_t length;

	assert(at);
	at += sizeof(before) - 1;
	length = strcspn(at, "@");
	assert(length < KEY_MAX);
	memcpy(ret_key, at, length);
	ret_key[length] = '\0';
}

int pp_mailer_start(
	struct pp_mailer *m, const struct pp_mail_request *request, pp_fetch_fn *fn, void *user)
{
	struct letter *l;

	world_crash_point();
	if (m->under_way == PP_MAILER_LETTERS)
		return -EBUSY;
	l = calloc(1, sizeof(*l));
	assert(l);
	*l = (struct letter){ .mailer = m, .fn = fn, .user = user };
	key_read(request, l->key);
	m->under_way++;
	world_after(net_latency_us(), letter_arrives, l);
	return 0;
}
