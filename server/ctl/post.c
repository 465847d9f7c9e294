/* SPDX-License-Identifier: Apache-2.0 */
/* post.c -- `post request` (at the post: key and signing request), `post enrol` and `post renew`
 * (at the authority: certificate, and the key into the registry). The key never travels. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actor.h"
#include "commands.h"
#include "core/clock.h"
#include "core/text.h"
#include "crypto/pki.h"
#include "ledger/registrar.h"
#include "protocol/limits.h"
#include "registry/directory.h"

#define KEY_TEXT_SIZE (4 * ((PP_PUBLIC_KEY_SIZE + 2) / 3) + 1)
#define NAME_SIZE (PP_TENANT_MAX + PP_POST_MAX + 2)
#define DAYS_DEFAULT 825

/* "kendal/boja-01", from --tenant and --post. */
static int name_read(struct pp_ctl_call *call, char ret_name[NAME_SIZE])
{
	const char *tenant = pp_ctl_get(call, "tenant"), *post = pp_ctl_get(call, "post"), *why;

	if (pp_enrolment_check(tenant, post, &why) < 0)
		return pp_ctl_fail(
			call, "--%s, got '%s'", why, strncmp(why, "post", 4) == 0 ? post : tenant);
	snprintf(ret_name, NAME_SIZE, "%s/%s", tenant, post);
	return PP_CTL_DONE;
}

/* The key of the file, which is made if absent. */
static int key_get(const char *path, bool *ret_made, struct pp_key **ret_key)
{
	struct pp_key *key = NULL;
	int r = pp_key_load(path, &key);

	*ret_made = r == -ENOENT;
	if (r == -ENOENT) {
		r = pp_key_new(&key);
		if (r == 0)
			r = pp_key_save(key, path);
	}
	if (r < 0) {
		pp_key_free(key);
		return r;
	}
	*ret_key = key;
	return 0;
}

static int request_run(struct pp_ctl_call *call)
{
	const char *path = pp_ctl_get(call, "key"), *out = pp_ctl_get(call, "out");
	char name[NAME_SIZE], text[KEY_TEXT_SIZE];
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	struct pp_key *key;
	bool made;
	int r = name_read(call, name);

	if (r != PP_CTL_DONE)
		return r;
	r = key_get(path, &made, &key);
	if (r == -EINVAL)
		return pp_ctl_fail(call, "%s: is no Ed25519 private key (PEM)", path);
	if (r < 0)
		return pp_ctl_fail(call, "%s: %s", path, pp_ctl_words_of(r));
	r = pp_pki_make_request(key, name, out);
	pp_key_public(key, public);
	pp_key_free(key);
	if (r < 0)
		return pp_ctl_fail(call, "%s: %s", out, pp_ctl_words_of(r));
	pp_base64(public, sizeof(public), text);
	fprintf(call->out, "%s: request %s for the %s key %s\npublic key %s\n", name, out,
		made ? "new" : "present", path, text);
	return PP_CTL_DONE;
}

/* No certificate is ever made for a name that the registry does not know. */
static int name_check(struct pp_ctl_call *call, struct pp_ledger *ledger)
{
	const char *tenant = pp_ctl_get(call, "tenant"), *post = pp_ctl_get(call, "post");
	const char *record = pp_ctl_get(call, "record");
	struct pp_directory *directory;
	int r = pp_directory_load(pp_ledger_db(ledger), &directory);

	if (r < 0)
		return pp_ctl_fail(call, "%s: %s", record, pp_ctl_words_of(r));
	if (!pp_directory_find(directory, tenant, post))
		r = pp_ctl_fail(call,
			"%s: no post %s/%s in the registry: import a site file that "
			"names it",
			record, tenant, post);
	pp_directory_free(directory);
	return r;
}

struct signing {
	char name[NAME_SIZE];
	char made[4096]; /* where the certificate waits until the registry has its key */
	long long days;
	enum pp_enrolment_kind kind;
	struct pp_pki_facts facts; /* of the certificate */
};

/* The name comes from the registry; a request of another post is the wrong file, and its alarms
 * would send people to the wrong place. */
static int asked_check(struct pp_ctl_call *call, const char *csr, const char *name)
{
	char asked[PP_PKI_NAME_SIZE];
	int r = pp_pki_request_name(csr, asked);

	if (r == -EBADMSG)
		return pp_ctl_fail(call, "%s: is no signing request", csr);
	if (r == -EINVAL)
		return pp_ctl_fail(call, "%s: its name is none that a post can have", csr);
	if (r < 0)
		return pp_ctl_fail(call, "%s: %s", csr, pp_ctl_words_of(r));
	if (strcmp(asked, name) != 0)
		return pp_ctl_fail(call, "%s: is a request of %s, not of %s", csr,
			asked[0] ? asked : "nobody", name);
	return PP_CTL_DONE;
}

