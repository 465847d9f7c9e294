/* SPDX-License-Identifier: Apache-2.0 */
/* settings_fuzz.c -- settings that are taken print, and what is printed is taken again and prints
 * the same; settings that are refused say where and why. The first byte names the program. */
#include "fuzz.h"

#include "config/recorder_settings.h"
#include "config/server_settings.h"
#include "edge_settings/edge_settings.h"

/* Reads path; NULL: refused, with *problem. Else what it prints; the caller frees it. */
typedef char *reader(const char *path, struct pp_problem *problem);

static FILE *text_open(char **ret_text)
{
	static size_t length;
	FILE *out = open_memstream(ret_text, &length);

	MUST_HOLD(out);
	return out;
}

static char *edge(const char *path, struct pp_problem *problem)
{
	static struct pp_edge_settings s;
	char *text = NULL;
	FILE *out;

	if (pp_edge_settings_load(path, &s, problem) < 0)
		return NULL;
	MUST_HOLD(strlen(s.hash) == 16);
	out = text_open(&text);
	pp_edge_settings_print(&s, out);
	fclose(out);
	pp_edge_settings_done(&s);
	return text;
}

static char *server(const char *path, struct pp_problem *problem)
{
	struct pp_server_settings s;
	char *text = NULL;
	FILE *out;

	if (pp_server_settings_read(path, &s, problem) < 0)
		return NULL;
	MUST_HOLD(s.record_path && s.heads_path);
	out = text_open(&text);
	pp_server_settings_print(&s, out);
	fclose(out);
	pp_server_settings_done(&s);
	return text;
}

static char *recorder(const char *path, struct pp_problem *problem)
{
	struct pp_recorder_settings s;
	char *text = NULL;
	FILE *out;

	if (pp_recorder_settings_read(path, &s, problem) < 0)
		return NULL;
	MUST_HOLD(s.spool_path && s.store_shown);
	out = text_open(&text);
	pp_recorder_settings_print(&s, out);
	fclose(out);
	pp_recorder_settings_done(&s);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static reader *const readers[] = { edge, server, recorder };
	struct fuzz_input in = { data, size };
	reader *read = readers[fuzz_byte(&in) % 3];
	struct pp_problem problem = { "" };
	char path[256], *first, *second;

	/* A settings file that names a file of its own would be read from this machine. */
	if (in.left && memmem(in.at, in.left, "profile", 7))
		return 0;
	fuzz_write(fuzz_path("settings.yaml", path), in.at, in.left);
	first = read(path, &problem);
	if (!first) {
		MUST_HOLD(problem.text[0]);
		return 0;
	}
	fuzz_write(path, first, strlen(first));
	second = read(path, &problem);
	if (!second)
		fprintf(stderr, "%s\n", problem.text);
	MUST_HOLD(second && strcmp(first, second) == 0);
	free(first);
	free(second);
	return 0;
}
