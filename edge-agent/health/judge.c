/* SPDX-License-Identifier: Apache-2.0 */
/* judge.c -- what a status means for the people at the post. */
#include "health/judge.h"

#include <inttypes.h>
#include <string.h>

static int64_t number_of(const struct pp_json *o, const char *key)
{
	int64_t value = 0;

	(void)pp_json_get_i64(o, key, INT64_MIN, INT64_MAX, &value);
	return value;
}

static bool is_true(const struct pp_json *o, const char *key)
{
	bool value = false;

	(void)pp_json_get_bool(o, key, &value);
	return value;
}

static double real_of(const struct pp_json *o, const char *key)
{
	double value = -1;

	(void)pp_json_get_real(o, key, &value);
	return value;
}

static void judge_broker(struct pp_checkup *c, const struct pp_json *o)
{
	const char *why = "";

	if (is_true(o, "broker")) {
		pp_checkup_ok(c, "broker", "Terhubung ke broker / Connected to the broker");
		return;
	}
	(void)pp_json_get_text(o, "broker_why", 200, &why);
	pp_checkup_say(c,
		PP_FAIL("broker",
			"Periksa kabel, modem, dan pulsa data; lalu jalankan 'pospin-edge "
			"doctor' / "
			"Check cable, modem and data credit; then run 'pospin-edge doctor', which "
			"says which step fails"),
		"Tidak terhubung ke broker / Not connected to the broker%s%.150s",
		why[0] ? ": " : "", why);
}

static void judge_server(struct pp_checkup *c, const struct pp_json *o)
{
	const char *server = "away";
	double beat_s = real_of(o, "last_beat_s");

	(void)pp_json_get_text(o, "server", 32, &server);
	if (strcmp(server, "connected") == 0) {
		pp_checkup_ok(c, "server",
			"Server menjawab %.0f detik yang lalu / The server answered %.0f s ago",
			beat_s, beat_s);
		return;
	}
	pp_checkup_say(c,
		is_true(o, "broker")
			? PP_FAIL("server",
				  "Telepon ruang kendali: jaringan baik, tetapi server "
				  "diam / Call the control room: the network is fine, but "
				  "the server is silent")
			: PP_FAIL("server",
				  "Perbaiki hubungan ke broker dulu; sampai itu, laporkan "
				  "keadaan darurat lewat telepon / Mend the way to the "
				  "broker first; until then report emergencies by "
				  "telephone"),
		"Server tidak menjawab / The server does not answer%s",
		beat_s < 0 ? " (belum pernah / never yet)" : "");
}

static void judge_clock(struct pp_checkup *c, const struct pp_json *o)
{
	if (is_true(o, "clock_synchronised")) {
		pp_checkup_ok(c, "clock", "Jam sinkron / The clock is synchronised");
		return;
	}
	pp_checkup_say(c,
		PP_WARN("clock",
			"Tunggu beberapa menit setelah jaringan ada; kalau tetap, periksa "
			"NTP / Wait some minutes once there is a network; if it stays, check "
			"NTP. Alarms go out all the same"),
		"Jam belum sinkron / The clock is not synchronised");
}

static void judge_store(struct pp_checkup *c, const struct pp_json *outbox)
{
	if (is_true(outbox, "durable")) {
		pp_checkup_ok(
			c, "storage", "Alarm disimpan di kartu / Alarms are kept on the card");
		return;
	}
	pp_checkup_say(c,
		PP_FAIL("storage",
			"Ganti kartu memori; alarm tetap dikirim, tetapi hilang kalau "
			"listrik padam sebelum diterima / Replace the memory card; alarms "
			"go out, but are gone if the power fails before they are received"),
		"Kartu memori tidak bisa ditulis / The memory card cannot be written");
}

