/* SPDX-License-Identifier: Apache-2.0 */
/* fetch.c -- outgoing HTTP by libcurl: one blocking call, and any number at once on a loop. */
#include "fetch/fetch.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "fetch/address.h"

/* One exchange, blocking or on a loop. */
struct exchange {
	CURL *easy;
	struct curl_slist *headers;
	size_t limit, header_bytes;
	bool too_large, out_of_memory;
	bool forbidden, permitted; /* public_only: an address was left out, one was tried */
	struct pp_fetch_answer answer;
	char error[CURL_ERROR_SIZE];
	struct pp_fetcher *fetcher; /* NULL: blocking */
	pp_fetch_fn *fn;
	void *user;
	TAILQ_ENTRY(exchange) entry;
};
TAILQ_HEAD(exchange_list, exchange);

struct pp_fetcher {
	struct pp_loop *loop;
	CURLM *multi;
	struct pp_loop_source *timer;
	struct exchange_list running;
	bool delivering;
};

enum { HEADER_LIMIT = 65536 }; /* all headers of an answer */

static pthread_once_t curl_ready = PTHREAD_ONCE_INIT;

static void prepare_curl(void)
{
	/* A peer that closes while TLS writes must not end the program; CURLOPT_NOSIGNAL leaves
	 * that to us. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
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
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
		return -ECONNRESET;
	case CURLE_URL_MALFORMAT:
		return -EINVAL;
	case CURLE_OUT_OF_MEMORY:
		return -ENOMEM;
	default:
		return -EPROTO;
	}
}

/* Returning less than it was given makes libcurl end the exchange. */
static size_t on_body(char *data, size_t size, size_t count, void *user)
{
	struct exchange *x = user;
	size_t length = size * count;

	if (length > x->limit - x->answer.length) {
		x->too_large = true;
		return 0;
	}
	char *grown = realloc(x->answer.body, x->answer.length + length + 1);
	if (!grown) {
		x->out_of_memory = true;
		return 0;
	}
	memcpy(grown + x->answer.length, data, length);
	x->answer.body = grown;
	x->answer.length += length;
	grown[x->answer.length] = '\0';
	return length;
}

static size_t on_header(char *data, size_t size, size_t count, void *user)
{
	struct exchange *x = user;

	(void)data;
	x->header_bytes += size * count;
	x->too_large = x->header_bytes > HEADER_LIMIT;
	return x->too_large ? 0 : size * count;
}

static int add_headers(struct exchange *x, const char *const *headers)
{
	for (size_t i = 0; headers && headers[i]; i++) {
		struct curl_slist *grown = curl_slist_append(x->headers, headers[i]);
		if (!grown)
			return -ENOMEM;
		x->headers = grown;
	}
	/* libcurl would wait a second for "100 Continue" before a larger body. */
	struct curl_slist *grown = curl_slist_append(x->headers, "Expect:");
	if (!grown)
		return -ENOMEM;
	x->headers = grown;
	return 0;
}

/* First failure wins, so that a refused option is never overlooked. */
#define SET(option, value) (code = code ? code : curl_easy_setopt(x->easy, option, value))

static int set_request(struct exchange *x, const struct pp_fetch_request *request)
{
	bool has_body = request->body || strcmp(request->method, "POST") == 0;
	CURLcode code = CURLE_OK;

	SET(CURLOPT_URL, request->url);
	if (has_body) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->length);
		SET(CURLOPT_COPYPOSTFIELDS, request->length ? request->body : "");
	}
	if (strcmp(request->method, has_body ? "POST" : "GET") != 0)
		SET(CURLOPT_CUSTOMREQUEST, request->method);
	if (strcmp(request->method, "HEAD") == 0)
		SET(CURLOPT_NOBODY, 1L);
	if (request->unix_socket)
		SET(CURLOPT_UNIX_SOCKET_PATH, request->unix_socket);
	SET(CURLOPT_HTTPHEADER, x->headers);
	SET(CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)request->timeout_ms);
	return error_of(code);
}

