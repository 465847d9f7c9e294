/* SPDX-License-Identifier: Apache-2.0 */
/* edge_settings.c -- the one table of pospin-edge's settings. */
#include "edge_settings/edge_settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/settings.h"
#include "core/text.h"
#include "crypto/sign.h"
#include "modem/modem.h"
#include "protocol/topic.h"
#include "sources/iio.h"

#define SECOND 1000000LL
#define FILE_MAX (1u << 20)

static const char *const sources[] = { "gpio", "script", NULL };
static const char *const level_sources[] = { "iio", "script", NULL };
static const char *const others[] = { "points", "outputs", NULL };

#define AT(member) offsetof(struct pp_edge_scalars, member)
static const struct pp_setting table[] = {
	{ "tenant", PP_SETTING_SLUG, AT(tenant), NULL, 1, PP_TENANT_MAX, NULL, "The regency." },
	{ "post", PP_SETTING_SLUG, AT(post), NULL, 1, PP_POST_MAX, NULL,
		"This post; its certificate says the same." },
	{ "data", PP_SETTING_PATH, AT(data), "/var/lib/pospin-edge", 0, 0, NULL,
		"Folder of the outbox and of the server's newest keys." },
	{ "source", PP_SETTING_CHOICE, AT(source), "gpio", 0, 0, sources,
		"Where levels come from: real lines, or a script that stands for them." },
	{ "script.file", PP_SETTING_PATH, AT(script_file), "", 0, 0, NULL,
		"Lines of `<seconds from start> <id> on|off`." },
	{ "script.socket", PP_SETTING_PATH, AT(script_socket), "", 0, 107, NULL,
		"Unix socket that takes `press <id> [ms]`, `<id> on|off`, `get <id>`." },
	{ "levels", PP_SETTING_CHOICE, AT(levels), "iio", 0, 0, level_sources,
		"Where points with a level read it: the kernel's Industrial I/O devices, or the "
		"script." },
	{ "level_every", PP_SETTING_DURATION, AT(level_every_us), "1s", SECOND / 10, 60 * SECOND,
		NULL, "How often levels are read." },
	{ "iio.folder", PP_SETTING_PATH, AT(iio_folder), PP_IIO_FOLDER, 0, 0, NULL,
		"Where the kernel shows its Industrial I/O devices." },
	{ "broker.host", PP_SETTING_TEXT, AT(broker_host), NULL, 1, 253, NULL,
		"Name or address, as in the broker's certificate." },
	{ "broker.port", PP_SETTING_INTEGER, AT(broker_port), "8883", 1, 65535, NULL, "TLS port." },
	{ "broker.ca", PP_SETTING_PATH, AT(broker_ca), "/etc/pospin/service-ca.crt", 0, 0, NULL,
		"Certificate of the service authority." },
	{ "identity.certificate", PP_SETTING_PATH, AT(certificate), "/etc/pospin/post.crt", 0, 0,
		NULL, "Certificate of this post." },
	{ "identity.key", PP_SETTING_PATH, AT(key), "/etc/pospin/post.key", 0, 0, NULL,
		"Its Ed25519 key, for TLS and for signing; made here, never leaves." },
	{ "server_keys", PP_SETTING_PATH, AT(server_keys), "/etc/pospin/server-keys.txt", 0, 0,
		NULL, "The server's public signing keys, one base64 text a line." },
	{ "control", PP_SETTING_PATH, AT(control), "/run/pospin-edge/control", 0, 107, NULL,
		"Unix socket that `pospin-edge status` asks. Beside it lies what the next start "
		"must know should the disk hang: its folder is to be in memory, as /run is." },
	{ "profile", PP_SETTING_PATH, AT(profile), "", 0, 0, NULL,
		"How the neighbourhood sounds alarms; empty: Central Java." },
	{ "state_every", PP_SETTING_DURATION, AT(state_every_us), "10s", SECOND, 60 * SECOND, NULL,
		"How often the post says that it lives; the server calls a post silent for 45s "
		"unsupervised, whatever stands here." },
	{ "sample_every", PP_SETTING_DURATION, AT(sample_every_us), "1min", SECOND, 86400 * SECOND,
		NULL, "How often readings of the host are sent." },
	{ "outbox_rows", PP_SETTING_INTEGER, AT(outbox_rows), "20000", 100, 1000000, NULL,
		"Signals kept at most; receipted ones make room first, alarms are refused last." },
	{ "second_path.number", PP_SETTING_TEXT, AT(second_number), "", 0, PP_MODEM_NUMBER_MAX,
		NULL, "The server's telephone number: an alarm without receipt goes there by SMS, "
		      "and its receipt comes back so; every text is deleted from the modem. Empty: "
		      "no second path." },
	{ "second_path.after", PP_SETTING_DURATION, AT(second_after_us), "30s", 10 * SECOND,
		600 * SECOND, NULL, "How long an alarm waits for its receipt before that." },
	{ "second_path.bus", PP_SETTING_TEXT, AT(second_bus), "", 0, 200, NULL,
		"Address of the D-Bus on which ModemManager is; empty: the system's." },
};
#define COUNT (sizeof(table) / sizeof(table[0]))

