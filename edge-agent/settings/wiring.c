/* SPDX-License-Identifier: Apache-2.0 */
/* wiring.c -- one table for the entries of each list; the rules between entries are checked
 * afterwards. */
#include "edge_settings/wiring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/settings.h"
#include "sources/iio.h"

#define SECOND 1000000LL
#define BIG 1000000000LL
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const kinds[] = { "panic", "smoke", "heat", "tamper", "mains", "battery",
	"input", "flood", NULL };
static const char *const classes[] = { "unspecified", "crime", "fire", "disaster", "medical",
	NULL };
static const char *const actives[] = { "high", "low", NULL };
static const char *const biases[] = { "as-is", "pull-up", "pull-down", "none", NULL };
static const char *const contacts[] = { "normally-open", "normally-closed", NULL };
static const char *const safes[] = { "off", "on", "keep", NULL };
#define X(name, text) text,
static const char *const roles[] = { PP_ROLES(X) NULL };
#undef X

/* An entry as it stands in the file. */
struct entry {
	struct pp_wire_text text;
	int kind, class, active, bias, contact, role, safe;
	bool silent, siren;
	int64_t debounce_us, stuck_us, verify_us, chatter_edges, chatter_us;
	double alarm, clean, hysteresis, drift, min, max;
	int64_t hold_us;
};

#define WIRE_SETTINGS                                                                              \
	{ "id", PP_SETTING_SLUG, offsetof(struct entry, text.id), NULL, 1, PP_POINT_MAX, NULL,     \
		"What messages, scripts and people call it." },                                    \
		{ "line", PP_SETTING_TEXT, offsetof(struct entry, text.line), "", 0, 63, NULL,     \
			"Kernel's name of the line (GPIO17); or chip and offset." },               \
		{ "chip", PP_SETTING_TEXT, offsetof(struct entry, text.chip), "", 0, 63, NULL,     \
			"Label of the chip (never its number, which moves between models)." },     \
		{ "offset", PP_SETTING_INTEGER, offsetof(struct entry, text.offset), "-1", -1,     \
			1023, NULL, "Offset on the chip." },                                       \
	{                                                                                          \
		"active", PP_SETTING_CHOICE, offsetof(struct entry, active), "high", 0, 0,         \
			actives, "Electrical level that means active."                             \
	}

static const struct pp_setting point_table[] = {
	WIRE_SETTINGS,
	{ "kind", PP_SETTING_CHOICE, offsetof(struct entry, kind), NULL, 0, 0, kinds,
		"What is connected." },
	{ "class", PP_SETTING_CHOICE, offsetof(struct entry, class), "unspecified", 0, 0, classes,
		"Kind of emergency; smoke and heat are fire, flood is disaster, unless said "
		"otherwise." },
	{ "bias", PP_SETTING_CHOICE, offsetof(struct entry, bias), "as-is", 0, 0, biases,
		"Resistor inside the chip." },
	{ "contact", PP_SETTING_CHOICE, offsetof(struct entry, contact), "normally-open", 0, 0,
		contacts, "Normally-closed loops notice a cut wire." },
	{ "silent", PP_SETTING_BOOLEAN, offsetof(struct entry, silent), "false", 0, 0, NULL,
		"Duress: no lamp and no sound at the post." },
	{ "siren", PP_SETTING_BOOLEAN, offsetof(struct entry, siren), "true", 0, 0, NULL,
		"May sound the siren, as the profile says for its class." },
	{ "debounce", PP_SETTING_DURATION, offsetof(struct entry, debounce_us), "0", 0, SECOND / 2,
		NULL, "Calm that makes a level count; 0: as usual for its kind." },
	{ "stuck", PP_SETTING_DURATION, offsetof(struct entry, stuck_us), "0", 0, 3600 * SECOND,
		NULL, "Button: held so long is trouble; 0: 1min." },
	{ "verify", PP_SETTING_DURATION, offsetof(struct entry, verify_us), "0", 0, 30 * SECOND,
		NULL, "Smoke, heat and flood: must still be there after this; 0: at once." },
	{ "chatter-edges", PP_SETTING_INTEGER, offsetof(struct entry, chatter_edges), "0", 0, 1000,
		NULL, "More switchings than this within `chatter-time` are trouble; 0: 40." },
	{ "chatter-time", PP_SETTING_DURATION, offsetof(struct entry, chatter_us), "0", 0,
		600 * SECOND, NULL, "See chatter-edges; 0: 10s." },
	{ "level.device", PP_SETTING_TEXT, offsetof(struct entry, text.device), "", 0,
		PP_IIO_NAME_MAX, NULL,
		"Instead of a line: name or label of an Industrial I/O device (never its "
		"number)." },
	{ "level.channel", PP_SETTING_TEXT, offsetof(struct entry, text.channel), "", 0,
		PP_IIO_NAME_MAX, NULL, "Its channel, such as voltage0 (volts) or temp (Celsius)." },
	{ "level.clean", PP_SETTING_REAL, offsetof(struct entry, clean), "0", -BIG, BIG, NULL,
		"What it reads at rest." },
	{ "level.alarm", PP_SETTING_REAL, offsetof(struct entry, alarm), "0", -BIG, BIG, NULL,
		"Activated that far above rest; below it where negative." },
	{ "level.hysteresis", PP_SETTING_REAL, offsetof(struct entry, hysteresis), "0", 0, BIG,
		NULL, "Over only when back by so much; 0: a fifth of alarm." },
	{ "level.hold", PP_SETTING_DURATION, offsetof(struct entry, hold_us), "3s", 0, 30 * SECOND,
		NULL, "Counts when it has lasted so long; with verify at most 30s." },
	{ "level.drift", PP_SETTING_REAL, offsetof(struct entry, drift), "0", 0, BIG, NULL,
		"What is rest may follow dust and ageing so far, slowly; there it is trouble "
		"dirty. At most 0.6 of alarm." },
	{ "level.min", PP_SETTING_REAL, offsetof(struct entry, min), "0", -BIG, BIG, NULL,
		"Below: trouble under-range, such as an open wire." },
	{ "level.max", PP_SETTING_REAL, offsetof(struct entry, max), "0", -BIG, BIG, NULL,
		"Above: trouble over-range, such as a shorted wire." },
};

