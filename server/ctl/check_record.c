/* SPDX-License-Identifier: Apache-2.0 */
/* check_record.c -- the record, the disk that it lies on, and what it says of the posts. Reads
 * only. */
#include "examine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/text.h"
#include "db/db.h"
#include "store/checkup.h"
#include "store/schema.h"

#define HEADS_MAX 65536 /* bytes of heads.log that are read: its end */
#define WAL_WARN (64LL << 20)
#define LAG_MS 3000 /* heads may be this late */
#define SHOWN 5     /* of a list; then a count */
#define LIST_MAX 1000
#define DAY_MS 86400000LL
#define MIB 1048576.0

static bool record_open(struct pp_checkup *c, const struct pp_examination *e, struct pp_db **ret_db)
{
	int r;

	pp_checkup_at(c, "opening %.200s", e->server.record_path);
	r = pp_db_open(e->server.record_path, PP_DB_READ, ret_db);
	if (r == 0)
		return true;
	pp_checkup_say(c,
		PP_FAIL("record",
			"bring back the newest copy if it is damaged (docs/operations.md); "
			"else let this account read it"),
		"the record %.200s cannot be opened: %s", e->server.record_path,
		r == -EUCLEAN ? "it is damaged, or no record" : strerrordesc_np(-r));
	return false;
}

/* ---- form ---- */

static void form_check(struct pp_checkup *c, struct pp_db *db)
{
	char mode[16] = "?";
	int64_t version = 0;

	if (pp_query_schema_version(db, &version) == 0 && version != (int64_t)pp_store_script_count)
		pp_checkup_say(c,
			PP_FAIL("record.schema",
				version > (int64_t)pp_store_script_count
					? "install the newer programs again"
					: "start pospin-server once: it brings it up "
					  "to date"),
			"the record is of form %" PRId64 ", this program knows %zu", version,
			pp_store_script_count);
	else
		pp_checkup_ok(
			c, "record", "the record opens and is of the form that this program knows");
	if (pp_query_journal_mode(db, mode) < 0 || strcmp(mode, "wal") != 0)
		pp_checkup_say(c,
			PP_FAIL("record.journal",
				"somebody has changed it: start pospin-server again, "
				"which sets it"),
			"the record's journal_mode is %s, not wal: commits and readers stop each "
			"other",
			mode);
	else
		pp_checkup_ok(c, "record.journal",
			"journal_mode is wal; the server sets synchronous=FULL and does not start "
			"unless it reads it back");
}

static void wal_check(struct pp_checkup *c, const struct pp_examination *e)
{
	char path[4096];
	struct stat facts;

	snprintf(path, sizeof(path), "%s-wal", e->server.record_path);
	if (stat(path, &facts) < 0 || facts.st_size < WAL_WARN)
		pp_checkup_ok(c, "record.wal", "the write-ahead log has %.1f MiB",
			stat(path, &facts) < 0 ? 0 : (double)facts.st_size / MIB);
	else
		pp_checkup_say(c,
			PP_WARN("record.wal",
				"find who keeps the record open for reading for long (a copy, "
				"a shell of sqlite3), and end it"),
			"the write-ahead log has %.0f MiB: somebody reads and does not end",
			(double)facts.st_size / MIB);
}

/* ---- heads ---- */

/* The end of heads.log; NULL: there is none. */
static char *heads_read(struct pp_checkup *c, const struct pp_examination *e)
{
	int fd;
	struct stat facts;
	char *text = NULL;
	ssize_t n = -1;

	pp_checkup_at(c, "reading %.200s", e->server.heads_path);
	fd = open(e->server.heads_path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &facts) == 0 && (text = calloc(1, HEADS_MAX + 1)) != NULL)
		n = pread(fd, text, HEADS_MAX,
			facts.st_size > HEADS_MAX ? facts.st_size - HEADS_MAX : 0);
	if (n < 0) {
		free(text);
		text = NULL;
	}
	if (fd >= 0)
		close(fd);
	return text;
}

struct last_head {
	bool found;
	int64_t height;
	char hash[65];
};

/* The last whole line of the tenant: "tenant height hash at signature". */
static struct last_head head_find(const char *text, const char *tenant)
{
	struct last_head last = { .found = false };
	size_t length = strlen(tenant);

	for (const char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		const char *height = line + length + 1, *hash;

		if (strncmp(line, tenant, length) != 0 || line[length] != ' ')
			continue;
		hash = memchr(height, ' ', (size_t)(end - height));
		if (!hash || end - hash < 66 ||
			pp_text_i64(height, (size_t)(hash - height), 1, INT64_MAX, &last.height) <
				0)
			continue;
		snprintf(last.hash, sizeof(last.hash), "%.64s", hash + 1);
		last.found = true;
	}
	return last;
}