static int request_sign(struct pp_ctl_call *call, struct signing *s)
{
	const char *pki = pp_ctl_get(call, "pki"), *csr = pp_ctl_get(call, "request");
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	char cert[4096], key[4096];
	struct pp_pki_request request = {
		.usage = PP_PKI_CLIENT, .common_name = s->name, .days = (unsigned)s->days
	};
	int r;

	snprintf(cert, sizeof(cert), "%s/post-ca.crt", pki);
	snprintf(key, sizeof(key), "%s/post-ca.key", pki);
	snprintf(s->made, sizeof(s->made), "%s.new", pp_ctl_get(call, "out"));
	if (access(cert, R_OK) < 0 || access(key, R_OK) < 0)
		return pp_ctl_fail(call,
			"%s: post-ca.crt or post-ca.key: %s; pospinctl pki init "
			"makes them",
			pki, pp_ctl_words_of(errno));
	if (access(csr, R_OK) < 0)
		return pp_ctl_fail(call, "%s: %s", csr, pp_ctl_words_of(errno));
	r = asked_check(call, csr, s->name);
	if (r != PP_CTL_DONE)
		return r;
	r = pp_pki_sign_request(cert, key, csr, &request, s->made, public);
	if (r == 0)
		r = pp_pki_facts(s->made, &s->facts);
	if (r == -EKEYREJECTED || r == -EBADMSG || r == -EINVAL)
		return pp_ctl_fail(call,
			"%s: is no request for an Ed25519 key that its owner has "
			"signed, or %s holds no authority",
			csr, pki);
	if (r < 0)
		return pp_ctl_fail(call, "%s: %s", s->made, pp_ctl_words_of(r));
	return PP_CTL_DONE;
}

/* Why the registry does not take the key. */
static int key_refuse(
	struct pp_ctl_call *call, struct pp_ledger *ledger, const struct signing *s, int error)
{
	const char *csr = pp_ctl_get(call, "request");

	switch (error) {
	case -EEXIST:
		return pp_ctl_fail(call,
			"%s: its key belongs to another post: make a key of its own at %s", csr,
			s->name);
	case -EKEYREVOKED:
		return pp_ctl_fail(
			call, "%s: its key has been revoked: make a new one at %s", csr, s->name);
	case -EALREADY:
		return pp_ctl_fail(call,
			"%s is enrolled with another key: post renew gives it this one too, post "
			"revoke ends the other",
			s->name);
	case -ENOKEY:
		return pp_ctl_fail(
			call, "%s has no valid key to renew: post enrol gives it one", s->name);
	case -ENOBUFS:
		return pp_ctl_fail(call,
			"%s has %d valid keys: end an old one with post revoke --key", s->name,
			PP_DIRECTORY_KEYS_MAX);
	case -ENOENT:
		return pp_ctl_fail(call, "no post %s in the registry", s->name);
	default:
		return pp_ctl_fail(call, "%s: %s (%s)", pp_ctl_get(call, "record"),
			pp_ctl_words_of(error), pp_ledger_error(ledger));
	}
}

static int key_enrol(struct pp_ctl_call *call, struct pp_ledger *ledger, const struct signing *s)
{
	char actor[PP_ACTOR_SIZE];
	struct pp_enrolment enrolment = { .tenant = pp_ctl_get(call, "tenant"),
		.post = pp_ctl_get(call, "post"),
		.actor = pp_actor(actor),
		.kind = s->kind,
		.serial = s->facts.serial,
		.until_ms = s->facts.until_s * 1000 };
	int r;

	memcpy(enrolment.key, s->facts.public, sizeof(enrolment.key));
	r = pp_ledger_enrol(ledger, &enrolment, pp_clock_wall_ms());
	return r >= 0 ? PP_CTL_DONE : key_refuse(call, ledger, s, r);
}

/* Certificate aside, key into the registry, certificate to its place: done again after a crash it
 * ends alike. */
