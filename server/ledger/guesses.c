/* SPDX-License-Identifier: Apache-2.0 */
/* guesses.c -- whoever guesses the codes of calls by text message is soon not looked at any more;
 * whoever was sent a code is always heard. In the record, so that no restart begins it anew. */
#include "book.h"

#include <errno.h>
#include <stdio.h>

#include "core/text.h"
#include "refusal.h"
#include "store/clock.h"
#include "store/guesses.h"
#include "store/plans.h"
#include "texts/sender.h"

#define WINDOW_MS INT64_C(3600000)
#define OF_ONE 5  /* wrong codes of a sender in a window */
#define OF_ALL 20 /* of all senders */
#define WHO_BYTES 16
#define ALL ""

/* A number is not kept in clear. "": there is none. */
static void who_make(const char *sender, char ret_who[2 * WHO_BYTES + 1])
{
	char digits[PP_SENDER_SIZE], text[PP_SENDER_SIZE + 20];
	uint8_t hash[PP_SHA256_SIZE];
	int length;

	ret_who[0] = '\0';
	pp_sender_digits(sender, digits);
	if (digits[0] == '\0')
		return;
	length = snprintf(text, sizeof(text), "pospin-guess\n%s", digits);
	pp_sha256(text, (size_t)length, hash);
	pp_text_hex(hash, WHO_BYTES, ret_who);
}

static struct pp_guesses guesses_of(const struct pp_ledger *l, const char *who)
{
	return (struct pp_guesses){ .who = who, .now_ms = l->now_ms, .window_ms = WINDOW_MS };
}

/* How many wrong ones came from it, and from all. */
static int counts_get(struct pp_ledger *l, const char *who, int64_t *ret_one, int64_t *ret_all)
{
	const struct pp_guesses all = guesses_of(l, ALL), one = guesses_of(l, who);
	int r = pp_store_guesses(l->db, &all, ret_all);

	*ret_one = 0;
	return r < 0 || who[0] == '\0' ? r : pp_store_guesses(l->db, &one, ret_one);
}

/* ---- whose code it is ---- */

struct number {
	const char *sender;
	bool found;
};

static int number_compare(void *user, const char *number)
{
	struct number *n = user;

	n->found = n->found || pp_sender_is(n->sender, number);
	return 0;
}

/* Whether it comes from the number that was sent the code. 1, 0. */
static int is_own(struct pp_ledger *l, const struct pp_guess *g)
{
	struct number n = { .sender = g->sender };
	struct pp_contact_code test;
	int r;

	if (g->row) {
		r = pp_store_each_call_number(
			l->db, g->row->incident_id, g->row->call_id, number_compare, &n);
		return r < 0 ? r : n.found;
	}
	r = pp_store_contact_by_code(l->db, g->hash, 0, &test);
	if (r > 0)
		r = pp_store_each_test_number(
			l->db, test.tenant, test.contact, number_compare, &n);
	return r < 0 ? r : n.found;
}

static int refuse(struct pp_item *item)
{
	return pp_action_refuse(item, -ENOENT, "no open call has this code");
}

int pp_guess_check(
	struct pp_ledger *l, struct pp_item *item, const struct pp_guess *g, int64_t *ret_doubt)
{
	char who[2 * WHO_BYTES + 1];
	int64_t one, all;
	int r;

	*ret_doubt = 0;
	who_make(g->sender, who);
	r = counts_get(l, who, &one, &all);
	if (r < 0 || (one < OF_ONE && all < OF_ALL))
		return r < 0 ? r : 1;
	r = is_own(l, g);
	if (r > 0)
		*ret_doubt = one < OF_ONE ? 0 : one;
	if (r != 0)
		return r;
	item->out.code_unseen = true;
	return refuse(item);
}

/* ---- a wrong one ---- */

struct tale {
	struct pp_ledger *l;
	const char *detail;
	int64_t count;
};

static int tenant_tell(void *user, const char *tenant)
{
	const struct tale *t = user;
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_text(body, "kind", "guessed-codes");
	(void)pp_json_set_text(body, "detail", t->detail);
	(void)pp_json_set_i64(body, "count", t->count);
	return pp_timeline_write(t->l,
		&(struct pp_event){
			.tenant = tenant, .kind = "security", .actor = "server", .body = body },
		NULL);
}

/* A code that nobody has is no tenant's: all are told, once in a window. */
static int guessing_tell(struct pp_ledger *l, int64_t one, int64_t all)
{
	struct tale t = { .l = l, .count = one, .detail = "codes of calls, from one number" };

	if (one != OF_ONE && all != OF_ALL)
		return 0;
	if (all == OF_ALL)
		t = (struct tale){ l, "codes of calls, from any number", all };
	return pp_store_each_tenant(l->db, tenant_tell, &t);
}

int pp_guess_wrong(struct pp_ledger *l, struct pp_item *item, const struct pp_guess *g)
{
	char who[2 * WHO_BYTES + 1];
	const struct pp_guesses of_all = guesses_of(l, ALL), of_one = guesses_of(l, who);
	int64_t one = 0, all;
	int r = pp_store_code_is_known(l->db, g->hash);

	/* (One of a call that is over guesses nothing.) */
	if (r != 0)
		return r < 0 ? r : refuse(item);
	item->out.code_wrong = true;
	who_make(g->sender, who);
	r = pp_store_guess_add(l->db, &of_all, &all);
	if (r == 0 && who[0])
		r = pp_store_guess_add(l->db, &of_one, &one);
	if (r == 0)
		r = guessing_tell(l, one, all);
	return r < 0 ? r : refuse(item);
}
