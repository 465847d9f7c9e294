/* SPDX-License-Identifier: Apache-2.0 */
/* pki.c -- `pki init`: the two authorities, the certificates of broker and services, the server's
 * signing key. All of it appears at once, or nothing does. */
#include "crypto/pki.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "core/file.h"
#include "core/text.h"
#include "crypto/key_list.h"
#include "pki_dir.h"

#define PATH_SIZE PP_PATH_SIZE

/* Files of a pair are <name>.crt and <name>.key. An authority has no issuer. */
static const struct pair {
	const char *name, *common_name, *issuer;
	enum pp_pki_usage usage;
} pairs[] = {
	{ "service-ca", "PosPin service authority", NULL, PP_PKI_AUTHORITY },
	{ "post-ca", "PosPin post authority", NULL, PP_PKI_AUTHORITY },
	{ "broker", "broker", "service-ca", PP_PKI_SERVER },
	{ "svc-server", "svc-server", "service-ca", PP_PKI_CLIENT },
	{ "svc-recorder", "svc-recorder", "service-ca", PP_PKI_CLIENT },
	{ "svc-ctl", "svc-ctl", "service-ca", PP_PKI_CLIENT },
};

struct files {
	struct pp_ctl_call *call;
	const char *dir;    /* in the making */
	const char *failed; /* what it was about */
};

static const char *in(
	const struct files *f, const char *name, const char *ending, char ret_path[PATH_SIZE])
{
	snprintf(ret_path, PATH_SIZE, "%s/%s%s", f->dir, name, ending);
	return ret_path;
}

static int pair_make(const struct files *f, const struct pair *pair, const char *const *names)
{
	/* For ever: a post cannot judge time (docs/protocol.md, "Identity"); rotation replaces
	 * them. */
	struct pp_pki_request request = { .usage = pair->usage,
		.common_name = pair->common_name,
		.names = pair->usage == PP_PKI_SERVER ? names : NULL,
		.forever = true };
	char cert[PATH_SIZE], key[PATH_SIZE], ca_cert[PATH_SIZE], ca_key[PATH_SIZE];

	in(f, pair->name, ".crt", cert);
	in(f, pair->name, ".key", key);
	if (!pair->issuer)
		return pp_pki_make_authority(&request, cert, key);
	return pp_pki_issue(in(f, pair->issuer, ".crt", ca_cert),
		in(f, pair->issuer, ".key", ca_key), &request, cert, key);
}

static int signing_key_make(const struct files *f)
{
	char path[PATH_SIZE];
	struct pp_key_list list = { .count = 1 };
	struct pp_key *key = NULL;
	int r = pp_key_new(&key);

	if (r < 0)
		return r;
	pp_key_public(key, list.keys[0]);
	r = pp_key_save(key, in(f, "server-signing", ".key", path));
	pp_key_free(key);
	return r < 0 ? r : pp_key_list_save(&list, in(f, "server-keys", ".txt", path));
}

static int all_make(struct files *f, const char *const *names)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		f->failed = pairs[i].name;
		r = pair_make(f, &pairs[i], names);
	}
	if (r == 0) {
		f->failed = "server-signing.key";
		r = signing_key_make(f);
	}
	if (r == 0) {
		f->failed = "clients-ca.pem";
		r = pp_pki_dir_clients(f->dir);
	}
	if (r == 0) {
		f->failed = "revoked.pem";
		/* Always both lists: one alone would lock out the other authority's clients. */
		r = pp_pki_dir_revoke(f->dir, NULL, NULL);
	}
	return r;
}

static void all_remove(const struct files *f)
{
	static const char *const others[] = { "server-signing.key", "server-keys.txt",
		"clients-ca.pem", "revoked.pem" };
	char path[PATH_SIZE];

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		(void)unlink(in(f, pairs[i].name, ".crt", path));
		(void)unlink(in(f, pairs[i].name, ".key", path));
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		(void)unlink(in(f, others[i], "", path));
	(void)rmdir(f->dir);
}

/* -EEXIST where dir holds anything at all. */
static int dir_check(const char *dir)
{
	if (rmdir(dir) == 0 || errno == ENOENT)
		return 0;
	return errno == ENOTEMPTY ? -EEXIST : -errno;
}

static int init_run(struct pp_ctl_call *call)
{
	const char *dir = pp_ctl_get(call, "dir");
	struct files f = { .call = call };
	char making[PATH_SIZE];
	size_t length = strlen(dir);
	int r;

	while (length > 1 && dir[length - 1] == '/')
		length--;
	r = length + 80 > sizeof(making) ? -ENAMETOOLONG : dir_check(dir);
	if (r == -EEXIST)
		return pp_ctl_fail(call, "%s: is not empty; keys are never overwritten", dir);
	if (r < 0)
		return pp_ctl_fail(call, "%s: %s", dir, pp_ctl_words_of(r));
	/* Beside it, so that the last step is a rename. */
	snprintf(making, sizeof(making), "%.*s.new-XXXXXX", (int)length, dir);
	f.dir = mkdtemp(making);
	if (!f.dir)
		return pp_ctl_fail(call, "%s: %s", dir, pp_ctl_words_of(errno));
	r = all_make(&f, pp_ctl_all(call, "broker-name"));
	if (r == 0 && (chmod(making, 0755) < 0 || rename(making, dir) < 0)) {
		r = -errno;
		f.failed = "the folder";
	}
	if (r < 0) {
		all_remove(&f);
		return pp_ctl_fail(call, "%s: %s: %s", dir, f.failed,
			r == -EINVAL ? "a --broker-name must be a DNS name or an IP address"
				     : pp_ctl_words_of(r));
	}
	fprintf(call->out,
		"%s: two authorities, broker, svc-server, svc-recorder, svc-ctl, signing key\n"
		"Keep service-ca.key and post-ca.key off the machines that need only the others.\n",
		dir);
	return PP_CTL_DONE;
}

static const struct pp_ctl_option init_options[] = {
	{ "dir", "DIR", true, false, "Folder to make; may exist when it is empty" },
	{ "broker-name", "NAME", true, true,
		"DNS name or IP address by which posts and services reach the broker; give all of "
		"them" },
};
const struct pp_ctl_command pp_ctl_pki_init = {
	.group = "pki",
	.name = "init",
	.help = "Makes the keys and certificates of a new site.",
	.detail =
		"Writes service-ca, post-ca, broker, svc-server, svc-recorder and svc-ctl (.crt "
		"and .key, "
		"Ed25519, valid for ever: they are replaced by rotation, because a post cannot "
		"judge "
		"time), clients-ca.pem and revoked.pem for the broker, server-signing.key for the "
		"server and server-keys.txt for the posts.",
	.options = init_options,
	.option_count = sizeof(init_options) / sizeof(init_options[0]),
	.run = init_run,
};
