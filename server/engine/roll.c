/* SPDX-License-Identifier: Apache-2.0 */
/* roll.c -- the roll call: a server that hears again asks every post at once what it holds, instead
 * of waiting for the state that each sends in its own time. */
#include "desk_inside.h"
#include "outcome.h"

bool pp_desk_roll_call(struct pp_desk *d, size_t *from, size_t count)
{
	const size_t total = pp_directory_count(d->directory);

	for (; count > 0 && *from < total; count--, (*from)++) {
		const struct pp_directory_post *p = pp_directory_at(d->directory, *from);
		const struct pp_addressee to = { pp_outcome_key(&d->o, p->tenant, p->post),
			p->tenant, p->post };
		struct pp_answer answer;

		if (p->active && p->key_count > 0 && pp_answer_progress(&to, &answer) == 0)
			pp_outcome_send(&d->o, &answer);
	}
	return *from < total;
}
