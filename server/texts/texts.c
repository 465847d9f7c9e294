/* SPDX-License-Identifier: Apache-2.0 */
/* texts.c -- the sentences. A short one gives up the kecamatan, then the desa, then letters of the
 * post's name before it grows beyond one SMS; number, class, place and code are never cut. */
#include "texts/texts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "texts/inert.h"

#define FIELD 121 /* bytes of a foreign text, with NUL */

/* Indonesian, English. */
typedef const char *const pair[2];

static pair classes[PP_CLASS_COUNT] = {
	[PP_CLASS_UNSPECIFIED] = { "DARURAT", "EMERGENCY" },
	[PP_CLASS_CRIME] = { "KEJAHATAN", "CRIME" },
	[PP_CLASS_FIRE] = { "KEBAKARAN", "FIRE" },
	[PP_CLASS_DISASTER] = { "BENCANA", "DISASTER" },
	[PP_CLASS_MEDICAL] = { "MEDIS", "MEDICAL" },
};

static pair word_drill = { "LATIHAN ", "DRILL " };
static pair word_again = { "LAGI ", "AGAIN " };
static pair word_silent = { " SENYAP: jangan menelepon pos.", " SILENT: do not ring the post." };

const char *pp_texts_class(enum pp_class class, bool english)
{
	return classes[class][english];
}

void pp_texts_doubt(int64_t wrong, char *ret_text, size_t size)
{
	snprintf(ret_text, size,
		"setelah %lld kode salah dari nomor ini: telepon balik"
		" / after %lld wrong codes from this number: call back",
		(long long)wrong, (long long)wrong);
}

/* The foreign texts, inert. */
struct fields {
	char post[2 * FIELD + 8]; /* its name, or an RW and a desa */
	char site[FIELD], number[FIELD], point[FIELD], rw[FIELD], desa[FIELD],
		kecamatan[FIELD], code[FIELD], by[FIELD];
	char clock[24];
	int most; /* bytes of a field that a short text can do with */
};

/* Where no post stands the RW and desa are what the place is called. */
static void place_name(struct fields *f)
{
	if (f->post[0])
		return;
	snprintf(f->post, sizeof(f->post), "%s%s%s%s", f->rw[0] ? "RW " : "", f->rw,
		f->rw[0] && f->desa[0] ? ", " : "", f->desa);
	f->rw[0] = f->desa[0] = '\0';
}

static void fields_fill(
	const struct pp_texts_about *a, enum pp_texts_shape shape, struct fields *ret)
{
	const struct {
		const char *from;
		char *to;
	} all[] = { { a->site, ret->site }, { a->number, ret->number }, { a->post, ret->post },
		{ a->point, ret->point }, { a->rw, ret->rw }, { a->desa, ret->desa },
		{ a->kecamatan, ret->kecamatan }, { a->code, ret->code }, { a->by, ret->by } };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (shape == PP_TEXTS_SHORT)
			pp_texts_plain(all[i].from ? all[i].from : "", all[i].to, FIELD);
		else
			pp_texts_inert(all[i].from ? all[i].from : "", all[i].to, FIELD);
	}
	place_name(ret);
	ret->most = shape == PP_TEXTS_SHORT ? 40 : FIELD;
	ret->clock[0] = '\0';
	if (a->minute >= 0 && a->minute < 1440)
		snprintf(ret->clock, sizeof(ret->clock), "%02d:%02d", a->minute / 60,
			a->minute % 60);
}

/* A text that may turn out too long for its place. */
struct text {
	char *text;
	size_t length;
};

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *fmt, ...)
{
	size_t room = PP_TEXTS_MAX - t->length;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(t->text + t->length, room, fmt, args);
	va_end(args);
	if (n > 0)
		t->length += (size_t)n < room ? (size_t)n : room - 1;
}

/* "LATIHAN KEBAKARAN KDL-26-000123" */
static void head_add(struct text *t, const struct pp_texts_about *a, const struct fields *f)
{
	add(t, "%s%s%s %s", a->drill ? word_drill[a->english] : "",
		a->purpose == PP_TEXTS_AGAIN ? word_again[a->english] : "",
		classes[a->class][a->english], f->number);
}

static void late_add(struct text *t, const struct pp_texts_about *a)
{
	long long minutes = (long long)((a->late_ms + 59999) / 60000);

	if (a->late_ms <= 0)
		return;
	if (a->english)
		add(t, " (%lld minutes ago)", minutes);
	else
		add(t, " (%lld menit lalu)", minutes);
}

static void answer_add(struct text *t, const struct pp_texts_about *a, const struct fields *f)
{
	if (f->code[0] == '\0')
		return;
	if (a->english)
		add(t, " Reply: YES %s or NO %s", f->code, f->code);
	else
		add(t, " Balas: YA %s atau TIDAK %s", f->code, f->code);
}