/* Rules that hold between settings, or that the wire contract makes. */
static int check(
	const struct pp_edge_settings *s, const struct pp_yaml *root, struct pp_problem *problem)
{
	const struct pp_edge_scalars *v = &s->scalars;

	if (pp_tenant_check(v->tenant) < 0)
		return pp_problem_at(
			problem, pp_yaml_get(root, "tenant"), "'tenant': not a name of a tenant");
	if (pp_post_check(v->post) < 0)
		return pp_problem_at(problem, pp_yaml_get(root, "post"),
			"'post': not a name of a post (svc-... is reserved)");
	if (v->source == PP_EDGE_SCRIPT && !v->script_file[0] && !v->script_socket[0])
		return pp_problem_at(problem, pp_yaml_get(root, "source"),
			"'source': script needs script.file or script.socket");
	if (v->levels == PP_EDGE_LEVELS_SCRIPT && v->source != PP_EDGE_SCRIPT)
		return pp_problem_at(problem, pp_yaml_get(root, "levels"),
			"'levels': script needs source: script");
	if (v->second_number[0] && !pp_modem_number_is_fine(v->second_number))
		return pp_problem_at(problem, pp_yaml_get(root, "second_path"),
			"'second_path.number': not a telephone number: [+] and 3 to 15 digits");
	if (s->wiring.point_count + s->wiring.output_count == 0)
		return pp_problem_at(
			problem, root, "expected at least one entry under points or outputs");
	return 0;
}

static int read_profile(struct pp_edge_settings *s, struct pp_problem *problem)
{
	pp_profile_default(&s->profile);
	return s->scalars.profile[0] ? pp_profile_load(s->scalars.profile, &s->profile, problem)
				     : 0;
}

static int read_tree(
	const struct pp_yaml *root, struct pp_edge_settings *s, struct pp_problem *problem)
{
	int r = pp_settings_read(table, COUNT, others, root, &s->scalars, problem);

	if (r == 0)
		r = pp_wiring_read(root, &s->wiring, problem);
	if (r == 0)
		r = check(s, root, problem);
	return r < 0 ? r : read_profile(s, problem);
}

int pp_edge_settings_load(const char *path, struct pp_edge_settings *s, struct pp_problem *problem)
{
	struct pp_yaml *root = NULL;
	uint8_t hash[PP_SHA256_SIZE];
	char *text = NULL;
	size_t length;
	int r;

	memset(s, 0, sizeof(*s));
	r = pp_file_read(path, FILE_MAX, &text, &length);
	if (r < 0) {
		snprintf(problem->text, sizeof(problem->text), "%s: %s", path, strerror(-r));
		return r;
	}
	pp_sha256(text, length, hash);
	pp_text_hex(hash, 8, s->hash);
	r = pp_yaml_parse(path, text, length, &root, problem);
	free(text);
	if (r == 0)
		r = read_tree(root, s, problem);
	pp_yaml_free(root);
	if (r < 0)
		pp_edge_settings_done(s);
	return r;
}

void pp_edge_settings_done(struct pp_edge_settings *s)
{
	pp_wiring_done(&s->wiring);
	pp_settings_done(table, COUNT, &s->scalars);
}

void pp_edge_settings_print(const struct pp_edge_settings *s, FILE *out)
{
	pp_settings_print(table, COUNT, s ? &s->scalars : NULL, out);
	pp_wiring_print(s ? &s->wiring : NULL, out);
}
