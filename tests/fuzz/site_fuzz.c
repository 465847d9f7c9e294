/* SPDX-License-Identifier: Apache-2.0 */
/* site_fuzz.c -- a site file that is taken holds only what the wire and the page can carry, and is
 * read a second time to the same; one that is refused says where and why. */
#include "fuzz.h"

#include "core/text.h"
#include "protocol/topic.h"
#include "registry/site.h"
#include "registry/zone.h"

static void text_check(const char *text, size_t max)
{
	MUST_HOLD(text && text[0] && strlen(text) <= max);
	MUST_HOLD(pp_text_is_utf8(text, strlen(text)));
}

static void post_check(const struct pp_site_tenant *t, size_t index)
{
	const struct pp_site_post *p = &t->posts[index];

	MUST_HOLD(pp_post_check(p->id) == 0 && strlen(p->id) <= PP_POST_MAX);
	text_check(p->name, PP_SITE_TEXT_MAX);
	MUST_HOLD(p->latitude >= -11.1 && p->latitude <= 6.2);
	MUST_HOLD(p->longitude >= 94.9 && p->longitude <= 141.1);
	for (size_t i = 0; i < index; i++)
		MUST_HOLD(strcmp(t->posts[i].id, p->id) != 0);
	for (size_t i = 0; i < p->point_count; i++) {
		const struct pp_site_point *point = &p->points[i];

		MUST_HOLD(pp_text_is_slug(point->id, strlen(point->id), PP_POINT_MAX));
		MUST_HOLD(point->kind > PP_KIND_UNKNOWN && point->kind < PP_KIND_COUNT);
		MUST_HOLD(point->kind != PP_KIND_POST);
		text_check(point->label_id, PP_SITE_TEXT_MAX);
		text_check(point->label_en, PP_SITE_TEXT_MAX);
		for (size_t k = 0; k < i; k++)
			MUST_HOLD(strcmp(p->points[k].id, point->id) != 0);
	}
}

static void tenant_check(const struct pp_site *site, size_t index)
{
	const struct pp_site_tenant *t = &site->tenants[index];

	MUST_HOLD(pp_tenant_check(t->id) == 0 && strncmp(t->id, "svc-", 4) != 0);
	text_check(t->name, PP_SITE_TEXT_MAX);
	MUST_HOLD(strlen(t->prefix) >= 2 && strlen(t->prefix) <= PP_SITE_PREFIX_MAX);
	MUST_HOLD(pp_zone_minutes(t->timezone) >= 0);
	MUST_HOLD(t->webhook_count <= PP_SITE_WEBHOOKS_MAX);
	for (size_t i = 0; i < t->webhook_count; i++)
		MUST_HOLD(strncmp(t->webhooks[i].url, "http", 4) == 0 &&
			  strlen(t->webhooks[i].secret) >= 16);
	for (size_t i = 0; i < index; i++)
		MUST_HOLD(strcmp(site->tenants[i].id, t->id) != 0 &&
			  strcmp(site->tenants[i].prefix, t->prefix) != 0);
	for (size_t i = 0; i < t->post_count; i++)
		post_check(t, i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pp_problem problem = { "" };
	struct pp_yaml *root = NULL;
	struct pp_site *site = NULL, *again = NULL;

	if (pp_yaml_parse("site.yaml", (const char *)data, size, &root, &problem) < 0) {
		MUST_HOLD(!root && problem.text[0]);
		return 0;
	}
	if (pp_site_read(root, &site, &problem) < 0) {
		MUST_HOLD(!site && problem.text[0]);
	} else {
		for (size_t i = 0; i < site->tenant_count; i++)
			tenant_check(site, i);
		MUST_HOLD(pp_site_read(root, &again, &problem) == 0);
		MUST_HOLD(again->tenant_count == site->tenant_count);
	}
	pp_site_free(again);
	pp_site_free(site);
	pp_yaml_free(root);
	return 0;
}