static const struct pp_setting output_table[] = {
	WIRE_SETTINGS,
	{ "role", PP_SETTING_CHOICE, offsetof(struct entry, role), NULL, 0, 0, roles,
		"What it shows." },
	{ "class", PP_SETTING_CHOICE, offsetof(struct entry, class), "unspecified", 0, 0, classes,
		"Only presses of this class; without it every class, the least advanced press." },
	{ "safe", PP_SETTING_CHOICE, offsetof(struct entry, safe), "off", 0, 0, safes,
		"State when the program has ended or crashed." },
};

static void text_done(struct pp_wire_text *text)
{
	free(text->id);
	free(text->line);
	free(text->chip);
	free(text->device);
	free(text->channel);
	memset(text, 0, sizeof(*text));
}

void pp_wiring_done(struct pp_wiring *w)
{
	for (size_t i = 0; i < w->point_count; i++)
		text_done(&w->points[i].text);
	for (size_t i = 0; i < w->output_count; i++)
		text_done(&w->outputs[i].text);
	w->point_count = 0;
	w->output_count = 0;
}

static int read_line(const struct pp_yaml *map, const struct entry *e, struct pp_line *line,
	struct pp_problem *problem)
{
	bool named = e->text.line[0], by_chip = e->text.chip[0];

	if (named == by_chip)
		return pp_problem_at(
			problem, map, "'%s': expected either line, or chip and offset", e->text.id);
	if (by_chip != (e->text.offset >= 0))
		return pp_problem_at(
			problem, map, "'%s': chip and offset belong together", e->text.id);
	*line = (struct pp_line){
		.id = e->text.id,
		.name = named ? e->text.line : NULL,
		.chip = by_chip ? e->text.chip : NULL,
		.offset = by_chip ? (unsigned)e->text.offset : 0,
		.active_low = e->active == 1,
		.bias = (enum pp_bias)e->bias,
	};
	return 0;
}

/* A level has no line: what is said of lines would say nothing here. */
static int read_level(const struct pp_yaml *map, const struct entry *e, struct pp_wired_point *p,
	struct pp_problem *problem)
{
	static const char *const wanted[] = { "device", "channel", "clean", "alarm", "min", "max" };
	static const char *const lines[] = { "line", "chip", "offset", "active", "bias", "contact",
		"debounce", "stuck" };
	const struct pp_yaml *level = pp_yaml_get(map, "level");

