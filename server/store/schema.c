/* SPDX-License-Identifier: Apache-2.0 */
/* schema.c -- the record's tables. Times are UTC milliseconds unless they are called mono (a post's
 * CLOCK_MONOTONIC); *_id are row ids; words of the wire keep their wire spelling. */
#include "store/schema.h"

static const char version_1[] =
	/* The registry: who may speak, and what is known of them. Comes from a site file;
	 * registry_rev tells running programs to read it again. */
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
	"INSERT INTO meta VALUES ('registry_rev', 0);"
	"CREATE TABLE tenant (tenant TEXT PRIMARY KEY, name TEXT NOT NULL,"
	" prefix TEXT NOT NULL UNIQUE, timezone TEXT NOT NULL, sample INTEGER NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE TABLE kecamatan (tenant TEXT NOT NULL REFERENCES tenant, code TEXT NOT NULL,"
	" name TEXT NOT NULL, PRIMARY KEY (tenant, code)) WITHOUT ROWID;"
	"CREATE TABLE desa (tenant TEXT NOT NULL, code TEXT NOT NULL, kecamatan TEXT NOT NULL,"
	" name TEXT NOT NULL, PRIMARY KEY (tenant, code),"
	" FOREIGN KEY (tenant, kecamatan) REFERENCES kecamatan) WITHOUT ROWID;"
	"CREATE TABLE post (tenant TEXT NOT NULL, post TEXT NOT NULL, name TEXT NOT NULL,"
	" desa TEXT NOT NULL, rw TEXT NOT NULL, latitude REAL NOT NULL, longitude REAL NOT NULL,"
	" contact_name TEXT, contact_phone TEXT, active INTEGER NOT NULL,"
	" PRIMARY KEY (tenant, post), FOREIGN KEY (tenant, desa) REFERENCES desa) WITHOUT ROWID;"
	"CREATE TABLE post_key (tenant TEXT NOT NULL, post TEXT NOT NULL, key BLOB NOT NULL UNIQUE,"
	" added INTEGER NOT NULL, revoked INTEGER, PRIMARY KEY (tenant, post, key),"
	" FOREIGN KEY (tenant, post) REFERENCES post) WITHOUT ROWID;"
	"CREATE TABLE point (tenant TEXT NOT NULL, post TEXT NOT NULL, point TEXT NOT NULL,"
	" kind TEXT NOT NULL, class TEXT NOT NULL, silent INTEGER NOT NULL, label_id TEXT NOT NULL,"
	" label_en TEXT NOT NULL, PRIMARY KEY (tenant, post, point),"
	" FOREIGN KEY (tenant, post) REFERENCES post) WITHOUT ROWID;"
	"CREATE TABLE webhook (tenant TEXT NOT NULL REFERENCES tenant, name TEXT NOT NULL,"
	" url TEXT NOT NULL, secret TEXT NOT NULL, active INTEGER NOT NULL,"
	" PRIMARY KEY (tenant, name)) WITHOUT ROWID;"

	/* Keys of recorded signals: kept for ever, whatever retention does to the content. `high`:
	 * everything up to it is recorded. boot, mono: the newest state that was accepted, so that
	 * a replayed one is known also after a restart. A key without digest was lost at the post.
	 */
	"CREATE TABLE epoch (tenant TEXT NOT NULL, post TEXT NOT NULL, epoch TEXT NOT NULL,"
	" high INTEGER NOT NULL, first_seen INTEGER NOT NULL, boot INTEGER NOT NULL,"
	" mono INTEGER NOT NULL, PRIMARY KEY (tenant, post, epoch)) WITHOUT ROWID;"
	"CREATE TABLE signal_key (tenant TEXT NOT NULL, post TEXT NOT NULL, epoch TEXT NOT NULL,"
	" seq INTEGER NOT NULL, digest BLOB, incident_id INTEGER,"
	" PRIMARY KEY (tenant, post, epoch, seq)) WITHOUT ROWID;"
	/* What CLOCK_MONOTONIC 0 of a boot was in UTC: see supervision/boot_clock.h. */
	"CREATE TABLE boot_clock (tenant TEXT NOT NULL, post TEXT NOT NULL, epoch TEXT NOT NULL,"
	" boot INTEGER NOT NULL, low INTEGER NOT NULL, low_before INTEGER NOT NULL,"
	" states INTEGER NOT NULL, PRIMARY KEY (tenant, post, epoch, boot)) WITHOUT ROWID;"
	/* What the last state of a post said; supervised 0: nothing has been heard for too long. */
	"CREATE TABLE post_state (tenant TEXT NOT NULL, post TEXT NOT NULL, arrived INTEGER"
	" NOT NULL,"
	" supervised INTEGER NOT NULL, config TEXT NOT NULL, version TEXT NOT NULL,"
	" oldest INTEGER NOT NULL, PRIMARY KEY (tenant, post),"
	" FOREIGN KEY (tenant, post) REFERENCES post) WITHOUT ROWID;"
	"CREATE TABLE point_state (tenant TEXT NOT NULL, post TEXT NOT NULL, point TEXT NOT NULL,"
	" state TEXT NOT NULL, detail TEXT NOT NULL, since INTEGER NOT NULL,"
	" PRIMARY KEY (tenant, post, point)) WITHOUT ROWID;"

	"CREATE TABLE incident_number (tenant TEXT NOT NULL REFERENCES tenant, year INTEGER"
	" NOT NULL,"
	" last INTEGER NOT NULL, PRIMARY KEY (tenant, year)) WITHOUT ROWID;"
	"CREATE TABLE incident (incident_id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT"
	" NOT NULL,"
	" number TEXT NOT NULL UNIQUE, post TEXT NOT NULL, class TEXT NOT NULL, state TEXT"
	" NOT NULL,"
	" rev INTEGER NOT NULL, silent INTEGER NOT NULL, late INTEGER NOT NULL,"
	" drill INTEGER NOT NULL, occurred INTEGER NOT NULL, opened INTEGER NOT NULL,"
	" acknowledged INTEGER, acknowledged_by TEXT, dispatched INTEGER, on_scene INTEGER,"
	" closed INTEGER, closed_by TEXT, closing_code TEXT, signals INTEGER NOT NULL,"
	" restored INTEGER NOT NULL);"
	"CREATE INDEX incident_open ON incident (tenant, post, class) WHERE state <> 'closed';"
	"CREATE INDEX incident_closed ON incident (tenant, post, closed) WHERE state = 'closed';"
	"CREATE INDEX incident_list ON incident (tenant, incident_id);"

	"CREATE TABLE signal (signal_id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL,"
	" post TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, boot INTEGER NOT NULL,"
	" mono INTEGER NOT NULL, at INTEGER, point TEXT NOT NULL, kind TEXT NOT NULL,"
	" signal TEXT NOT NULL, class TEXT NOT NULL, flags INTEGER NOT NULL, cause INTEGER"
	" NOT NULL,"
	" detail TEXT NOT NULL, occurred INTEGER NOT NULL, occurred_by TEXT NOT NULL,"
	" arrived INTEGER NOT NULL, late INTEGER NOT NULL, incident_id INTEGER REFERENCES incident,"
	" payload BLOB NOT NULL, sig BLOB NOT NULL, UNIQUE (tenant, post, epoch, seq));"
	"CREATE INDEX signal_incident ON signal (incident_id, epoch, seq);"
	"CREATE INDEX signal_point ON signal (tenant, post, epoch, point, signal, seq);"
	"CREATE INDEX signal_moment ON signal (tenant, post, point, mono);"
	"CREATE INDEX signal_waiting ON signal (tenant, post, epoch, cause)"
	" WHERE cause > 0 AND incident_id IS NULL;"

	/* The timeline: one hash chain per tenant. `body` is JSON; personal words in it stand as
	 * salted hashes, in clear in `personal`, where they can be erased. */
	"CREATE TABLE event (event_id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL,"
	" height INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL,"
	" incident_id INTEGER, post TEXT, point TEXT, body TEXT NOT NULL, previous BLOB NOT NULL,"
	" hash BLOB NOT NULL, UNIQUE (tenant, height));"
	"CREATE INDEX event_incident ON event (incident_id) WHERE incident_id IS NOT NULL;"
	"CREATE TABLE personal (event_id INTEGER NOT NULL REFERENCES event, field TEXT NOT NULL,"
	" salt BLOB NOT NULL, value TEXT, PRIMARY KEY (event_id, field)) WITHOUT ROWID;"
	"CREATE TRIGGER event_no_update BEFORE UPDATE ON event"
	" BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;"
	"CREATE TRIGGER event_no_delete BEFORE DELETE ON event"
	" BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;"

	/* What engineers must mend now; its past is in `event`. Point '' is the post itself. */
	"CREATE TABLE trouble (tenant TEXT NOT NULL, post TEXT NOT NULL, point TEXT NOT NULL,"
	" kind TEXT NOT NULL, since INTEGER NOT NULL, detail TEXT NOT NULL,"
	" PRIMARY KEY (tenant, post, point, kind)) WITHOUT ROWID;"

	"CREATE TABLE notification (notification_id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" tenant TEXT NOT NULL, incident_id INTEGER NOT NULL REFERENCES incident,"
	" event_id INTEGER NOT NULL REFERENCES event, channel TEXT NOT NULL, target TEXT NOT NULL,"
	" key TEXT NOT NULL UNIQUE, body TEXT NOT NULL, state TEXT NOT NULL,"
	" attempts INTEGER NOT NULL, created INTEGER NOT NULL, next INTEGER NOT NULL,"
	" changed INTEGER NOT NULL, detail TEXT NOT NULL);"
	"CREATE INDEX notification_queue ON notification (next) WHERE state = 'queued';"
	"CREATE INDEX notification_incident ON notification (incident_id);"

	"CREATE TABLE user (user_id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" tenant TEXT NOT NULL REFERENCES tenant, name TEXT NOT NULL, display TEXT NOT NULL,"
	" password TEXT NOT NULL, role TEXT NOT NULL, active INTEGER NOT NULL,"
	" created INTEGER NOT NULL, UNIQUE (tenant, name));"
	/* A session is known by the hash of its cookie only. */
	"CREATE TABLE session (token BLOB PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES user,"
	" created INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;";

