/* SPDX-License-Identifier: Apache-2.0 */
/* revoke.c -- `post revoke`, `pki revoke`, `pki refresh-crl`: first the registry, so that nothing
 * is believed any more, then the broker's list, then the session that lives still. Each step can be
 * done again. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "actor.h"
#include "commands.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/text.h"
#include "crypto/pki.h"
#include "ledger/registrar.h"
#include "pki_dir.h"
#include "registry/directory.h"
#include "visitor.h"

#define SERIALS_MAX 256       /* certificates of one post: several a year for a lifetime */
#define READ_WAIT_US 5000000u /* how long a broker may take to read its new list */
#define REACH_WAIT_US 1000000u
#define KNOCK_EVERY_US 200000

struct revocation {
	struct pp_ctl_call *call;
	const char *pki, *authority;
	char name[PP_PKI_NAME_SIZE];
	size_t count;
	char serials[SERIALS_MAX][PP_PKI_SERIAL_SIZE];
	int left; /* steps that are left to somebody */
};

static int serial_add(struct revocation *v, const char *serial)
{
	for (size_t i = 0; i < v->count; i++)
		if (strcmp(v->serials[i], serial) == 0)
			return 0;
	if (v->count == SERIALS_MAX)
		return -ENOBUFS;
	snprintf(v->serials[v->count++], PP_PKI_SERIAL_SIZE, "%s", serial);
	return 0;
}

/* ---- the broker's list ---- */

static int list_fail(struct pp_ctl_call *call, const char *pki, int error)
{
	if (error == -ENOKEY || error == -ENOENT)
		return pp_ctl_fail(call,
			"%s: the authority's certificate or key is not there: bring it, and do "
			"this again",
			pki);
	if (error == -EBADMSG)
		return pp_ctl_fail(call, "%s/revoked.pem: holds no revocation lists", pki);
	return pp_ctl_fail(call, "%s/revoked.pem: %s", pki, pp_ctl_words_of(error));
}

static int list_write(struct revocation *v, const char *more)
{
	const char *serials[SERIALS_MAX + 2] = { NULL };
	size_t n = 0;
	int r;

	for (; n < v->count; n++)
		serials[n] = v->serials[n];
	serials[n] = more;
	r = pp_pki_dir_revoke(v->pki, v->authority, serials);
	return r < 0 ? list_fail(v->call, v->pki, r) : PP_CTL_DONE;
}

/* The process of the pid file, if it is a Mosquitto: a number that was left over may be anybody's
 * by now. */
static int broker_pid(const char *path, pid_t *ret_pid)
{
	char comm[64], *text;
	int64_t pid;
	size_t length;
	int r = pp_file_read(path, 64, &text, &length);

	if (r < 0)
		return r;
	length = strcspn(text, "\r\n ");
	r = pp_text_i64(text, length, 2, INT32_MAX, &pid);
	free(text);
	if (r < 0)
		return -EINVAL;
	snprintf(comm, sizeof(comm), "/proc/%lld/comm", (long long)pid);
	if (pp_file_read(comm, 64, &text, &length) < 0)
		return -ESRCH;
	r = strncmp(text, "mosquitto", 9) == 0 ? 0 : -ESRCH;
	free(text);
	if (r == 0)
		*ret_pid = (pid_t)pid;
	return r;
}

/* Lets the broker read its list, or says who must. */
static void broker_reload(struct pp_ctl_call *call, int *left)
{
	const char *path = pp_ctl_get(call, "broker-pid");
	pid_t pid;
	int r = path ? broker_pid(path, &pid) : -ENOENT;

	if (r == 0 && kill(pid, SIGHUP) < 0)
		r = -errno;
	if (r == 0) {
		fprintf(call->out, "broker: told to read its list (process %lld)\n",
			(long long)pid);
		return;
	}
	++*left;
	if (path)
		fprintf(call->out, "broker: %s: %s\n", path,
			r == -ESRCH ? "no Mosquitto runs under that number" : pp_ctl_words_of(r));
	fprintf(call->out, "LEFT TO DO: let the broker read revoked.pem: systemctl reload "
			   "mosquitto, or SIGHUP\n");
}

