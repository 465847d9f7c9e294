/* SPDX-License-Identifier: Apache-2.0 */
/* pages.c -- pages come and go. */
#include "pages.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "server.h"
#include "world/world.h"

#define PRESENCE_US (5 * (uint64_t)WORLD_S)

const char *const pages_names[PAGES_COUNT] = { "user:budi", "user:siti" };

/* The one desk of the one world in this process. */
static struct {
	bool on[PAGES_COUNT];
	bool was[PAGES_COUNT]; /* since it was last said who is there */
	uint64_t back[PAGES_COUNT]; /* its event; 0: none */
} pages;

bool pages_is_on(size_t page)
{
	return pages.on[page];
}

static void page_set(size_t page, bool on)
{
	if (pages.on[page] == on)
		return;
	pages.on[page] = on;
	pages.was[page] = true;
	world_history("page", "\"who\":\"%s\",\"on\":%s", pages_names[page], on ? "true" : "false");
}

static void come_back(void *user)
{
	size_t page = (size_t)(uintptr_t)user;

	pages.back[page] = 0;
	page_set(page, true);
}

/* ---- what the server is told ---- */

static void on_told(void *user, const struct pp_action_result *result)
{
	(void)user;
	(void)result;
}

static void presence_tell(void *user, struct pp_engine *engine, struct pp_db *record)
{
	struct pp_action action = { .type = PP_ACTION_PRESENCE, .tenant = "", .actor = "server" };
	char text[PAGES_COUNT * 48] = "";
	size_t used = 0;

	(void)user;
	(void)record;
	for (size_t i = 0; i < PAGES_COUNT; i++) {
		if (pages.on[i] || pages.was[i])
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s/%s\n",
				SERVER_TENANT, pages_names[i]);
		pages.was[i] = false;
	}
	action.text = text;
	(void)pp_engine_submit(engine, &action, on_told, NULL);
}

static void presence(void *user)
{
	(void)user;
	/* Where no program runs, no page can come. */
	if (!server_ask(presence_tell, NULL))
		memset(pages.was, 0, sizeof(pages.was));
	world_after(PRESENCE_US, presence, NULL);
}

/* ---- their network ---- */

static void look(void *user)
{
	static const uint32_t seconds[] = { 3, 15, 24, 45, 120 };
	const uint32_t count = sizeof(seconds) / sizeof(seconds[0]);

	(void)user;
	for (size_t i = 0; i < PAGES_COUNT; i++) {
		uint32_t which = world_choose(WORLD_CHOICE_page, 1 + count);

		if (which == 0 || !pages.on[i])
			continue;
		page_set(i, false);
		pages.back[i] = world_after(
			seconds[which - 1] * (uint64_t)WORLD_S, come_back, (void *)(uintptr_t)i);
	}
	if (!world_is_healed())
		world_after(WORLD_S, look, NULL);
}

void pages_begin(void)
{
	for (size_t i = 0; i < PAGES_COUNT; i++)
		page_set(i, true);
	world_after(PRESENCE_US, presence, NULL);
	world_after(WORLD_S, look, NULL);
}

void pages_heal(void)
{
	for (size_t i = 0; i < PAGES_COUNT; i++) {
		if (!pages.back[i])
			continue;
		world_cancel(pages.back[i]);
		come_back((void *)(uintptr_t)i);
	}
}
