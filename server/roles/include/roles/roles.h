/* SPDX-License-Identifier: Apache-2.0 */
/* roles/roles.h -- who may ask what: every endpoint of the HTTP side with the roles that it
 * answers, as one table. Pure. */
#ifndef ROLES_ROLES_H
#define ROLES_ROLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A person has one or more; auditors and users of an agency have that one alone. */
#define PP_ROLES(X)                                                                                \
	X(ADMINISTRATOR, "administrator")                                                          \
	X(SUPERVISOR, "supervisor")                                                                \
	X(OPERATOR, "operator")                                                                    \
	X(ENGINEER, "engineer")                                                                    \
	X(AGENCY, "agency")                                                                        \
	X(AUDITOR, "auditor")

#define PP_ROLE_BIT_(name, word) PP_AS_BIT_##name,
enum { PP_ROLES(PP_ROLE_BIT_) PP_ROLE_COUNT };
#undef PP_ROLE_BIT_
#define PP_ROLE_SET_(name, word) PP_AS_##name = 1 << PP_AS_BIT_##name,
enum {
	PP_ROLES(PP_ROLE_SET_)
	/* Whoever may use the control socket of this machine; nobody's role. */
	PP_AS_CONTROL = 1 << PP_ROLE_COUNT,
};
#undef PP_ROLE_SET_
#define PP_AS_DESK (PP_AS_OPERATOR | PP_AS_SUPERVISOR)
#define PP_AS_STAFF (PP_AS_DESK | PP_AS_ENGINEER | PP_AS_ADMINISTRATOR)
#define PP_AS_EVERYBODY (PP_AS_STAFF | PP_AS_AGENCY | PP_AS_AUDITOR)

#define PP_ROLES_TEXT_SIZE 80 /* holds every set of roles */
/* "operator,administrator" in any order. -EINVAL: a word that is no role, the same one twice, none
 * at all, or roles that one person may not have together; *ret_why says which of these. */
int pp_roles_parse(const char *text, uint32_t *ret_roles, const char **ret_why);
/* Comma between, in the order of the table; ret_text holds PP_ROLES_TEXT_SIZE. */
void pp_roles_text(uint32_t roles, char *ret_text);
/* The roles among the words, comma between, whatever goes together. */
uint32_t pp_roles_of_words(const char *words);
const char *pp_role_word(size_t role); /* by its number, below PP_ROLE_COUNT */

enum {
	PP_RULE_OPEN = 1,    /* answered without login, to everybody */
	PP_RULE_CONFIRM = 2, /* only shortly after the password was given */
	PP_RULE_BEFORE = 4,  /* also before a second factor that is required has been set */
};

/* name, method, path, roles, rules. A {number} in a path is an incident, a {post} a post: outside
 * the asker's region, or not his agency's, it is as if it were not there. */
