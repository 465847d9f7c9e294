/* SPDX-License-Identifier: Apache-2.0 */
/* plan.c -- the dispatch file: desks, neighbours and agencies, contacts with several ways, and a
 * fallback. Each step finds somebody at every hour, and waits long enough to be told from the next:
 * checkers count on both. The rings of desk and neighbours wait until it is taken, that of the
 * agencies until somebody has accepted (timeline.c says so in the history). */
#include "plan.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/plans.h"
#include "plans/plans.h"

static const char file[] =
	"tenant: kendal\n"
	"contacts:\n"
	"  rw: {name: Ketua RW, role: ketua-rw, language: id, verified: 2026-11-01,"
	" ways: [{sms: '+628000000001'}, {mail: rw@desa.example}]}\n"
	"  ronda: {name: Ronda, role: ronda, language: id, verified: 2026-11-01,"
	" ways: [{sms: '+628000000002'}, {webhook: bot}]}\n"
	"  satpol: {name: Piket Satpol PP, role: piket, language: id, verified: 2026-11-01,"
	" ways: [{webhook: siren}, {sms: '+628000000003'}]}\n"
	"  damkar-a: {name: Damkar A, role: piket, language: id, verified: 2026-11-01,"
	" ways: [{sms: '+628000000004'}, {mail: a@damkar.example}, {webhook: bot}]}\n"
	"  damkar-b: {name: Damkar B, role: piket, language: en, verified: 2026-11-01,"
	" ways: [{mail: b@damkar.example}, {sms: '+628000000005'}]}\n"
	"  polsek: {name: Polsek, role: piket, language: id, verified: 2026-11-01,"
	" ways: [{sms: '+628000000006'}]}\n"
	"agencies:\n"
	"  damkar-boja: {name: Damkar Boja, kind: damkar, contacts: [damkar-a]}\n"
	"  damkar-kendal: {name: Damkar Kendal, kind: damkar, contacts: [damkar-a, damkar-b]}\n"
	"  polres: {name: Polres, kind: polisi, contacts: [polsek]}\n"
	"rosters:\n"
	"  ronda: [{from: '00:00', to: '00:00', contacts: [ronda]}]\n"
	"plans:\n"
	"  umum:\n"
	"    classes: [all]\n"
	"    area: [all]\n"
	"    rings:\n"
	"      desk: {until: taken, steps: [{call: ['role:operator'], wait: 15s},"
	" {call: ['role:supervisor', satpol], wait: 20s}]}\n"
	"      neighbours: {until: taken, steps: [{call: ['contact:rw', 'roster:ronda'],"
	" wait: 25s}]}\n"
	"    fallback: {call: ['webhook:all', 'agency:polres'], every: 40s}\n"
	"  kebakaran:\n"
	"    classes: [fire]\n"
	"    area: [all]\n"
	"    rings:\n"
	"      desk: {until: taken, steps: [{call: ['role:operator'], wait: 15s}]}\n"
	"      agencies: {until: accepted, steps: [{call: ['agency:damkar-boja'], wait: 20s},"
	" {call: ['agency:damkar-kendal', 'agency:polres'], wait: 30s},"
	" {call: ['contact:satpol'], wait: 20s}]}\n"
	"    fallback: {call: ['agency:damkar-kendal', 'webhook:bot'], every: 45s}\n";

void plan_import(struct pp_ledger *l, int64_t now_ms)
{
	struct pp_plans_file *parsed;
	struct pp_plan_change change;
	struct pp_problem problem = { "" };
	struct pp_plan_order order = { .actor = "ctl:town", .registry_rev = -1 };
	int r = pp_plans_file_parse("plan.yaml", file, strlen(file), &parsed, &problem);

	if (r < 0)
		fprintf(stderr, "%s\n", problem.text);
	assert(r == 0);
	order.book = pp_plans_file_book(parsed);
	r = pp_ledger_plan_put(l, &order, now_ms, &change);
	assert(r == 0 && change.changed);
	pp_plans_file_free(parsed);
}
