/* SPDX-License-Identifier: Apache-2.0 */
/* checkup/checkup.h -- groups of checks that may hang, run where that hurts nobody: each in a child
 * process, all at once, until one deadline. For programs without threads. */
#ifndef CHECKUP_CHECKUP_H
#define CHECKUP_CHECKUP_H

#include "checkup/findings.h"

struct pp_checkup; /* where the checks of a group say what they find */

/* All is well: what was looked at. */
void pp_checkup_ok(struct pp_checkup *c, const char *id, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
struct pp_trouble {
	enum pp_finding_level level; /* WARN or FAIL */
	const char *id, *todo;
};
/* What is wrong. */
void pp_checkup_say(struct pp_checkup *c, const struct pp_trouble *trouble, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
#define PP_WARN(id, todo) (&(const struct pp_trouble){ PP_FINDING_WARN, id, todo })
#define PP_FAIL(id, todo) (&(const struct pp_trouble){ PP_FINDING_FAIL, id, todo })
/* What is going to be looked at: "reading /var/lib/...". Told when the group hangs or dies there.
 */
void pp_checkup_at(struct pp_checkup *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

struct pp_checkup_group {
	const char *id; /* of the finding that tells that it hangs */
	void (*run)(struct pp_checkup *c, void *user);
	enum pp_finding_level late; /* how bad it is that it did not end in time */
	const char *late_todo;
};

#define PP_CHECKUP_GROUPS_MAX 16
/* Runs all groups, and adds what they found in the groups' order. Returns at the latest when
 * timeout_ms is over, whatever hangs. 0 or -errno: they could not be run. */
int pp_checkup_run(const struct pp_checkup_group *groups, size_t count, void *user,
	unsigned timeout_ms, struct pp_findings *ret_findings);
/* One group here and now, without a child: for checks that cannot hang, and for tests. */
void pp_checkup_here(
	void (*run)(struct pp_checkup *c, void *user), void *user, struct pp_findings *findings);

#endif
