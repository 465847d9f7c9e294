/* SPDX-License-Identifier: Apache-2.0 */
/* damage.h -- what a dying card does to files: images of good ones, and edits of them read from an
 * input. Each edit: a byte (which image, what), a place (3 bytes), a length (1 byte), and for an
 * overwriting the bytes. */
#ifndef DAMAGE_H
#define DAMAGE_H

#include "fuzz.h"

#include <unistd.h>

struct damage_image {
	uint8_t *good, *now;
	size_t length, length_now;
};

static inline void damage_take(const char *path, struct damage_image *image)
{
	MUST_HOLD(fuzz_read(path, &image->good, &image->length));
	image->now = malloc(image->length + 1);
	MUST_HOLD(image->now);
}

static inline void damage_one(struct fuzz_input *in, struct damage_image *image, unsigned what)
{
	size_t place = fuzz_number(in, 3), length = (size_t)fuzz_byte(in) + 1;

	if (image->length_now == 0)
		return;
	place %= image->length_now;
	if (length > image->length_now - place)
		length = image->length_now - place;
	switch (what) {
	case 0: /* other bytes */
		for (size_t i = 0; i < length; i++)
			image->now[place + i] = fuzz_byte(in);
		break;
	case 1: /* a sector that was never written */
		place -= place % 512;
		length = image->length_now - place < 512 ? image->length_now - place : 512;
		memset(image->now + place, 0, length);
		break;
	case 2: /* cut off */
		image->length_now = place;
		break;
	default: /* single bits */
		image->now[place] ^= (uint8_t)length;
		break;
	}
}

/* Puts the good bytes back and edits them. true: something has changed. */
static inline bool damage_apply(struct fuzz_input *in, struct damage_image *images, unsigned count)
{
	bool changed = false;

	for (unsigned i = 0; i < count; i++) {
		memcpy(images[i].now, images[i].good, images[i].length);
		images[i].length_now = images[i].length;
	}
	for (int edits = 0; edits < 32 && in->left > 0; edits++) {
		uint8_t what = fuzz_byte(in);

		damage_one(in, &images[what / 4 % count], what % 4);
	}
	for (unsigned i = 0; i < count; i++)
		changed = changed || images[i].length_now != images[i].length ||
			  memcmp(images[i].now, images[i].good, images[i].length) != 0;
	return changed;
}

static inline void damage_put(const struct damage_image *image, const char *path)
{
	(void)unlink(path);
	fuzz_write(path, image->now, image->length_now);
}

#endif