static int enrol(struct pp_ctl_call *call, struct pp_ledger *ledger, struct signing *s)
{
	const char *out = pp_ctl_get(call, "out");
	char text[KEY_TEXT_SIZE];
	int r = name_check(call, ledger);

	if (r == PP_CTL_DONE)
		r = request_sign(call, s);
	if (r != PP_CTL_DONE)
		return r;
	r = key_enrol(call, ledger, s);
	if (r == PP_CTL_DONE && rename(s->made, out) < 0)
		r = pp_ctl_fail(call, "%s: %s", out, pp_ctl_words_of(errno));
	if (r != PP_CTL_DONE) {
		(void)unlink(s->made);
		return r;
	}
	pp_base64(s->facts.public, sizeof(s->facts.public), text);
	fprintf(call->out, "%s: certificate %s for %lld days\npublic key %s\n", s->name, out,
		s->days, text);
	return PP_CTL_DONE;
}

static int enrolment_run(struct pp_ctl_call *call, enum pp_enrolment_kind kind)
{
	const char *record = pp_ctl_get(call, "record");
	struct signing s = { .days = DAYS_DEFAULT, .kind = kind };
	struct pp_ledger *ledger;
	int r = name_read(call, s.name);

	if (r == PP_CTL_DONE)
		r = pp_ctl_number(call, "days", 1, 3650, &s.days);
	if (r != PP_CTL_DONE)
		return r;
	if (access(record, F_OK) < 0) /* opening would make an empty one */
		return pp_ctl_fail(
			call, "%s: %s; pospinctl import makes it", record, pp_ctl_words_of(errno));
	r = pp_ledger_open(&(struct pp_ledger_options){ .record_path = record }, &ledger);
	if (r < 0)
		return pp_ctl_fail(call, "%s: %s", record,
			r == -ERANGE ? "was written by a newer PosPin" : pp_ctl_words_of(r));
	r = enrol(call, ledger, &s);
	pp_ledger_close(ledger);
	return r;
}

static int enrol_run(struct pp_ctl_call *call)
{
	return enrolment_run(call, PP_ENROL_FIRST);
}

static int renew_run(struct pp_ctl_call *call)
{
	return enrolment_run(call, PP_ENROL_RENEWAL);
}

#define TENANT_OPTION                                                                              \
	{                                                                                          \
		"tenant", "TENANT", true, false, "Regency, as the registry calls it (kendal)"      \
	}
#define POST_OPTION                                                                                \
	{                                                                                          \
		"post", "POST", true, false, "Post, as the registry calls it (boja-01)"            \
	}

static const struct pp_ctl_option request_options[] = {
	TENANT_OPTION,
	POST_OPTION,
	{ "key", "FILE", true, false, "The post's private key; made if absent, mode 0600" },
	{ "out", "FILE", true, false, "The signing request to write" },
};
const struct pp_ctl_command pp_ctl_post_request = {
	.group = "post",
	.name = "request",
	.help = "At the post: makes its key, and the request to sign.",
	.detail =
		"The key stays here. Carry the request to where the post authority is; compare the "
		"public key that both sides print.",
	.options = request_options,
	.option_count = sizeof(request_options) / sizeof(request_options[0]),
	.run = request_run,
};

static const struct pp_ctl_option enrol_options[] = {
	TENANT_OPTION,
	POST_OPTION,
	{ "record", "FILE", true, false,
		"The server's record (record.db), which holds the registry" },
	{ "pki", "DIR", true, false, "Folder with post-ca.crt and post-ca.key" },
	{ "request", "FILE", true, false, "The post's signing request" },
	{ "out", "FILE", true, false, "The certificate to write" },
	{ "days", "N", false, false, "How long it is valid, 1 to 3650 days (825)" },
};
const struct pp_ctl_command pp_ctl_post_enrol = {
	.group = "post",
	.name = "enrol",
	.help = "Signs a post's request, registers its key.",
	.detail = "Works whether the server runs or not. The name comes from the options, never "
		  "from the request, which must say the same. A post that has a valid key already "
		  "gets another by post renew.",
	.options = enrol_options,
	.option_count = sizeof(enrol_options) / sizeof(enrol_options[0]),
	.run = enrol_run,
};

const struct pp_ctl_command pp_ctl_post_renew = {
	.group = "post",
	.name = "renew",
	.help = "Gives an enrolled post a new certificate, for its key or for a new one.",
	.detail = "What the post has signed with its earlier keys and not sent yet is still "
		  "recorded: they stay valid until post revoke --key ends them. At most 4 are.",
	.options = enrol_options,
	.option_count = sizeof(enrol_options) / sizeof(enrol_options[0]),
	.run = renew_run,
};