/* ---- the session that lives ---- */

static int address_read(struct pp_ctl_call *call, char host[256], uint16_t *ret_port)
{
	const char *text = pp_ctl_get(call, "broker"), *colon = strrchr(text, ':');
	int64_t port;

	if (!colon || colon == text || colon - text >= 256 ||
		pp_text_i64(colon + 1, strlen(colon + 1), 1, 65535, &port) < 0)
		return pp_ctl_fail(call, "--broker: expected HOST:PORT, got '%s'", text);
	snprintf(host, 256, "%.*s", (int)(colon - text), text);
	*ret_port = (uint16_t)port;
	return PP_CTL_DONE;
}

enum settled { SETTLED, NOT_READ, NOT_REACHED };

/* Who is turned away may have come while the broker was busy; so the guest is let in between two
 * that are not. -errno: of ours. */
static int visits_make(const struct pp_visited *broker, const struct pp_visitor *on_list,
	const struct pp_visitor *guest, char ret_why[96])
{
	char why[96];
	int r = pp_visitor_knock(on_list, broker, why);

	if (r == 0)
		r = pp_visitor_knock(guest, broker, ret_why);
	else
		return r < 0 ? r : NOT_READ;
	if (r <= 0)
		return r < 0 ? r : NOT_REACHED;
	r = pp_visitor_knock(on_list, broker, why);
	return r < 0 ? r : r == 0 ? SETTLED : NOT_READ;
}

/* Under the name, with a certificate that is not on the list: ends the session of who had it, once
 * the broker turns away one that is: then it has read the list, and nobody comes back. */
static int session_end(struct revocation *v, const struct pp_visited *broker,
	const struct pp_visitor *on_list, const struct pp_visitor *guest)
{
	const struct timespec wait = { .tv_nsec = KNOCK_EVERY_US * 1000L };
	uint64_t from_us = pp_clock_mono_us();
	char why[96] = "";
	int r;

	while ((r = visits_make(broker, on_list, guest, why)) > 0 &&
		pp_clock_mono_us() - from_us < (r == NOT_READ ? READ_WAIT_US : REACH_WAIT_US))
		(void)nanosleep(&wait, NULL);
	if (r == NOT_READ)
		return pp_ctl_fail(v->call,
			"%s:%u: the broker has not read its new list: systemctl reload mosquitto, "
			"or SIGHUP; then do this again, so that the session of %s ends",
			broker->host, broker->port, v->name);
	if (r == NOT_REACHED)
		return pp_ctl_fail(v->call,
			"%s:%u: not reached: %s; do this again, so that the session of %s ends",
			broker->host, broker->port, why, v->name);
	if (r < 0)
		return pp_ctl_fail(
			v->call, "%s:%u: %s", broker->host, broker->port, pp_ctl_words_of(r));
	fprintf(v->call->out, "session: %s is thrown off the broker and not let in again\n",
		v->name);
	return PP_CTL_DONE;
}

/* The list, and the session. Two certificates for one visit each: one on the list, to see that the
 * broker has read it, and one that is put on it afterwards. */