static const char version_2[] =
	/* Every certificate that was made for a post, by its serial number in upper-case hex: what
	 * a revocation list must name to keep the post away from the broker. Those of before this
	 * version are not known. */
	"CREATE TABLE post_certificate (serial TEXT PRIMARY KEY, tenant TEXT NOT NULL,"
	" post TEXT NOT NULL, key BLOB NOT NULL, added INTEGER NOT NULL, until INTEGER NOT NULL,"
	" FOREIGN KEY (tenant, post) REFERENCES post) WITHOUT ROWID;"
	"CREATE INDEX post_certificate_post ON post_certificate (tenant, post);";

static const char version_3[] =
	/* '': never; 'on': its signals are being told as counts; 'over': they were. */
	"ALTER TABLE incident ADD COLUMN storm TEXT NOT NULL DEFAULT '';"
	/* Signals that are counted, by incident; incident 0: what a post sends that belongs to
	 * none. See incidents/storm.h. A row goes when nothing can come of it. */
	"CREATE TABLE storm (tenant TEXT NOT NULL, post TEXT NOT NULL, incident_id INTEGER"
	" NOT NULL, began INTEGER NOT NULL, count INTEGER NOT NULL, is_on INTEGER NOT NULL,"
	" untold INTEGER NOT NULL, told INTEGER NOT NULL, alerted INTEGER NOT NULL,"
	" first_id INTEGER NOT NULL, last_id INTEGER NOT NULL,"
	" PRIMARY KEY (tenant, post, incident_id)) WITHOUT ROWID;"
	/* Points that have been told by themselves in a storm. */
	"CREATE TABLE storm_point (incident_id INTEGER NOT NULL, point TEXT NOT NULL,"
	" PRIMARY KEY (incident_id, point)) WITHOUT ROWID;"
	"CREATE INDEX epoch_seen ON epoch (tenant, post, first_seen);"
	/* With "cause > 0" SQLite looks at all that wait, not at those that wait for one alarm. */
	"DROP INDEX signal_waiting;"
	"CREATE INDEX signal_waiting ON signal (tenant, post, epoch, cause, seq)"
	" WHERE cause <> 0 AND incident_id IS NULL;";

