/* SPDX-License-Identifier: Apache-2.0 */
/* guesses.c -- wrong codes, and whose number a call went to, in SQL. */
#include "store/guesses.h"

/* Of now and the length of a window. */
#define HOLDS "since > ?1 - ?2 AND since <= ?1"

int pp_store_guesses(struct pp_db *db, const struct pp_guesses *of, int64_t *ret_count)
{
	return pp_store_number(db,
		"SELECT coalesce(max(count), 0) FROM guess WHERE who = ?3 AND " HOLDS,
		PP_ARGS(PP_I64(of->now_ms), PP_I64(of->window_ms), PP_TEXT(of->who)), ret_count);
}

int pp_store_guess_add(struct pp_db *db, const struct pp_guesses *of, int64_t *ret_count)
{
	int r = pp_store_run(db, "DELETE FROM guess WHERE NOT (" HOLDS ")",
		PP_ARGS(PP_I64(of->now_ms), PP_I64(of->window_ms)));

	if (r == 0)
		r = pp_store_run(db,
			"INSERT INTO guess (who, since, count) VALUES (?1, ?2, 1)"
			" ON CONFLICT DO UPDATE SET count = count + 1",
			PP_ARGS(PP_TEXT(of->who), PP_I64(of->now_ms)));
	return r < 0 ? r : pp_store_guesses(db, of, ret_count);
}

int pp_store_code_is_known(struct pp_db *db, const uint8_t code[32])
{
	struct pp_stmt *s;
	int r = pp_store_first(db, "SELECT 1 FROM call WHERE code = ?1 LIMIT 1",
		PP_ARGS(PP_BLOB(code, 32)), &s);

	if (r == 1)
		pp_stmt_reset(s);
	return r;
}

/* fn may not use db. */
static int each(struct pp_stmt *s, int r, pp_store_number_fn *fn, void *user)
{
	int stop = 0;

	while (r == 0 && stop == 0 && (r = pp_stmt_step(s)) == 1) {
		stop = fn(user, pp_column_text(s, 0));
		r = 0;
	}
	if (r < 0)
		return r;
	pp_stmt_reset(s);
	return stop < 0 ? stop : 0;
}

int pp_store_each_call_number(struct pp_db *db, int64_t incident_id, int64_t call_id,
	pp_store_number_fn *fn, void *user)
{
	struct pp_stmt *s;
	int r = pp_store_bind(db,
		"SELECT DISTINCT address FROM notification WHERE incident_id = ?1 AND call_id = ?2"
		" AND channel = 'sms' AND address <> ''",
		PP_ARGS(PP_I64(incident_id), PP_I64(call_id)), &s);

	return each(s, r, fn, user);
}

int pp_store_each_test_number(struct pp_db *db, const char *tenant, const char *contact,
	pp_store_number_fn *fn, void *user)
{
	struct pp_stmt *s;
	int r = pp_store_bind(db,
		"SELECT DISTINCT address FROM notification WHERE tenant = ?1 AND contact = ?2"
		" AND purpose = 'test' AND channel = 'sms' AND address <> ''",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(contact)), &s);

	return each(s, r, fn, user);
}
