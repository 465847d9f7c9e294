/* SPDX-License-Identifier: Apache-2.0 */
/* site.h -- the site file of the simulated regency, and the keys of its posts. Private to the town.
 */
#ifndef TOWN_SITE_H
#define TOWN_SITE_H

#include "crypto/sign.h"
#include "registry/site.h"

/* As the posts of the world have them. */
#define SITE_POINTS(X)                                                                             \
	X("panic-crime", "panic", "crime", false)                                                  \
	X("panic-fire", "panic", "fire", false)                                                    \
	X("panic-silent", "panic", "crime", true)                                                  \
	X("smoke", "smoke", "fire", false)                                                         \
	X("mains", "mains", "unspecified", false)

#define SITE_WEBHOOKS 2
extern const char *const site_webhooks[SITE_WEBHOOKS];
/* With those webhooks. */
struct pp_site *site_make(const char *const *posts, size_t count);
/* Made once in a process; never freed. */
struct pp_key *site_key(const char *tenant, const char *post);

#endif