/* 1: in step; 0: the file lags behind; -1: it has been said what is wrong. */
static int head_compare(
	struct pp_checkup *c, struct pp_db *db, const char *heads, const struct pp_json *row)
{
	const char *todo =
		"if a copy was brought back, posts bring the difference; else somebody has "
		"changed the record: pospinctl verify";
	const char *tenant = "";
	int64_t height = 0, served = 0;
	struct last_head last;
	char hash[65] = "";

	(void)pp_json_get_text(row, "tenant", 64, &tenant);
	(void)pp_json_get_i64(row, "height", 0, INT64_MAX, &height);
	(void)pp_json_get_i64(row, "served", 0, INT64_MAX, &served);
	last = head_find(heads, tenant);
	if (last.height > height) {
		pp_checkup_say(c, PP_FAIL("heads", todo),
			"the timeline of %s ends at %" PRId64 ", a signed head knows %" PRId64
			": the record is an older copy, or was cut",
			tenant, height, last.height);
		return -1;
	}
	if (last.found && (pp_query_event_hash(db, tenant, last.height, hash) < 0 ||
				  strcmp(hash, last.hash) != 0)) {
		pp_checkup_say(c, PP_FAIL("heads", todo),
			"the timeline of %s at %" PRId64 " is not what its signed head says",
			tenant, last.height);
		return -1;
	}
	return last.height >= served;
}

/* How many tenants' heads lag behind; -1: worse has been said. */
static int heads_compare(struct pp_checkup *c, struct pp_db *db, const char *heads)
{
	struct pp_json *list = NULL;
	int lag = 0, worse = 0;

	if (pp_query_checkup(db, PP_LIST_HEADS, 0, LIST_MAX, &list) < 0)
		return 0;
	for (size_t i = 0; i < pp_json_count(list); i++) {
		int r = head_compare(c, db, heads, pp_json_item(list, i));

		lag += r == 0;
		worse += r < 0;
	}
	pp_json_free(list);
	return worse ? -1 : lag;
}

static void heads_check(struct pp_checkup *c, const struct pp_examination *e, struct pp_db *db)
{
	const struct timespec wait = { LAG_MS / 1000, 0 };
	int lag = 1;

	for (int tries = 0; tries < 2 && lag > 0; tries++) {
		char *heads;

		if (tries > 0)
			nanosleep(&wait, NULL);
		heads = heads_read(c, e);
		lag = heads_compare(c, db, heads ? heads : "");
		free(heads);
	}
	if (lag == 0)
		pp_checkup_ok(c, "heads", "heads.log is in step with the timeline");
	else if (lag > 0)
		pp_checkup_say(c,
			PP_WARN("heads",
				"start pospin-server, which writes them; if it runs, its log says "
				"why it cannot"),
			"%d tenants' newest events have no signed head in %.200s", lag,
			e->server.heads_path);
}

void pp_check_record(struct pp_checkup *c, void *user)
{
	const struct pp_examination *e = user;
	struct pp_db *db;

	if (!record_open(c, e, &db))
		return;
	form_check(c, db);
	wal_check(c, e);
	heads_check(c, e, db);
	pp_db_close(db);
}

void pp_check_integrity(struct pp_checkup *c, void *user)
{
	const struct pp_examination *e = user;
	struct pp_db *db = NULL;
	char why[200] = "";
	int r;

	pp_checkup_at(c, "checking every page of %.200s", e->server.record_path);
	r = pp_db_open(e->server.record_path, PP_DB_READ, &db);
	if (r < 0)
		return; /* the group "record" says so */
	r = pp_query_quick_check(db, why);
	if (r == 0 && strcmp(why, "ok") == 0)
		pp_checkup_ok(c, "record.integrity", "every page of the record is sound");
	else
		pp_checkup_say(c,
			PP_FAIL("record.integrity",
				"stop the server, keep the file, bring back the newest "
				"copy: posts send again what it lacks"),
			"the record is damaged: %.200s", r < 0 ? pp_db_error(db) : why);
	pp_db_close(db);
}

/* ---- machine ---- */

