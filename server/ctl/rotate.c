/* SPDX-License-Identifier: Apache-2.0 */
/* rotate.c -- successors of the keys in the folder: the server's signing key, the service
 * authority, the certificates of broker and services. The old ones go on until everybody has the
 * new. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "core/file.h"
#include "core/text.h"
#include "crypto/key_list.h"
#include "crypto/keyring.h"
#include "crypto/pki.h"
#include "pki_dir.h"

#define PEM_MAX 65536
#define NEW_SERVICES "service-ca.new"

static int rotate_fail(struct pp_ctl_call *call, const char *name, int error)
{
	return pp_ctl_fail(call, "%s/%s: %s", pp_ctl_get(call, "dir"), name,
		error == -EINVAL ? "is not what it should be" : pp_ctl_words_of(error));
}

/* Whoever runs this (root, often): the file stays its owner's, who must be able to read it. */
static void owner_keep(const char *path, const struct stat *before)
{
	if (chown(path, before->st_uid, before->st_gid) < 0)
		(void)chmod(path, before->st_mode & 07777);
}

/* ---- the signing key ---- */

static int publics_add(struct pp_key_list *list, const struct pp_keyring *ring)
{
	for (size_t i = 0; i < ring->count; i++) {
		uint8_t public[PP_PUBLIC_KEY_SIZE];
		size_t at = 0;

		pp_key_public(ring->keys[i], public);
		while (at < list->count && memcmp(list->keys[at], public, sizeof(public)) != 0)
			at++;
		if (at < list->count)
			continue;
		if (list->count == PP_KEY_LIST_MAX)
			return -E2BIG;
		memcpy(list->keys[list->count++], public, sizeof(public));
	}
	return 0;
}

/* server-keys.txt: what a new post is given; server-keys-ever.txt: what heads of the timeline were
 * ever signed with. */
static int lists_write(const char *dir, const struct pp_keyring *ring)
{
	struct pp_key_list now = { .count = 0 }, ever = { .count = 0 };
	char path[PP_PATH_SIZE], ever_path[PP_PATH_SIZE];
	int r;

	pp_pki_dir_path(dir, "server-keys", ".txt", path);
	pp_pki_dir_path(dir, "server-keys-ever", ".txt", ever_path);
	r = pp_key_list_load(ever_path, &ever, NULL);
	if (r == -ENOENT)
		r = pp_key_list_load(path, &ever, NULL);
	if (r == 0 || r == -ENOENT)
		r = publics_add(&ever, ring);
	if (r == 0)
		r = pp_key_list_save(&ever, ever_path);
	if (r == 0)
		r = publics_add(&now, ring);
	return r < 0 ? r : pp_key_list_save(&now, path);
}

static int signing_save(
	struct pp_ctl_call *call, const struct pp_keyring *ring, const struct stat *before)
{
	const char *dir = pp_ctl_get(call, "dir");
	char path[PP_PATH_SIZE];
	int r = pp_keyring_save(ring, pp_pki_dir_path(dir, "server-signing", ".key", path));

	if (r < 0)
		return rotate_fail(call, "server-signing.key", r);
	owner_keep(path, before);
	r = lists_write(dir, ring);
	return r < 0 ? rotate_fail(call, "server-keys.txt", r) : PP_CTL_DONE;
}

static int signing_load(
	struct pp_ctl_call *call, struct pp_keyring *ret_ring, struct stat *ret_before)
{
	char path[PP_PATH_SIZE];
	int r;

	pp_pki_dir_path(pp_ctl_get(call, "dir"), "server-signing", ".key", path);
	r = stat(path, ret_before) < 0 ? -errno : pp_keyring_load(path, ret_ring);
	return r < 0 ? rotate_fail(call, "server-signing.key", r) : PP_CTL_DONE;
}

static int rotate_signing_run(struct pp_ctl_call *call)
{
	struct pp_keyring ring = { .count = 0 };
	struct stat before;
	int r = signing_load(call, &ring, &before);

	if (r != PP_CTL_DONE)
		return r;
	if (ring.count == PP_KEYRING_MAX) {
		pp_keyring_done(&ring);
		return pp_ctl_fail(call, "%d signing keys are kept already: pki retire-signing",
			PP_KEYRING_MAX);
	}
	memmove(ring.keys + 1, ring.keys, ring.count * sizeof(ring.keys[0]));
	ring.count++;
	r = pp_key_new(&ring.keys[0]);
	r = r < 0 ? rotate_fail(call, "server-signing.key", r) : signing_save(call, &ring, &before);
	if (r == PP_CTL_DONE)
		fprintf(call->out,
			"%zu signing keys are kept, a new one first. Restart pospin-server: each "
			"post is told at its next state, and is answered with the old key until "
			"then.\nAfter a year: pki retire-signing.\n",
			ring.count);
	pp_keyring_done(&ring);
	return r;
}