/* For each address that a name has, before anything is sent to it. */
static curl_socket_t on_open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct exchange *x = user;

	(void)purpose;
	if (!pp_address_is_public(&address->addr)) {
		x->forbidden = true;
		return CURL_SOCKET_BAD;
	}
	x->permitted = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int set_addresses(struct exchange *x)
{
	CURLcode code = CURLE_OK;

	SET(CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	SET(CURLOPT_OPENSOCKETDATA, (void *)x);
	return error_of(code);
}

static int set_rules(struct exchange *x)
{
	CURLcode code = CURLE_OK;

	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_PROXY,
		""); /* none, whatever the environment says: where alarms go is a setting */
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_USERAGENT, "PosPin/" POSPIN_VERSION);
	SET(CURLOPT_ERRORBUFFER, x->error);
	/* A resolver that hangs is left behind when the time is up; else libcurl joins its thread
	 * on the loop. */
	SET(CURLOPT_QUICK_EXIT, 1L);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, (void *)x);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, (void *)x);
	SET(CURLOPT_PRIVATE, (void *)x);
	return error_of(code);
}

static struct exchange *exchange_free(struct exchange *x)
{
	if (!x)
		return NULL;
	curl_easy_cleanup(x->easy);
	curl_slist_free_all(x->headers);
	pp_fetch_answer_done(&x->answer);
	free(x);
	return NULL;
}

static int exchange_new(const struct pp_fetch_request *request, struct exchange **ret_exchange)
{
	assert(request->method && request->url && request->timeout_ms > 0);
	pthread_once(&curl_ready, prepare_curl);
	struct exchange *x = calloc(1, sizeof(*x));
	if (!x)
		return -ENOMEM;
	x->limit = request->answer_limit;
	x->answer.retry_after_s = -1;
	x->answer.body = calloc(1, 1);
	x->easy = curl_easy_init();
	int r = x->answer.body && x->easy ? 0 : -ENOMEM;
	if (r == 0)
		r = add_headers(x, request->headers);
	if (r == 0)
		r = set_rules(x);
	if (r == 0)
		r = set_request(x, request);
	if (r == 0 && request->public_only)
		r = set_addresses(x);
	if (r < 0) {
		exchange_free(x);
		return r;
	}
	*ret_exchange = x;
	return 0;
}

/* libcurl understands seconds and dates, and says 0 also where nothing, or nonsense, was said. */
static long retry_after_of(CURL *easy)
{
	curl_off_t seconds = 0;
	struct curl_header *header;

	if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &header) != CURLHE_OK ||
		curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds) != CURLE_OK)
		return -1;
	if (seconds <= 0)
		return strcmp(header->value, "0") == 0 ? 0 : -1;
	return seconds < INT32_MAX ? (long)seconds : INT32_MAX;
}

static void finish(struct exchange *x, CURLcode code)
{
	struct pp_fetch_answer *a = &x->answer;
	long refused = 0;
	const char *why = x->error[0] ? x->error : curl_easy_strerror(code);

	a->error = error_of(code);
	if (code == CURLE_COULDNT_CONNECT &&
		curl_easy_getinfo(x->easy, CURLINFO_OS_ERRNO, &refused) == CURLE_OK && refused > 0)
		a->error = (int)-refused;
	if (x->out_of_memory) {
		a->error = -ENOMEM;
	} else if (x->too_large) {
		a->error = -EFBIG;
		why = "answer too large";
		(void)curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &a->status);
	} else if (x->forbidden && !x->permitted) {
		a->error = -EACCES;
		why = "the address is not public";
	}
	if (a->error) {
		snprintf(a->why, sizeof(a->why), "%.*s", (int)sizeof(a->why) - 1, why);
		return;
	}
	(void)curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &a->status);
	a->retry_after_s = retry_after_of(x->easy);
}

void pp_fetch_answer_done(struct pp_fetch_answer *a)
{
	free(a->body);
	a->body = NULL;
	a->length = 0;
}

int pp_fetch(const struct pp_fetch_request *request, struct pp_fetch_answer *ret_answer)
{
	struct exchange *x;
	int r = exchange_new(request, &x);

	if (r < 0)
		return r;
	finish(x, curl_easy_perform(x->easy));
	*ret_answer = x->answer;
	x->answer.body = NULL;
	exchange_free(x);
	return 0;
}