#define PP_INCIDENT_PATH "/api/v1/incidents/{number}"
#define PP_POST_PATH "/api/v1/posts/{post}"
#define PP_USER_PATH "/api/v1/users/{name}"
#define PP_ENDPOINTS(X)                                                                            \
	X(HEALTH, "GET", "/api/v1/health", 0, PP_RULE_OPEN)                                        \
	X(OPENAPI, "GET", "/api/v1/openapi.json", 0, PP_RULE_OPEN)                                 \
	X(SETUP_GET, "GET", "/api/v1/setup", 0, PP_RULE_OPEN)                                      \
	X(SETUP_POST, "POST", "/api/v1/setup", 0, PP_RULE_OPEN)                                    \
	X(SESSION_GET, "GET", "/api/v1/session", PP_AS_EVERYBODY, PP_RULE_BEFORE)                  \
	X(SESSION_POST, "POST", "/api/v1/session", 0, PP_RULE_OPEN)                                \
	X(SESSION_DELETE, "DELETE", "/api/v1/session", PP_AS_EVERYBODY, PP_RULE_BEFORE)            \
	X(CONFIRM, "POST", "/api/v1/session/confirm", PP_AS_EVERYBODY, PP_RULE_BEFORE)             \
	X(PASSWORD, "POST", "/api/v1/session/password", PP_AS_EVERYBODY, PP_RULE_BEFORE)           \
	X(FACTOR_POST, "POST", "/api/v1/session/factor", PP_AS_EVERYBODY,                          \
		PP_RULE_BEFORE | PP_RULE_CONFIRM)                                                  \
	X(FACTOR_ON, "POST", "/api/v1/session/factor/confirm", PP_AS_EVERYBODY, PP_RULE_BEFORE)    \
	X(FACTOR_DELETE, "DELETE", "/api/v1/session/factor", PP_AS_EVERYBODY, PP_RULE_CONFIRM)     \
	X(INVITATION, "POST", "/api/v1/invitation", 0, PP_RULE_OPEN)                               \
	X(USERS, "GET", "/api/v1/users", PP_AS_ADMINISTRATOR, 0)                                   \
	X(USER_ADD, "POST", "/api/v1/users", PP_AS_ADMINISTRATOR, PP_RULE_CONFIRM)                 \
	X(USER_SET, "POST", PP_USER_PATH "/set", PP_AS_ADMINISTRATOR, PP_RULE_CONFIRM)             \
	X(USER_DISABLE, "POST", PP_USER_PATH "/disable", PP_AS_ADMINISTRATOR, PP_RULE_CONFIRM)     \
	X(USER_ENABLE, "POST", PP_USER_PATH "/enable", PP_AS_ADMINISTRATOR, PP_RULE_CONFIRM)       \
	X(USER_RESET, "POST", PP_USER_PATH "/reset", PP_AS_ADMINISTRATOR, PP_RULE_CONFIRM)         \
	X(USER_FACTOR, "POST", PP_USER_PATH "/factor-off", PP_AS_ADMINISTRATOR, PP_RULE_CONFIRM)   \
	X(AUDIT, "GET", "/api/v1/audit", PP_AS_AUDITOR, 0)                                         \
	X(INCIDENTS, "GET", "/api/v1/incidents", PP_AS_STAFF | PP_AS_AGENCY, 0)                    \
	X(INCIDENT, "GET", PP_INCIDENT_PATH, PP_AS_STAFF | PP_AS_AGENCY, 0)                        \
	X(ACKNOWLEDGE, "POST", PP_INCIDENT_PATH "/acknowledge", PP_AS_DESK, 0)                     \
	X(DISPATCH, "POST", PP_INCIDENT_PATH "/dispatch", PP_AS_DESK, 0)                           \
	X(ON_SCENE, "POST", PP_INCIDENT_PATH "/on-scene", PP_AS_DESK, 0)                           \
	X(CLOSE, "POST", PP_INCIDENT_PATH "/close", PP_AS_DESK, 0)                                 \
	X(NOTE, "POST", PP_INCIDENT_PATH "/note", PP_AS_DESK | PP_AS_AGENCY, 0)                    \
	X(CALL, "POST", PP_INCIDENT_PATH "/calls/{call}", PP_AS_DESK | PP_AS_AGENCY, 0)            \
	X(HAND_OVER, "POST", PP_INCIDENT_PATH "/hand-over", PP_AS_DESK, 0)                         \
	X(TAKE_OVER, "POST", PP_INCIDENT_PATH "/take-over", PP_AS_DESK, 0)                         \
	X(DESK, "GET", "/api/v1/desk", PP_AS_DESK, 0)                                              \
	X(REPORT, "POST", "/api/v1/incidents", PP_AS_DESK, 0)                                      \
	X(MERGE, "POST", PP_INCIDENT_PATH "/merge", PP_AS_DESK, 0)                                 \
	X(SPLIT, "POST", PP_INCIDENT_PATH "/split", PP_AS_DESK, 0)                                 \
	X(LINK, "POST", PP_INCIDENT_PATH "/link", PP_AS_DESK, 0)                                   \
	X(UNLINK, "POST", PP_INCIDENT_PATH "/unlink", PP_AS_DESK, 0)                               \
	X(CONVERT, "POST", PP_INCIDENT_PATH "/convert", PP_AS_DESK, 0)                             \
	X(POSTS, "GET", "/api/v1/posts", PP_AS_STAFF, 0)                                           \
	X(CONTACT, "GET", PP_POST_PATH "/contact", PP_AS_SUPERVISOR | PP_AS_ENGINEER, 0)           \
	X(SOUND, "POST", PP_POST_PATH "/sound", PP_AS_DESK | PP_AS_ENGINEER, 0)                    \
	X(SILENCE, "POST", PP_POST_PATH "/silence", PP_AS_DESK | PP_AS_ENGINEER, 0)                \
	X(MODE_BEGIN, "POST", PP_POST_PATH "/modes", PP_AS_DESK | PP_AS_ENGINEER, 0)               \
	X(MODE_END, "POST", PP_POST_PATH "/modes/end", PP_AS_DESK | PP_AS_ENGINEER, 0)             \
	X(TROUBLES, "GET", "/api/v1/troubles", PP_AS_STAFF, 0)                                     \
	X(PLAN_GET, "GET", "/api/v1/plan", PP_AS_STAFF, 0)                                         \
	X(PLAN_PUT, "PUT", "/api/v1/plan", PP_AS_ADMINISTRATOR, PP_RULE_CONFIRM)                   \
	X(PLAN_WHO, "GET", "/api/v1/plan/who", PP_AS_STAFF, 0)                                     \
	X(CONTACT_TEST, "POST", "/api/v1/plan/contacts/{contact}/test",                            \
		PP_AS_SUPERVISOR | PP_AS_ENGINEER | PP_AS_ADMINISTRATOR, 0)                        \
	X(EVENTS, "GET", "/api/v1/events", PP_AS_STAFF | PP_AS_AGENCY, 0)                          \
	X(COUNTS, "GET", "/api/v1/counts", PP_AS_ENGINEER | PP_AS_ADMINISTRATOR, 0)                \
	X(RING, "POST", "/api/v1/notifications/test",                                              \
		PP_AS_SUPERVISOR | PP_AS_ENGINEER | PP_AS_ADMINISTRATOR, 0)                        \
	X(SMS_INBOUND, "POST", "/api/v1/sms/inbound", 0, PP_RULE_OPEN)                             \
	X(METRICS, "GET", "/metrics", 0, PP_RULE_OPEN)

#define PP_ENDPOINT_ID_(name, method, path, roles, rules) PP_ENDPOINT_##name,
enum pp_endpoint_id { PP_ENDPOINTS(PP_ENDPOINT_ID_) PP_ENDPOINT_COUNT };
#undef PP_ENDPOINT_ID_

struct pp_endpoint {
	const char *method; /* "GET" answers HEAD too */
	const char *path; /* "/api/v1/incidents/{number}": one {parameter} stands for one segment */
	uint32_t roles, rules;
};
extern const struct pp_endpoint pp_endpoints[PP_ENDPOINT_COUNT];

/* Whether somebody with these roles may ask it at all. The control socket may everything. */
bool pp_endpoint_admits(const struct pp_endpoint *endpoint, uint32_t roles);

#endif
