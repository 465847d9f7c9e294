/* SPDX-License-Identifier: Apache-2.0 */
/* folder.c -- files for targets whose subject works on files. */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[200];

static void folder_remove(void)
{
	char path[512];
	struct dirent *entry;
	DIR *dir = opendir(folder);

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		(void)unlink(path);
	}
	if (dir)
		closedir(dir);
	(void)rmdir(folder);
}

const char *fuzz_folder(void)
{
	struct stat st;

	if (folder[0])
		return folder;
	snprintf(folder, sizeof(folder), "%s/pospin-fuzz-XXXXXX",
		stat("/dev/shm", &st) == 0 ? "/dev/shm" : "/tmp");
	MUST_HOLD(mkdtemp(folder));
	MUST_HOLD(atexit(folder_remove) == 0);
	return folder;
}

const char *fuzz_path(const char *name, char buf[static 256])
{
	snprintf(buf, 256, "%s/%s", fuzz_folder(), name);
	return buf;
}

void fuzz_write(const char *path, const void *data, size_t length)
{
	FILE *f = fopen(path, "wb");

	MUST_HOLD(f);
	MUST_HOLD(length == 0 || fwrite(data, 1, length, f) == length);
	MUST_HOLD(fclose(f) == 0);
}

bool fuzz_read(const char *path, uint8_t **ret_data, size_t *ret_length)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *data;

	if (!f)
		return false;
	MUST_HOLD(fstat(fileno(f), &st) == 0);
	data = malloc((size_t)st.st_size + 1);
	MUST_HOLD(data);
	MUST_HOLD(fread(data, 1, (size_t)st.st_size, f) == (size_t)st.st_size);
	fclose(f);
	*ret_data = data;
	*ret_length = (size_t)st.st_size;
	return true;
}
