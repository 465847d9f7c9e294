/* SPDX-License-Identifier: Apache-2.0 */
/* storms.c -- signals that are told as counts: counting them as they come, telling the counts as
 * time goes by. */
#include "gather.h"

#include <stdio.h>
#include <string.h>

#include "store/storms.h"

#define TOLD_AT_ONCE_MAX 64 /* storms; more are told a second later */

static const char *word_of(enum pp_storm_word word)
{
	return word == PP_STORM_OVER ? "over" : "on";
}

static struct pp_json *news_body(const struct pp_storm_row *row, const struct pp_storm_news *news)
{
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_i64(body, "count", news->count);
	(void)pp_json_set_bool(body, "alert", news->alert);
	if (row->first_id > 0) {
		(void)pp_json_set_i64(body, "first_signal_id", row->first_id);
		(void)pp_json_set_i64(body, "last_signal_id", row->last_id);
	}
	return body;
}

static int incident_tell(struct pp_ledger *l, const struct pp_storm_row *row,
	const struct pp_storm_news *news, const struct pp_incident *incident)
{
	const char *kind = news->word == PP_STORM_OVER ? "incident.calm" : "incident.storm";
	struct pp_json *body = news_body(row, news);
	struct pp_written written;
	int r;

	(void)pp_json_set_text(body, "number", incident->number);
	(void)pp_json_set_text(body, "class", pp_class_text(incident->class));
	(void)pp_json_set_bool(body, "silent", incident->silent);
	(void)pp_json_set_bool(body, "drill", incident->drill);
	(void)pp_json_set_i64(body, "signals", incident->signals);
	if (incident->mark != PP_MARK_REAL)
		(void)pp_json_set_text(body, "mark", pp_mark_text(incident->mark));
	r = pp_timeline_write(l,
		&(struct pp_event){ .tenant = row->tenant,
			.kind = kind,
			.actor = "server",
			.incident = incident,
			.post = row->post,
			.body = body },
		&written);
	/* What is tested or disabled is shown, and nobody is told: also not that it chatters. */
	if (r < 0 || !news->alert || incident->mark == PP_MARK_TEST ||
		incident->mark == PP_MARK_DISABLED)
		return r;
	return pp_alert_queue(l, &(struct pp_alert){ .kind = kind,
					 .post = row->post,
					 .point = "",
					 .point_kind = PP_KIND_POST,
					 .incident = incident,
					 .event = &written });
}

/* Of what belongs to no incident nobody is rung: it is told when an alert would be due. */
static int post_tell(
	struct pp_ledger *l, const struct pp_storm_row *row, const struct pp_storm_news *news)
{
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_text(body, "kind", "flood");
	(void)pp_json_set_text(body, "detail", "signals that belong to no incident");
	(void)pp_json_set_i64(body, "count", news->count);
	return pp_timeline_write(l,
		&(struct pp_event){ .tenant = row->tenant,
			.kind = "security",
			.actor = "server",
			.post = row->post,
			.body = body },
		NULL);
}

/* incident: NULL when it has to be read. */
static int news_tell(struct pp_ledger *l, struct pp_storm_row *row,
	const struct pp_storm_news *news, struct pp_incident *incident)
{
	struct pp_incident read;
	int r = 1;

	if (row->incident_id == 0)
		r = news->count > 0 ? post_tell(l, row, news) : 0;
	else if (!incident)
		r = pp_store_incident_by_id(l->db, row->incident_id, &read);
	if (row->incident_id > 0 && r == 1) {
		incident = incident ? incident : &read;
		if (strcmp(incident->storm, word_of(news->word)) != 0)
			r = pp_store_incident_storm(l->db, row->incident_id, word_of(news->word));
		if (r >= 0)
			r = incident_tell(l, row, news, incident);
	}
	row->first_id = row->last_id = 0;
	return r < 0 ? r : 0;
}

/* The rule tells of no incident as often as of one; that needs nobody's eyes so often. */
static struct pp_storm_news row_step(struct pp_storm_row *row, int64_t now_ms)
{
	struct pp_storm before = row->storm;
	struct pp_storm_news news = pp_storm_step(&row->storm, now_ms);

	if (row->incident_id == 0 && news.word == PP_STORM_COUNTED && !news.alert) {
		before.told_ms = now_ms;
		row->storm = before;
		news.word = PP_STORM_NOTHING;
	}
	return news;
}

/* In a storm: whether its point is told for the first time. Then it is told by itself. */
static int point_is_new(
	struct pp_ledger *l, const struct pp_counted *c, const struct pp_storm_row *row)
{
	if (!row->storm.on || !c->point || row->incident_id == 0)
		return 0;
	return pp_store_storm_point(l->db, row->incident_id, c->point);
}

static int storm_join(struct pp_ledger *l, const struct pp_counted *c, struct pp_storm_row *row)
{
	struct pp_storm_news news;
	int r;

	row->first_id = row->first_id ? row->first_id : c->signal_id;
	row->last_id = c->signal_id;
	news = row_step(row, l->now_ms);
	if (news.word == PP_STORM_NOTHING)
		return 0;
	r = news_tell(l, row, &news, c->incident);
	if (c->incident)
		snprintf(c->incident->storm, sizeof(c->incident->storm), "%s", word_of(news.word));
	return r;
}

int pp_storm_count(struct pp_ledger *l, const struct pp_counted *c)
{
	struct pp_storm_row row = { .incident_id = c->incident ? c->incident->incident_id : 0 };
	int alone, r;

	snprintf(row.tenant, sizeof(row.tenant), "%s", c->tenant);
	snprintf(row.post, sizeof(row.post), "%s", c->post);
	r = pp_store_storm(l->db, &row);
	if (r < 0)
		return r;
	alone = point_is_new(l, c, &row);
	if (alone < 0)
		return alone;
	if (alone)
		row.storm.count++;
	else
		alone = pp_storm_feed(&row.storm, l->now_ms);
	if (!alone)
		r = storm_join(l, c, &row);
	if (r == 0)
		r = pp_store_storm_put(l->db, &row);
	return r < 0 ? r : alone;
}

static int row_apply(struct pp_ledger *l, struct pp_storm_row *row)
{
	struct pp_storm_news news;
	int r = 0;

	if (pp_storm_is_idle(&row->storm, l->now_ms))
		return pp_store_storm_forget(l->db, row);
	news = row_step(row, l->now_ms);
	if (news.word != PP_STORM_NOTHING)
		r = news_tell(l, row, &news, NULL);
	if (r == 0 && news.word == PP_STORM_OVER)
		r = pp_store_storm_forget(l->db, row); /* in the next one its points are new */
	return r < 0 ? r : pp_store_storm_put(l->db, row);
}

int pp_apply_storms(struct pp_ledger *l, struct pp_item *item)
{
	struct pp_storm_row rows[TOLD_AT_ONCE_MAX];
	size_t count = 0;
	int r = pp_modes_expire(l);

	r = r < 0 ? r : 1;
	/* All first, because what is written changes what is due. */
	while (count < TOLD_AT_ONCE_MAX && r == 1) {
		r = pp_store_storm_due(l->db, l->now_ms, count, &rows[count]);
		count += r == 1;
	}
	for (size_t i = 0; r >= 0 && i < count; i++)
		r = row_apply(l, &rows[i]);
	if (r >= 0)
		r = pp_troubles_tell(l, item);
	/* Not before all are there: they go as one. */
	return r == 0 ? pp_collected_release(l, item) : r < 0 ? r : 0;
}
