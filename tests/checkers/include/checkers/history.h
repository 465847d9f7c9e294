/* SPDX-License-Identifier: Apache-2.0 */
/* checkers/history.h -- the lines of one history, read; see tests/checkers/README.md. */
#ifndef CHECKERS_HISTORY_H
#define CHECKERS_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_LINE_KINDS(X)                                                                           \
	X(BEGIN, "begin")                                                                          \
	X(POINT, "point")                                                                          \
	X(PRESS, "press")                                                                          \
	X(RELEASE, "release")                                                                      \
	X(WIRE, "wire")                                                                            \
	X(BOOT, "boot")                                                                            \
	X(SYNC, "sync")                                                                            \
	X(CLOCK, "clock")                                                                          \
	X(START, "start")                                                                          \
	X(READY, "ready")                                                                          \
	X(CRASH, "crash")                                                                          \
	X(FREEZE, "freeze")                                                                        \
	X(THAW, "thaw")                                                                            \
	X(FAULT, "fault")                                                                          \
	X(HEAL, "heal")                                                                            \
	X(HIT, "hit")                                                                              \
	X(APART, "apart")                                                                          \
	X(TOGETHER, "together")                                                                    \
	X(RUIN, "ruin")                                                                            \
	X(RESTORE, "restore")                                                                      \
	X(FORGE, "forge")                                                                          \
	X(REVOKE, "revoke")                                                                        \
	X(ACT, "act")                                                                              \
	X(PAGE, "page")                                                                            \
	X(HEALED, "healed")                                                                        \
	X(END, "end")                                                                              \
	X(LIGHT, "light")                                                                          \
	X(STORED, "stored")                                                                        \
	X(SENT, "sent")                                                                            \
	X(RECEIPT, "receipt")                                                                      \
	X(GIVEN, "given")                                                                          \
	X(ANSWERED, "answered")                                                                    \
	X(ROW, "row")                                                                              \
	X(GONE, "gone")                                                                            \
	X(LOOK, "look")                                                                            \
	X(INCIDENT, "incident")                                                                    \
	X(ENTRY, "entry")                                                                          \
	X(HEAD, "head")                                                                            \
	X(CHAIN, "chain")                                                                          \
	X(TARGET, "target")                                                                        \
	X(QUEUED, "queued")                                                                        \
	X(TOLD, "told")                                                                            \
	X(DESK, "desk")                                                                            \
	X(TROUBLE, "trouble")                                                                      \
	X(COUNT, "count")                                                                          \
	X(SIZE, "size")                                                                            \
	X(OTHER, "")
#define X(name, text) PP_LINE_##name,
enum pp_line_kind { PP_LINE_KINDS(X) PP_LINE_KIND_COUNT };
#undef X

/* Members that are texts: interned, so that equal texts are equal pointers; NULL: absent. */
#define PP_LINE_TEXTS(X)                                                                           \
	X(node)                                                                                    \
	X(post)                                                                                    \
	X(point)                                                                                   \
	X(class)                                                                                   \
	X(who)                                                                                     \
	X(epoch)                                                                                   \
	X(where)                                                                                   \
	X(how)                                                                                     \
	X(what)                                                                                    \
	X(way)                                                                                     \
	X(why)                                                                                     \
	X(to)                                                                                      \
	X(incident)                                                                                \
	X(move)                                                                                    \
	X(role)                                                                                    \
	X(signal)                                                                                  \
	X(result)                                                                                  \
	X(state)                                                                                   \
	X(kind)                                                                                    \
	X(actor)                                                                                   \
	X(previous)                                                                                \
	X(hash)                                                                                    \
	X(key)                                                                                     \
	X(target)                                                                                  \
	X(sink)                                                                                    \
	X(shows)                                                                                   \
	X(name)                                                                                    \
	X(call)                                                                                    \
	X(error)                                                                                   \
	X(file)                                                                                    \
	X(by)                                                                                      \
	X(ring)                                                                                    \
	X(until)                                                                                   \
	X(other)                                                                                   \
	X(contact)                                                                                 \
	X(channel)                                                                                 \
	X(purpose)
/* Members that are whole numbers; absent: INT64_MIN. A text with digits is none. */
#define PP_LINE_NUMBERS(X)                                                                         \
	X(seq)                                                                                     \
	X(mono)                                                                                    \
	X(boot)                                                                                    \
	X(cause)                                                                                   \
	X(height)                                                                                  \
	X(entry)                                                                                   \
	X(signals)                                                                                 \
	X(answer)                                                                                  \
	X(value)                                                                                   \
	X(bound)                                                                                   \
	X(rev)                                                                                     \
	X(rows)                                                                                    \
	X(of)                                                                                      \
	X(id)                                                                                      \
	X(blur)                                                                                    \
	X(format)                                                                                  \
	X(step)                                                                                    \
	X(wait)                                                                                    \
	X(callout)                                                                                 \
	X(way_number)                                                                              \
	X(seed)
#define PP_ABSENT INT64_MIN

/* One line. Texts are those of the history. */
struct pp_line {
	size_t number; /* from 1, as an editor counts */
	uint64_t t_us;
	enum pp_line_kind kind_of;
	const char *raw; /* the whole line */
#define X(name) const char *name;
	PP_LINE_TEXTS(X)
#undef X
#define X(name) int64_t name;
	PP_LINE_NUMBERS(X)
#undef X
	bool on, has_ok, ok, silent, at_start, moved;
};

struct pp_history;
/* -EBADMSG with *ret_where: a line that cannot be read, time that falls, no `begin`. A history
 * without `end` is taken as it is: its last line is the end. -ENOMEM. */
int pp_history_parse(
	const char *text, size_t length, struct pp_history **ret_history, char ret_where[160]);
struct pp_history *pp_history_free(struct pp_history *h); /* NULL is fine; returns NULL */

size_t pp_history_count(const struct pp_history *h);
const struct pp_line *pp_history_line(const struct pp_history *h, size_t index);
/* The history's own copy of a text, or NULL when no line has it. */
const char *pp_history_text(const struct pp_history *h, const char *text);
/* Whether its observer always writes lines of that kind. */
bool pp_history_sees(const struct pp_history *h, enum pp_line_kind kind);
uint64_t pp_history_blur_us(const struct pp_history *h);

#endif