static int broker_settle(struct revocation *v)
{
	struct pp_visitor on_list = { .dir = "" }, guest = { .dir = "" };
	struct pp_visited broker = { .pki = v->pki };
	bool visits = pp_ctl_has(v->call, "broker");
	char host[256];
	int r = visits ? address_read(v->call, host, &broker.port) : PP_CTL_DONE;

	broker.host = host;
	if (r != PP_CTL_DONE)
		return r;
	if (visits) {
		r = pp_visitor_init(&on_list, v->pki, v->authority, v->name);
		if (r == 0)
			r = pp_visitor_init(&guest, v->pki, v->authority, v->name);
		if (r < 0)
			r = list_fail(v->call, v->pki, r);
	}
	if (r == PP_CTL_DONE)
		r = list_write(v, visits ? on_list.serial : NULL);
	if (r == PP_CTL_DONE) {
		fprintf(v->call->out, "list: %s/revoked.pem has %zu certificate%s of %s\n", v->pki,
			v->count, v->count == 1 ? "" : "s", v->name);
		broker_reload(v->call, &v->left);
	}
	if (r == PP_CTL_DONE && visits) {
		r = session_end(v, &broker, &on_list, &guest);
		if (list_write(v, guest.serial) == PP_CTL_DONE)
			broker_reload(v->call, &v->left);
	}
	pp_visitor_done(&on_list);
	pp_visitor_done(&guest);
	if (r == PP_CTL_DONE && !visits) {
		v->left++;
		fprintf(v->call->out,
			"LEFT TO DO: a session that %s has now goes on, unheard by the server: do "
			"this again with --broker HOST:PORT, or restart the broker\n",
			v->name);
	}
	return r;
}

/* ---- post revoke ---- */

static int key_read(struct pp_ctl_call *call, uint8_t key[PP_PUBLIC_KEY_SIZE])
{
	const char *text = pp_ctl_get(call, "key");

	if (pp_unbase64(text, strlen(text), key, PP_PUBLIC_KEY_SIZE) == 0)
		return PP_CTL_DONE;
	return pp_ctl_fail(call, "--key: expected a public key in base64, got '%s'", text);
}

static int registry_revoke(
	struct pp_ctl_call *call, struct pp_ledger *ledger, const char *name, const uint8_t *key)
{
	char actor[PP_ACTOR_SIZE];
	const struct pp_key_revocation v = { .tenant = pp_ctl_get(call, "tenant"),
		.post = pp_ctl_get(call, "post"),
		.actor = pp_actor(actor),
		.key = key,
		.reason = pp_ctl_get(call, "reason") };
	int r = pp_ledger_revoke(ledger, &v, pp_clock_wall_ms());

	if (r == -ENOENT)
		return pp_ctl_fail(
			call, "%s: %s has no such key", pp_ctl_get(call, "record"), name);
	if (r < 0 && r != -EALREADY)
		return pp_ctl_fail(call, "%s: %s (%s)", pp_ctl_get(call, "record"),
			pp_ctl_words_of(r), pp_ledger_error(ledger));
	fprintf(call->out, "registry: %s of %s %s\n", key ? "the key" : "every key", name,
		r == 0 ? "is revoked: nothing of it is believed from now on"
		       : "was revoked already");
	return PP_CTL_DONE;
}

struct taking {
	struct revocation *v;
	const uint8_t *key;
};
static int certificate_take(void *user, const struct pp_directory_certificate *c)
{
	const struct taking *t = user;

	if (t->key && memcmp(t->key, c->key, PP_PUBLIC_KEY_SIZE) != 0)
		return 0;
	return serial_add(t->v, c->serial);
}

/* --certificate: one that the record does not know, because it was made before it took notes. */
static int certificate_add(struct revocation *v, const char *path)
{
	struct pp_pki_facts facts;
	char ca[PP_PATH_SIZE];
	int r = pp_pki_facts(path, &facts);

	if (r == 0)
		r = pp_pki_is_issued_by(path, pp_pki_dir_path(v->pki, v->authority, ".crt", ca));
	if (r < 0)
		return pp_ctl_fail(v->call, "%s: %s", path,
			r == -EBADMSG ? "is no certificate" : pp_ctl_words_of(r));
	if (r == 0)
		return pp_ctl_fail(v->call, "%s: is not signed by %s", path, ca);
	if (strcmp(facts.common_name, v->name) != 0)
		return pp_ctl_fail(v->call, "%s: is a certificate of %s, not of %s", path,
			facts.common_name, v->name);
	r = serial_add(v, facts.serial);
	return r < 0 ? pp_ctl_fail(v->call, "%s: %s", path, pp_ctl_words_of(r)) : PP_CTL_DONE;
}

