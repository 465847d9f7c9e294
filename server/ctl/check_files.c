/* SPDX-License-Identifier: Apache-2.0 */
/* check_files.c -- files: who may touch them, whether keys and certificates belong together, when
 * they end. */
#include "examine.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/inspect.h"
#include "crypto/key_list.h"
#include "crypto/keyring.h"

#define PATH_SIZE 4096
#define DAY_S 86400
#define CERT_SOON_DAYS 30
#define CRL_SOON_DAYS 60
#define LISTS_MAX 8

static const char *why_of(int error)
{
	return error == -EBADMSG  ? "nothing of that kind is in it"
	       : error == -EINVAL ? "no Ed25519 key"
				  : strerrordesc_np(-error);
}

static const char *in(const struct pp_examination *e, const char *name, char ret_path[PATH_SIZE])
{
	snprintf(ret_path, PATH_SIZE, "%s/%s", e->pki, name);
	return ret_path;
}

/* ---- modes and owners ---- */

static const char *account_of(uid_t uid, char ret_name[40])
{
	struct passwd entry, *found = NULL;
	char buf[1024];

	if (getpwuid_r(uid, &entry, buf, sizeof(buf), &found) == 0 && found)
		snprintf(ret_name, 40, "%.39s", found->pw_name);
	else
		snprintf(ret_name, 40, "%u", (unsigned)uid);
	return ret_name;
}

/* Nobody but its owner reads a key. */
static size_t key_mode_check(struct pp_checkup *c, const char *path)
{
	struct stat facts;

	pp_checkup_at(c, "looking at %.200s", path);
	if (stat(path, &facts) < 0)
		return 0; /* that it is not there, others say */
	if ((facts.st_mode & 077) == 0)
		return 0;
	pp_checkup_say(c,
		facts.st_mode & 07
			? PP_FAIL("files.key-mode",
				  "chmod 600 on it; if others work on this machine, make "
				  "a new key (docs/operations.md)")
			: PP_WARN("files.key-mode", "chmod 600 on it"),
		"%.200s has mode %04o: others than its owner may read this key", path,
		(unsigned)facts.st_mode & 07777);
	return 1;
}

/* The record and what SQLite keeps beside it must be the folder's owner's: a file of another
 * account, left by a command run as root, stops the server at its next write. */
static size_t owner_check(struct pp_checkup *c, const char *path, uid_t owner)
{
	char theirs[40], ours[40];
	struct stat facts;

	if (stat(path, &facts) < 0 || facts.st_uid == owner)
		return 0;
	pp_checkup_say(c, PP_FAIL("files.owner", "chown it to the folder's owner"),
		"%.200s belongs to %s, its folder to %s", path, account_of(facts.st_uid, theirs),
		account_of(owner, ours));
	return 1;
}

static size_t owners_check(struct pp_checkup *c, const struct pp_examination *e)
{
	static const char *const endings[] = { "", "-wal", "-shm", ".lock" };
	char path[PATH_SIZE];
	struct stat folder;
	size_t bad = 0;

	pp_checkup_at(c, "looking at %.200s", e->server.data);
	if (stat(e->server.data, &folder) < 0) {
		pp_checkup_say(c,
			PP_FAIL("files.data", "make the folder, owned by the server's account, or "
					      "mend `data` in the settings"),
			"%.200s: %s", e->server.data, strerrordesc_np(errno));
		return 1;
	}
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", e->server.record_path, endings[i]);
		bad += owner_check(c, path, folder.st_uid);
	}
	bad += owner_check(c, e->server.heads_path, folder.st_uid);
	if (stat(e->server.record_path, &folder) == 0 && (folder.st_mode & 07)) {
		pp_checkup_say(c, PP_FAIL("files.record-mode", "chmod 640 on it"),
			"%.200s has mode %04o: everybody on this machine may read contacts and "
			"webhook secrets",
			e->server.record_path, (unsigned)folder.st_mode & 07777);
		bad++;
	}
	return bad;
}

void pp_check_modes(struct pp_checkup *c, void *user)
{
	static const char *const names[] = { "service-ca.key", "post-ca.key", "broker.key",
		"svc-recorder.key", "svc-ctl.key" };
	const struct pp_examination *e = user;
	char path[PATH_SIZE];
	size_t bad = key_mode_check(c, e->server.signing_key);

	bad += key_mode_check(c, e->server.broker.key);
	if (e->server.http.metrics_token[0])
		bad += key_mode_check(c, e->server.http.metrics_token);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		bad += key_mode_check(c, in(e, names[i], path));
	bad += owners_check(c, e);
	if (bad == 0)
		pp_checkup_ok(c, "files", "keys and record can be read by their owners alone");
	for (size_t i = 0; i < 2; i++)
		if (access(in(e, names[i], path), F_OK) == 0)
			pp_checkup_say(c,
				PP_WARN("files.authority",
					"keep it on a disk that is not in the "
					"server, and bring it when it is needed"),
				"%.200s lies here: who takes this machine can make any identity",
				path);
}

