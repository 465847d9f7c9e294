/* SPDX-License-Identifier: Apache-2.0 */
/* trust.c -- the level that the strongest fact proves. */
#include "incidents/trust.h"

#include <assert.h>

static const struct {
	int level;
	struct pp_trust_word word;
} facts_table[] = {
#define X(name, code, level, id, en) { level, { code, id, en } },
	PP_TRUST_FACTS(X)
#undef X
};

struct pp_trust_word pp_trust_word(enum pp_trust_bit bit)
{
	assert(bit < PP_TRUST_FACT_COUNT);
	return facts_table[bit].word;
}

uint32_t pp_trust_facts(uint32_t facts, int64_t posts)
{
	const uint32_t both = PP_TRUST_PRESS | PP_TRUST_DETECTOR;

	facts &= ~(uint32_t)(PP_TRUST_BOTH | PP_TRUST_NEIGHBOUR | PP_TRUST_THIRD_POST);
	if ((facts & both) == both)
		facts |= PP_TRUST_BOTH;
	if (posts == 2)
		facts |= PP_TRUST_NEIGHBOUR;
	if (posts > 2)
		facts |= PP_TRUST_THIRD_POST;
	return facts;
}

int pp_trust_level(uint32_t facts)
{
	int level = 1;

	for (int i = 0; i < PP_TRUST_FACT_COUNT; i++) {
		if ((facts & (1u << i)) && facts_table[i].level > level)
			level = facts_table[i].level;
	}
	if (facts & PP_TRUST_EXERCISE)
		return 0;
	/* What has been false before takes away only what nothing else supports. */
	return level == 1 && (facts & PP_TRUST_FALSE_BEFORE) ? 0 : level;
}

uint32_t pp_trust_history(int64_t false_alarms, int64_t real_ones)
{
	if (real_ones > 0)
		return PP_TRUST_REAL_BEFORE;
	return false_alarms >= PP_TRUST_FALSE_MIN ? PP_TRUST_FALSE_BEFORE : 0;
}
