/* SPDX-License-Identifier: Apache-2.0 */
/* golden.h -- reads the files of tests/golden/ for the tests of this room. */
#ifndef GOLDEN_H
#define GOLDEN_H

#include "pospin_test.h"

#define GOLDEN_FOLDER POSPIN_SOURCE_DIR "/tests/golden/"

/* The payload, without the newline that ends the file. The caller frees it. */
static inline char *golden_read(const char *name)
{
	char path[600];
	char *text = calloc(1, 16384);
	size_t length;
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", GOLDEN_FOLDER, name);
	f = fopen(path, "r");
	assert_non_null(text);
	if (!f)
		fail_msg("%s cannot be opened", path);
	length = fread(text, 1, 16383, f);
	assert_int_equal(fclose(f), 0);
	assert_true(length > 0 && text[length - 1] == '\n');
	text[length - 1] = '\0';
	return text;
}

#endif
