/* SPDX-License-Identifier: Apache-2.0 */
/* incident_view.h -- the server's answers about incidents, for people. Every text comes out inert;
 * what an answer lacks is shown as "-". Times are local. */
#ifndef CTL_INCIDENT_VIEW_H
#define CTL_INCIDENT_VIEW_H

#include <stdint.h>
#include <stdio.h>

#include "json/json.h"

void pp_incident_list_show(FILE *out, const struct pp_json *answer, int64_t now_ms);
void pp_incident_show(FILE *out, const struct pp_json *incident, int64_t now_ms);
/* What a move has led to: "KDL-26-000123 acknowledged". */
void pp_incident_moved_show(FILE *out, const struct pp_json *answer, int64_t now_ms);

#endif
