/* SPDX-License-Identifier: Apache-2.0 */
/* rig.h -- each case has a world, and so a process, of its own. */
#ifndef WORLD_TEST_RIG_H
#define WORLD_TEST_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pospin_test.h"
#include "world/world.h"

/* In a world: says what is wrong, and ends it. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

/* Runs fn in a fresh world whose choices are all 0, except those of the list. */
static inline void in_world_with(
	const struct world_choice *list, size_t count, void (*fn)(void *user), void *user)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		world_choose_by_list(list, count);
		world_random_seed(1);
		world_begin();
		fn(user);
		fflush(NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	for (size_t i = 0; status != 0 && i < count; i++)
		fprintf(stderr, "with %s %u = %u\n", world_kind_text(list[i].kind), list[i].ordinal,
			list[i].value);
	assert_int_equal(status, 0);
}

static inline void in_world(void (*fn)(void *user), void *user)
{
	in_world_with(NULL, 0, fn, user);
}

#endif