/* How much of the place is said: 3 all, 2 without kecamatan, 1 without desa, 0 the post alone,
 * `post` bytes of it. */
static void alarm_short(struct text *t, const struct pp_texts_about *a, const struct fields *f,
	int places, int post)
{
	t->length = 0;
	head_add(t, a, f);
	add(t, ": %.*s", post, f->post);
	if (places >= 1 && f->rw[0])
		add(t, " RW %s", f->rw);
	if (places >= 2 && f->desa[0])
		add(t, ", %s", f->desa);
	if (places >= 3 && f->kecamatan[0])
		add(t, ", %s", f->kecamatan);
	if (f->clock[0])
		add(t, " %s", f->clock);
	late_add(t, a);
	add(t, ".%s", a->silent ? word_silent[a->english] : "");
	answer_add(t, a, f);
}

static void alarm_shorten(struct text *t, const struct pp_texts_about *a, const struct fields *f)
{
	int post = (int)strlen(f->post);

	for (int places = 3; places >= 0; places--) {
		alarm_short(t, a, f, places, post);
		if (t->length <= PP_TEXTS_SHORT_MAX)
			return;
	}
	while (post > 8 && t->length > PP_TEXTS_SHORT_MAX)
		alarm_short(t, a, f, 0, --post);
}

static void line_add(struct text *t, const char *name, const char *value)
{
	if (value[0])
		add(t, "\n%s: %s", name, value);
}

static void place_add(struct text *t, bool english, const struct fields *f)
{
	const char *between = english ? "\nPlace: " : "\nTempat: ";

	if (f->rw[0]) {
		add(t, "%sRW %s", between, f->rw);
		between = ", ";
	}
	if (f->desa[0]) {
		add(t, "%s%s", between, f->desa);
		between = ", ";
	}
	if (f->kecamatan[0])
		add(t, "%s%s", between, f->kecamatan);
}

static void alarm_long(struct text *t, const struct pp_texts_about *a, const struct fields *f)
{
	const bool en = a->english;

	head_add(t, a, f);
	add(t, ": %s%s%s", f->post, f->clock[0] ? " " : "", f->clock);
	late_add(t, a);
	place_add(t, en, f);
	line_add(t, "Sensor", f->point);
	if (a->signals > 1)
		add(t, "\n%s: %lld", en ? "Alarms so far" : "Alarm sejauh ini",
			(long long)a->signals);
	line_add(t, en ? "From" : "Dari", f->site);
	if (a->silent)
		add(t, "\n%s", word_silent[en] + 1);
	if (a->drill)
		add(t, "\n%s", en ? "This is a drill." : "Ini latihan.");
	if (f->code[0])
		add(t, "\n");
	answer_add(t, a, f);
}

static void stop_add(struct text *t, const struct pp_texts_about *a, const struct fields *f)
{
	const char *drill = a->drill ? word_drill[a->english] : "";

	if (a->english)
		add(t, "%s%s: it is being handled. Thank you.", drill, f->number);
	else
		add(t, "%s%s: sudah ditangani. Terima kasih.", drill, f->number);
	if (f->by[0] && t->length + strlen(f->by) + 3 <= PP_TEXTS_SHORT_MAX)
		add(t, " (%s)", f->by);
}

static void closed_add(struct text *t, const struct pp_texts_about *a, const struct fields *f)
{
	const char *drill = a->drill ? word_drill[a->english] : "";

	if (a->english)
		add(t, "%s%s: it is over. You need not come any more. Thank you.", drill,
			f->number);
	else
		add(t, "%s%s: sudah selesai. Tidak perlu datang lagi. Terima kasih.", drill,
			f->number);
}

static void test_add(struct text *t, const struct pp_texts_about *a, const struct fields *f)
{
	if (a->english)
		add(t, "PosPin test, %.*s: no alarm. This address will be told of alarms.",
			f->most, f->site);
	else
		add(t, "Uji coba PosPin, %.*s: bukan alarm. Alamat ini dikabari bila ada alarm.",
			f->most, f->site);
	answer_add(t, a, f);
}

void pp_texts_make(const struct pp_texts_about *about, enum pp_texts_shape shape,
	char ret_text[PP_TEXTS_MAX])
{
	struct text t = { .text = ret_text };
	struct fields f;

	ret_text[0] = '\0';
	fields_fill(about, shape, &f);
	switch (about->purpose) {
	case PP_TEXTS_ALARM:
	case PP_TEXTS_AGAIN:
		if (shape == PP_TEXTS_SHORT)
			alarm_shorten(&t, about, &f);
		else
			alarm_long(&t, about, &f);
		return;
	case PP_TEXTS_STOP:
		stop_add(&t, about, &f);
		return;
	case PP_TEXTS_CLOSED:
		closed_add(&t, about, &f);
		return;
	case PP_TEXTS_TEST:
		test_add(&t, about, &f);
		return;
	}
}
