/* SPDX-License-Identifier: Apache-2.0 */
/* mail.c -- outgoing mail by libcurl, one thread a letter. */
#include "fetch/mail.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct letter {
	struct pp_mailer *mailer;
	enum { LETTER_FREE, LETTER_UNDER_WAY } phase;
	atomic_bool done;
	pthread_t thread;
	CURL *easy;
	struct curl_slist *to;
	char *text;
	size_t length, read;
	char error[CURL_ERROR_SIZE];
	CURLcode code;
	pp_fetch_fn *fn;
	void *user;
};

struct pp_mailer {
	struct pp_loop_source *wake;
	atomic_bool ending;
	struct letter letters[PP_MAILER_LETTERS];
};

static pthread_once_t curl_ready = PTHREAD_ONCE_INIT;

static void prepare_curl(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t on_read(char *buffer, size_t size, size_t count, void *user)
{
	struct letter *l = user;
	size_t room = size * count, left = l->length - l->read;
	size_t n = room < left ? room : left;

	memcpy(buffer, l->text + l->read, n);
	l->read += n;
	return n;
}

/* The server's words; nobody reads them. */
static size_t on_write(char *data, size_t size, size_t count, void *user)
{
	(void)data;
	(void)user;
	return size * count;
}

/* Asked at least once a second. */
static int on_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct letter *l = user;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return atomic_load(&l->mailer->ending);
}

/* First failure wins, so that a refused option is never overlooked. */
#define SET(option, value) (code = code ? code : curl_easy_setopt(l->easy, option, value))

static CURLcode set_server(struct letter *l, const struct pp_mail_request *r)
{
	CURLcode code = CURLE_OK;

	SET(CURLOPT_URL, r->url);
	SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_USE_SSL, r->plain ? (long)CURLUSESSL_TRY : (long)CURLUSESSL_ALL);
	if (r->ca && r->ca[0])
		SET(CURLOPT_CAINFO, r->ca);
	if (r->user && r->user[0]) {
		SET(CURLOPT_USERNAME, r->user);
		SET(CURLOPT_PASSWORD, r->password ? r->password : "");
	}
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)r->timeout_ms);
	SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)(r->timeout_ms / 1000 + 1));
	SET(CURLOPT_QUICK_EXIT, 1L);
	SET(CURLOPT_FORBID_REUSE, 1L);
	return code;
}

static CURLcode set_letter(struct letter *l, const struct pp_mail_request *r)
{
	CURLcode code = CURLE_OK;

	SET(CURLOPT_MAIL_FROM, r->from);
	SET(CURLOPT_MAIL_RCPT, l->to);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, on_read);
	SET(CURLOPT_READDATA, (void *)l);
	SET(CURLOPT_WRITEFUNCTION, on_write);
	SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->length);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, (void *)l);
	SET(CURLOPT_ERRORBUFFER, l->error);
	return code;
}

static void letter_done(struct letter *l)
{
	curl_easy_cleanup(l->easy);
	curl_slist_free_all(l->to);
	free(l->text);
	l->easy = NULL;
	l->to = NULL;
	l->text = NULL;
	l->phase = LETTER_FREE;
}

static int letter_make(struct letter *l, const struct pp_mail_request *r)
{
	CURLcode code;

	l->error[0] = '\0';
	l->read = 0;
	l->length = r->length;
	l->text = malloc(r->length ? r->length : 1);
	l->to = curl_slist_append(NULL, r->to);
	l->easy = curl_easy_init();
	if (!l->text || !l->to || !l->easy)
		return -ENOMEM;
	memcpy(l->text, r->letter, r->length);
	code = set_server(l, r);
	if (code == CURLE_OK)
		code = set_letter(l, r);
	return code == CURLE_OK		    ? 0
	       : code == CURLE_OUT_OF_MEMORY ? -ENOMEM
					     : -EINVAL;
}

static void *letter_send(void *user)
{
	struct letter *l = user;
	sigset_t all;

	sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, NULL);
	l->code = curl_easy_perform(l->easy);
	atomic_store(&l->done, true);
	pp_loop_wake(l->mailer->wake);
	return NULL;
}

static int error_of(CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return 0;
	case CURLE_OPERATION_TIMEDOUT:
		return -ETIMEDOUT;
	case CURLE_COULDNT_CONNECT:
		return -ECONNREFUSED;
	case CURLE_COULDNT_RESOLVE_HOST:
		return -EHOSTUNREACH;
	case CURLE_LOGIN_DENIED:
		return -EACCES;
	case CURLE_OUT_OF_MEMORY:
		return -ENOMEM;
	default:
		return -EPROTO;
	}
}

static void letter_deliver(struct letter *l)
{
	char nothing[1] = "";
	struct pp_fetch_answer a = {
		.error = error_of(l->code), .body = nothing, .retry_after_s = -1
	};
	pp_fetch_fn *fn = l->fn;
	void *user = l->user;

	(void)curl_easy_getinfo(l->easy, CURLINFO_RESPONSE_CODE, &a.status);
	if (a.error)
		snprintf(a.why, sizeof(a.why), "%.*s", (int)sizeof(a.why) - 1,
			l->error[0] ? l->error : curl_easy_strerror(l->code));
	letter_done(l);
	fn(user, &a);
}

static void on_wake(void *user)
{
	struct pp_mailer *m = user;

	for (size_t i = 0; i < PP_MAILER_LETTERS; i++) {
		struct letter *l = &m->letters[i];

		if (l->phase == LETTER_FREE || !atomic_load(&l->done))
			continue;
		pthread_join(l->thread, NULL);
		letter_deliver(l);
	}
}

int pp_mailer_new(struct pp_loop *loop, struct pp_mailer **ret_mailer)
{
	struct pp_mailer *m = calloc(1, sizeof(*m));
	int r;

	pthread_once(&curl_ready, prepare_curl);
	if (!m)
		return -ENOMEM;
	for (size_t i = 0; i < PP_MAILER_LETTERS; i++)
		m->letters[i].mailer = m;
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
	atomic_store(&m->ending, true);
	for (size_t i = 0; i < PP_MAILER_LETTERS; i++) {
		if (m->letters[i].phase == LETTER_FREE)
			continue;
		pthread_join(m->letters[i].thread, NULL);
		letter_done(&m->letters[i]);
	}
	pp_loop_source_free(m->wake);
	free(m);
	return NULL;
}

static struct letter *letter_find(struct pp_mailer *m)
{
	for (size_t i = 0; i < PP_MAILER_LETTERS; i++) {
		if (m->letters[i].phase == LETTER_FREE)
			return &m->letters[i];
	}
	return NULL;
}

int pp_mailer_start(
	struct pp_mailer *m, const struct pp_mail_request *request, pp_fetch_fn *fn, void *user)
{
	struct letter *l = letter_find(m);
	int r;

	assert(request->url && request->from && request->to && request->timeout_ms > 0);
	if (!l)
		return -EBUSY;
	r = letter_make(l, request);
	if (r == 0) {
		l->fn = fn;
		l->user = user;
		atomic_store(&l->done, false);
		r = -pthread_create(&l->thread, NULL, letter_send, l);
	}
	if (r < 0) {
		letter_done(l);
		return r;
	}
	l->phase = LETTER_UNDER_WAY;
	return 0;
}