static int post_revoke(struct revocation *v, struct pp_ledger *ledger, const uint8_t *key)
{
	struct taking t = { v, key };
	const char *path = pp_ctl_get(v->call, "certificate");
	int r = registry_revoke(v->call, ledger, v->name, key);

	if (r != PP_CTL_DONE)
		return r;
	r = pp_directory_certificates(pp_ledger_db(ledger), pp_ctl_get(v->call, "tenant"),
		pp_ctl_get(v->call, "post"), certificate_take, &t);
	if (r < 0)
		return pp_ctl_fail(
			v->call, "%s: %s", pp_ctl_get(v->call, "record"), pp_ctl_words_of(r));
	r = path ? certificate_add(v, path) : PP_CTL_DONE;
	if (r == PP_CTL_DONE && v->count == 0)
		return pp_ctl_fail(v->call,
			"the record knows no certificate of %s (enrolled by an "
			"earlier version): do "
			"this again with --certificate FILE, so that the broker refuses it",
			v->name);
	return r == PP_CTL_DONE ? broker_settle(v) : r;
}

static int ledger_open(struct pp_ctl_call *call, struct pp_ledger **ret_ledger)
{
	const char *record = pp_ctl_get(call, "record");
	int r;

	if (access(record, F_OK) < 0) /* opening would make an empty one */
		return pp_ctl_fail(call, "%s: %s", record, pp_ctl_words_of(errno));
	r = pp_ledger_open(&(struct pp_ledger_options){ .record_path = record }, ret_ledger);
	if (r < 0)
		return pp_ctl_fail(call, "%s: %s", record,
			r == -ERANGE ? "was written by a newer PosPin" : pp_ctl_words_of(r));
	return PP_CTL_DONE;
}

static int post_revoke_run(struct pp_ctl_call *call)
{
	struct revocation *v = calloc(1, sizeof(*v));
	uint8_t key[PP_PUBLIC_KEY_SIZE];
	struct pp_ledger *ledger;
	const char *why;
	int r = PP_CTL_DONE;

	if (!v)
		return pp_ctl_fail(call, "%s", pp_ctl_words_of(-ENOMEM));
	v->call = call;
	v->pki = pp_ctl_get(call, "pki");
	v->authority = "post-ca";
	snprintf(v->name, sizeof(v->name), "%s/%s", pp_ctl_get(call, "tenant"),
		pp_ctl_get(call, "post"));
	if (pp_enrolment_check(pp_ctl_get(call, "tenant"), pp_ctl_get(call, "post"), &why) < 0)
		r = pp_ctl_fail(call, "--%s, got '%s'", why, v->name);
	if (r == PP_CTL_DONE && pp_ctl_has(call, "key"))
		r = key_read(call, key);
	if (r == PP_CTL_DONE)
		r = ledger_open(call, &ledger);
	if (r == PP_CTL_DONE) {
		r = post_revoke(v, ledger, pp_ctl_has(call, "key") ? key : NULL);
		pp_ledger_close(ledger);
	}
	free(v);
	return r;
}

#define BROKER_OPTIONS                                                                             \
	{ "broker-pid", "FILE", false, false,                                                      \
		"The pid file of a broker on this machine, which is told to read its list" },      \
	{                                                                                          \
		"broker", "HOST:PORT", false, false,                                               \
			"Goes there once under the same name, which ends a session that lives"     \
	}

static const struct pp_ctl_option post_options[] = {
	{ "tenant", "TENANT", true, false, "Regency, as the registry calls it (kendal)" },
	{ "post", "POST", true, false, "Post, as the registry calls it (boja-01)" },
	{ "record", "FILE", true, false, "The server's record (record.db)" },
	{ "pki", "DIR", true, false, "Folder with post-ca.crt, post-ca.key and revoked.pem" },
	{ "reason", "TEXT", false, false, "Why, for the timeline" },
	{ "key", "BASE64", false, false, "Only this public key, not every one of the post" },
	{ "certificate", "FILE", false, false, "A certificate that the record does not know" },
	BROKER_OPTIONS,
};
const struct pp_ctl_command pp_ctl_post_revoke = {
	.group = "post",
	.name = "revoke",
	.help = "Ends a post's keys: at the server at once, then at the broker.",
	.detail = "First the registry: from then on nothing of the post is believed. Then the "
		  "broker's list of revoked certificates, and the session that the post may have. "
		  "May be done again after a step that failed; it says what is left to do.",
	.options = post_options,
	.option_count = sizeof(post_options) / sizeof(post_options[0]),
	.run = post_revoke_run,
};