	for (size_t i = 0; i < COUNT(wanted); i++)
		if (!pp_yaml_get(level, wanted[i]))
			return pp_problem_at(problem, level, "'%s': 'level.%s' must be given",
				e->text.id, wanted[i]);
	for (size_t i = 0; i < COUNT(lines); i++)
		if (pp_yaml_get(map, lines[i]))
			return pp_problem_at(problem, pp_yaml_get(map, lines[i]),
				"'%s': '%s' is for lines, and a level has none", e->text.id,
				lines[i]);
	if (!e->text.device[0])
		return pp_problem_at(problem, pp_yaml_get(level, "device"),
			"'%s': 'level.device': expected a name", e->text.id);
	if (!pp_iio_channel_check(e->text.channel))
		return pp_problem_at(problem, pp_yaml_get(level, "channel"),
			"'%s': 'level.channel': expected such as voltage0, got '%.40s'", e->text.id,
			e->text.channel);
	if (e->alarm == 0)
		return pp_problem_at(problem, pp_yaml_get(level, "alarm"),
			"'%s': 'level.alarm': 0 is no distance", e->text.id);
	p->line = (struct pp_line){ .id = e->text.id, .analogue = true, .rest = e->clean };
	return 0;
}

static struct pp_level_config level_of(const struct entry *e)
{
	return (struct pp_level_config){
		.alarm = e->alarm,
		.clean = e->clean,
		.hysteresis = e->hysteresis,
		.drift = e->drift,
		.min = e->min,
		.max = e->max,
		.hold_us = (uint64_t)e->hold_us,
	};
}

/* The sensor itself knows best which times it can work with. */
static int check_sensor(
	const struct pp_yaml *map, const struct pp_wired_point *p, struct pp_problem *problem)
{
	struct pp_sensor *sensor;
	int r = pp_sensor_new(&p->sensor, &sensor);

	if (r == -EINVAL && p->line.analogue)
		return pp_problem_at(problem, pp_yaml_get(map, "level"),
			"'%s': expected kind smoke, heat, flood, battery or input; hysteresis "
			"below alarm; drift at most 0.6 alarm; clean, and clean + alarm, between "
			"min and max; hold and verify together up to 30s",
			p->text.id);
	if (r == -EINVAL)
		return pp_problem_at(problem, map,
			"'%s': a duration or count is out of range for kind %s: debounce 1ms to"
			" 500ms (panic 50ms), stuck 1s to 1h, verify up to 30s, chatter-edges 4 to "
			"1000 in 100ms to 10min",
			p->text.id, pp_kind_text(p->sensor.kind));
	if (r < 0)
		return r;
	pp_sensor_free(sensor);
	return 0;
}

static int fill_point(const struct pp_yaml *map, const struct entry *e, struct pp_wired_point *p,
	struct pp_problem *problem)
{
	enum pp_kind kind = (enum pp_kind)pp_kind_parse(kinds[e->kind]);
	bool fire = kind == PP_KIND_SMOKE || kind == PP_KIND_HEAT, flood = kind == PP_KIND_FLOOD;
	int class = pp_class_parse(classes[e->class]);

	p->class = class < 0 ? PP_CLASS_UNSPECIFIED : (enum pp_class) class;
	if ((fire || flood) && !pp_yaml_get(map, "class"))
		p->class = fire ? PP_CLASS_FIRE : PP_CLASS_DISASTER;
	p->silent = e->silent;
	p->siren = pp_yaml_get(map, "siren") ? e->siren : fire || flood || kind == PP_KIND_PANIC;
	if (p->silent && pp_yaml_get(map, "siren") && e->siren)
		return pp_problem_at(problem, pp_yaml_get(map, "siren"),
			"'%s': a silent point sounds no siren", e->text.id);
	p->sensor = (struct pp_sensor_config){
		.kind = kind,
		.normally_closed = e->contact == 1,
		.debounce_us = (uint64_t)e->debounce_us,
		.stuck_us = (uint64_t)e->stuck_us,
		.verify_us = (uint64_t)e->verify_us,
		.chatter_edges = (unsigned)e->chatter_edges,
		.chatter_us = (uint64_t)e->chatter_us,
	};
	if (p->line.analogue)
		p->sensor.level = level_of(e);
	return check_sensor(map, p, problem);
}