static const char version_4[] =
	/* The post's own time, as its newest state told it; epoch '': of before this version. */
	"ALTER TABLE post_state ADD COLUMN epoch TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE post_state ADD COLUMN boot INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE post_state ADD COLUMN mono INTEGER NOT NULL DEFAULT 0;"
	/* Orders to posts; state open, answered or unanswered. Who ordered and what became of it is
	 * in `event`. */
	"CREATE TABLE command (command_id INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL"
	" UNIQUE, tenant TEXT NOT NULL, post TEXT NOT NULL, state TEXT NOT NULL,"
	" expires INTEGER NOT NULL, payload TEXT NOT NULL,"
	" FOREIGN KEY (tenant, post) REFERENCES post);"
	"CREATE INDEX command_open ON command (command_id) WHERE state = 'open';";

static const char version_5[] =
	/* Who is told, and how: a person's contact on a channel, with the text as it is read;
	 * contact '' is a webhook of the site file. States: queued; held: waits until the contact's
	 * way before it has failed; sent; delivered; failed; withdrawn: somebody had taken the
	 * incident before. reference: the provider's own word for it, which a delivery report
	 * names. A test and a trouble belong to no incident. */
	"CREATE TABLE notification_of_contact (notification_id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" tenant TEXT NOT NULL, incident_id INTEGER REFERENCES incident,"
	" event_id INTEGER NOT NULL REFERENCES event, channel TEXT NOT NULL, target TEXT NOT NULL,"
	" key TEXT NOT NULL UNIQUE, body TEXT NOT NULL, state TEXT NOT NULL,"
	" attempts INTEGER NOT NULL, created INTEGER NOT NULL, next INTEGER NOT NULL,"
	" changed INTEGER NOT NULL, detail TEXT NOT NULL, contact TEXT NOT NULL DEFAULT '',"
	" call_id INTEGER NOT NULL DEFAULT 0, purpose TEXT NOT NULL DEFAULT 'alarm',"
	" address TEXT NOT NULL DEFAULT '', text TEXT NOT NULL DEFAULT '',"
	" way INTEGER NOT NULL DEFAULT 0, reference TEXT NOT NULL DEFAULT '',"
	" lane TEXT GENERATED ALWAYS AS (tenant || '/' || target || '/' || address) VIRTUAL);"
	"INSERT INTO notification_of_contact (notification_id, tenant, incident_id, event_id,"
	" channel, target, key, body, state, attempts, created, next, changed, detail)"
	" SELECT notification_id, tenant, incident_id, event_id, channel, target, key, body,"
	" state, attempts, created, next, changed, detail FROM notification;"
	"DROP TABLE notification;"
	"ALTER TABLE notification_of_contact RENAME TO notification;"
	"CREATE INDEX notification_queue ON notification (next) WHERE state = 'queued';"
	/* One lane a recipient: the queue is read lane by lane, however long one of them is. */
	"CREATE INDEX notification_lane ON notification (channel, lane, next)"
	" WHERE state = 'queued';"
	"CREATE INDEX notification_incident ON notification (incident_id);"
	"CREATE INDEX notification_reference ON notification (channel, reference)"
	" WHERE reference <> '';"
	"CREATE INDEX notification_held ON notification (event_id, contact, call_id)"
	" WHERE state = 'held';"
	/* '' template: the body as it is. See channel/template.h. */
	"ALTER TABLE webhook ADD COLUMN template TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE webhook ADD COLUMN type TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE webhook ADD COLUMN authorization TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE webhook ADD COLUMN success TEXT NOT NULL DEFAULT '';";

