/* SPDX-License-Identifier: Apache-2.0 */
/* plan.c -- `plan ...`: dispatch files into the record and out of it, and who would be called.
 * Works on the record's file, whether the server runs or not. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "actor.h"
#include "commands.h"
#include "core/clock.h"
#include "core/text.h"
#include "dispatch/who.h"
#include "inert.h"
#include "ledger/plans.h"
#include "plans/plans.h"
#include "plans/write.h"
#include "store/query.h"
#include "store/registry.h"

static int record_fail(struct pp_ctl_call *call, int error)
{
	return pp_ctl_fail(call, "%s: %s", pp_ctl_get(call, "record"),
		error == -ERANGE ? "was written by a newer PosPin" : pp_ctl_words_of(error));
}

static void finding_tell(void *user, bool refused, const char *text)
{
	struct pp_ctl_call *call = user;

	if (refused) {
		(void)pp_ctl_fail(call, "%s", text);
		return;
	}
	fputs("note: ", call->out);
	pp_inert_write(call->out, text);
	fputc('\n', call->out);
}

static int file_read(struct pp_ctl_call *call, struct pp_plans_file **ret_file)
{
	struct pp_problem problem = { "" };
	int r = pp_plans_file_load(call->words[0], ret_file, &problem);

	if (r == 0)
		return PP_CTL_DONE;
	return problem.text[0] ? pp_ctl_fail(call, "%s", problem.text)
			       : pp_ctl_fail(call, "%s: %s", call->words[0], pp_ctl_words_of(r));
}

/* PP_CTL_DONE: it may be accepted. */
static int file_check(struct pp_ctl_call *call, const struct pp_plans_file *file, struct pp_db *db)
{
	int r = pp_plans_check(db, &(struct pp_plans_checking){ .file = file,
					   .now_ms = pp_clock_wall_ms(),
					   .fn = finding_tell,
					   .user = call });

	if (r == 0)
		return PP_CTL_DONE;
	if (r == -EINVAL || r == -ENOENT)
		return pp_ctl_fail(call, "%s is refused", call->words[0]);
	if (r == -E2BIG)
		return pp_ctl_fail(call,
			"%s is too large to be checked: fewer plans, or fewer different times",
			call->words[0]);
	return record_fail(call, r);
}

static void book_tell(struct pp_ctl_call *call, const struct pp_plan_book *book)
{
	fprintf(call->out, "%s: %zu plans, %zu agencies, %zu rosters, %zu contacts of tenant %s\n",
		call->words[0], book->plan_count, book->agency_count, book->roster_count,
		book->contact_count, book->tenant);
	if (book->sample)
		fprintf(call->out, "%s: sample data, not for a real site\n", book->tenant);
}

static int check_run(struct pp_ctl_call *call)
{
	struct pp_plans_file *file = NULL;
	struct pp_db *db = NULL;
	int e, r = file_read(call, &file);

	if (r != PP_CTL_DONE)
		return r;
	book_tell(call, pp_plans_file_book(file));
	if (pp_ctl_has(call, "record")) {
		e = pp_db_open(pp_ctl_get(call, "record"), PP_DB_READ, &db);
		r = e < 0 ? record_fail(call, e) : file_check(call, file, db);
		pp_db_close(db);
	} else {
		fprintf(call->out, "only its form was checked: with --record its names, and that "
				   "somebody is called at every hour\n");
	}
	pp_plans_file_free(file);
	return r;
}

static int book_write(
	struct pp_ctl_call *call, struct pp_ledger *ledger, const struct pp_plans_file *file)
{
	char actor[PP_ACTOR_SIZE];
	struct pp_plan_order order = { .book = pp_plans_file_book(file), .actor = pp_actor(actor) };
	struct pp_plan_change change;
	int r = pp_store_registry_rev(pp_ledger_db(ledger), &order.registry_rev);