static int retire_signing_run(struct pp_ctl_call *call)
{
	struct pp_keyring ring = { .count = 0 };
	struct pp_key *old;
	struct stat before;
	int r = signing_load(call, &ring, &before);

	if (r != PP_CTL_DONE)
		return r;
	if (ring.count == 1) {
		pp_keyring_done(&ring);
		return pp_ctl_fail(call,
			"there is only one signing key: pki rotate-signing makes its successor");
	}
	old = ring.keys[--ring.count];
	r = signing_save(call, &ring, &before);
	pp_key_free(old);
	if (r == PP_CTL_DONE)
		fprintf(call->out,
			"%zu signing key%s kept. Restart pospin-server. A post that has not been "
			"heard since the successor was made must be given server-keys.txt by "
			"hand.\n",
			ring.count, ring.count == 1 ? " is" : "s are");
	pp_keyring_done(&ring);
	return r;
}

#define DIR_OPTION                                                                                 \
	{                                                                                          \
		"dir", "DIR", true, false, "Folder of keys, as pki init made it"                   \
	}
static const struct pp_ctl_option dir_options[] = { DIR_OPTION };

const struct pp_ctl_command pp_ctl_pki_rotate_signing = {
	.group = "pki",
	.name = "rotate-signing",
	.help = "Makes a new signing key of the server; the old ones are kept.",
	.detail =
		"Writes server-signing.key (all that are kept, the newest first), server-keys.txt "
		"for new posts and server-keys-ever.txt for verify.",
	.options = dir_options,
	.option_count = 1,
	.run = rotate_signing_run,
};
const struct pp_ctl_command pp_ctl_pki_retire_signing = {
	.group = "pki",
	.name = "retire-signing",
	.help = "Ends the oldest signing key of the server: posts trust it no longer.",
	.detail = "A year after its successor was made, or at once when it has been stolen.",
	.options = dir_options,
	.option_count = 1,
	.run = retire_signing_run,
};

/* ---- the service authority ---- */

static int file_copy(const char *from, const char *to, mode_t mode)
{
	size_t length;
	char *text;
	int r = pp_file_read(from, PEM_MAX, &text, &length);

	if (r < 0)
		return r;
	r = pp_file_write(to, text, length, mode);
	free(text);
	return r;
}

static bool is_there(const char *dir, const char *name, const char *ending)
{
	char path[PP_PATH_SIZE];

	return access(pp_pki_dir_path(dir, name, ending, path), F_OK) == 0;
}

/* The authority of today under its second name. Its certificate comes last: it says that the rest
 * is there. */
static int old_keep(const char *dir)
{
	static const struct {
		const char *ending;
		mode_t mode;
	} files[] = { { ".key", 0600 }, { ".crt", 0644 } };
	char from[PP_PATH_SIZE], to[PP_PATH_SIZE];
	int r = 0;

	for (size_t i = 0; r == 0 && i < 2; i++)
		r = file_copy(pp_pki_dir_path(dir, "service-ca", files[i].ending, from),
			pp_pki_dir_path(dir, PP_PKI_OLD_SERVICES, files[i].ending, to),
			files[i].mode);
	return r;
}

static int new_make(const char *dir)
{
	char cert[PP_PATH_SIZE], key[PP_PATH_SIZE], name[PP_PKI_NAME_SIZE];
	const struct pp_pki_request request = {
		.usage = PP_PKI_AUTHORITY, .common_name = name, .forever = true
	};
	uint8_t random[4];
	char hex[9];

	pp_pki_dir_path(dir, NEW_SERVICES, ".crt", cert);
	pp_pki_dir_path(dir, NEW_SERVICES, ".key", key);
	if (access(cert, F_OK) == 0 && access(key, F_OK) == 0)
		return 0; /* of an attempt that did not get further */
	(void)unlink(cert);
	(void)unlink(key);
	/* A name of its own, so that nobody looks for the wrong one's list. */
	pp_random(random, sizeof(random));
	pp_text_hex(random, sizeof(random), hex);
	snprintf(name, sizeof(name), "PosPin service authority %s", hex);
	return pp_pki_make_authority(&request, cert, key);
}