static const char version_6[] =
	/* How far the calling for each incident has come: see dispatch/ladder.h. due: ms of the
	 * CLOCK_BOOTTIME of the boot in meta's uptime_boot; the wall clock decides nothing. */
	"CREATE TABLE ladder (incident_id INTEGER PRIMARY KEY REFERENCES incident, tenant TEXT"
	" NOT NULL, plan TEXT NOT NULL, taken INTEGER NOT NULL, over INTEGER NOT NULL);"
	"CREATE TABLE ladder_ring (incident_id INTEGER NOT NULL REFERENCES ladder, ring TEXT"
	" NOT NULL, state TEXT NOT NULL, step INTEGER NOT NULL, called INTEGER NOT NULL,"
	" accepted INTEGER NOT NULL, due INTEGER NOT NULL, PRIMARY KEY (incident_id, ring))"
	" WITHOUT ROWID;"
	"CREATE INDEX ladder_due ON ladder_ring (due) WHERE state = 'running';"
	/* What is open already is called for as well: at once where nobody has taken it. */
	"INSERT INTO ladder SELECT incident_id, tenant, '', acknowledged IS NOT NULL, 0"
	" FROM incident WHERE state <> 'closed';"
	"INSERT INTO ladder_ring SELECT incident_id, 'desk', iif(taken, 'ended', 'running'), 0, 1,"
	" 0, 0 FROM ladder;"
	/* Who was called: an agency, a unit that the desk has sent (ring ''), or (agency '') a
	 * person. code: the hash of its one-time code. Times: of the wall clock, for people. */
	"CREATE TABLE call (call_id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL,"
	" incident_id INTEGER NOT NULL REFERENCES incident, ring TEXT NOT NULL, step INTEGER"
	" NOT NULL, agency TEXT NOT NULL, contact TEXT NOT NULL, state TEXT NOT NULL, code BLOB,"
	" said_by TEXT NOT NULL, reason TEXT NOT NULL, notified INTEGER NOT NULL,"
	" accepted INTEGER, en_route INTEGER, on_scene INTEGER, ended INTEGER);"
	"CREATE INDEX call_incident ON call (incident_id, call_id);"
	"CREATE INDEX call_code ON call (code) WHERE code IS NOT NULL;"
	"CREATE TABLE hand_over (incident_id INTEGER PRIMARY KEY REFERENCES incident,"
	" offered_by TEXT NOT NULL, offered_to TEXT NOT NULL, at INTEGER NOT NULL);"
	"CREATE INDEX incident_claim ON incident (tenant, acknowledged_by, incident_id)"
	" WHERE state <> 'closed' AND acknowledged_by IS NOT NULL;";

