/* SPDX-License-Identifier: Apache-2.0 */
/* iio.c -- finds a device of the kernel's Industrial I/O by name and reads its channels. */
#include "sources/iio.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"

#define IIO_PREFIX "iio:device"
#define IIO_FILE_MAX 4096u /* a page: what sysfs grants */
#define IIO_VALUE_MAX 1e12
#define IIO_WORD_MAX 128u

/* What the kernel's ABI counts a type in, and what we count it in. */
static const struct unit {
	const char *type;
	double factor;
	const char *unit;
} units[] = {
	{ "voltage", 1e-3, "V" },
	{ "altvoltage", 1e-3, "V" },
	{ "current", 1e-3, "A" },
	{ "power", 1e-3, "W" },
	{ "temp", 1e-3, "Cel" },
	{ "humidityrelative", 1e-3, "%" },
	{ "pressure", 1, "kPa" },
	{ "concentration", 1, "%" },
	{ "resistance", 1, "Ohm" },
	{ "illuminance", 1, "lx" },
	{ "distance", 1, "m" },
};

struct pp_iio {
	const char *folder;
	const struct pp_iio_channel *channels;
	size_t count;
	char found[PP_IIO_MAX][NAME_MAX + 1]; /* entry of the folder; "": not found yet */
};

static const struct unit *unit_of(const char *channel)
{
	size_t length = strcspn(channel, "0123456789_-");

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].type) == length && memcmp(units[i].type, channel, length) == 0)
			return &units[i];
	return NULL;
}

const char *pp_iio_unit(const char *channel)
{
	const struct unit *unit = unit_of(channel);

	return unit ? unit->unit : "1";
}

