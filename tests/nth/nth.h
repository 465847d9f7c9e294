/* SPDX-License-Identifier: Apache-2.0 */
/* nth.h -- lets every allocation and every call for a file fail once, in turn: a scenario is run in
 * a process of its own with the first of them failing, then with the second, until it passes
 * without. After each run what is left on the disk is compared with what was promised. */
#ifndef NTH_NTH_H
#define NTH_NTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NTH_NOTES_MAX 256

/* What a run has promised; shared with the process that judges it. */
struct nth_note {
	char what; /* the scenario's own word */
	int64_t a, b, c;
};

struct nth_scenario {
	const char *name;
	void (*prepare)(const char *folder); /* files as they are before each run; called once */
	void (*play)(const char *folder);    /* in its own process, between nth_begin and nth_end */
	/* In the first process, with nothing failing. Says what is wrong by nth_wrong. */
	void (*judge)(const char *folder, const struct nth_note *notes, size_t count);
};
/* Runs it to the end; EXIT_SUCCESS when nothing was wrong. POSPIN_NTH=n and POSPIN_NTH_KIND=own or
 * library try that one point only. */
int nth_run(const struct nth_scenario *scenario);

/* For play: points count between these. */
void nth_begin(void);
void nth_end(void);
bool nth_has_failed(void); /* the one failure of this run is behind it */
void nth_note(char what, int64_t a, int64_t b, int64_t c);
/* For play and judge: a broken promise. In play the process ends. */
__attribute__((format(printf, 1, 2))) void nth_wrong(const char *fmt, ...);
#define NTH_WANT(what)                                                                             \
	do {                                                                                       \
		if (!(what))                                                                       \
			nth_wrong("%s:%d: %s", __FILE__, __LINE__, #what);                         \
	} while (0)

#endif