static const char version_plans[] =
	/* Response plans: one document of each revision, without personal data, never changed, so
	 * that an incident goes on by the plan under which it was opened. Contacts are rows of
	 * today, in clear, and can be erased; plans_rev counts every change of both. */
	"INSERT INTO meta VALUES ('plans_rev', 0);"
	"CREATE TABLE plan_rev (tenant TEXT NOT NULL REFERENCES tenant, rev INTEGER NOT NULL,"
	" digest BLOB NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL,"
	" PRIMARY KEY (tenant, rev)) WITHOUT ROWID;"
	"CREATE TABLE contact (tenant TEXT NOT NULL REFERENCES tenant, contact TEXT NOT NULL,"
	" name TEXT NOT NULL, role TEXT NOT NULL, language TEXT NOT NULL, verified INTEGER"
	" NOT NULL, PRIMARY KEY (tenant, contact)) WITHOUT ROWID;"
	"CREATE TABLE contact_way (tenant TEXT NOT NULL, contact TEXT NOT NULL, position INTEGER"
	" NOT NULL, kind TEXT NOT NULL, address TEXT NOT NULL,"
	" PRIMARY KEY (tenant, contact, position),"
	" FOREIGN KEY (tenant, contact) REFERENCES contact) WITHOUT ROWID;";