/* New before old in one file; then the new key takes its place. Each step can be done again. */
static int new_install(const char *dir)
{
	static const char *const both[] = { NEW_SERVICES, PP_PKI_OLD_SERVICES, NULL };
	char from[PP_PATH_SIZE], to[PP_PATH_SIZE];
	int r = pp_pki_dir_join(dir, both, ".crt", "service-ca.crt");

	if (r == 0 && rename(pp_pki_dir_path(dir, NEW_SERVICES, ".key", from),
			      pp_pki_dir_path(dir, "service-ca", ".key", to)) < 0)
		r = -errno;
	if (r == 0)
		(void)unlink(pp_pki_dir_path(dir, NEW_SERVICES, ".crt", from));
	return r;
}

static int broker_files_make(const char *dir)
{
	int r = pp_pki_dir_clients(dir);

	if (r == 0)
		r = pp_pki_dir_revoke(dir, NULL, NULL);
	return r < 0 ? r : 0;
}

static int rotate_services_run(struct pp_ctl_call *call)
{
	const char *dir = pp_ctl_get(call, "dir");
	bool half = is_there(dir, NEW_SERVICES, ".key");
	bool done = is_there(dir, PP_PKI_OLD_SERVICES, ".crt") && !half;
	int r = 0;

	if (!done && !half)
		r = old_keep(dir);
	if (r == 0 && !done)
		r = new_make(dir);
	if (r == 0 && !done)
		r = new_install(dir);
	if (r == 0)
		r = broker_files_make(dir);
	if (r < 0)
		return rotate_fail(call, "service-ca", r);
	fprintf(call->out,
		"service-ca.crt %s: a new authority and the one before. Restart the broker, bring "
		"service-ca.crt to every post and reload it there; when all have it: pki issue for "
		"broker and services, then pki retire-services.\n",
		done ? "holds two already" : "holds two");
	return PP_CTL_DONE;
}

/* The new authority alone: the first certificate of the file. */
static int first_keep(const char *dir)
{
	static const char end[] = "-----END CERTIFICATE-----\n";
	char path[PP_PATH_SIZE], *text, *at;
	size_t length;
	int r = pp_file_read(
		pp_pki_dir_path(dir, "service-ca", ".crt", path), PEM_MAX, &text, &length);

	if (r < 0)
		return r;
	at = strstr(text, end);
	r = at ? pp_file_write(path, text, (size_t)(at - text) + strlen(end), 0644) : -EINVAL;
	free(text);
	return r;
}

static int retire_services_run(struct pp_ctl_call *call)
{
	const char *dir = pp_ctl_get(call, "dir");
	char old[PP_PATH_SIZE], key[PP_PATH_SIZE], lists[PP_PATH_SIZE];
	int r = 0;

	if (!is_there(dir, PP_PKI_OLD_SERVICES, ".crt") || is_there(dir, NEW_SERVICES, ".key"))
		return pp_ctl_fail(call, "%s: no service authority is being replaced", dir);
	pp_pki_dir_path(dir, PP_PKI_OLD_SERVICES, ".crt", old);
	pp_pki_dir_path(dir, PP_PKI_OLD_SERVICES, ".key", key);
	r = first_keep(dir);
	if (r == 0)
		r = pp_pki_dir_clients(dir);
	if (r == 0)
		r = pp_pki_forget(pp_pki_dir_path(dir, "revoked", ".pem", lists), old);
	if (r >= 0 && ((unlink(key) < 0 && errno != ENOENT) || unlink(old) < 0))
		r = -errno;
	if (r < 0)
		return rotate_fail(call, PP_PKI_OLD_SERVICES, r);
	fprintf(call->out, "service-ca.crt holds the new authority alone. Restart the broker: what "
			   "the old one has signed is not let in any more.\n");
	return PP_CTL_DONE;
}