static void disk_check(struct pp_checkup *c, const char *what, const char *folder)
{
	struct statvfs disk;
	double free_mib, size_mib;

	pp_checkup_at(c, "looking at the disk of %.200s", folder);
	if (statvfs(folder, &disk) < 0) {
		pp_checkup_say(c, PP_FAIL("disk", "make the folder, or mend the settings"),
			"%.200s: %s", folder, strerrordesc_np(errno));
		return;
	}
	free_mib = (double)disk.f_bavail * (double)disk.f_frsize / MIB;
	size_mib = (double)disk.f_blocks * (double)disk.f_frsize / MIB;
	if (disk.f_flag & ST_RDONLY)
		pp_checkup_say(c,
			PP_FAIL("disk", "mend the disk: kernels make failing ones read-only"),
			"the disk of the %s, %.150s, is read-only", what, folder);
	else if (free_mib < size_mib / 10 && free_mib < 4096)
		pp_checkup_say(c,
			free_mib < size_mib / 50 || free_mib < 64
				? PP_FAIL("disk",
					  "make room now: a server that cannot write gives no "
					  "receipt")
				: PP_WARN("disk", "make room before it is full"),
			"the disk of the %s, %.150s, has %.0f of %.0f MiB left", what, folder,
			free_mib, size_mib);
	else
		pp_checkup_ok(c, "disk", "the disk of the %s has %.0f of %.0f MiB left", what,
			free_mib, size_mib);
}

void pp_check_machine(struct pp_checkup *c, void *user)
{
	const struct pp_examination *e = user;

	if (pp_clock_synchronised())
		pp_checkup_ok(c, "clock", "this machine's clock is synchronised");
	else
		pp_checkup_say(c,
			PP_WARN("clock",
				"timedatectl; install chrony or systemd-timesyncd. Order and "
				"deadlines do not hang on it, the times that people read do"),
			"this machine's clock is not synchronised");
	disk_check(c, "record", e->server.data);
	if (e->recorder_config)
		disk_check(c, "spool", e->recorder.data);
}

/* ---- posts ---- */

/* "kendal/boja-01, kendal/boja-02 and 7 more", with a point where the list has one. */
static void names_of(const struct pp_json *list, char ret_text[300])
{
	size_t count = pp_json_count(list), used = 0;

	ret_text[0] = '\0';
	for (size_t i = 0; i < count && i < SHOWN && used < 250; i++) {
		const struct pp_json *row = pp_json_item(list, i);
		const char *tenant = "", *post = "", *point = NULL;

		(void)pp_json_get_text(row, "tenant", 24, &tenant);
		(void)pp_json_get_text(row, "post", 48, &post);
		(void)pp_json_get_text(row, "point", 48, &point);
		used += (size_t)snprintf(ret_text + used, 300 - used, "%s%s/%s%s%s", i ? ", " : "",
			tenant, post, point ? " " : "", point ? point : "");
		used = used < 299 ? used : 299;
	}
	if (count > SHOWN && used < 270)
		snprintf(ret_text + used, 300 - used, " and %zu more", count - SHOWN);
}

/* Keeps of the list those whose `key` is there (or is not). */
static struct pp_json *list_part(const struct pp_json *list, const char *key, bool there)
{
	struct pp_json *part = pp_json_list();
	int64_t value;

	for (size_t i = 0; i < pp_json_count(list); i++) {
		const struct pp_json *row = pp_json_item(list, i);

		if ((pp_json_get_i64(row, key, INT64_MIN, INT64_MAX, &value) == 0) == there)
			(void)pp_json_add(part, pp_json_copy(row));
	}
	return part;
}

static void part_tell(struct pp_checkup *c, const struct pp_json *list, const char *key, bool there,
	const struct pp_trouble *trouble)
{
	struct pp_json *part;
	char names[300];

	if (!list)
		return;
	part = list_part(list, key, there);
	names_of(part, names);
	if (pp_json_count(part) > 0)
		pp_checkup_say(c, trouble, "%zu: %.300s", pp_json_count(part), names);
	pp_json_free(part);
}

static struct pp_json *list_of(
	struct pp_checkup *c, struct pp_db *db, enum pp_checkup_list which, int64_t arg)
{
	struct pp_json *list = NULL;

	pp_checkup_at(c, "reading the record's lists of posts");
	if (pp_query_checkup(db, which, arg, LIST_MAX, &list) == 0)
		return list;
	pp_checkup_say(c, PP_FAIL("record", "see the other findings about the record"),
		"the record cannot be read: %.200s", pp_db_error(db));
	return NULL;
}

static void silence_check(struct pp_checkup *c, struct pp_db *db)
{
	struct pp_json *list = list_of(c, db, PP_LIST_SILENT, 0);

	if (list && pp_json_count(list) == 0)
		pp_checkup_ok(c, "posts", "every active post is heard");
	part_tell(c, list, "since", true,
		PP_FAIL("posts.silent", "power and link of the post; `pospin-edge status` there"));
	part_tell(c, list, "since", false,
		PP_WARN("posts.never-heard",
			"finish setting the post up, or set `active: false` in the "
			"site file until it is there"));
	pp_json_free(list);
}