	if (r < 0)
		return record_fail(call, r);
	r = file_check(call, file, pp_ledger_db(ledger));
	if (r != PP_CTL_DONE)
		return r;
	r = pp_ledger_plan_put(ledger, &order, pp_clock_wall_ms(), &change);
	if (r == -ESTALE)
		return pp_ctl_fail(call, "the registry has changed meanwhile: try again");
	if (r < 0)
		return record_fail(call, r);
	if (change.changed)
		fprintf(call->out,
			"%s: plan revision %" PRId64
			"; contacts: %zu new, %zu changed, %zu erased\n",
			order.book->tenant, change.rev, change.added, change.altered,
			change.removed);
	else
		fprintf(call->out, "%s: says all of this already, nothing is written\n",
			pp_ctl_get(call, "record"));
	return PP_CTL_DONE;
}

static int import_run(struct pp_ctl_call *call)
{
	struct pp_plans_file *file = NULL;
	struct pp_ledger *ledger;
	int e, r = file_read(call, &file);

	if (r != PP_CTL_DONE)
		return r;
	book_tell(call, pp_plans_file_book(file));
	e = pp_ledger_open(
		&(struct pp_ledger_options){ .record_path = pp_ctl_get(call, "record") }, &ledger);
	if (e < 0) {
		r = record_fail(call, e);
	} else {
		r = book_write(call, ledger, file);
		pp_ledger_close(ledger);
	}
	pp_plans_file_free(file);
	return r;
}

/* ---- out of the record ---- */

int pp_ctl_tenant(struct pp_ctl_call *call, struct pp_db *db, char ret_tenant[24])
{
	const char *asked = pp_ctl_get(call, "tenant"), *id;
	struct pp_json *tenants = NULL;
	size_t count, found = 0;
	int r = pp_query_tenants(db, &tenants);

	if (r < 0)
		return record_fail(call, r);
	count = pp_json_count(tenants);
	for (size_t i = 0; i < count; i++) {
		if (pp_json_get_text(pp_json_item(tenants, i), "id", 23, &id) < 0 ||
			(asked && strcmp(asked, id) != 0))
			continue;
		snprintf(ret_tenant, 24, "%s", id);
		found++;
	}
	pp_json_free(tenants);
	if (found == 1)
		return PP_CTL_DONE;
	return asked || count == 0 ? pp_ctl_fail(call, "there is no such tenant in the record")
				   : pp_ctl_fail(call, "the record has several tenants: say which "
						       "with --tenant");
}

/* The record opened, its tenant, and its book (NULL: the built-in plan). */
struct source {
	struct pp_db *db;
	char tenant[24];
	struct pp_plan_book *book;
};

static void source_close(struct source *s)
{
	pp_plan_book_free(s->book);
	pp_db_close(s->db);
}

static int source_open(struct pp_ctl_call *call, struct source *s)
{
	int e = pp_db_open(pp_ctl_get(call, "record"), PP_DB_READ, &s->db), r;

	if (e < 0)
		return record_fail(call, e);
	r = pp_ctl_tenant(call, s->db, s->tenant);
	if (r == PP_CTL_DONE) {
		e = pp_plans_load(s->db, s->tenant, 0, &s->book);
		if (e < 0 && e != -ENOENT)
			r = record_fail(call, e);
	}
	return r;
}

static int json_show(struct pp_ctl_call *call, struct pp_json *json)
{
	char *text = NULL;
	size_t length;
	int r = pp_json_print(json, &text, &length);

	pp_json_free(json);
	if (r < 0)
		return pp_ctl_fail(call, "%s", pp_ctl_words_of(r));
	pp_inert_json(call->out, text);
	fputc('\n', call->out);
	free(text);
	return PP_CTL_DONE;
}

static int show_run(struct pp_ctl_call *call)
{
	struct source s = { .db = NULL };
	int r = source_open(call, &s);

	if (r == PP_CTL_DONE && s.book)
		r = json_show(call, pp_plans_json(s.book, PP_PLANS_WHOLE));
	else if (r == PP_CTL_DONE)
		fprintf(call->out,
			"%s has no plan of its own: the desk is called, after 15 s every "
			"webhook, again each minute\n",
			s.tenant);
	source_close(&s);
	return r;
}