static const char version_people[] =
	/* Which kecamatan somebody sees (",33.24.07,"; "": all), of which unit a user of an agency
	 * is; factor: the key of the second factor, factor_next: one that is being set;
	 * factor_step: the last code that counted. invite: SHA-256 of a one-time link's token. */
	"ALTER TABLE user ADD COLUMN kecamatan TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE user ADD COLUMN unit TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE user ADD COLUMN factor BLOB;"
	"ALTER TABLE user ADD COLUMN factor_next BLOB;"
	"ALTER TABLE user ADD COLUMN factor_step INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE user ADD COLUMN invite BLOB;"
	"ALTER TABLE user ADD COLUMN invite_until INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX user_invite ON user (invite) WHERE invite IS NOT NULL;"
	/* ends: however much it is used; confirmed: when the password was given last. */
	"ALTER TABLE session ADD COLUMN ends INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE session ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;"
	"UPDATE session SET ends = created + 86400000;"
	"CREATE TABLE recovery (user_id INTEGER NOT NULL REFERENCES user, code BLOB NOT NULL,"
	" PRIMARY KEY (user_id, code)) WITHOUT ROWID;"
	/* Keys of this record's server, so that browsers are known across its restarts. */
	"CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
	"INSERT INTO secret VALUES ('device', randomblob(32));"
	/* Before there were roles, the first user of a tenant was whoever had set it up. */
	"UPDATE user SET role = 'administrator,' || role WHERE role IN ('operator', 'engineer')"
	" AND user_id IN (SELECT min(user_id) FROM user u WHERE active AND NOT EXISTS"
	" (SELECT 1 FROM user a WHERE a.tenant = u.tenant AND a.role = 'administrator')"
	" GROUP BY tenant);";

