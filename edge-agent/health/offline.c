/* SPDX-License-Identifier: Apache-2.0 */
/* offline.c -- files, disk and network of a post, looked at from outside the agent. */
#include "health/offline.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "crypto/inspect.h"
#include "crypto/key_list.h"
#include "probe/probe.h"

#define DAY_S 86400
#define SOON_DAYS 30
#define STEP_MS 4000
#define ENROL "Daftarkan pos ini lagi / Enrol this post again (docs/operations.md, \"Each post\")"

/* ---- who this post is ---- */

static bool key_check(struct pp_checkup *c, const char *path, struct pp_key **ret_key)
{
	struct stat facts;
	int r;

	pp_checkup_at(c, "reading %.200s", path);
	r = pp_key_load(path, ret_key);
	if (r < 0) {
		pp_checkup_say(c, PP_FAIL("identity.key", ENROL),
			"Kunci pos tidak bisa dibaca / The post's key cannot be read: %.150s: %s",
			path, r == -EINVAL ? "no Ed25519 key" : strerrordesc_np(-r));
		return false;
	}
	if (stat(path, &facts) == 0 && (facts.st_mode & 077))
		pp_checkup_say(c,
			PP_WARN("identity.key-mode",
				"chmod 600 on that file, owned by the agent's user"),
			"Kunci pos bisa dibaca orang lain / Others can read the post's key: "
			"%.150s has "
			"mode %04o",
			path, (unsigned)facts.st_mode & 07777);
	return true;
}

static void ends_check(
	struct pp_checkup *c, const struct pp_health_post *post, const struct pp_cert_facts *facts)
{
	int64_t left_s = facts->to_s - post->now_s;

	if (!post->synchronised)
		pp_checkup_ok(c, "identity.end",
			"Jam belum sinkron: masa sertifikat tidak dinilai / The clock is not "
			"set: the "
			"certificate's end is not judged");
	else if (left_s <= 0)
		pp_checkup_say(c, PP_FAIL("identity.end", ENROL),
			"Sertifikat pos sudah berakhir / The post's certificate has ended, %" PRId64
			" days ago",
			-left_s / DAY_S);
	else if (left_s < SOON_DAYS * DAY_S)
		pp_checkup_say(c, PP_WARN("identity.end", ENROL),
			"Sertifikat pos berakhir dalam %" PRId64
			" hari / The post's certificate ends "
			"in %" PRId64 " days",
			left_s / DAY_S, left_s / DAY_S);
	else
		pp_checkup_ok(c, "identity.end",
			"Sertifikat berlaku %" PRId64 " hari lagi / The certificate holds %" PRId64
			" more days",
			left_s / DAY_S, left_s / DAY_S);
}

static void certificate_check(
	struct pp_checkup *c, const struct pp_health_post *post, const struct pp_key *key)
{
	const struct pp_edge_scalars *s = &post->settings->scalars;
	char name[PP_PKI_NAME_SIZE + 40];
	struct pp_cert_facts facts;
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	int r;

	pp_checkup_at(c, "reading %.200s", s->certificate);
	r = pp_cert_inspect(s->certificate, &facts);
	if (r < 0) {
		pp_checkup_say(c, PP_FAIL("identity.certificate", ENROL),
			"Sertifikat pos tidak bisa dibaca / The post's certificate cannot be read: "
			"%.150s: %s",
			s->certificate, r == -EBADMSG ? "no certificate" : strerrordesc_np(-r));
		return;
	}
	snprintf(name, sizeof(name), "%s/%s", s->tenant, s->post);
	if (strcmp(facts.name, name) != 0)
		pp_checkup_say(c, PP_FAIL("identity.name", ENROL),
			"Sertifikat ini milik '%s', bukan '%s' / This is the certificate of "
			"'%s', not "
			"of '%s'",
			facts.name, name, facts.name, name);
	else
		pp_checkup_ok(c, "identity.name", "Sertifikat milik / The certificate of %s", name);
	if (!facts.client)
		pp_checkup_say(c, PP_FAIL("identity.use", ENROL),
			"Sertifikat ini bukan untuk pos / This certificate is not one for a post");
	pp_key_public(key, public);
	if (!facts.ed25519 || memcmp(public, facts.key, sizeof(public)) != 0)
		pp_checkup_say(c, PP_FAIL("identity.pair", ENROL),
			"Kunci dan sertifikat tidak cocok / Key and certificate do not belong "
			"together");
	ends_check(c, post, &facts);
}

void pp_health_check_identity(struct pp_checkup *c, void *user)
{
	const struct pp_health_post *post = user;
	const struct pp_edge_scalars *s = &post->settings->scalars;
	struct pp_key_list keys;
	struct pp_key *key = NULL;
	unsigned line = 0;
	int r;

	if (key_check(c, s->key, &key))
		certificate_check(c, post, key);
	pp_key_free(key);
	pp_checkup_at(c, "reading %.200s", s->server_keys);
	r = pp_key_list_load(s->server_keys, &keys, &line);
	if (r < 0)
		pp_checkup_say(c,
			PP_FAIL("identity.server-keys", "Salin server-keys.txt dari server / Copy "
							"server-keys.txt from the server"),
			"Kunci server tidak bisa dibaca / The server's keys cannot be read: "
			"%.150s:%u: "
			"%s",
			s->server_keys, line,
			r == -EBADMSG ? "expected a key in base64" : strerrordesc_np(-r));
	else
		pp_checkup_ok(c, "identity.server-keys",
			"%zu kunci server dikenal / %zu keys of the server are known", keys.count,
			keys.count);
}

