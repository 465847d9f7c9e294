/* SPDX-License-Identifier: Apache-2.0 */
/* check_plans.c -- whether each tenant's plan still fits its registry, and whose contacts nobody
 * has verified for long. Reads only. */
#include "examine.h"

#include <errno.h>
#include <string.h>

#include "db/db.h"
#include "dispatch/who.h"
#include "plans/plans.h"
#include "store/query.h"

#define SHOWN 5 /* of a list; then a count */

struct telling {
	struct pp_checkup *c;
	const char *tenant;
	size_t refused;
};

static void finding_tell(void *user, bool refused, const char *text)
{
	struct telling *t = user;

	if (!refused || t->refused++ >= SHOWN)
		return;
	pp_checkup_say(t->c,
		PP_FAIL("plans",
			"mend the dispatch file, or the site file: pospinctl plan check --record "
			"RECORD FILE, then plan import"),
		"%s: the plan no longer fits the registry: %.240s", t->tenant, text);
}

static void stale_check(struct pp_checkup *c, const struct pp_plan_book *book, int64_t now_ms)
{
	char names[300] = "";
	size_t stale = 0, used = 0;

	for (size_t i = 0; i < book->contact_count; i++) {
		const struct pp_plan_contact *contact = &book->contacts[i];

		if (!contact->name[0] || !pp_plan_contact_is_stale(contact, now_ms))
			continue;
		if (stale++ < SHOWN)
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
				used ? ", " : "", contact->id);
	}
	if (stale > 0)
		pp_checkup_say(c,
			PP_WARN("plans.stale",
				"pospinctl contact test --stale, or call each of them once and "
				"write the day into the dispatch file (verified:)"),
			"%s: %zu contacts were not verified in the last 90 days: %s%s",
			book->tenant, stale, names, stale > SHOWN ? " and more" : "");
	else
		pp_checkup_ok(c, "plans.stale",
			"%s: every contact of the plan was verified in the last 90 days",
			book->tenant);
}

static void tenant_check(struct pp_checkup *c, struct pp_db *db, const char *tenant, int64_t now_ms)
{
	struct telling telling = { c, tenant, 0 };
	struct pp_plan_book *book = NULL;
	int r;

	pp_checkup_at(c, "reading the plan of %.24s", tenant);
	r = pp_plans_load(db, tenant, 0, &book);
	if (r == -ENOENT) {
		pp_checkup_ok(c, "plans",
			"%s has no plan of its own: the desk is called, after 15 s every webhook, "
			"again each minute",
			tenant);
		return;
	}
	if (r == 0)
		r = pp_plans_check(db, &(struct pp_plans_checking){ .book = book,
					       .now_ms = now_ms,
					       .fn = finding_tell,
					       .user = &telling });
	if (r == 0)
		pp_checkup_ok(
			c, "plans", "%s: the plan calls somebody at every hour and place", tenant);
	else if (r != -EINVAL)
		pp_checkup_say(c,
			PP_FAIL("plans", "import the dispatch file again: pospinctl plan import"),
			"%s: the plan cannot be read: %s", tenant,
			r == -EBADMSG ? "it is damaged, or a newer program's; the built-in one "
					"calls instead: the desk, after 15 s every webhook"
				      : strerrordesc_np(-r));
	if (book)
		stale_check(c, book, now_ms);
	pp_plan_book_free(book);
}

void pp_check_plans(struct pp_checkup *c, void *user)
{
	const struct pp_examination *e = user;
	struct pp_json *tenants = NULL;
	struct pp_db *db = NULL;
	const char *id;

	pp_checkup_at(c, "opening %.200s", e->server.record_path);
	if (pp_db_open(e->server.record_path, PP_DB_READ, &db) < 0)
		return; /* the group "record" says so */
	if (pp_query_tenants(db, &tenants) == 0) {
		for (size_t i = 0; i < pp_json_count(tenants); i++) {
			if (pp_json_get_text(pp_json_item(tenants, i), "id", 23, &id) == 0)
				tenant_check(c, db, id, e->now_ms);
		}
	}
	pp_json_free(tenants);
	pp_db_close(db);
}