/* "sat 22:30", or "2026-11-21T22:30" of the tenant's zone; NULL: now. -EINVAL. */
static int minute_read(const char *at, int zone_minutes)
{
	struct tm tm = { .tm_isdst = 0 };
	char day[4] = "";
	int number, clock;

	if (!at)
		return pp_plan_minute(pp_clock_wall_ms(), zone_minutes);
	if (strlen(at) == 16 && strptime(at, "%Y-%m-%dT%H:%M", &tm))
		return pp_plan_minute((int64_t)timegm(&tm) * 1000, 0);
	if (strlen(at) != 9 || at[3] != ' ')
		return -EINVAL;
	memcpy(day, at, 3);
	number = pp_plan_day_parse(day);
	clock = pp_plan_clock_parse(at + 4);
	return number < 0 || clock < 0 || clock == PP_DAY_MINUTES ? -EINVAL
								  : number * PP_DAY_MINUTES + clock;
}

static int query_make(struct pp_ctl_call *call, const struct source *s, struct pp_plan_query *query,
	struct pp_plans_place *place)
{
	int zone, class = pp_class_parse(pp_ctl_get(call, "class"));
	int r = pp_plans_zone(s->db, s->tenant, &zone);

	if (class < 0)
		return pp_ctl_fail(call, "--class: expected crime, fire, disaster, medical or "
					 "unspecified");
	*query = (struct pp_plan_query){ .class = (enum pp_class) class,
		.post = pp_ctl_get(call, "post"),
		.late = pp_ctl_has(call, "late"),
		.silent = pp_ctl_has(call, "silent") };
	if (r == 0)
		r = pp_plans_place(s->db, s->tenant, query, place);
	if (r < 0)
		return record_fail(call, r);
	if (r == 0)
		return pp_ctl_fail(
			call, "--post: %s has no active post '%s'", s->tenant, query->post);
	query->minute = minute_read(pp_ctl_get(call, "at"), zone);
	if (query->minute < 0)
		return pp_ctl_fail(call, "--at: expected a time such as \"sat 22:30\" or "
					 "2026-11-21T22:30");
	return PP_CTL_DONE;
}

struct telling {
	FILE *out;
	int64_t now_ms;
};

static void callee_tell(const struct telling *t, const struct pp_plan_callee *c)
{
	fputs("      ", t->out);
	if (c->role)
		fprintf(t->out, "everybody at the page as %s", c->role);
	else if (c->webhook)
		fprintf(t->out, "webhook %s", c->webhook);
	else if (c->station)
		fprintf(t->out, "siren of %s %s", c->near ? "near post" : "station", c->station);
	if (c->contact) {
		fprintf(t->out, "%s, ", c->contact->id);
		pp_inert_write(t->out, c->contact->name[0] ? c->contact->name : "(erased)");
		for (size_t i = 0; i < c->contact->way_count; i++) {
			fprintf(t->out, "%s%s ", i ? ", then " : ": ",
				pp_way_text(c->contact->ways[i].kind));
			pp_inert_write(t->out, c->contact->ways[i].address);
		}
	}
	if (c->agency)
		fprintf(t->out, " (agency %s)", c->agency->id);
	if (c->roster)
		fprintf(t->out, " (on duty: %s)", c->roster->id);
	if (c->contact && pp_plan_contact_is_stale(c->contact, t->now_ms))
		fputs(" -- not verified for 90 days", t->out);
	fputc('\n', t->out);
}

static int call_tell(void *user, const struct pp_plan_call *call)
{
	const struct telling *t = user;

	if (call->at.ring == PP_RING_FALLBACK)
		fprintf(t->out, "  after %" PRId64 " s, every %" PRId64 " s: fallback\n",
			call->after_ms / 1000, call->step->wait_ms / 1000);
	else
		fprintf(t->out, "  after %" PRId64 " s: ring %s, step %zu, for %" PRId64 " s\n",
			call->after_ms / 1000, pp_ring_text(call->at.ring), call->at.step + 1,
			call->step->wait_ms / 1000);
	for (size_t i = 0; i < call->count; i++)
		callee_tell(t, &call->callees[i]);
	if (call->count == 0)
		fputs("      nobody at this time and place: the next step is tried at once\n",
			t->out);
	return 0;
}