static void tests_check(struct pp_checkup *c, const struct pp_examination *e, struct pp_db *db)
{
	struct pp_json *list = list_of(c, db, PP_LIST_UNTESTED, e->now_ms - e->test_days * DAY_MS);

	if (list && pp_json_count(list) == 0)
		pp_checkup_ok(c, "points", "every point was tried in the last %" PRId64 " days",
			e->test_days);
	part_tell(c, list, "last", false,
		PP_WARN("points.never-tested", "press each button and try each detector once"));
	part_tell(c, list, "last", true,
		PP_WARN("points.test-overdue", "press each button and try each detector again"));
	pp_json_free(list);
}

static void webhooks_check(struct pp_checkup *c, const struct pp_examination *e, struct pp_db *db)
{
	struct pp_json *list = list_of(c, db, PP_LIST_WEBHOOKS, e->now_ms - DAY_MS);

	if (list && pp_json_count(list) == 0)
		pp_checkup_ok(c, "webhooks", "no webhook has failed in the last day");
	for (size_t i = 0; list && i < pp_json_count(list); i++) {
		const struct pp_json *row = pp_json_item(list, i);
		const char *tenant = "", *name = "", *detail = "";
		int64_t waiting = 0, failed = 0;

		(void)pp_json_get_text(row, "tenant", 24, &tenant);
		(void)pp_json_get_text(row, "name", 64, &name);
		(void)pp_json_get_text(row, "detail", 120, &detail);
		(void)pp_json_get_i64(row, "waiting", 0, INT64_MAX, &waiting);
		(void)pp_json_get_i64(row, "failed", 0, INT64_MAX, &failed);
		pp_checkup_say(c,
			PP_FAIL("webhooks",
				"look at the receiving side, or mend the webhook's url and "
				"secret in the site file"),
			"%s: webhook %s: %" PRId64 " tried in vain and waiting, %" PRId64
			" given up: %.120s",
			tenant, name, waiting, failed, detail);
	}
	pp_json_free(list);
}

static void versions_check(struct pp_checkup *c, struct pp_db *db)
{
	struct pp_json *list = list_of(c, db, PP_LIST_VERSIONS, 0);
	bool same = true;

	for (size_t i = 0; list && i < pp_json_count(list); i++) {
		const struct pp_json *row = pp_json_item(list, i);
		const char *version = "?", *example = "";
		int64_t posts = 0;

		(void)pp_json_get_text(row, "version", 64, &version);
		(void)pp_json_get_text(row, "example", 80, &example);
		(void)pp_json_get_i64(row, "posts", 0, INT64_MAX, &posts);
		if (strcmp(version, POSPIN_VERSION) == 0)
			continue;
		same = false;
		pp_checkup_say(c,
			PP_WARN("version.posts",
				"bring the posts to one version; older ones go on working"),
			"%" PRId64 " posts run version %.60s, this program is %s; such as %.80s",
			posts, version, POSPIN_VERSION, example);
	}
	if (list && same)
		pp_checkup_ok(c, "version.posts", "all posts that are heard run version %s",
			POSPIN_VERSION);
	pp_json_free(list);
}

static void certificates_check(
	struct pp_checkup *c, const struct pp_examination *e, struct pp_db *db)
{
	struct pp_json *list = list_of(c, db, PP_LIST_CERTIFICATES, e->now_ms + 30 * DAY_MS);
	char names[300];

	if (!list)
		return;
	names_of(list, names);
	if (pp_json_count(list) > 0)
		pp_checkup_say(c,
			PP_WARN("posts.certificates",
				"pospinctl post renew: then the broker goes on letting "
				"them in"),
			"%zu certificates of posts end within 30 days, or have ended: %.300s",
			pp_json_count(list), names);
	else
		pp_checkup_ok(c, "posts.certificates", "no post's certificate ends within 30 days");
	pp_json_free(list);
}

void pp_check_posts(struct pp_checkup *c, void *user)
{
	const struct pp_examination *e = user;
	struct pp_db *db = NULL;

	pp_checkup_at(c, "opening %.200s", e->server.record_path);
	if (pp_db_open(e->server.record_path, PP_DB_READ, &db) < 0)
		return; /* the group "record" says so */
	silence_check(c, db);
	tests_check(c, e, db);
	webhooks_check(c, e, db);
	versions_check(c, db);
	certificates_check(c, e, db);
	pp_db_close(db);
}
