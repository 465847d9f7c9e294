/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz.h -- what a fuzz target defines, checks that stay on, and small helpers. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Called by libFuzzer, or by replay.c, with each input. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST_HOLD(condition)                                                                       \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* What is refused changes nothing: the place for the answer is filled before, and looked at after.
 */
#define FUZZ_FILLING 0xa5
#define FUZZ_FILL(object) memset(&(object), FUZZ_FILLING, sizeof(object))
#define FUZZ_UNTOUCHED(object) fuzz_is_filling(&(object), sizeof(object))

static inline bool fuzz_is_filling(const void *data, size_t length)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < length; i++)
		if (bytes[i] != FUZZ_FILLING)
			return false;
	return true;
}

/* The members of an input one after the other; nothing but zeros behind its end. */
struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t fuzz_byte(struct fuzz_input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->at++;
}

static inline uint32_t fuzz_number(struct fuzz_input *in, int bytes)
{
	uint32_t value = 0;

	for (int i = 0; i < bytes; i++)
		value = value << 8 | fuzz_byte(in);
	return value;
}

/* Up to the next `end` (which is taken, too) as a NUL-terminated text; longer ones are cut. */
static inline const char *fuzz_text(struct fuzz_input *in, uint8_t end, char *buf, size_t size)
{
	size_t length = 0;

	while (in->left > 0) {
		uint8_t byte = fuzz_byte(in);

		if (byte == end)
			break;
		if (length + 1 < size)
			buf[length++] = (char)byte;
	}
	buf[length] = '\0';
	return buf;
}

/* folder.c: a folder in memory that is removed at exit; the same one for the whole process. */
const char *fuzz_folder(void);
/* <folder>/<name>, in buf. */
const char *fuzz_path(const char *name, char buf[static 256]);
void fuzz_write(const char *path, const void *data, size_t length);
/* The caller frees *ret_data. false: there is no such file. */
bool fuzz_read(const char *path, uint8_t **ret_data, size_t *ret_length);

#endif
