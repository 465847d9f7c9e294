/* SPDX-License-Identifier: Apache-2.0 */
/* sentence.c -- what the record knows of an incident, for the sentences of texts/texts.h. */
#include "sentence.h"

#include <stdio.h>
#include <string.h>

#include "registry/zone.h"
#include "store/registry.h"

/* The local minute of the day; -1 where the clock was not to be trusted. */
static int minute_of(int64_t wall_ms, const char *zone)
{
	int64_t east = pp_zone_minutes(zone), minute;

	if (east < -1440 || east > 1440)
		east = 0;
	minute = (wall_ms / 60000 + east) % 1440;
	return wall_ms < 0 || minute < 0 ? -1 : (int)minute;
}

static const char *label_of(const struct pp_store_point *point, bool english)
{
	return english ? point->label_en : point->label_id;
}

int pp_sentence_place(struct pp_ledger *l, const struct pp_incident *i, const char *post,
	struct pp_post_about *ret_about)
{
	int r;

	if (post[0] || !i->desa[0])
		return pp_store_post_about(l->db, i->tenant, post, ret_about);
	r = pp_store_desa_about(l->db, i->tenant, i->desa, ret_about);
	if (r == 1)
		snprintf(ret_about->rw, sizeof(ret_about->rw), "%s", i->rw);
	return r;
}

/* Who of the desk it is, is nobody else's to know. */
static const char *outside(const char *by)
{
	return by && strncmp(by, "agency:", 7) == 0 ? by + 7 : NULL;
}

int pp_sentence_make(struct pp_ledger *l, const struct pp_sentence *w, char ret_text[PP_TEXTS_MAX])
{
	const struct pp_incident *i = w->incident;
	const char *id = w->post ? w->post : i->post;
	struct pp_post_about post = { .name = "" };
	struct pp_store_point point = { .label_id = "", .label_en = "" };
	struct pp_tenant_about tenant = { .name = "" };
	int r = pp_store_tenant_about(l->db, i->tenant, &tenant);

	if (r >= 0)
		r = pp_sentence_place(l, i, id, &post);
	if (r >= 0 && w->point)
		r = pp_store_point(l->db, i->tenant, id, w->point, &point);
	if (r < 0)
		return r;
	pp_texts_make(&(struct pp_texts_about){ .purpose = w->purpose,
			      .english = w->english,
			      .site = tenant.name,
			      .number = i->number,
			      .class = i->class,
			      .drill = i->drill,
			      .silent = i->silent,
			      .late_ms = i->late ? i->opened_ms - i->occurred_ms : 0,
			      .post = post.name,
			      .point = label_of(&point, w->english),
			      .rw = post.rw,
			      .desa = post.desa,
			      .kecamatan = post.kecamatan,
			      .minute = minute_of(i->occurred_ms, tenant.zone),
			      .signals = i->signals,
			      .code = w->code,
			      .by = outside(w->by) },
		w->shape, ret_text);
	return 0;
}
