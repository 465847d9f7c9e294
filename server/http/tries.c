/* SPDX-License-Identifier: Apache-2.0 */
/* tries.c -- whose budget a try at a password takes: a known browser's own, or a stranger's by name
 * and address, by address, and by name from everywhere. */
#include "pieces.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "problem.h"

static const struct {
	struct pp_guard_budget budget;
} budgets[] = {
	{ { PP_GUARD_FREE, PP_GUARD_WAIT_MAX_MS } }, /* name and address, or the browser */
	{ { 40, PP_GUARD_WAIT_MAX_MS } },            /* address: many people may be behind it */
	/* The name from everywhere: little, so that nobody who guesses from a thousand addresses
	 * keeps the true one away. */
	{ { 100, 4000 } },
};

/* Behind the proxy everybody has its address; the last name in the last list is what it has seen
 * itself. */
static void address_read(const struct pp_web *w, const struct pp_call *c, char ret_address[48])
{
	const char *list = pp_call_header_last(c, "X-Forwarded-For"), *last;

	pp_call_address(c, ret_address);
	if (w->origin[0] == '\0' || !list ||
		(strcmp(ret_address, "127.0.0.1") != 0 && strcmp(ret_address, "::1") != 0))
		return;
	last = strrchr(list, ',');
	last = last ? last + 1 : list;
	last += strspn(last, " \t[");
	snprintf(ret_address, 48, "%.*s", (int)strcspn(last, " \t]"), last);
}

/* "203.0.113.9:4711" is who it is without its port. */
static void port_drop(char address[48])
{
	char *colon = strchr(address, ':');

	if (colon && !strchr(colon + 1, ':'))
		*colon = '\0';
}

/* An address of IPv6 counts with all of its network, which is one customer's, however it is
 * written. */
static void address_shorten(char address[48])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint8_t bytes[16];

	port_drop(address);
	if (inet_pton(AF_INET6, address, bytes) != 1)
		return;
	if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
		(void)inet_ntop(AF_INET, bytes + sizeof(mapped), address, 48);
	else
		pp_text_hex(bytes, 8, address);
}

bool pp_tries_pass(struct pp_web *w, struct pp_call *c, const struct pp_user_row *user, bool known,
	struct pp_tries *ret_tries)
{
	const int64_t now = (int64_t)(pp_loop_now_us(w->loop) / 1000);
	struct pp_tries *t = ret_tries;
	char address[48], seconds[24];
	int64_t wait = 0;

	address_read(w, c, address);
	address_shorten(address);
	t->count = known ? 1 : 3;
	if (known)
		snprintf(t->keys[0], sizeof(t->keys[0]), "%s/%s/%.32s", user->tenant, user->name,
			pp_call_cookie(c, PP_COOKIE_DEVICE));
	else
		snprintf(t->keys[0], sizeof(t->keys[0]), "%s/%s@%s", user->tenant, user->name,
			address);
	snprintf(t->keys[1], sizeof(t->keys[1]), "@%s", address);
	snprintf(t->keys[2], sizeof(t->keys[2]), "%s/%s", user->tenant, user->name);
	/* By the name from everywhere: whoever has got so far knows the password. */
	snprintf(t->code, sizeof(t->code), "code %s", t->keys[known ? 0 : 2]);
	for (size_t i = 0; i < t->count && wait == 0; i++)
		wait = pp_guard_try_within(w->guard, t->keys[i], &budgets[i].budget, now);
	if (wait == 0)
		return true;
	w->counts.refused_wait++;
	snprintf(seconds, sizeof(seconds), "%lld", (long long)((wait + 999) / 1000));
	pp_call_set_header(c, "Retry-After", seconds);
	pp_call_refuse(c, 429, "too many tries: wait %s s", seconds);
	return false;
}

bool pp_tries_code(struct pp_web *w, const struct pp_tries *tries)
{
	static const struct pp_guard_budget budget = { 10, 300000 };
	const int64_t now = (int64_t)(pp_loop_now_us(w->loop) / 1000);

	return pp_guard_try_within(w->guard, tries->code, &budget, now) == 0;
}

void pp_tries_clear(struct pp_web *w, const struct pp_tries *tries)
{
	pp_guard_clear(w->guard, tries->keys[0]);
	pp_guard_clear(w->guard, tries->code);
	/* Whoever has one right password does not get more guesses at others by it. */
	for (size_t i = 1; i < tries->count; i++)
		pp_guard_forgive(w->guard, tries->keys[i]);
}
