/* SPDX-License-Identifier: Apache-2.0 */
/* registry/site.h -- a site file (YAML) as checked structs: tenants, kecamatan, desa, posts,
 * points, webhooks. */
#ifndef REGISTRY_SITE_H
#define REGISTRY_SITE_H

#include "core/yaml.h"
#include "protocol/limits.h"
#include "protocol/words.h"

#include <stdbool.h>
#include <stddef.h>

#define PP_SITE_TEXT_MAX 120   /* bytes of a name, label or contact */
#define PP_SITE_CODE_MAX 20    /* of a kecamatan or desa */
#define PP_SITE_PREFIX_MAX 8   /* of incident numbers: [A-Z]{2,8} */
#define PP_SITE_WEBHOOKS_MAX 8 /* of a tenant */

/* All texts are owned by the site and NUL-terminated UTF-8. */
struct pp_site_point {
	char *id;
	enum pp_kind kind;
	enum pp_class class; /* PP_CLASS_UNSPECIFIED where the file gives none */
	bool silent;
	char *label_id, *label_en;
};
struct pp_site_post {
	char *id, *name, *desa, *rw;
	double latitude, longitude;         /* degrees, WGS 84 */
	char *contact_name, *contact_phone; /* NULL: none */
	bool active;
	size_t point_count;
	struct pp_site_point *points;
};
struct pp_site_desa {
	char *code, *name;
};
struct pp_site_kecamatan {
	char *code, *name;
	size_t desa_count;
	struct pp_site_desa *desa;
};
struct pp_site_webhook {
	char *name, *url, *secret;
	char *template, *type, *authorization, *success; /* NULL: not given; see form/form.h */
};
struct pp_site_tenant {
	char *id, *name, *prefix, *timezone;
	bool sample;
	size_t kecamatan_count, webhook_count, post_count;
	struct pp_site_kecamatan *kecamatan;
	struct pp_site_webhook *webhooks;
	struct pp_site_post *posts;
};
struct pp_site {
	size_t tenant_count;
	struct pp_site_tenant *tenants;
};

/* Reads and checks the whole file. -EINVAL: *problem says file:line:column, what is wrong and what
 * was expected (unknown or missing keys, duplicates, unknown desa, coordinates outside Indonesia,
 * `svc-` names, ...). -errno of reading it. */
int pp_site_load(const char *path, struct pp_site **ret_site, struct pp_problem *problem);
/* The same on a tree that is parsed already. Nothing of the tree is kept. */
int pp_site_read(const struct pp_yaml *root, struct pp_site **ret_site, struct pp_problem *problem);
struct pp_site *pp_site_free(struct pp_site *site); /* NULL is fine; returns NULL */

#endif
