/* SPDX-License-Identifier: Apache-2.0 */
/* troubles.c -- the words for what engineers must mend. */
#include "texts/troubles.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "texts/inert.h"

#define FIELD 121     /* bytes of a foreign text, with NUL */
#define NAMED_MOST 20 /* in a long text */
#define REST_ROOM 16  /* bytes for "; +12345 lagi." at the end of a short one */

static const struct {
	const char *kind, *id, *en;
} kinds[] = {
	{ "unsupervised", "pos tidak terdengar", "post not heard" },
	{ "clock", "jam pos salah", "clock of the post wrong" },
	{ "mains", "listrik padam", "mains lost" },
	{ "battery", "baterai lemah", "battery low" },
	{ "tamper", "kotak terbuka", "box open" },
	{ "open", "kotak terbuka", "box open" },
	{ "stuck", "tombol macet", "button stuck" },
	{ "chatter", "kontak bergetar", "contact chatters" },
	{ "gap", "masukan terputus", "input interrupted" },
	{ "under-range", "di bawah jangkauan", "under range" },
	{ "over-range", "di atas jangkauan", "over range" },
	{ "dirty", "detektor kotor", "detector dirty" },
	{ "storage", "penyimpanan pos rusak", "storage of the post failed" },
	{ "outbox-full", "antrean pos penuh", "outbox of the post full" },
	{ "outbox-damaged", "antrean pos rusak", "outbox of the post damaged" },
	{ "outbox-old", "salinan kartu lama", "old copy of the card" },
	{ "outputs", "keluaran pos rusak", "outputs of the post failed" },
	{ "flood", "terendam air", "water" },
	{ "too-many-troubles", "terlalu banyak gangguan", "too many troubles" },
	{ "unknown-point", "titik tak dikenal", "unknown point" },
	{ "unknown-signal", "sinyal tak dikenal", "unknown signal" },
};

const char *pp_texts_trouble_kind(const char *kind, bool english)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, kind) == 0)
			return english ? kinds[i].en : kinds[i].id;
	}
	return kind;
}

struct text {
	char *text;
	size_t length, most; /* bytes without NUL */
};

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *fmt, ...)
{
	size_t room = t->most + 1 - t->length;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(t->text + t->length, room, fmt, args);
	va_end(args);
	if (n > 0)
		t->length += (size_t)n < room ? (size_t)n : room - 1;
}

static void field(const char *from, enum pp_texts_shape shape, char ret[FIELD])
{
	if (shape == PP_TEXTS_SHORT)
		pp_texts_plain(from ? from : "", ret, 41);
	else
		pp_texts_inert(from ? from : "", ret, FIELD);
}

/* "Poskamling Boja, Tombol: tombol macet 22:10"; returns whether there was room for it whole. */
static bool item_add(
	struct text *t, const struct pp_texts_trouble *a, bool english, enum pp_texts_shape shape)
{
	char item[4 * FIELD], post[FIELD], point[FIELD], kind[FIELD];
	struct text one = { item, 0, sizeof(item) - 1 };

	field(a->post, shape, post);
	field(a->point, shape, point);
	field(pp_texts_trouble_kind(a->kind ? a->kind : "", english), shape, kind);
	add(&one, "%s%s%s: %s", post, point[0] ? ", " : "", point, kind);
	if (a->minute >= 0 && a->minute < 1440)
		add(&one, " %02d:%02d", a->minute / 60, a->minute % 60);
	if (t->length + one.length > t->most)
		return false;
	add(t, "%s", item);
	return true;
}

static const char *word_of(bool mended, bool english)
{
	if (mended)
		return english ? "MENDED" : "PULIH";
	return english ? "TROUBLE" : "GANGGUAN";
}

/* "3 GANGGUAN, 1 PULIH" */
static void counts_add(struct text *t, const struct pp_texts_troubles *a)
{
	if (a->troubles > 0)
		add(t, "%lld %s%s", (long long)a->troubles, word_of(false, a->english),
			a->english && a->troubles > 1 ? "S" : "");
	if (a->mended > 0)
		add(t, "%s%lld %s", a->troubles > 0 ? ", " : "", (long long)a->mended,
			word_of(true, a->english));
}

static void rest_add(
	struct text *t, const struct pp_texts_troubles *a, size_t named, const char *before)
{
	long long rest = (long long)(a->troubles + a->mended) - (long long)named;

	if (rest > 0)
		add(t, "%s+%lld %s", before, rest, a->english ? "more" : "lagi");
}

static void many_short(struct text *t, const struct pp_texts_troubles *a)
{
	size_t named = 0;

	t->most = PP_TEXTS_SHORT_MAX - REST_ROOM;
	counts_add(t, a);
	for (size_t i = 0; i < a->count; i++) {
		struct text before = *t;
		const struct pp_texts_trouble *one = &a->all[i];

		add(t, "%s%s", i == 0 ? ": " : "; ",
			one->mended && a->troubles > 0 ? word_of(true, a->english) : "");
		if (one->mended && a->troubles > 0)
			add(t, " ");
		if (!item_add(t, one, a->english, PP_TEXTS_SHORT)) {
			*t = before;
			t->text[t->length] = '\0';
			break;
		}
		named++;
	}
	t->most = PP_TEXTS_SHORT_MAX;
	rest_add(t, a, named, named > 0 ? "; " : ": ");
}

static void many_long(struct text *t, const struct pp_texts_troubles *a)
{
	char site[FIELD];
	size_t named = 0;

	field(a->site, PP_TEXTS_LONG, site);
	counts_add(t, a);
	add(t, "%s%s", site[0] ? ", " : "", site);
	t->most -= 2 * REST_ROOM;
	for (size_t i = 0; i < a->count && named < NAMED_MOST; i++) {
		struct text before = *t;

		add(t, "\n%s ", word_of(a->all[i].mended, a->english));
		if (!item_add(t, &a->all[i], a->english, PP_TEXTS_LONG)) {
			*t = before;
			t->text[t->length] = '\0';
			break;
		}
		named++;
	}
	t->most += 2 * REST_ROOM;
	rest_add(t, a, named, "\n");
}

static void one_make(struct text *t, const struct pp_texts_troubles *a, enum pp_texts_shape shape)
{
	char site[FIELD];

	field(a->site, shape, site);
	add(t, "%s ", word_of(a->all[0].mended, a->english));
	(void)item_add(t, &a->all[0], a->english, shape);
	if (shape == PP_TEXTS_LONG && site[0])
		add(t, "\n%s: %s", a->english ? "From" : "Dari", site);
}

void pp_texts_troubles_make(const struct pp_texts_troubles *about, enum pp_texts_shape shape,
	char ret_text[PP_TEXTS_MAX])
{
	struct text t = { .text = ret_text,
		.most = shape == PP_TEXTS_SHORT ? PP_TEXTS_SHORT_MAX : PP_TEXTS_MAX - 1 };

	ret_text[0] = '\0';
	if (about->troubles + about->mended <= 1)
		one_make(&t, about, shape);
	else if (shape == PP_TEXTS_SHORT)
		many_short(&t, about);
	else
		many_long(&t, about);
}

void pp_texts_collapsed_add(int64_t others, bool english, char text[PP_TEXTS_MAX])
{
	struct text t = { text, strlen(text), PP_TEXTS_MAX - 1 };

	if (others <= 0)
		return;
	if (english)
		add(&t, "\nWith %lld earlier message%s.", (long long)others,
			others > 1 ? "s" : "");
	else
		add(&t, "\nTermasuk %lld pesan sebelumnya.", (long long)others);
}