static void judge_unreceipted(struct pp_checkup *c, const struct pp_json *outbox)
{
	int64_t count = number_of(outbox, "unreceipted"), refused = number_of(outbox, "refused"),
		alarms = number_of(outbox, "unreceipted_alarms");
	double age_s = real_of(outbox, "oldest_s");
	bool late = age_s > PP_HEALTH_LATE_S;

	if (count == 0)
		pp_checkup_ok(c, "unreceipted",
			"Semua sinyal sudah diterima server / Everything is in the server's "
			"record");
	else
		pp_checkup_say(c,
			late && alarms > 0
				? PP_FAIL("unreceipted",
					  "Laporkan alarm lewat telepon sekarang / Report the "
					  "alarm by "
					  "telephone now")
				: PP_WARN("unreceipted",
					  "Tunggu; dikirim ulang sendiri / Wait; they are sent "
					  "again "
					  "by themselves"),
			"%" PRId64 " sinyal (%" PRId64 " alarm) belum diterima server, tertua %.0f "
			"detik / %" PRId64 " signals (%" PRId64 " alarms) are not in the server's "
			"record yet, the oldest for %.0f s",
			count, alarms, age_s, count, alarms, age_s);
	if (refused > 0)
		pp_checkup_say(c,
			PP_FAIL("refused",
				"Telepon teknisi: pos ini tidak dipercaya server (daftar pos "
				"atau kunci) / Call the engineer: the server does not believe "
				"this post (registry or key)"),
			"%" PRId64 " sinyal ditolak server / %" PRId64
			" signals were refused by the "
			"server",
			refused, refused);
}

static void judge_points(struct pp_checkup *c, const struct pp_json *points)
{
	const struct pp_json *point;
	size_t good = 0, bad = 0;

	for (const char *id = pp_json_next(points, NULL, &point); id;
		id = pp_json_next(points, id, &point)) {
		const char *state = "?", *detail = "";

		(void)pp_json_get_text(point, "state", 32, &state);
		(void)pp_json_get_text(point, "detail", 64, &detail);
		if (strcmp(state, "trouble") != 0 && strcmp(state, "disabled") != 0) {
			good++;
			continue;
		}
		bad++;
		pp_checkup_say(c,
			PP_WARN("point", "Periksa tombol atau sensor itu dan kabelnya / Check that "
					 "button or sensor and its wire"),
			"%.64s: %.32s%s%.64s", id, state, detail[0] ? ": " : "", detail);
	}
	if (bad == 0)
		pp_checkup_ok(c, "points",
			"%zu tombol dan sensor baik / %zu buttons and sensors are fine", good,
			good);
}

void pp_health_judge_disk(struct pp_checkup *c, const struct pp_health_disk *disk)
{
	double mib = disk->free / (1 << 20);

	if (disk->size <= 0)
		return;
	if (disk->free >= disk->size / 10 || mib >= 1024)
		pp_checkup_ok(
			c, "disk", "Sisa ruang %.0f MiB / %.0f MiB of room are left", mib, mib);
	else
		pp_checkup_say(c,
			disk->free < disk->size / 50 || mib < 16
				? PP_FAIL("disk",
					  "Hapus berkas lain dari kartu, atau ganti kartu / Delete "
					  "other files from the card, or replace it")
				: PP_WARN("disk",
					  "Hapus berkas lain dari kartu / Delete other files from "
					  "the card"),
			"Sisa ruang hanya %.0f MiB / Only %.0f MiB of room are left", mib, mib);
}

void pp_health_judge(
	struct pp_checkup *c, const struct pp_json *status, const struct pp_health_disk *disk)
{
	const struct pp_json *part;

	judge_broker(c, status);
	judge_server(c, status);
	if (pp_json_get_object(status, "outbox", &part) == 0) {
		judge_store(c, part);
		judge_unreceipted(c, part);
	}
	if (pp_json_get_object(status, "points", &part) == 0)
		judge_points(c, part);
	judge_clock(c, status);
	pp_health_judge_disk(c, disk);
}