bool pp_iio_channel_check(const char *channel)
{
	static const char ends[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t length = strlen(channel);

	if (length == 0 || length > PP_IIO_NAME_MAX || !strchr(ends, channel[0]) ||
		!strchr(ends, channel[length - 1]))
		return false;
	return channel[strspn(channel, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

int pp_iio_new(const char *folder, const struct pp_iio_channel *channels, size_t count,
	struct pp_iio **ret_iio)
{
	struct pp_iio *i;

	if (count > PP_IIO_MAX)
		return -E2BIG;
	i = calloc(1, sizeof(*i));
	if (!i)
		return -ENOMEM;
	i->folder = folder;
	i->channels = channels;
	i->count = count;
	*ret_iio = i;
	return 0;
}

struct pp_iio *pp_iio_free(struct pp_iio *i)
{
	free(i);
	return NULL;
}

/* One line of a file, without its end. -EBADMSG: a NUL, or longer than size. */
static int line_read(
	const char *folder, const char *device, const char *file, char *ret_line, size_t size)
{
	char path[PATH_MAX], *text = NULL;
	size_t length;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s/%s", folder, device, file) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	r = pp_file_read(path, IIO_FILE_MAX, &text, &length);
	if (r < 0)
		return r;
	if (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	if (strlen(text) != length || length >= size)
		r = -EBADMSG;
	else
		memcpy(ret_line, text, length + 1);
	free(text);
	return r;
}

static bool is_device(const struct pp_iio *i, const char *entry, const char *name)
{
	static const char *const files[] = { "name", "label" };
	char line[IIO_WORD_MAX];

	if (strncmp(entry, IIO_PREFIX, sizeof(IIO_PREFIX) - 1) != 0)
		return false;
	for (size_t f = 0; f < sizeof(files) / sizeof(files[0]); f++)
		if (line_read(i->folder, entry, files[f], line, sizeof(line)) == 0 &&
			strcmp(line, name) == 0)
			return true;
	return false;
}

/* Searches the folder. The device may have come back under another number. */
static int device_search(struct pp_iio *i, size_t index, struct pp_source_why *why)
{
	const char *name = i->channels[index].device;
	char *found = i->found[index];
	DIR *folder = opendir(i->folder);
	struct dirent *entry;
	int r = 0;

	found[0] = '\0';
	while (folder && r == 0 && (entry = readdir(folder))) {
		if (!is_device(i, entry->d_name, name))
			continue;
		if (found[0]) {
			snprintf(why->text, sizeof(why->text),
				"ambiguous %s: both %.60s and %.60s bear this name", name, found,
				entry->d_name);
			r = -ENOTUNIQ;
			break;
		}
		snprintf(found, sizeof(i->found[0]), "%s", entry->d_name);
	}
	if (folder)
		closedir(folder);
	if (r == 0 && !found[0]) {
		snprintf(why->text, sizeof(why->text), "lost %s: no such device in %.120s", name,
			i->folder);
		r = -ENODEV;
	}
	if (r < 0)
		found[0] = '\0';
	return r;
}

static int device_find(struct pp_iio *i, size_t index, struct pp_source_why *why)
{
	/* A number may belong to another device by now. */
	if (i->found[index][0] && is_device(i, i->found[index], i->channels[index].device))
		return 0;
	return device_search(i, index, why);
}

/* A number in a file of the device. -ENOENT: there is no such file; *why is set for all else. */
static int number_read(const struct pp_iio *i, size_t index, const char *file, double *ret_value,
	struct pp_source_why *why)
{
	char line[IIO_WORD_MAX];
	int r = line_read(i->folder, i->found[index], file, line, sizeof(line));

	if (r == -ENOENT)
		return r;
	if (r == 0) {
		size_t length = strlen(line);

		while (length > 0 && line[length - 1] == ' ')
			length--;
		r = pp_text_real(line, length, -IIO_VALUE_MAX, IIO_VALUE_MAX, ret_value);
		r = r == -EINVAL ? -EBADMSG : r;
	}
	if (r < 0)
		snprintf(why->text, sizeof(why->text), "unreadable %s: %s", file,
			r == -EBADMSG  ? "not a number"
			: r == -ERANGE ? "too big a number"
				       : strerror(-r));
	return r;
}

/* The channel's name as it stands in files that several channels share: "voltage0-voltage1" is one
 * of "voltage-voltage", "temp_object" one of "temp". */
static void shared_name(const char *channel, bool first_word, char *ret_name)
{
	while (*channel && !(first_word && *channel == '_')) {
		if (*channel < '0' || *channel > '9')
			*ret_name++ = *channel;
		channel++;
	}
	*ret_name = '\0';
}

/* scale or offset: of the channel, of its like, or none. */
static int modifier_read(const struct pp_iio *i, size_t index, const char *what, double *ret_value,
	struct pp_source_why *why)
{
	const char *channel = i->channels[index].channel;
	char names[3][PP_IIO_NAME_MAX + 1], file[IIO_WORD_MAX];
	int r = -ENOENT;

	snprintf(names[0], sizeof(names[0]), "%s", channel);
	shared_name(names[0], false, names[1]);
	shared_name(names[0], true, names[2]);
	for (size_t n = 0; r == -ENOENT && n < 3; n++) {
		snprintf(file, sizeof(file), "in_%s_%s", names[n], what);
		r = number_read(i, index, file, ret_value, why);
	}
	return r == -ENOENT ? 0 : r;
}

static int raw_read(
	const struct pp_iio *i, size_t index, double *ret_value, struct pp_source_why *why)
{
	double raw, scale = 1, offset = 0;
	char file[IIO_WORD_MAX];
	int r;

	snprintf(file, sizeof(file), "in_%s_raw", i->channels[index].channel);
	r = number_read(i, index, file, &raw, why);
	if (r == -ENOENT)
		snprintf(why->text, sizeof(why->text), "unreadable %s: no such file", file);
	if (r == 0)
		r = modifier_read(i, index, "scale", &scale, why);
	if (r == 0)
		r = modifier_read(i, index, "offset", &offset, why);
	if (r < 0)
		return r;
	*ret_value = (raw + offset) * scale;
	if (*ret_value >= -IIO_VALUE_MAX && *ret_value <= IIO_VALUE_MAX)
		return 0;
	snprintf(why->text, sizeof(why->text), "unreadable %s: too big a number when scaled", file);
	return -ERANGE;
}

int pp_iio_read(struct pp_iio *i, size_t index, double *ret_value, struct pp_source_why *why)
{
	const struct unit *unit = unit_of(i->channels[index].channel);
	char file[IIO_WORD_MAX];
	double value;
	int r = device_find(i, index, why);

	if (r < 0)
		return r;
	snprintf(file, sizeof(file), "in_%s_input", i->channels[index].channel);
	r = number_read(i, index, file, &value, why);
	if (r == -ENOENT)
		r = raw_read(i, index, &value, why);
	/* Unplugged in the middle: it is the device that is gone, not one of its files. */
	if (r < 0 && !is_device(i, i->found[index], i->channels[index].device)) {
		int gone = device_search(i, index, why);

		r = gone < 0 ? gone : r;
	}
	if (r < 0)
		return r;
	*ret_value = value * (unit ? unit->factor : 1);
	return 0;
}