/* ---- pki revoke, pki refresh-crl ---- */

static int service_revoke(struct revocation *v, const char *path)
{
	struct pp_pki_facts facts;
	char ca[PP_PATH_SIZE];
	int r = pp_pki_facts(path, &facts);

	if (r < 0)
		return pp_ctl_fail(v->call, "%s: %s", path,
			r == -EBADMSG ? "is no certificate" : pp_ctl_words_of(r));
	snprintf(v->name, sizeof(v->name), "%s", facts.common_name);
	/* The new authority stands first in a file of two. */
	v->authority = "service-ca";
	if (pp_pki_is_issued_by(path, pp_pki_dir_path(v->pki, "service-ca", ".crt", ca)) != 1)
		v->authority = PP_PKI_OLD_SERVICES;
	r = certificate_add(v, path);
	return r == PP_CTL_DONE ? broker_settle(v) : r;
}

static int pki_revoke_run(struct pp_ctl_call *call)
{
	struct revocation *v = calloc(1, sizeof(*v));
	int r;

	if (!v)
		return pp_ctl_fail(call, "%s", pp_ctl_words_of(-ENOMEM));
	v->call = call;
	v->pki = pp_ctl_get(call, "dir");
	r = service_revoke(v, pp_ctl_get(call, "certificate"));
	free(v);
	return r;
}

static const struct pp_ctl_option pki_options[] = {
	{ "dir", "DIR", true, false, "Folder of keys, with service-ca.key and revoked.pem" },
	{ "certificate", "FILE", true, false, "The certificate of the service" },
	BROKER_OPTIONS,
};
const struct pp_ctl_command pp_ctl_pki_revoke = {
	.group = "pki",
	.name = "revoke",
	.help = "Ends the certificate of a service at the broker.",
	.detail = "Make its successor first (pki issue), which the service reads at its next "
		  "start: this one is not let in any more.",
	.options = pki_options,
	.option_count = sizeof(pki_options) / sizeof(pki_options[0]),
	.run = pki_revoke_run,
};

static int refresh_run(struct pp_ctl_call *call)
{
	const char *dir = pp_ctl_get(call, "dir");
	struct pp_pki_lists facts;
	char path[PP_PATH_SIZE];
	int left = 0, r = pp_pki_dir_revoke(dir, NULL, NULL);

	if (r >= 0)
		r = pp_pki_lists(pp_pki_dir_path(dir, "revoked.pem", "", path), &facts);
	if (r < 0)
		return list_fail(call, dir, r);
	fprintf(call->out, "list: %s: %zu authorities, %zu certificates, %lld days left\n", path,
		facts.lists, facts.revoked,
		(long long)(facts.until_s - pp_clock_wall_ms() / 1000) / 86400);
	broker_reload(call, &left);
	return PP_CTL_DONE;
}

static const struct pp_ctl_option refresh_options[] = {
	{ "dir", "DIR", true, false, "Folder of keys, with the authorities' keys" },
	{ "broker-pid", "FILE", false, false,
		"The pid file of a broker on this machine, which is told to read its list" },
};
const struct pp_ctl_command pp_ctl_pki_refresh = {
	.group = "pki",
	.name = "refresh-crl",
	.help = "Makes the broker's list of revoked certificates hold for ten years more.",
	.detail = "A broker whose list has ended lets nobody in. What is revoked stays so.",
	.options = refresh_options,
	.option_count = sizeof(refresh_options) / sizeof(refresh_options[0]),
	.run = refresh_run,
};
