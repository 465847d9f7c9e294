/* SPDX-License-Identifier: Apache-2.0 */
/* audit_form.h -- the lines of an exported chain. Private to the room. */
#ifndef LEDGER_AUDIT_FORM_H
#define LEDGER_AUDIT_FORM_H

#include <stdbool.h>

#include "json/json.h"
#include "store/timeline.h"

#define PP_AUDIT_FORM "pospin-audit-1"
#define PP_AUDIT_LINE_MAX (1u << 20)

struct pp_json *pp_audit_event_json(const struct pp_event_row *row);
/* Everything but the tenant; texts are the line's. -EBADMSG. */
int pp_audit_event_read(const struct pp_json *line, struct pp_event_row *row);
bool pp_audit_is_zero(const uint8_t hash[32]);

#endif