const struct pp_ctl_command pp_ctl_pki_rotate_services = {
	.group = "pki",
	.name = "rotate-services",
	.help = "Makes a new service authority beside the one of today.",
	.detail = "service-ca.crt, clients-ca.pem and revoked.pem then hold both: posts that have "
		  "the new service-ca.crt trust either broker certificate.",
	.options = dir_options,
	.option_count = 1,
	.run = rotate_services_run,
};
const struct pp_ctl_command pp_ctl_pki_retire_services = {
	.group = "pki",
	.name = "retire-services",
	.help = "Ends the old service authority, when everybody has certificates of the new.",
	.options = dir_options,
	.option_count = 1,
	.run = retire_services_run,
};

/* ---- certificates of broker and services ---- */

static bool issue_check(struct pp_ctl_call *call, const char *name)
{
	static const char *const names[] = { "broker", "svc-server", "svc-recorder", "svc-ctl" };
	bool is_broker = strcmp(name, "broker") == 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		if (is_broker == pp_ctl_has(call, "broker-name"))
			return true;
		(void)pp_ctl_fail(call, "--broker-name: %s",
			is_broker ? "the broker's certificate must have its names"
				  : "a service has none");
		return false;
	}
	(void)pp_ctl_fail(call,
		"--name: expected broker, svc-server, svc-recorder or svc-ctl, got '%s'", name);
	return false;
}

/* Beside the present pair, then key and certificate over it: the present certificate stays under
 * another name, to be revoked. */
static int pair_replace(struct pp_ctl_call *call, const char *dir, const char *name)
{
	char files[2][2][PP_PATH_SIZE], ca[2][PP_PATH_SIZE], kept[PP_PATH_SIZE];
	static const char *const endings[] = { ".key", ".crt" };
	struct pp_pki_request request = { .usage = strcmp(name, "broker") == 0 ? PP_PKI_SERVER
									       : PP_PKI_CLIENT,
		.common_name = name,
		.names = pp_ctl_all(call, "broker-name"),
		.forever = true };
	struct stat before;
	int r;

	for (size_t i = 0; i < 2; i++) {
		pp_pki_dir_path(dir, name, endings[i], files[0][i]);
		snprintf(files[1][i], PP_PATH_SIZE, "%s/%s.new%s", dir, name, endings[i]);
		(void)unlink(files[1][i]);
		pp_pki_dir_path(dir, "service-ca", endings[i], ca[i]);
	}
	if (stat(files[0][0], &before) < 0)
		return -errno;
	snprintf(kept, sizeof(kept), "%s/%s.old.crt", dir, name);
	r = pp_pki_issue(ca[1], ca[0], &request, files[1][1], files[1][0]);
	if (r == 0)
		r = file_copy(files[0][1], kept, 0644);
	for (size_t i = 0; r == 0 && i < 2; i++) {
		owner_keep(files[1][i], &before);
		if (i == 1)
			(void)chmod(files[1][i], 0644);
		r = rename(files[1][i], files[0][i]) < 0 ? -errno : 0;
	}
	return r;
}

static int issue_run(struct pp_ctl_call *call)
{
	const char *dir = pp_ctl_get(call, "dir"), *name = pp_ctl_get(call, "name");
	int r;

	if (!issue_check(call, name))
		return PP_CTL_FAILED;
	r = pair_replace(call, dir, name);
	if (r == -EINVAL)
		return pp_ctl_fail(call,
			"%s: a --broker-name must be a DNS name or an IP address, and "
			"service-ca.key "
			"that of the first certificate in service-ca.crt",
			dir);
	if (r < 0)
		return rotate_fail(call, name, r);
	fprintf(call->out,
		"%s/%s: a new key and certificate; the certificate before: %s.old.crt. %s reads "
		"them at its next start%s.\n",
		dir, name, name, name, strcmp(name, "broker") == 0 ? " or SIGHUP" : "");
	return PP_CTL_DONE;
}

static const struct pp_ctl_option issue_options[] = {
	DIR_OPTION,
	{ "name", "NAME", true, false, "broker, svc-server, svc-recorder or svc-ctl" },
	{ "broker-name", "NAME", false, true, "As in pki init; for the broker, all of them" },
};
const struct pp_ctl_command pp_ctl_pki_issue = {
	.group = "pki",
	.name = "issue",
	.help = "Makes a new key and certificate for the broker or a service.",
	.detail =
		"Signed by the newest service authority. The old certificate stays good until pki "
		"revoke, or until its authority is retired.",
	.options = issue_options,
	.option_count = sizeof(issue_options) / sizeof(issue_options[0]),
	.run = issue_run,
};
