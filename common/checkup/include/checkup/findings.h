/* SPDX-License-Identifier: Apache-2.0 */
/* checkup/findings.h -- what was found, in plain words, and what to do about it. */
#ifndef CHECKUP_FINDINGS_H
#define CHECKUP_FINDINGS_H

#include "json/json.h"

#include <stddef.h>
#include <stdio.h>

#define PP_FINDINGS_MAX 512 /* more are dropped, and the last one says so */
#define PP_FINDING_TEXT 400

enum pp_finding_level { PP_FINDING_OK, PP_FINDING_WARN, PP_FINDING_FAIL };

struct pp_finding {
	enum pp_finding_level level;
	char id[40];                /* stable, for programs: "disk.space" */
	char text[PP_FINDING_TEXT]; /* what is so */
	char todo[PP_FINDING_TEXT]; /* what to do; "" with OK */
};
struct pp_findings { /* zero-initialised is empty */
	size_t count, size;
	struct pp_finding *list;
};

/* Control characters and what is not UTF-8 become '?'. -ENOMEM. */
int pp_findings_add(struct pp_findings *f, const struct pp_finding *finding);
void pp_findings_done(struct pp_findings *f);
enum pp_finding_level pp_findings_worst(const struct pp_findings *f);
size_t pp_findings_count(const struct pp_findings *f, enum pp_finding_level level);
/* Findings of a group of lines each, then a line that counts them. */
void pp_findings_print(const struct pp_findings *f, FILE *out);
/* {"health":"ok|warn|fail","findings":[{"level","id","text","todo"}]}; the caller frees it. */
struct pp_json *pp_findings_json(const struct pp_findings *f);
const char *pp_finding_word(enum pp_finding_level level); /* "OK", "WARN", "FAIL" */

#endif
