/* SPDX-License-Identifier: Apache-2.0 */
/* store/scope.h -- how much of the record somebody sees. What is outside is as if it were not
 * there; what is masked is there, and says so. */
#ifndef STORE_SCOPE_H
#define STORE_SCOPE_H

#include <stdbool.h>

struct pp_scope {
	const char *tenant;    /* NULL: all, where the query allows it */
	const char *kecamatan; /* ",33.24.07,33.24.08,": only these; NULL or "": all */
	const char *unit;      /* only incidents that this unit was sent to; NULL or "": all */
	bool notes;            /* what people wrote; else masked */
	bool contacts;         /* names and telephone numbers; else masked */
	bool people;           /* events of users, sessions and views; else they are left out */
};
#define PP_SCOPE_ALL(name)                                                                         \
	(&(const struct pp_scope){                                                                 \
		.tenant = (name), .notes = true, .contacts = true, .people = true })

#endif