static int read_point(const struct pp_yaml *map, struct pp_wiring *w, struct pp_problem *problem)
{
	struct pp_wired_point *p = &w->points[w->point_count];
	struct entry e;
	int r;

	if (w->point_count == PP_POINTS_MAX)
		return pp_problem_at(problem, map, "expected at most %d points", PP_POINTS_MAX);
	memset(&e, 0, sizeof(e));
	memset(p, 0, sizeof(*p));
	r = pp_settings_read(point_table, COUNT(point_table), NULL, map, &e, problem);
	if (r < 0)
		return r;
	p->text = e.text;
	w->point_count++; /* from here on pp_wiring_done frees its texts */
	if (pp_yaml_get(map, "level"))
		r = read_level(map, &e, p, problem);
	else
		r = read_line(map, &e, &p->line, problem);
	return r < 0 ? r : fill_point(map, &e, p, problem);
}

static int read_output(const struct pp_yaml *map, struct pp_wiring *w, struct pp_problem *problem)
{
	struct pp_wired_output *o = &w->outputs[w->output_count];
	struct entry e;
	int r, class;

	if (w->output_count == PP_OUTPUTS_MAX)
		return pp_problem_at(problem, map, "expected at most %d outputs", PP_OUTPUTS_MAX);
	memset(&e, 0, sizeof(e));
	memset(o, 0, sizeof(*o));
	r = pp_settings_read(output_table, COUNT(output_table), NULL, map, &e, problem);
	if (r < 0)
		return r;
	o->text = e.text;
	w->output_count++;
	class = pp_class_parse(classes[e.class]);
	o->output.role = (enum pp_role)e.role;
	o->output.shared = !pp_yaml_get(map, "class");
	o->output.class = class < 0 ? PP_CLASS_UNSPECIFIED : (enum pp_class) class;
	o->safe = (enum pp_safe)e.safe;
	r = read_line(map, &e, &o->line, problem);
	o->line.output = true;
	o->line.initial = o->safe == PP_SAFE_ON;
	return r;
}

static bool same_line(const struct pp_line *a, const struct pp_line *b)
{
	if (a->analogue || b->analogue) /* a channel may be watched twice */
		return false;
	if (a->name && b->name)
		return strcmp(a->name, b->name) == 0;
	return !a->name && !b->name && strcmp(a->chip, b->chip) == 0 && a->offset == b->offset;
}

static const struct pp_line *line_at(const struct pp_wiring *w, size_t i)
{
	return i < w->point_count ? &w->points[i].line : &w->outputs[i - w->point_count].line;
}

/* The newest line against all before it. */
static int check_twice(
	const struct pp_yaml *map, const struct pp_wiring *w, struct pp_problem *problem)
{
	size_t count = w->point_count + w->output_count;
	const struct pp_line *newest = line_at(w, count - 1);

	for (size_t i = 0; i + 1 < count; i++) {
		const struct pp_line *other = line_at(w, i);

		if (strcmp(other->id, newest->id) == 0)
			return pp_problem_at(problem, map,
				"'%s': another point or output has this id", newest->id);
		if (same_line(other, newest))
			return pp_problem_at(problem, map, "'%s': its line is used by '%s' already",
				newest->id, other->id);
	}
	return 0;
}

static int read_list(const struct pp_yaml *root, const char *key,
	int (*read)(const struct pp_yaml *map, struct pp_wiring *w, struct pp_problem *problem),
	struct pp_wiring *w, struct pp_problem *problem)
{
	const struct pp_yaml *list = pp_yaml_get(root, key);
	int r = 0;

	if (list && pp_yaml_type(list) != PP_YAML_LIST)
		return pp_problem_at(problem, list, "'%s': expected a list", key);
	for (size_t i = 0; r == 0 && list && i < pp_yaml_count(list); i++) {
		const struct pp_yaml *map = pp_yaml_at(list, i);

		if (pp_yaml_type(map) != PP_YAML_MAP)
			return pp_problem_at(
				problem, map, "'%s': expected an entry such as '- id: ...'", key);
		r = read(map, w, problem);
		if (r == 0)
			r = check_twice(map, w, problem);
	}
	return r;
}

static int count_levels(
	const struct pp_yaml *root, const struct pp_wiring *w, struct pp_problem *problem)
{
	size_t count = 0;

	for (size_t i = 0; i < w->point_count; i++)
		count += w->points[i].line.analogue;
	return count <= PP_IIO_MAX ? 0
				   : pp_problem_at(problem, pp_yaml_get(root, "points"),
					     "expected at most %u points with a level", PP_IIO_MAX);
}