static const char version_incidents[] =
	/* What an incident gathers: alarms of several posts, and what people tell. mode: 'test' or
	 * 'disabled', what was taken for one; converted: when a drill or one of those was made a
	 * real one; facts: see incidents/trust.h. desa, rw: of a place that is no post. */
	"ALTER TABLE incident ADD COLUMN mode TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE incident ADD COLUMN reported INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE incident ADD COLUMN converted INTEGER;"
	"ALTER TABLE incident ADD COLUMN merged_into INTEGER REFERENCES incident;"
	"ALTER TABLE incident ADD COLUMN posts INTEGER NOT NULL DEFAULT 1;"
	"ALTER TABLE incident ADD COLUMN facts INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE incident ADD COLUMN trust INTEGER NOT NULL DEFAULT 1;"
	"ALTER TABLE incident ADD COLUMN desa TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE incident ADD COLUMN rw TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE incident ADD COLUMN report_key TEXT;"
	"CREATE UNIQUE INDEX incident_report ON incident (tenant, report_key)"
	" WHERE report_key IS NOT NULL;"
	/* Which posts an incident is of; signals 0: a person has named the post. first, newest:
	 * when its alarms occurred; closed: when the incident was, 9223372036854775807 while it is
	 * open, so that a beat finds the few that it tells of. */
	"CREATE TABLE incident_post (incident_id INTEGER NOT NULL REFERENCES incident, tenant TEXT"
	" NOT NULL, post TEXT NOT NULL, point TEXT NOT NULL, signals INTEGER NOT NULL,"
	" first INTEGER NOT NULL, newest INTEGER NOT NULL, closed INTEGER NOT NULL,"
	" PRIMARY KEY (incident_id, post)) WITHOUT ROWID;"
	"INSERT INTO incident_post SELECT incident_id, tenant, post, '', signals, occurred,"
	" max(occurred, coalesce((SELECT max(s.occurred) FROM signal s"
	" WHERE s.incident_id = i.incident_id AND s.signal IN ('alarm', 'unknown')), occurred)),"
	" iif(state = 'closed', coalesce(closed, 0), 9223372036854775807) FROM incident i;"
	"CREATE INDEX incident_post_closed ON incident_post (tenant, post, closed);"
	"CREATE INDEX incident_post_newest ON incident_post (tenant, post, newest);"
	"CREATE TRIGGER incident_post_begins AFTER INSERT ON incident WHEN new.post <> '' BEGIN"
	" INSERT INTO incident_post VALUES (new.incident_id, new.tenant, new.post, '', 0,"
	" new.occurred, new.occurred, iif(new.state = 'closed', coalesce(new.closed, 0),"
	" 9223372036854775807)); END;"
	"CREATE TRIGGER incident_post_follows AFTER UPDATE OF state, closed ON incident BEGIN"
	" UPDATE incident_post SET closed = iif(new.state = 'closed', coalesce(new.closed, 0),"
	" 9223372036854775807) WHERE incident_id = new.incident_id; END;"
	"DROP INDEX incident_open;"
	"CREATE INDEX incident_open ON incident (tenant, incident_id) WHERE state <> 'closed';"
	"CREATE INDEX incident_reported ON incident (tenant, desa, rw)"
	" WHERE post = '' AND state <> 'closed';"
	/* Incidents that are shown beside each other, in both directions; why: see
	 * incidents/place.h, or 'person', 'split'. */
	"CREATE TABLE incident_link (incident_id INTEGER NOT NULL REFERENCES incident,"
	" other_id INTEGER NOT NULL REFERENCES incident, why TEXT NOT NULL,"
	" PRIMARY KEY (incident_id, other_id)) WITHOUT ROWID;"
	/* Posts and points (point '' is the whole post) that are being tested or are disabled,
	 * until when, by whom and why. tested: the points that have had their one test alarm. */
	"CREATE TABLE mode (tenant TEXT NOT NULL, post TEXT NOT NULL, point TEXT NOT NULL,"
	" mode TEXT NOT NULL, reason TEXT NOT NULL, owner TEXT NOT NULL, began INTEGER NOT NULL,"
	" until INTEGER NOT NULL, PRIMARY KEY (tenant, post, point, mode),"
	" FOREIGN KEY (tenant, post) REFERENCES post) WITHOUT ROWID;"
	"CREATE INDEX mode_until ON mode (until);"
	"CREATE TABLE mode_tested (tenant TEXT NOT NULL, post TEXT NOT NULL, point TEXT NOT NULL,"
	" at INTEGER NOT NULL, PRIMARY KEY (tenant, post, point)) WITHOUT ROWID;"
	"CREATE INDEX desa_of_post ON post (tenant, desa, rw);"
	"CREATE INDEX place_of_post ON post (tenant, latitude);";

static const char version_contact_codes[] =
	/* The one-time codes (their hashes) of test messages to contacts, one of each. */
	"CREATE TABLE contact_code (tenant TEXT NOT NULL, contact TEXT NOT NULL, code BLOB NOT NULL"
	" UNIQUE, at INTEGER NOT NULL, PRIMARY KEY (tenant, contact)) WITHOUT ROWID;";

static const char version_text_receipts[] =
	/* Receipts that go to posts as text messages: by which way of their channel first, and how
	 * many a post has had of late. */
	"ALTER TABLE notification ADD COLUMN via TEXT NOT NULL DEFAULT '';"
	"CREATE INDEX notification_receipt ON notification (tenant, target, created)"
	" WHERE purpose = 'receipt';";

