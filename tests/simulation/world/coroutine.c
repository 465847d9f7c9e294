/* SPDX-License-Identifier: Apache-2.0 */
/* coroutine.c -- stacks that take turns with the scheduler's. */
#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "inside.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define SWITCH_START(save, bottom, size) __sanitizer_start_switch_fiber(save, bottom, size)
#define SWITCH_END(save, bottom, size) __sanitizer_finish_switch_fiber(save, bottom, size)
#else
#define SWITCH_START(save, bottom, size) ((void)0)
#define SWITCH_END(save, bottom, size) ((void)0)
#endif

#define STACK_BYTES ((size_t)1 << 20) /* only what is touched takes memory */

struct context {
	ucontext_t here, scheduler;
	void (*fn)(void *user);
	void *user;
	void *stack, *fake; /* fake: of the address sanitizer */
	void *scheduler_fake;
	const void *scheduler_stack;
	size_t scheduler_size;
};

/* makecontext passes ints only: the one that begins is noted here. */
static struct context *beginning;

static void begin(void)
{
	struct context *c = beginning;

	SWITCH_END(NULL, &c->scheduler_stack, &c->scheduler_size);
	c->fn(c->user);
	context_yield(c);
	abort(); /* nobody runs what has ended */
}

struct context *context_new(void (*fn)(void *user), void *user)
{
	struct context *c = calloc(1, sizeof(*c));
	int r;

	assert(c);
	c->fn = fn;
	c->user = user;
	c->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert(c->stack != MAP_FAILED);
	r = getcontext(&c->here);
	assert(r == 0);
	c->here.uc_stack.ss_sp = c->stack;
	c->here.uc_stack.ss_size = STACK_BYTES;
	makecontext(&c->here, begin, 0);
	return c;
}

void context_run(struct context *c)
{
	beginning = c;
	SWITCH_START(&c->scheduler_fake, c->stack, STACK_BYTES);
	swapcontext(&c->scheduler, &c->here);
	SWITCH_END(c->scheduler_fake, NULL, NULL);
}

void context_yield(struct context *c)
{
	SWITCH_START(&c->fake, c->scheduler_stack, c->scheduler_size);
	swapcontext(&c->here, &c->scheduler);
	SWITCH_END(c->fake, &c->scheduler_stack, &c->scheduler_size);
}

void context_free(struct context *c)
{
	if (!c)
		return;
	munmap(c->stack, STACK_BYTES);
	free(c);
}
