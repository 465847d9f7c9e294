/* SPDX-License-Identifier: Apache-2.0 */
/* repeat_test.c -- the same seed makes the same history, wherever memory lies and whatever is in
 * it.
 */
#include <malloc.h>
#include <sys/wait.h>

#include "pospin_test.h"
#include "scene.h"
#include "world/world.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SEEDS 4u
#else
#define SEEDS 20u
#endif

/* In a process of its own: one run is a world. layout: how memory is laid out there. */
static uint64_t hash_of(uint64_t seed, unsigned layout)
{
	uint64_t hash = 0;
	int pipes[2], status;
	pid_t child;

	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (child == 0) {
		/* What is allocated is not zero, and lies elsewhere. */
		mallopt(M_PERTURB, layout ? 0xa5 : 0);
		for (unsigned i = 0; i < 200 * layout; i++)
			(void)!malloc(17 + 31 * i);
		(void)scene_run(seed);
		hash = world_history_hash();
		_exit(write(pipes[1], &hash, sizeof(hash)) == sizeof(hash) ? 0 : 1);
	}
	close(pipes[1]);
	assert_int_equal(read(pipes[0], &hash, sizeof(hash)), sizeof(hash));
	close(pipes[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	return hash;
}

static void the_same_seed_makes_the_same_history_wherever_memory_lies(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		assert_int_equal(hash_of(seed, 0), hash_of(seed, 1));
}

static void another_seed_makes_another_history(void **state)
{
	(void)state;
	assert_int_not_equal(hash_of(1, 0), hash_of(2, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_makes_the_same_history_wherever_memory_lies),
		cmocka_unit_test(another_seed_makes_another_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
