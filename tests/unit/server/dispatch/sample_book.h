/* SPDX-License-Identifier: Apache-2.0 */
/* sample_book.h -- a small book of plans without memory of its own, for tests of who is called. */
#ifndef SAMPLE_BOOK_H
#define SAMPLE_BOOK_H

#include "dispatch/plan.h"

#define LITERAL(text) ((char *)(uintptr_t)(text))
#define MINUTE(day, hour, minute) ((day)*1440 + (hour)*60 + (minute))
enum { MON, TUE, WED, THU, FRI, SAT, SUN };
#define CLASS(name) (1u << PP_CLASS_##name)
#define EVERY_CLASS 0x1fu

/* Sorted by id, as in every book. */
enum { C_DAMKAR_K, C_DAMKAR_W, C_RONDA_A, C_RONDA_B, C_RT, C_SATPOL, C_COUNT };
static struct pp_plan_way a_way[] = { { PP_WAY_SMS, LITERAL("+628110000000") } };
#define CONTACT(id)                                                                                \
	{                                                                                          \
		LITERAL(id), LITERAL(id), LITERAL("piket"), PP_LANGUAGE_ID, 1, 1, a_way            \
	}
static struct pp_plan_contact contacts[C_COUNT] = { CONTACT("damkar-k"), CONTACT("damkar-w"),
	CONTACT("ronda-a"), CONTACT("ronda-b"), CONTACT("rt"), CONTACT("satpol") };

static size_t of_damkar_k[] = { C_DAMKAR_K }, of_damkar_w[] = { C_DAMKAR_W },
	      of_satpol[] = { C_SATPOL }, of_ronda[] = { C_RONDA_A, C_RONDA_B, C_RT };
static struct pp_plan_area everywhere[] = { { PP_AREA_ALL, LITERAL("") } };
static struct pp_plan_area weleri[] = { { PP_AREA_KECAMATAN, LITERAL("33.24.12") } };
static struct pp_plan_area boja_1[] = { { PP_AREA_POST, LITERAL("boja-01") } };
enum { A_DAMKAR_K, A_DAMKAR_W, A_SATPOL, A_COUNT };
static struct pp_plan_agency agencies[A_COUNT] = {
	{ LITERAL("damkar-k"), LITERAL("Damkar Kaliwungu"), LITERAL("damkar"), NULL, 1, 1,
		of_damkar_k, everywhere },
	{ LITERAL("damkar-w"), LITERAL("Damkar Weleri"), LITERAL("damkar"), LITERAL("st-weleri"), 1,
		1, of_damkar_w, weleri },
	{ LITERAL("satpol"), LITERAL("Satpol PP"), LITERAL("satpol-pp"), NULL, 1, 1, of_satpol,
		everywhere },
};
/* Saturday and Sunday, 22:00 to 04:00 of the next day. */
static struct pp_plan_duty duties[] = { { { 0x60, 22 * 60, 4 * 60 }, 3, of_ronda } };
static struct pp_plan_roster rosters[] = { { LITERAL("ronda"), 1, duties } };

static struct pp_plan_target operators[] = { { PP_TARGET_ROLE, 0, LITERAL("operator") } };
static struct pp_plan_target neighbours[] = { { PP_TARGET_CONTACT, C_RT, LITERAL("rt") },
	{ PP_TARGET_ROSTER, 0, LITERAL("ronda") } };
static struct pp_plan_target to_satpol[] = { { PP_TARGET_AGENCY, A_SATPOL, LITERAL("satpol") } };
static struct pp_plan_target to_weleri[] = { { PP_TARGET_AGENCY, A_DAMKAR_W,
	LITERAL("damkar-w") } };
static struct pp_plan_target to_kaliwungu[] = { { PP_TARGET_AGENCY, A_DAMKAR_K,
							LITERAL("damkar-k") },
	{ PP_TARGET_WEBHOOK, 0, LITERAL("desk") } };
static struct pp_plan_step desk_steps[] = { { 1, operators, 15000 }, { 1, to_satpol, 30000 } };
static struct pp_plan_step neighbour_steps[] = { { 2, neighbours, 60000 } };
static struct pp_plan_step damkar_steps[] = { { 1, to_weleri, 60000 }, { 2, to_kaliwungu, 60000 } };

/* Where nothing more specific is: everything; at night crime is another matter; fire in Weleri;
 * and one post for itself. */
enum { P_ALL, P_CRIME, P_FIRE, P_NIGHT, P_POST, P_COUNT };
#define FALLBACK                                                                                   \
	{                                                                                          \
		1, to_satpol, 60000                                                                \
	}
#define DESK [PP_RING_DESK] = { PP_UNTIL_TAKEN, 2, desk_steps }
static struct pp_plan plans[P_COUNT] = {
	{ .id = LITERAL("all"),
		.classes = EVERY_CLASS,
		.any_class = true,
		.area_count = 1,
		.areas = everywhere,
		.rings = { DESK },
		.fallback = FALLBACK },
	{ .id = LITERAL("crime"),
		.classes = CLASS(CRIME),
		.area_count = 1,
		.areas = everywhere,
		.rings = { DESK },
		.fallback = FALLBACK },
	{ .id = LITERAL("fire"),
		.classes = CLASS(FIRE),
		.area_count = 1,
		.areas = weleri,
		.rings = { DESK, [PP_RING_AGENCIES] = { PP_UNTIL_ACCEPTED, 2, damkar_steps } },
		.fallback = FALLBACK },
	{ .id = LITERAL("night"),
		.classes = CLASS(CRIME),
		.has_hours = true,
		.hours = { PP_ALL_DAYS, 22 * 60, 5 * 60 },
		.area_count = 1,
		.areas = everywhere,
		.rings = { DESK, [PP_RING_NEIGHBOURS] = { PP_UNTIL_TAKEN, 1, neighbour_steps } },
		.fallback = FALLBACK },
	{ .id = LITERAL("post"),
		.classes = EVERY_CLASS,
		.any_class = true,
		.area_count = 1,
		.areas = boja_1,
		.rings = { DESK },
		.fallback = FALLBACK },
};
static struct pp_plan_book book = { .tenant = LITERAL("kendal"),
	.zone_minutes = 420,
	.contact_count = C_COUNT,
	.agency_count = A_COUNT,
	.roster_count = 1,
	.plan_count = P_COUNT,
	.contacts = contacts,
	.agencies = agencies,
	.rosters = rosters,
	.plans = plans };

static inline struct pp_plan_query query_of(enum pp_class class, const char *post, int minute)
{
	bool is_weleri = post[0] == 'w';

	return (struct pp_plan_query){ .class = class,
		.post = post,
		.desa = is_weleri ? "33.24.12.2001" : "33.24.07.2001",
		.kecamatan = is_weleri ? "33.24.12" : "33.24.07",
		.minute = minute };
}

#endif
