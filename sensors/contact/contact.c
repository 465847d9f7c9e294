/* SPDX-License-Identifier: Apache-2.0 */
/* contact.c -- two-state contacts: what their two states are called is all that differs. */
#include "contact/contact.h"

#include <errno.h>
#include <stdlib.h>

static const struct meaning {
	enum pp_kind kind;
	enum pp_signal_type on, off;
	const char *detail;
	uint64_t debounce_us;
} meanings[] = {
	{ PP_KIND_TAMPER, PP_SIGNAL_TROUBLE, PP_SIGNAL_TROUBLE_RESTORE, "open", 50000 },
	{ PP_KIND_MAINS, PP_SIGNAL_TROUBLE, PP_SIGNAL_TROUBLE_RESTORE, "mains-lost", 500000 },
	{ PP_KIND_BATTERY, PP_SIGNAL_TROUBLE, PP_SIGNAL_TROUBLE_RESTORE, "low", 50000 },
	{ PP_KIND_INPUT, PP_SIGNAL_ALARM, PP_SIGNAL_RESTORE, NULL, 50000 },
};

struct contact {
	struct pp_wire *wire;
	const struct meaning *meaning;
};

static const struct meaning *meaning_find(enum pp_kind kind)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].kind == kind)
			return &meanings[i];
	return NULL;
}

static void *contact_free(void *k)
{
	struct contact *c = k;

	if (c)
		pp_wire_free(c->wire);
	free(c);
	return NULL;
}

static int contact_new(const struct pp_sensor_config *config, void **ret_k)
{
	const struct meaning *meaning = meaning_find(config->kind);
	struct contact *c;
	int r;

	if (!meaning)
		return -EINVAL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->meaning = meaning;
	r = pp_kind_wire_new(config, meaning->debounce_us, 0, &c->wire);
	if (r < 0) {
		contact_free(c);
		return r;
	}
	*ret_k = c;
	return 0;
}

static void wire_moved(
	struct contact *c, unsigned what, uint64_t now_us, const struct pp_kind_out *out)
{
	bool on = pp_wire_is_on(c->wire);
	uint32_t flags = on && pp_wire_at_start(c->wire) ? PP_FLAG_AT_START : 0;

	if (what & PP_WIRE_CHANGED)
		pp_kind_emit(out, on ? c->meaning->on : c->meaning->off, pp_wire_onset(c->wire),
			flags, c->meaning->detail);
	pp_kind_emit_chatter(out, what, now_us);
}

static void contact_feed(
	void *k, bool active, bool edge, uint64_t at_us, const struct pp_kind_out *out)
{
	struct contact *c = k;

	wire_moved(c, (edge ? pp_wire_feed : pp_wire_start)(c->wire, active, at_us), at_us, out);
}

static void contact_step(void *k, uint64_t now_us, const struct pp_kind_out *out)
{
	struct contact *c = k;

	wire_moved(c, pp_wire_step(c->wire, now_us), now_us, out);
}

static uint64_t contact_deadline(const void *k)
{
	const struct contact *c = k;

	return pp_wire_deadline(c->wire);
}

static void contact_view(const void *k, struct pp_kind_view *ret_view)
{
	const struct contact *c = k;
	struct pp_kind_view view = { .state = PP_POINT_NORMAL };

	if (pp_wire_chatters(c->wire)) {
		view.state = PP_POINT_TROUBLE;
		view.detail = "chatter";
	}
	if (pp_wire_is_on(c->wire)) {
		view.state = c->meaning->on == PP_SIGNAL_ALARM ? PP_POINT_ALARM : PP_POINT_TROUBLE;
		view.detail = c->meaning->detail ? c->meaning->detail : view.detail;
	}
	*ret_view = view;
}

const struct pp_kind_ops pp_contact_ops = {
	.new = contact_new,
	.free = contact_free,
	.feed = contact_feed,
	.step = contact_step,
	.deadline = contact_deadline,
	.view = contact_view,
};