int pp_wiring_read(const struct pp_yaml *root, struct pp_wiring *w, struct pp_problem *problem)
{
	int r;

	w->point_count = 0;
	w->output_count = 0;
	r = read_list(root, "points", read_point, w, problem);
	if (r == 0)
		r = count_levels(root, w, problem);
	return r < 0 ? r : read_list(root, "outputs", read_output, w, problem);
}

static void print_line(const struct pp_line *line, FILE *out)
{
	if (line->name)
		fprintf(out, "    line: %s\n", line->name);
	else
		fprintf(out, "    chip: %s\n    offset: %u\n", line->chip, line->offset);
	fprintf(out, "    active: %s\n", actives[line->active_low]);
}

static void print_quoted(const char *key, const char *text, FILE *out)
{
	fprintf(out, "      %s: \"", key);
	for (; *text; text++)
		fprintf(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	fprintf(out, "\"\n");
}

static void print_level(const struct pp_wired_point *p, FILE *out)
{
	const struct pp_level_config *l = &p->sensor.level;

	fprintf(out, "    level:\n");
	print_quoted("device", p->text.device, out);
	fprintf(out, "      channel: %s\n      clean: %.15g\n      alarm: %.15g\n", p->text.channel,
		l->clean, l->alarm);
	fprintf(out, "      hysteresis: %.15g\n      hold: %lluus\n      drift: %.15g\n",
		l->hysteresis, (unsigned long long)l->hold_us, l->drift);
	fprintf(out, "      min: %.15g\n      max: %.15g\n", l->min, l->max);
}

static void print_duration(const char *key, uint64_t us, FILE *out)
{
	if (us)
		fprintf(out, "    %s: %lluus\n", key, (unsigned long long)us);
}

static void print_point(const struct pp_wired_point *p, FILE *out)
{
	fprintf(out, "  - id: %s\n    kind: %s\n    class: %s\n", p->text.id,
		pp_kind_text(p->sensor.kind), pp_class_text(p->class));
	if (p->line.analogue) {
		print_level(p, out);
	} else {
		print_line(&p->line, out);
		fprintf(out, "    bias: %s\n    contact: %s\n", biases[p->line.bias],
			contacts[p->sensor.normally_closed]);
	}
	fprintf(out, "    silent: %s\n    siren: %s\n", p->silent ? "true" : "false",
		p->siren && !p->silent ? "true" : "false");
	print_duration("debounce", p->sensor.debounce_us, out);
	print_duration("stuck", p->sensor.stuck_us, out);
	print_duration("verify", p->sensor.verify_us, out);
	if (p->sensor.chatter_edges)
		fprintf(out, "    chatter-edges: %u\n", p->sensor.chatter_edges);
	print_duration("chatter-time", p->sensor.chatter_us, out);
}

static void print_output(const struct pp_wired_output *o, FILE *out)
{
	fprintf(out, "  - id: %s\n    role: %s\n", o->text.id, pp_role_text(o->output.role));
	if (!o->output.shared)
		fprintf(out, "    class: %s\n", pp_class_text(o->output.class));
	print_line(&o->line, out);
	fprintf(out, "    safe: %s\n", safes[o->safe]);
}

/* What an entry may hold, as comments. */
static void print_help(const struct pp_setting *table, size_t count, FILE *out)
{
	for (size_t i = 0; i < count; i++) {
		const struct pp_setting *s = &table[i];

		fprintf(out, "#   %s: %s", s->key, s->help);
		for (size_t c = 0; s->choices && s->choices[c]; c++)
			fprintf(out, "%s%s", c ? ", " : " One of ", s->choices[c]);
		if (s->choices)
			fprintf(out, ".");
		if (!s->fallback)
			fprintf(out, " Must be given.");
		else if (s->choices || s->type == PP_SETTING_BOOLEAN)
			fprintf(out, " Without it: %s.", s->fallback);
		fprintf(out, "\n");
	}
}

void pp_wiring_print(const struct pp_wiring *w, FILE *out)
{
	fprintf(out, "\n# Inputs. Each entry may have:\n");
	print_help(point_table, COUNT(point_table), out);
	fprintf(out, "points:%s\n", w && w->point_count ? "" : " []");
	for (size_t i = 0; w && i < w->point_count; i++)
		print_point(&w->points[i], out);
	fprintf(out, "\n# Lamps and sirens. Each entry may have:\n");
	print_help(output_table, COUNT(output_table), out);
	fprintf(out, "outputs:%s\n", w && w->output_count ? "" : " []");
	for (size_t i = 0; w && i < w->output_count; i++)
		print_output(&w->outputs[i], out);
}
