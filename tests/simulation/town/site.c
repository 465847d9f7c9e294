/* SPDX-License-Identifier: Apache-2.0 */
/* site.c -- writes the site file as a person would, and has the product read it. */
#include "site.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "world/world.h"

const char *const site_webhooks[SITE_WEBHOOKS] = { "bot", "siren" };

static void point_write(
	struct pp_buf *b, const char *id, const char *kind, const char *class, bool silent)
{
	pp_buf_addf(b, "          - {id: %s, kind: %s", id, kind);
	if (strcmp(class, "unspecified") != 0)
		pp_buf_addf(b, ", class: %s", class);
	if (silent)
		pp_buf_addf(b, ", silent: true");
	pp_buf_addf(b, ", label: {id: %s, en: %s}}\n", id, id);
}

static void post_write(struct pp_buf *b, const char *post)
{
	pp_buf_addf(b,
		"      - id: %s\n        name: %s\n        desa: d1\n        rw: '01'\n"
		"        latitude: -7.1\n        longitude: 110.2\n        points:\n",
		post, post);
#define POINT(id, kind, class, silent) point_write(b, id, kind, class, silent);
	SITE_POINTS(POINT)
#undef POINT
}

struct pp_site *site_make(const char *const *posts, size_t count)
{
	struct pp_buf b = { 0 };
	struct pp_problem problem = { "" };
	struct pp_yaml *root = NULL;
	struct pp_site *site = NULL;
	size_t length;
	char *text;
	int r;

	pp_buf_addf(&b, "tenants:\n  - id: kendal\n    name: Kabupaten Kendal\n    prefix: KDL\n"
			"    timezone: Asia/Jakarta\n    sample: true\n    kecamatan:\n"
			"      - {code: k1, name: Boja, desa: [{code: d1, name: Bebengan}]}\n"
			"    webhooks:\n"
			"      - {name: bot, url: 'https://bot/', secret: 0123456789abcdef}\n"
			"      - {name: siren, url: 'https://siren/', secret: 0123456789abcdef}\n"
			"    posts:\n");
	for (size_t i = 0; i < count; i++)
		post_write(&b, posts[i]);
	r = pp_buf_take(&b, &text, &length);
	if (r == 0)
		r = pp_yaml_parse("site.yaml", text, length, &root, &problem);
	if (r == 0)
		r = pp_site_read(root, &site, &problem);
	if (r < 0)
		fprintf(stderr, "%s\n", problem.text);
	assert(r == 0);
	pp_yaml_free(root);
	free(text);
	return site;
}

struct pp_key *site_key(const char *tenant, const char *post)
{
	static struct world_node *node;
	char name[80], pem[WORLD_PEM_MAX];
	struct pp_key *key;
	int r;

	if (!node)
		node = world_node_new("keys");
	snprintf(name, sizeof(name), "%s/%s", tenant, post);
	world_key_pem(name, pem);
	world_disk_put(node, "/key.pem", pem, strlen(pem));
	world_node_enter(node);
	r = pp_key_load("/key.pem", &key);
	world_node_leave();
	assert(r == 0);
	return key;
}
