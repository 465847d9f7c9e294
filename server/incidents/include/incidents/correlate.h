/* SPDX-License-Identifier: Apache-2.0 */
/* incidents/correlate.h -- what an authentic signal means for the record. Pure.
 * An alarm joins the open incident of its post and class, or opens one; everything else is a fact.
 */
#ifndef INCIDENTS_CORRELATE_H
#define INCIDENTS_CORRELATE_H

#include "protocol/signal.h"

#include <stdbool.h>

enum pp_meaning {
	PP_MEANS_ALARM,   /* attach to the open incident of `class`, or open one; it alerts in both
			     cases */
	PP_MEANS_RESTORE, /* a fact of its alarm's incident; waits for the alarm if that is not here
			     yet */
	PP_MEANS_CANCEL,  /* the same */
	PP_MEANS_TROUBLE, /* raise `trouble` */
	PP_MEANS_TROUBLE_END, /* end `trouble`, or all troubles of the point that signals raised */
	PP_MEANS_TEST,        /* a fact */
};

/* What the registry says of the point that a signal names. */
struct pp_known_point {
	bool known; /* always so for the post itself (point "") */
	bool silent;
};

#define PP_TROUBLE_KIND_MAX 32
struct pp_verdict {
	enum pp_meaning meaning;
	enum pp_class class; /* alarms: of the incident */
	bool silent, drill;  /* alarms: of an incident that it opens */
	bool unknown;        /* a point, class, flag or type that this server does not know */
	char trouble[PP_TROUBLE_KIND_MAX + 1]; /* "" for TROUBLE_END: all of the point */
	char why_unknown[PP_TROUBLE_KIND_MAX +
			 1]; /* unknown: the kind of trouble to raise, else "" */
};

/* Never refuses: content that is not understood means class `unspecified` and a trouble (contract,
 * promise 5). */
void pp_signal_judge(const struct pp_signal *signal, const struct pp_known_point *point,
	struct pp_verdict *ret_verdict);

#endif
