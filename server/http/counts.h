/* SPDX-License-Identifier: Apache-2.0 */
/* counts.h -- everything that the HTTP side counts, as engine/counts.h does for the engine. */
#ifndef HTTP_COUNTS_H
#define HTTP_COUNTS_H

#include "metrics/metrics.h"

/* member, by, reason, help. What the listening side counts: */
#define PP_HTTPD_COUNTS(X)                                                                         \
	X(requests, NULL, NULL, "HTTP requests.")                                                  \
	X(connections, NULL, NULL, "HTTP connections.")                                            \
	X(cut_slow, "http", "slow", "Connections cut because a time limit ran out.")               \
	X(cut_crowded, "http", "crowded", "Idle connections cut to make room for others.")
/* And what its handlers count: */
#define PP_WEB_COUNTS(X)                                                                           \
	X(refused_login, "http", "login", "Logins and first operators with a wrong secret.")       \
	X(refused_wait, "http", "wait", "Logins turned away because too many came before.")        \
	X(refused_session, "http", "session", "Requests without a valid session.")                 \
	X(refused_origin, "http", "origin", "Changes sent by a page of another origin.")           \
	X(refused_host, "http", "host", "Requests for a name that is not this server's.")          \
	X(refused_role, "http", "role", "Requests of somebody whose role they are not for.")       \
	X(refused_metrics, "http", "metrics-token", "Scrapes without the right token.")

/* Answers that refuse: name in `/counts`, status. */
#define PP_HTTP_STATUSES(X)                                                                        \
	X("bad_request_400", 400)                                                                  \
	X("unauthorized_401", 401)                                                                 \
	X("forbidden_403", 403)                                                                    \
	X("not_found_404", 404)                                                                    \
	X("method_405", 405)                                                                       \
	X("conflict_409", 409)                                                                     \
	X("too_large_413", 413)                                                                    \
	X("type_415", 415)                                                                         \
	X("content_422", 422)                                                                      \
	X("too_many_429", 429)                                                                     \
	X("failed_500", 500)                                                                       \
	X("unavailable_503", 503)

struct pp_web_counts {
	PP_WEB_COUNTS(PP_COUNTER_MEMBER)
};

struct pp_http_status {
	const char *name;
	unsigned status;
};

/* scrape.c */
extern const struct pp_counter pp_engine_table[], pp_httpd_table[], pp_web_table[];
extern const size_t pp_engine_table_count, pp_httpd_table_count, pp_web_table_count;
extern const struct pp_http_status pp_http_statuses[];
extern const size_t pp_http_status_count;

#endif