/* ---- the server's identity ---- */

static void signing_key_check(struct pp_checkup *c, const struct pp_examination *e)
{
	struct pp_key_list list;
	struct pp_keyring ring;
	char path[PATH_SIZE];
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	bool listed = false;
	int r;

	pp_checkup_at(c, "reading %.200s", e->server.signing_key);
	r = pp_keyring_load(e->server.signing_key, &ring);
	if (r < 0) {
		pp_checkup_say(c,
			PP_FAIL("identity.signing-key",
				"bring it back from the backup; without it "
				"posts believe nothing that the server says"),
			"%.200s: %s", e->server.signing_key, why_of(r));
		return;
	}
	pp_key_public(ring.keys[0], public);
	pp_keyring_done(&ring);
	if (pp_key_list_load(in(e, "server-keys.txt", path), &list, NULL) < 0) {
		pp_checkup_ok(c, "identity.signing-key", "the signing key can be read");
		return;
	}
	for (size_t i = 0; i < list.count; i++)
		listed |= memcmp(list.keys[i], public, sizeof(public)) == 0;
	if (listed)
		pp_checkup_ok(c, "identity.signing-key", "the signing key is one that posts pin");
	else
		pp_checkup_say(c,
			PP_FAIL("identity.signing-key",
				"use the key that belongs to it: posts that "
				"have that list believe no other"),
			"%.150s is not on the list that posts are given, %.150s",
			e->server.signing_key, path);
}

static void pair_check(
	struct pp_checkup *c, const struct pp_examination *e, const struct pp_cert_facts *facts)
{
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	struct pp_key *key;
	int r;

	pp_checkup_at(c, "reading %.200s", e->server.broker.key);
	r = pp_key_load(e->server.broker.key, &key);
	if (r < 0) {
		pp_checkup_say(c, PP_FAIL("identity.key", "bring it back, or mend broker.key"),
			"%.200s: %s", e->server.broker.key, why_of(r));
		return;
	}
	pp_key_public(key, public);
	pp_key_free(key);
	if (!facts->ed25519 || memcmp(public, facts->key, sizeof(public)) != 0)
		pp_checkup_say(c,
			PP_FAIL("identity.pair", "name the key and the certificate of one pair"),
			"%.150s is not the key of %.150s", e->server.broker.key,
			e->server.broker.certificate);
	else
		pp_checkup_ok(
			c, "identity.pair", "the server's key and certificate belong together");
}

static void ends_check(struct pp_checkup *c, const char *id, const char *what, int64_t left_s)
{
	int64_t days = left_s / DAY_S;

	if (left_s <= 0)
		pp_checkup_say(c,
			&(const struct pp_trouble){ PP_FINDING_FAIL, id,
				"make a new one (docs/operations.md), or mend this machine's "
				"clock" },
			"%.200s has ended, %" PRId64 " days ago", what, -days);
	else if (days < CERT_SOON_DAYS)
		pp_checkup_say(c,
			&(const struct pp_trouble){
				PP_FINDING_WARN, id, "make a new one before (docs/operations.md)" },
			"%.200s ends in %" PRId64 " days", what, days);
	else
		pp_checkup_ok(c, id, "%.200s does not end soon", what);
}

/* What a certificate must be; false: it cannot even be read. */
struct expected {
	const char *path, *id, *name; /* name NULL: any */
	bool client;
};
static bool certificate_check(struct pp_checkup *c, const struct pp_examination *e,
	const struct expected *want, struct pp_cert_facts *ret_facts)
{
	const char *todo = "issue it anew from the service authority, or name the right file";
	int r;

	pp_checkup_at(c, "reading %.200s", want->path);
	r = pp_cert_inspect(want->path, ret_facts);
	if (r < 0) {
		pp_checkup_say(c, &(const struct pp_trouble){ PP_FINDING_FAIL, want->id, todo },
			"%.200s: %s", want->path, why_of(r));
		return false;
	}
	if (want->name && strcmp(ret_facts->name, want->name) != 0)
		pp_checkup_say(c, &(const struct pp_trouble){ PP_FINDING_FAIL, want->id, todo },
			"%.200s is the certificate of '%s', not of '%s'", want->path,
			ret_facts->name, want->name);
	if (want->client ? !ret_facts->client : !ret_facts->server)
		pp_checkup_say(c, &(const struct pp_trouble){ PP_FINDING_FAIL, want->id, todo },
			"%.200s may not be used as a %s's", want->path,
			want->client ? "client" : "server");
	if (pp_cert_is_issued_by(want->path, e->server.broker.ca) == 0)
		pp_checkup_say(c, &(const struct pp_trouble){ PP_FINDING_FAIL, want->id, todo },
			"%.150s does not come from %.150s", want->path, e->server.broker.ca);
	ends_check(c, want->id, want->path, ret_facts->to_s - e->now_ms / 1000);
	return true;
}

