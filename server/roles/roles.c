/* SPDX-License-Identifier: Apache-2.0 */
/* roles.c -- words of roles, which of them go together, and the table of endpoints. */
#include "roles/roles.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WORD(name, word) word,
static const char *const words[] = { PP_ROLES(WORD) };
#undef WORD

#define ROW(name, method, path, roles, rules) { method, path, roles, rules },
const struct pp_endpoint pp_endpoints[PP_ENDPOINT_COUNT] = { PP_ENDPOINTS(ROW) };
#undef ROW

const char *pp_role_word(size_t role)
{
	return words[role];
}

/* The bit of the word of that length; 0: none. */
static uint32_t role_find(const char *text, size_t length)
{
	for (size_t i = 0; i < PP_ROLE_COUNT; i++) {
		if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0)
			return UINT32_C(1) << i;
	}
	return 0;
}

static bool is_alone(uint32_t roles, uint32_t role)
{
	return (roles & role) == 0 || roles == role;
}

int pp_roles_parse(const char *text, uint32_t *ret_roles, const char **ret_why)
{
	uint32_t roles = 0;

	for (;;) {
		size_t length = strcspn(text, ",");
		uint32_t role = role_find(text, length);

		if (role == 0 || (roles & role)) {
			*ret_why = role ? "names a role twice"
					: "expected administrator, supervisor, operator, engineer, "
					  "agency or auditor";
			return -EINVAL;
		}
		roles |= role;
		text += length;
		if (*text++ == '\0')
			break;
	}
	if (!is_alone(roles, PP_AS_AUDITOR) || !is_alone(roles, PP_AS_AGENCY)) {
		*ret_why = "an auditor, or a user of an agency, has that role alone";
		return -EINVAL;
	}
	*ret_roles = roles;
	return 0;
}

uint32_t pp_roles_of_words(const char *text)
{
	uint32_t roles = 0;

	while (*text) {
		size_t length = strcspn(text, ",");

		roles |= role_find(text, length);
		text += length + (text[length] == ',');
	}
	return roles;
}

void pp_roles_text(uint32_t roles, char *ret_text)
{
	size_t used = 0;

	ret_text[0] = '\0';
	for (size_t i = 0; i < PP_ROLE_COUNT; i++) {
		if (roles & (UINT32_C(1) << i))
			used += (size_t)snprintf(ret_text + used, PP_ROLES_TEXT_SIZE - used, "%s%s",
				used ? "," : "", words[i]);
	}
}

bool pp_endpoint_admits(const struct pp_endpoint *endpoint, uint32_t roles)
{
	return (endpoint->rules & PP_RULE_OPEN) || (roles & PP_AS_CONTROL) ||
	       (endpoint->roles & roles);
}
