/* SPDX-License-Identifier: Apache-2.0 */
/* engine/counts.h -- everything that the engine counts. One line here is a member of the struct, a
 * number in `/counts` and a sample in `/metrics`; docs/operations.md says what it means and what to
 * do (a test holds the two together). */
#ifndef ENGINE_COUNTS_H
#define ENGINE_COUNTS_H

#include "metrics/metrics.h"

/* member, by, reason, help. With a reason it is a refusal: pospin_server_refused_total. */
#define PP_ENGINE_COUNTS(X)                                                                        \
	X(signals, NULL, NULL, "Signals recorded.")                                                \
	X(duplicates, NULL, NULL, "Signals that came again; their receipt went out again.")        \
	X(late, NULL, NULL, "Signals recorded late.")                                              \
	X(counted, NULL, NULL, "Signals recorded and told as a part of a storm's count.")          \
	X(states, NULL, NULL, "States of posts taken.")                                            \
	X(texts, NULL, NULL, "Signals that came by text message, known ones among them.")          \
	X(texts_answered, NULL, NULL, "Receipts of those that were queued as text messages.")      \
	X(texts_unanswered, NULL, NULL, "Those without one: no number, or more than a share.")     \
	X(texts_refused, "intake", "text", "Text messages that no enrolled post has made.")        \
	X(wills, NULL, NULL, "Connections of posts that broke, by the broker's word.")             \
	X(commits, NULL, NULL, "Transactions committed.")                                          \
	X(record_lost, NULL, NULL, "Signed events that a record put back from a copy lacks.")      \
	X(record_waits, NULL, NULL, "Times that the record was locked or its disk full.")          \
	X(actions, NULL, NULL, "Changes by people and by the server itself committed.")            \
	X(steps, NULL, NULL, "Steps of ladders that fired because their time had come.")           \
	X(returns, NULL, NULL, "Incidents whose holder was gone, and that are open again.")        \
	X(troubles_told, NULL, NULL, "Troubles of which people were told, or are to be.")          \
	X(collapsed, NULL, NULL, "Notifications that went as a part of another.")                  \
	X(commands_sent, NULL, NULL, "Orders sent to posts, those sent again among them.")         \
	X(replies, NULL, NULL, "Answers of posts to orders.")                                      \
	X(replies_unknown, "ledger", "unknown-answer", "Answers to no order, or to one answered.") \
	X(commands_unanswered, NULL, NULL, "Orders that no post answered in time.")                \
	X(publish_failures, NULL, NULL, "Receipts, beats and progress that did not go out.")       \
	X(broker_dropped, NULL, NULL, "Messages that the broker says it dropped, for anybody.")    \
	X(refused_retained, "intake", "retained", "Retained messages.")                            \
	X(refused_topic, "intake", "topic", "Messages on no topic of a post.")                     \
	X(refused_version, "intake", "version", "Messages of another major version.")              \
	X(refused_form, "intake", "form", "Signed messages that cannot be read.")                  \
	X(refused_unknown_post, "intake", "unknown-post", "Messages of posts not enrolled.")       \
	X(refused_signature, "intake", "signature", "Unsigned and forged messages.")               \
	X(refused_revoked, "intake", "revoked", "Messages of revoked keys and inactive posts.")    \
	X(throttled, "engine", "throttled", "Messages of posts that sent more than their share.")  \
	X(queue_dropped, "engine", "queue-full", "Messages for which the queue was full.")         \
	X(actions_busy, "engine", "busy", "Changes turned away because too many waited.")          \
	X(states_stale, "ledger", "stale-state", "States replayed or out of order.")               \
	X(epochs_refused, "ledger", "too-many-epochs",                                             \
		"States of more new epochs than a day has.")                                       \
	X(conflicts, "ledger", "conflict", "Numbers recorded already with other content.")         \
	X(codes_wrong, "ledger", "code", "Text messages with a code that no call has.")            \
	X(codes_unseen, "ledger", "guess", "Answers not looked at: too many codes were wrong.")    \
	X(actions_refused, "ledger", "action", "Changes that are not allowed as things stand.")    \
	X(item_errors, "ledger", "error", "Signals and changes that could not be recorded.")

#endif