void pp_check_identity(struct pp_checkup *c, void *user)
{
	const struct pp_examination *e = user;
	const struct expected want = { e->server.broker.certificate, "identity.certificate",
		"svc-server", true };
	struct pp_cert_facts facts;

	signing_key_check(c, e);
	if (certificate_check(c, e, &want, &facts))
		pair_check(c, e, &facts);
}

/* ---- the broker's ---- */

static const char *crl_of(const struct pp_examination *e, char ret_path[PATH_SIZE])
{
	return e->server.broker.crl[0] ? e->server.broker.crl : in(e, "revoked.pem", ret_path);
}

static void list_check(
	struct pp_checkup *c, const struct pp_examination *e, const struct pp_crl_facts *list)
{
	int64_t left_s = list->next_s - e->now_ms / 1000;
	const char *todo = "pospinctl pki refresh-crl, then SIGHUP to Mosquitto";

	if (left_s <= 0)
		pp_checkup_say(c, PP_FAIL("crl", todo),
			"the revocation list of '%s' has ended: the broker lets nobody in",
			list->issuer);
	else if (left_s < CRL_SOON_DAYS * (int64_t)DAY_S)
		pp_checkup_say(c, PP_WARN("crl", todo),
			"the revocation list of '%s' ends in %" PRId64
			" days: then the broker lets nobody in",
			list->issuer, left_s / DAY_S);
	else
		pp_checkup_ok(c, "crl",
			"the revocation list of '%s' holds %" PRId64 " more days and %zu "
			"certificates",
			list->issuer, left_s / DAY_S, list->revoked);
}

static void lists_check(struct pp_checkup *c, const struct pp_examination *e)
{
	struct pp_crl_facts lists[LISTS_MAX];
	char path[PATH_SIZE];
	const char *crl = crl_of(e, path);
	bool two = false;
	size_t count;
	int r;

	pp_checkup_at(c, "reading %.200s", crl);
	r = pp_crl_inspect(crl, LISTS_MAX, lists, &count);
	if (r < 0) {
		pp_checkup_say(c,
			PP_FAIL("crl", "pospinctl pki refresh-crl; without it the broker lets "
				       "nobody in"),
			"%.200s: %s", crl, why_of(r));
		return;
	}
	for (size_t i = 0; i < count; i++) {
		two |= strcmp(lists[i].issuer, lists[0].issuer) != 0;
		list_check(c, e, &lists[i]);
	}
	if (!two)
		pp_checkup_say(c,
			PP_FAIL("crl.both",
				"pospinctl pki refresh-crl: it writes both authorities' lists"),
			"%.200s holds the list of '%s' alone: the other authority's clients are "
			"locked "
			"out",
			crl, lists[0].issuer);
	if (pp_crl_holds(crl, e->server.broker.certificate) == 1)
		pp_checkup_say(c, PP_FAIL("crl.server", "issue a new certificate for svc-server"),
			"the server's own certificate is revoked");
}

void pp_check_pki(struct pp_checkup *c, void *user)
{
	const struct pp_examination *e = user;
	struct pp_cert_facts facts;
	char path[PATH_SIZE];
	const struct expected want = { in(e, "broker.crt", path), "broker.certificate", NULL,
		false };

	lists_check(c, e);
	if (access(path, F_OK) < 0) {
		pp_checkup_ok(c, "broker.certificate",
			"the broker's certificate is not here (%.150s): not looked at", path);
		return;
	}
	if (!certificate_check(c, e, &want, &facts))
		return;
	if (pp_cert_names_host(path, e->server.broker.host) == 0)
		pp_checkup_say(c,
			PP_FAIL("broker.name",
				"put a name of the certificate into broker.host, or issue "
				"the broker's certificate with this name"),
			"the broker's certificate does not name '%s', which broker.host says",
			e->server.broker.host);
}