static void who_tell(
	struct pp_ctl_call *call, const struct source *s, const struct pp_plan_query *query)
{
	const struct pp_plan *plan = pp_plan_choose(s->book, query);
	struct telling t = { call->out, pp_clock_wall_ms() };
	char minute[10];

	pp_plan_minute_text(query->minute, minute);
	fprintf(call->out, "%s%s, class %s at %s, %s; nobody is called by this question\n",
		plan->id[0] ? "plan " : "the built-in plan", plan->id, pp_class_text(query->class),
		query->post, minute);
	(void)pp_plan_who(s->book, plan, query, call_tell, &t);
}

static int who_run(struct pp_ctl_call *call)
{
	struct source s = { .db = NULL };
	struct pp_plan_query query;
	struct pp_plans_place place;
	int r = source_open(call, &s);

	if (r == PP_CTL_DONE)
		r = query_make(call, &s, &query, &place);
	if (r == PP_CTL_DONE && pp_ctl_has(call, "json"))
		r = json_show(call, pp_plans_who_json(s.book, &query, pp_clock_wall_ms(), false));
	else if (r == PP_CTL_DONE)
		who_tell(call, &s, &query);
	source_close(&s);
	return r;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
static const struct pp_ctl_option check_options[] = {
	{ "record", "FILE", false, false, "The server's record (record.db)" },
};
static const struct pp_ctl_option import_options[] = {
	{ "record", "FILE", true, false, "The server's record (record.db)" },
};
static const struct pp_ctl_option show_options[] = {
	{ "record", "FILE", true, false, "The server's record (record.db)" },
	{ "tenant", "TENANT", false, false, "Needed when the record has several" },
};
static const struct pp_ctl_option who_options[] = {
	{ "record", "FILE", true, false, "The server's record (record.db)" },
	{ "tenant", "TENANT", false, false, "Needed when the record has several" },
	{ "post", "POST", true, false, "Where" },
	{ "class", "CLASS", true, false, "crime, fire, disaster, medical or unspecified" },
	{ "at", "TIME", false, false, "\"sat 22:30\" or 2026-11-21T22:30, local (now)" },
	{ "late", NULL, false, false, "As for an alarm that arrives late" },
	{ "silent", NULL, false, false, "As for a silent alarm" },
	{ "json", NULL, false, false, "For programs" },
};

const struct pp_ctl_command pp_ctl_plan_check = {
	.group = "plan",
	.name = "check",
	.run = check_run,
	.help = "Checks a dispatch file (YAML or JSON) without writing anything.",
	.words = { "FILE" },
	.options = check_options,
	.option_count = COUNT(check_options),
};
const struct pp_ctl_command pp_ctl_plan_import = {
	.group = "plan",
	.name = "import",
	.run = import_run,
	.help = "Makes a dispatch file the tenant's plan, if it is acceptable.",
	.detail = "Contacts that the file no longer names are erased. What is there already is not "
		  "written again. Works whether the server runs or not; incidents that are open "
		  "go on by the new one.",
	.words = { "FILE" },
	.options = import_options,
	.option_count = COUNT(import_options),
};
const struct pp_ctl_command pp_ctl_plan_show = {
	.group = "plan",
	.name = "show",
	.run = show_run,
	.help = "Shows the tenant's plan as JSON that `plan import` takes.",
	.options = show_options,
	.option_count = COUNT(show_options),
};
const struct pp_ctl_command pp_ctl_plan_who = {
	.group = "plan",
	.name = "who",
	.run = who_run,
	.help = "Tells who would be called, and when, without calling anyone.",
	.options = who_options,
	.option_count = COUNT(who_options),
};
