/* SPDX-License-Identifier: Apache-2.0 */
/* verify.c -- `verify`: the audit chain of each tenant against itself and against its signed heads.
 */
#include <errno.h>
#include <inttypes.h>

#include "commands.h"
#include "crypto/key_list.h"
#include "inert.h"
#include "ledger/chain.h"

int pp_ctl_keys(struct pp_ctl_call *call, struct pp_key_list *ret_keys)
{
	const char *path = pp_ctl_get(call, "keys");
	unsigned line;
	int r = pp_key_list_load(path, ret_keys, &line);

	if (r == -EBADMSG && line > 0)
		return pp_ctl_fail(
			call, "%s:%u: expected a public key in base64, once", path, line);
	if (r == -EBADMSG)
		return pp_ctl_fail(call, "%s: holds no key", path);
	if (r == -E2BIG)
		return pp_ctl_fail(call, "%s:%u: more than %d keys", path, line, PP_KEY_LIST_MAX);
	return r < 0 ? pp_ctl_fail(call, "%s: %s", path, pp_ctl_words_of(r)) : PP_CTL_DONE;
}

static int tell(struct pp_ctl_call *call, const struct pp_verify_report *report)
{
	const char *record = pp_ctl_get(call, "record");

	if (report->ahead > 0)
		fprintf(call->err,
			"The heads go further than the record: it is an older copy of itself, or "
			"its end was cut off. If you have put a copy back, start the server on "
			"it: posts bring back what they hold, and the timeline tells of the "
			"rest.\n");
	if (report->problems > 0)
		return pp_ctl_fail(call,
			"%s: IS NOT AS IT WAS WRITTEN: %" PRId64 " problem%s; first: %s", record,
			report->problems, report->problems == 1 ? "" : "s", report->first);
	if (report->restored > 0)
		fprintf(call->out,
			"%s: AN OLDER COPY WAS PUT BACK, %" PRId64 " time%s: %" PRId64
			" signed heads are of events that it lacks; last: %s\n",
			record, report->restored, report->restored == 1 ? "" : "s",
			report->lost_heads, report->restoration);
	fprintf(call->out,
		"%s: as it was written: %" PRId64 " events of %" PRId64 " tenants, %" PRId64
		" personal texts (%" PRId64 " erased), %" PRId64 " signed heads\n",
		record, report->events, report->tenants, report->personal, report->erased,
		report->heads);
	if (report->heads == 0)
		fprintf(call->out,
			"No signed head was there to compare with: a chain that was written "
			"anew, or cut off, would look just like this.\n");
	return PP_CTL_DONE;
}

static int verify_run(struct pp_ctl_call *call)
{
	const char *record = pp_ctl_get(call, "record"), *heads = pp_ctl_get(call, "heads");
	struct pp_verify_report report;
	struct pp_key_list keys = { .count = 0 };
	struct pp_db *db;
	int r;

	if ((heads != NULL) != pp_ctl_has(call, "keys")) {
		pp_ctl_fail(call, "--heads and --keys belong together");
		return PP_CTL_USAGE;
	}
	if (heads && pp_ctl_keys(call, &keys) != PP_CTL_DONE)
		return PP_CTL_FAILED;
	r = pp_db_open(record, PP_DB_READ, &db);
	if (r < 0)
		return pp_ctl_fail(call, "%s: %s", record, pp_ctl_words_of(r));
	r = pp_chain_verify(db, pp_ctl_get(call, "tenant"), heads,
		(const uint8_t(*)[PP_PUBLIC_KEY_SIZE])keys.keys, keys.count, &report);
	if (r < 0)
		r = pp_ctl_fail(call, "%s%s%s: %s (%s)", record, heads ? ", " : "",
			heads ? heads : "", pp_ctl_words_of(r), pp_db_error(db));
	else
		r = tell(call, &report);
	pp_db_close(db);
	return r;
}

static const struct pp_ctl_option options[] = {
	{ "record", "FILE", true, false, "The server's record (record.db), or a copy of it" },
	{ "heads", "FILE", false, false,
		"The signed heads (heads.log), best from another machine" },
	{ "keys", "FILE", false, false, "Public keys of the server (server-keys.txt)" },
	{ "tenant", "TENANT", false, false, "Only this one" },
};
const struct pp_ctl_command pp_ctl_verify = {
	.name = "verify",
	.help = "Finds what was changed, cut or rewritten afterwards.",
	.detail = "Computes the chain of every tenant anew and compares it with its signed heads. "
		  "Tells the "
		  "first break with its height. Without heads only changes inside the chain can be "
		  "seen.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = verify_run,
};