/* ---- where it keeps things ---- */

struct pp_health_disk pp_health_disk_of(const char *folder)
{
	struct pp_health_disk disk = { 0 };
	struct statvfs facts;

	if (statvfs(folder, &facts) == 0) {
		disk.free = (double)facts.f_bavail * (double)facts.f_frsize;
		disk.size = (double)facts.f_blocks * (double)facts.f_frsize;
	}
	return disk;
}

/* Whether an agent holds the folder; a moment's lock of ours hurts nobody: an agent that starts
 * just then is started again. */
static void lock_check(struct pp_checkup *c, const char *folder)
{
	char path[600];
	int fd;

	snprintf(path, sizeof(path), "%s/lock", folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		pp_checkup_ok(c, "agent.process", "Agen berjalan / An agent works on this folder");
	else
		pp_checkup_say(c,
			PP_FAIL("agent.process",
				"systemctl start pospin-edge; journalctl -u pospin-edge"),
			"Agen tidak berjalan / No agent runs on %.200s", folder);
	close(fd);
}

void pp_health_check_store(struct pp_checkup *c, void *user)
{
	const struct pp_health_post *post = user;
	const char *folder = post->settings->scalars.data;
	struct pp_health_disk disk;
	struct statvfs facts;

	pp_checkup_at(c, "looking at %.200s", folder);
	if (statvfs(folder, &facts) < 0) {
		pp_checkup_say(c,
			PP_FAIL("storage",
				"Buat folder itu, milik pengguna agen / Make that folder, "
				"owned by the agent's user"),
			"%.200s: %s", folder, strerrordesc_np(errno));
		return;
	}
	if (facts.f_flag & ST_RDONLY)
		pp_checkup_say(c,
			PP_FAIL("storage",
				"Ganti kartu memori / Replace the memory card: the kernel "
				"makes a failing one read-only"),
			"Kartu hanya bisa dibaca / %.200s is read-only", folder);
	disk = pp_health_disk_of(folder);
	pp_health_judge_disk(c, &disk);
	lock_check(c, folder);
}

/* ---- how it reaches the broker ---- */

static void step_at(void *user, enum pp_probe_step step)
{
	static const char *const words[] = { "reading our own certificates",
		"looking up the broker's name", "connecting to the broker",
		"greeting the broker (TLS)", "saying CONNECT", "" };

	pp_checkup_at(user, "%s", words[step]);
}

static void broker_fail(
	struct pp_checkup *c, const struct pp_edge_scalars *s, const struct pp_probe_result *r)
{
	static const struct {
		const char *id, *text, *todo;
	} rows[] = {
		[PP_PROBE_FILES] = { "broker.files",
			"Berkas pos sendiri salah / Our own files are wrong", ENROL },
		[PP_PROBE_NAME] = { "broker.name",
			"Nama broker tidak ditemukan / The broker's name is not found",
			"Periksa jaringan dan DNS, dan broker.host di setelan / Check network "
			"and DNS, "
			"and broker.host in the settings" },
		[PP_PROBE_CONNECTION] = { "broker.connection",
			"Broker tidak bisa dihubungi / The broker cannot be reached",
			"Periksa kabel, modem, pulsa data, dan broker.port / Check cable, modem, "
			"data "
			"credit, and broker.port" },
		[PP_PROBE_TLS] = { "broker.tls",
			"Broker dan pos tidak saling percaya / Broker and post "
			"do not believe each other",
			"Telepon teknisi: sertifikat broker, sertifikat pos, atau pencabutannya "
			"/ Call "
			"the engineer: the broker's certificate, the post's, or its revocation" },
		[PP_PROBE_MQTT] = { "broker.mqtt", "Broker menolak / The broker refuses",
			"Telepon teknisi / Call the engineer" },
	};

	pp_checkup_say(c,
		&(const struct pp_trouble){ PP_FINDING_FAIL, rows[r->step].id, rows[r->step].todo },
		"%s: %.60s:%" PRId64 ": %.100s", rows[r->step].text, s->broker_host, s->broker_port,
		r->why);
}

void pp_health_check_broker(struct pp_checkup *c, void *user)
{
	const struct pp_health_post *post = user;
	const struct pp_edge_scalars *s = &post->settings->scalars;
	const struct pp_probe_options options = {
		.host = s->broker_host,
		.port = (uint16_t)s->broker_port,
		.ca_path = s->broker_ca,
		.cert_path = s->certificate,
		.key_path = s->key,
		.timeout_ms = STEP_MS,
		.at = step_at,
		.user = c,
	};
	struct pp_probe_result result;

	if (pp_probe_broker(&options, &result) < 0)
		broker_fail(c, s, &result);
	else
		pp_checkup_ok(c, "broker.way",
			"Broker menerima sertifikat pos / The broker accepts this post's "
			"certificate: "
			"%.60s:%" PRId64 " (%s)",
			s->broker_host, s->broker_port, result.address);
}
