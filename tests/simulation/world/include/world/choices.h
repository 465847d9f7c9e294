/* SPDX-License-Identifier: Apache-2.0 */
/* world/choices.h -- everything that is not determined is one of these choices. The choice number k
 * of a kind has a name, (kind, k): it stays the same when choices of other kinds come and go, so
 * that a failing run can be shrunk by taking away choices one by one. */
#ifndef WORLD_CHOICES_H
#define WORLD_CHOICES_H

#include <stddef.h>
#include <stdint.h>

/* What an exhaustive search counts a choice against. ORDER: interleavings and delays. */
enum world_budget {
	WORLD_ORDER,
	WORLD_PRESS,
	WORLD_CRASH,
	WORLD_LOSS,
	WORLD_DUPLICATE,
	WORLD_FAULT,
	WORLD_BUDGET_COUNT
};

/* id, budget, per million by default when the kind is on, what it means. Add lines at the end of a
 * block: a saved run names kinds by their word. */
#define WORLD_KINDS(X)                                                                             \
	/* the kernel's */                                                                         \
	X(order, ORDER, 100000, "which of those that are ready goes first")                        \
	X(delay, ORDER, 50000, "how long a woken thread waits for its processor")                  \
	X(disk_slow, ORDER, 100000, "a write or a sync takes long")                                \
	X(press, PRESS, 0, "a person presses, and for how long")                                   \
	X(bounce, FAULT, 100000, "a contact bounces")                                              \
	X(wire, FAULT, 10000, "a line goes away")                                                  \
	X(kill, CRASH, 600, "a program is killed at a call of an adapter")                         \
	X(cut, CRASH, 300, "a machine loses its power at a call of an adapter")                    \
	X(boot, ORDER, 300000, "how long a machine or a program stays down")                       \
	X(survive, ORDER, 500000, "which un-synced writes a power cut leaves")                     \
	X(tear, ORDER, 300000, "where a power cut tears a write")                                  \
	X(disk_read, FAULT, 5000, "a read fails")                                                  \
	X(disk_write, FAULT, 1000, "a write fails")                                                \
	X(disk_sync, FAULT, 8000, "a sync fails, and what was to be written is lost")              \
	X(disk_full, FAULT, 500, "the disk is full for a while")                                   \
	X(disk_stall, FAULT, 1000, "the disk does not answer for a while")                         \
	X(clock, FAULT, 20000, "a wall clock steps, or loses or finds its time source")            \
	X(drift, ORDER, 500000, "how fast a clock runs")                                           \
	/* the town's */                                                                           \
	X(link, FAULT, 500, "a link drops, goes one way or half open")                             \
	X(latency, ORDER, 100000, "how long a message is on its way")                              \
	X(lose, LOSS, 5000, "a message is lost, acknowledged or not")                              \
	X(duplicate, DUPLICATE, 5000, "a message comes twice")                                     \
	X(reorder, ORDER, 5000, "a message overtakes")                                             \
	X(broker, FAULT, 200, "the broker hangs, restarts or forgets its sessions")                \
	X(replay, DUPLICATE, 1000, "old bytes come again")                                         \
	X(forge, FAULT, 1000, "a message that nobody sent")                                        \
	X(retain, FAULT, 1000, "a message comes as a retained one")                                \
	X(sink, FAULT, 20000, "a receiver of notifications misbehaves")                            \
	X(person, ORDER, 0, "what a person does, and when")                                        \
	X(restore, FAULT, 0, "the record is put back to an old copy")                              \
	X(page, FAULT, 3000, "the page of an operator loses its connection")                       \
	X(callee, ORDER, 0, "what somebody who is called says, and when")

enum world_kind {
#define WORLD_KIND_ENUM(id, budget, rate, what) WORLD_CHOICE_##id,
	WORLD_KINDS(WORLD_KIND_ENUM)
#undef WORLD_KIND_ENUM
		WORLD_KIND_COUNT
};

const char *world_kind_text(enum world_kind kind);
enum world_budget world_kind_budget(enum world_kind kind);

/* One choice that was made: the ordinal-th of its kind, of n answers. */
struct world_choice {
	enum world_kind kind;
	uint32_t ordinal, n, value;
};

/* 0..n-1; 0 is always "nothing bad", "at once", "in order". n 0 or 1: 0, and no choice. In a random
 * run, 0 unless the kind's rate strikes, else each of 1..n-1 alike. */
uint32_t world_choose(enum world_kind kind, uint32_t n);
/* The same, but each of 0..n-1 alike in a random run: for amounts that are no faults. */
uint32_t world_pick(enum world_kind kind, uint32_t n);

/* How often world_choose of a kind is not 0, in a million; 0: never, and nothing is drawn. */
void world_rate_set(enum world_kind kind, uint32_t per_million);
uint32_t world_rate(enum world_kind kind);

/* What pp_random, SQLite and everything else that is random without being a choice draw from. */
void world_random_seed(uint64_t seed);

/* The source of answers. Set once, before world_begin. */
typedef uint32_t world_chooser(void *user, const struct world_choice *question);
void world_choose_by_seed(uint64_t seed); /* the kinds' rates decide; seeds the randomness too */
/* The answers of a list, by kind and ordinal; everything else is 0. The list is borrowed. */
void world_choose_by_list(const struct world_choice *list, size_t count);
void world_choose_by(world_chooser *fn, void *user);

/* Answers other than 0 so far, in the order in which they were given; borrowed until the next. */
const struct world_choice *world_choices(size_t *ret_count);
/* How many questions were asked, and answered with other than 0. */
void world_choices_count(enum world_kind kind, uint32_t *ret_asked, uint32_t *ret_struck);

#endif