static const char version_collecting[] =
	/* State collecting: waits until its recipient may be sent one more, or for the end of quiet
	 * hours; then the newest of its recipient carries all of them (gathered: how many besides
	 * itself), and the others are collapsed into it. about: which trouble, see
	 * store/collecting.h. */
	"ALTER TABLE notification ADD COLUMN into_id INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE notification ADD COLUMN gathered INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE notification ADD COLUMN about TEXT NOT NULL DEFAULT '';"
	/* Partial, so that it offers itself to no other question. */
	"CREATE INDEX notification_pace ON notification (channel, lane, created)"
	" WHERE created > 0;"
	"CREATE INDEX notification_collecting ON notification (next) WHERE state = 'collecting';"
	"CREATE INDEX notification_about ON notification (tenant, about) WHERE about <> '';"
	/* raised: by the server's clock. due: when people are told of it; 0: they have been;
	 * 9223372036854775807: nobody is. */
	"ALTER TABLE trouble ADD COLUMN raised INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE trouble ADD COLUMN due INTEGER NOT NULL DEFAULT 9223372036854775807;"
	"UPDATE trouble SET raised = since;"
	"CREATE INDEX trouble_due ON trouble (due);";

static const char version_collecting_lanes[] =
	/* However many wait, a recipient's are found, and so is what a clock that was set back has
	 * made due. */
	"CREATE INDEX notification_collecting_lane ON notification (channel, lane)"
	" WHERE state = 'collecting';"
	"CREATE INDEX notification_collecting_changed ON notification (changed)"
	" WHERE state = 'collecting';";

static const char version_call_codes[] =
	/* The code of a call while it waits: whoever is called again has the same. */
	"ALTER TABLE call ADD COLUMN spoken TEXT NOT NULL DEFAULT '';"
	"CREATE INDEX notification_call ON notification (incident_id, call_id);";

static const char version_guesses[] =
	/* Wrong codes in text messages, by a hash of the sender's number ('': of all), of the last
	 * hour: a restart does not forget them. */
	"CREATE TABLE guess (who TEXT PRIMARY KEY, since INTEGER NOT NULL, count INTEGER NOT NULL)"
	" WITHOUT ROWID;";

static const char version_test_numbers[] =
	/* To which numbers a contact's test messages went. */
	"CREATE INDEX notification_test ON notification (tenant, contact) WHERE purpose = 'test';";

static const char version_words[] =
	/* What whoever was called by it has been told since, of all that its incident was then: 1
	 * that others have it; 2 that it is closed; 0 neither. */
	"ALTER TABLE notification ADD COLUMN word INTEGER NOT NULL DEFAULT 0;"
	"UPDATE notification AS n SET word = 1 FROM (SELECT w.incident_id, contact, channel,"
	" target, address, e.incident_id AS about, max(notification_id) AS newest"
	" FROM incident i CROSS JOIN notification w ON w.incident_id = i.incident_id"
	" JOIN event e ON e.event_id = w.event_id WHERE i.state <> 'closed' AND contact <> ''"
	" AND purpose = 'stop' GROUP BY 1, 2, 3, 4, 5, 6) d WHERE n.incident_id = d.incident_id"
	" AND n.contact = d.contact AND n.channel = d.channel AND n.target = d.target"
	" AND n.address = d.address AND n.purpose IN ('alarm', 'again')"
	" AND n.notification_id < d.newest AND (d.about = d.incident_id OR d.about ="
	" (SELECT e.incident_id FROM event e WHERE e.event_id = n.event_id));";

const char *const pp_store_scripts[] = { version_1, version_2, version_3, version_4, version_5,
	version_6, version_plans, version_people, version_incidents,
	version_contact_codes, version_text_receipts, version_collecting,
	version_collecting_lanes, version_call_codes, version_guesses,
	version_test_numbers, version_words };
const size_t pp_store_script_count = sizeof(pp_store_scripts) / sizeof(pp_store_scripts[0]);
