/* SPDX-License-Identifier: Apache-2.0 */
/* life.h -- a program writes rows on the simulated disk until it dies; what it has called durable
 * another one must find. */
#ifndef WORLD_TEST_LIFE_H
#define WORLD_TEST_LIFE_H

#include "inside.h"
#include "rig.h"

#define LIFE_ROWS 6
#define LIFE_POINTS_MAX 2000u

/* Sanitizers make a process dear to start: there every so many places have to do. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LIFE_STRIDE 7u
#else
#define LIFE_STRIDE 1u
#endif

static struct {
	int durable;     /* rows that have been called durable */
	int opened;      /* what opening them again has come to; 1: not yet */
	int64_t found;   /* how many there were then */
	uint32_t points; /* how often the asked kind was asked while rows were written */
} self;

struct life {
	int (*write)(void *user); /* ends by world_process_kill of itself, with its files open */
	int (*open)(void *user);  /* sets opened and found */
	bool cut_after;           /* the power goes when the program has died */
};

static struct world_node *life_machine(void)
{
	struct world_node *n = world_node_new("n");
	char pem[WORLD_PEM_MAX];

	world_key_pem("kendal/boja-01", pem);
	world_disk_put(n, "/key", pem, strlen(pem));
	world_disk_put(n, "/var/.keep", "", 0);
	world_node_boot(n, NULL, NULL);
	world_run_until(0);
	return n;
}

/* user: a struct life. */
static void life_run(void *user)
{
	const struct life *life = user;
	struct world_node *n = life_machine();
	uint32_t struck;

	self.opened = 1;
	world_process_start(n, "first", life->write, NULL);
	world_run_until(60 * WORLD_S);
	world_choices_count(
		life->cut_after ? WORLD_CHOICE_cut : WORLD_CHOICE_kill, &self.points, &struck);
	if (life->cut_after)
		world_node_cut(n);
	world_heal();
	if (!world_node_is_on(n)) {
		world_node_boot(n, NULL, NULL);
		world_run_until(61 * WORLD_S);
	}
	world_process_start(n, "second", life->open, NULL);
	world_run_until(120 * WORLD_S);
	if (self.opened != 0 || self.found < self.durable)
		fprintf(stderr, "opened %d durable %d found %d\n", self.opened, self.durable,
			(int)self.found);
	CHECK(self.opened == 0);
	CHECK(self.found >= self.durable);
	CHECK(self.found <= self.durable + 1);
}

struct life_count {
	struct life *life;
	FILE *out;
};

/* The child tells by a file that it is a child of. */
static void life_count(void *user)
{
	const struct life_count *c = user;

	life_run(c->life);
	fprintf(c->out, "%u", self.points);
	fflush(c->out);
}

/* How many places there are at which it can be struck. */
static uint32_t life_points(struct life *life)
{
	struct life_count c = { life, tmpfile() };
	unsigned points = 0;

	assert_non_null(c.out);
	in_world(life_count, &c);
	rewind(c.out);
	assert_int_equal(fscanf(c.out, "%u", &points), 1);
	fclose(c.out);
	assert_in_range(points, 20, LIFE_POINTS_MAX);
	return points;
}

#endif