/* From here on: many at once. libcurl says for which sockets and for how long it waits; the loop
 * waits. */

static void deliver(struct exchange *x, CURLcode code)
{
	struct pp_fetcher *f = x->fetcher;

	TAILQ_REMOVE(&f->running, x, entry);
	finish(x, code);
	curl_multi_remove_handle(f->multi, x->easy);
	f->delivering = true;
	x->fn(x->user, &x->answer);
	f->delivering = false;
	exchange_free(x);
}

static void act(struct pp_fetcher *f, curl_socket_t fd, int events)
{
	int running, left;
	CURLMsg *message;

	(void)curl_multi_socket_action(f->multi, fd, events, &running);
	while ((message = curl_multi_info_read(f->multi, &left))) {
		struct exchange *x = NULL;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &x);
		deliver(x, message->data.result);
	}
}

static void on_ready(void *user, int fd, uint32_t events)
{
	int actions = 0;

	if (events & (EPOLLIN | EPOLLHUP))
		actions |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		actions |= CURL_CSELECT_OUT;
	if (events & EPOLLERR)
		actions |= CURL_CSELECT_ERR;
	act(user, fd, actions);
}

static void on_timer(void *user)
{
	act(user, CURL_SOCKET_TIMEOUT, 0);
}

static int on_wait_time(CURLM *multi, long milliseconds, void *user)
{
	struct pp_fetcher *f = user;
	uint64_t at = UINT64_MAX;

	(void)multi;
	if (milliseconds >= 0)
		at = pp_loop_now_us(f->loop) + (uint64_t)milliseconds * 1000;
	return pp_loop_arm_at(f->timer, at) < 0 ? -1 : 0;
}

static int on_wait_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *of_socket)
{
	struct pp_fetcher *f = user;
	struct pp_loop_source *source = of_socket;
	uint32_t events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		pp_loop_source_free(source);
		(void)curl_multi_assign(f->multi, fd, NULL);
		return 0;
	}
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= EPOLLIN;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= EPOLLOUT;
	if (source)
		return pp_loop_set_fd_events(source, events) < 0 ? -1 : 0;
	if (pp_loop_add_fd(f->loop, fd, events, on_ready, f, &source) < 0)
		return -1;
	(void)curl_multi_assign(f->multi, fd, source);
	return 0;
}

int pp_fetcher_new(struct pp_loop *loop, struct pp_fetcher **ret_fetcher)
{
	pthread_once(&curl_ready, prepare_curl);
	struct pp_fetcher *f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->loop = loop;
	TAILQ_INIT(&f->running);
	int r = pp_loop_add_timer(loop, 1000, on_timer, f, &f->timer);
	if (r < 0)
		goto fail;
	f->multi = curl_multi_init();
	if (!f->multi) {
		r = -ENOMEM;
		goto fail;
	}
	(void)curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, on_wait_time);
	(void)curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f);
	(void)curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, on_wait_socket);
	(void)curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
	*ret_fetcher = f;
	return 0;
fail:
	pp_fetcher_free(f);
	return r;
}

struct pp_fetcher *pp_fetcher_free(struct pp_fetcher *f)
{
	struct exchange *x;

	if (!f)
		return NULL;
	assert(!f->delivering);
	while ((x = TAILQ_FIRST(&f->running))) {
		TAILQ_REMOVE(&f->running, x, entry);
		(void)curl_multi_remove_handle(f->multi, x->easy);
		exchange_free(x);
	}
	(void)curl_multi_cleanup(f->multi);
	pp_loop_source_free(f->timer);
	free(f);
	return NULL;
}

int pp_fetcher_start(
	struct pp_fetcher *f, const struct pp_fetch_request *request, pp_fetch_fn *fn, void *user)
{
	struct exchange *x;
	int r = exchange_new(request, &x);

	if (r < 0)
		return r;
	x->fetcher = f;
	x->fn = fn;
	x->user = user;
	if (curl_multi_add_handle(f->multi, x->easy) != CURLM_OK) {
		exchange_free(x);
		return -ENOMEM;
	}
	TAILQ_INSERT_TAIL(&f->running, x, entry);
	return 0;
}
