/* SPDX-License-Identifier: Apache-2.0 */
/* import.c -- `import`: a site file into the registry of the record. */
#include <errno.h>

#include "actor.h"
#include "commands.h"
#include "core/clock.h"
#include "inert.h"
#include "ledger/registrar.h"

static struct pp_import_counts site_count(const struct pp_site *site)
{
	struct pp_import_counts n = { .tenants = site->tenant_count };

	for (size_t i = 0; i < site->tenant_count; i++) {
		const struct pp_site_tenant *t = &site->tenants[i];

		n.kecamatan += t->kecamatan_count;
		n.webhooks += t->webhook_count;
		n.posts += t->post_count;
		for (size_t k = 0; k < t->kecamatan_count; k++)
			n.desa += t->kecamatan[k].desa_count;
		for (size_t k = 0; k < t->post_count; k++)
			n.points += t->posts[k].point_count;
	}
	return n;
}

static void tell_file(struct pp_ctl_call *call, const struct pp_site *site)
{
	struct pp_import_counts n = site_count(site);

	pp_inert_write(call->out, call->words[0]);
	fprintf(call->out,
		": %zu tenants, %zu kecamatan, %zu desa, %zu posts, %zu points, %zu webhooks\n",
		n.tenants, n.kecamatan, n.desa, n.posts, n.points, n.webhooks);
	for (size_t i = 0; i < site->tenant_count; i++) {
		if (site->tenants[i].sample)
			fprintf(call->out, "%s: sample data, not for a real site\n",
				site->tenants[i].id);
	}
}

static int record_write(struct pp_ctl_call *call, const struct pp_site *site)
{
	const char *record = pp_ctl_get(call, "record");
	struct pp_import_counts counts;
	struct pp_problem problem = { "" };
	char actor[PP_ACTOR_SIZE];
	struct pp_ledger *ledger;
	int r = pp_ledger_open(&(struct pp_ledger_options){ .record_path = record }, &ledger);

	if (r < 0)
		return pp_ctl_fail(call, "%s: %s", record,
			r == -ERANGE ? "was written by a newer PosPin" : pp_ctl_words_of(r));
	r = pp_ledger_import(ledger, site, pp_actor(actor), pp_clock_wall_ms(), &counts, &problem);
	if (r == -EINVAL && problem.text[0])
		r = pp_ctl_fail(call, "%s: %s", record, problem.text);
	else if (r < 0)
		r = pp_ctl_fail(
			call, "%s: %s (%s)", record, pp_ctl_words_of(r), pp_ledger_error(ledger));
	else if (counts.changed == 0)
		fprintf(call->out, "%s: says all of this already, nothing is written\n", record);
	else
		fprintf(call->out,
			"%s: %zu rows added, changed or removed; %zu posts are no longer "
			"named and no longer active\n",
			record, counts.changed, counts.deactivated);
	pp_ledger_close(ledger);
	return r;
}

static int import_run(struct pp_ctl_call *call)
{
	struct pp_problem problem = { "" };
	struct pp_site *site;
	int r;

	if (!pp_ctl_has(call, "check") && !pp_ctl_has(call, "record")) {
		pp_ctl_fail(
			call, "--record FILE is missing (or --check, to look at the file only)");
		return PP_CTL_USAGE;
	}
	r = pp_site_load(call->words[0], &site, &problem);
	if (r < 0)
		return problem.text[0]
			       ? pp_ctl_fail(call, "%s", problem.text)
			       : pp_ctl_fail(call, "%s: %s", call->words[0], pp_ctl_words_of(r));
	tell_file(call, site);
	r = pp_ctl_has(call, "check") ? PP_CTL_DONE : record_write(call, site);
	pp_site_free(site);
	return r;
}

static const struct pp_ctl_option options[] = {
	{ "record", "FILE", false, false, "The server's record (record.db); made if absent" },
	{ "check", NULL, false, false, "Only reads and checks the site file" },
};
const struct pp_ctl_command pp_ctl_import = {
	.name = "import",
	.help = "Brings the registry to what a site file (YAML) says.",
	.detail = "May be repeated: what is there already is not written again. Posts that the "
		  "file no "
		  "longer names become inactive, and are kept. Keys are never touched. Works "
		  "whether the "
		  "server runs or not.",
	.words = { "SITE.yaml" },
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = import_run,
};
