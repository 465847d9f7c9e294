/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c -- feeds every file of a folder to a fuzz target, where there is no libFuzzer. */
#include "fuzz.h"

#include <dirent.h>

#define INPUT_MAX 65536

static int file_replay(const char *folder, const char *name)
{
	/* Exactly as large as the input, so that a sanitizer sees the first byte read beyond it. */
	static uint8_t buf[INPUT_MAX];
	char path[1024];
	uint8_t *data;
	size_t size;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rb");
	if (!f)
		return -1;
	size = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	data = malloc(size);
	if (!data && size > 0)
		return -1;
	if (size > 0)
		memcpy(data, buf, size);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	struct dirent *entry;
	unsigned count = 0;
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;

	if (!folder) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		if (file_replay(argv[1], entry->d_name)) {
			fprintf(stderr, "%s/%s: cannot be read\n", argv[1], entry->d_name);
			return 1;
		}
		count++;
	}
	closedir(folder);
	printf("%u inputs\n", count);
	return count == 0;
}
