/* SPDX-License-Identifier: Apache-2.0 */
/* edge.h -- the running daemon, shared by the files beside main.c. Everything in it belongs to the
 * loop's thread. */
#ifndef EDGE_H
#define EDGE_H

#include "agent/agent.h"
#include "crypto/key_list.h"
#include "agent/orders.h"
#include "edge_settings/edge_settings.h"
#include "loop/loop.h"
#include "modem/modem.h"
#include "mqtt/mqtt.h"
#include "outbox/keeper.h"
#include "protocol/sample.h"
#include "sensor/sensor.h"
#include "sources/iio.h"
#include "sources/source.h"
#include "uplink/inbox.h"
#include "uplink/second.h"
#include "uplink/uplink.h"

/* What the daemon counts; inbox.h has what it refuses to believe. One line here is a member, a
 * number in `status` and a sample in `pospin-edge metrics`: member, by, reason, help. */
#define PP_EDGE_COUNTS(X)                                                                          \
	X(alarms, NULL, NULL, "Alarms made.")                                                      \
	X(signals, NULL, NULL, "Signals made, alarms among them.")                                 \
	X(receipts, NULL, NULL, "Receipts taken.")                                                 \
	X(beats, NULL, NULL, "Beats taken.")                                                       \
	X(connections, NULL, NULL, "Connections made to the broker.")                              \
	X(receipts_unknown, "agent", "receipt", "Receipts of signals that are not held.")          \
	X(beats_stale, "agent", "stale-beat", "Beats that do not answer the newest state.")        \
	X(commands, NULL, NULL, "Orders carried out.")                                             \
	X(commands_again, NULL, NULL, "Orders that came again and were only answered again.")      \
	X(commands_refused, "agent", "command", "Orders that this post cannot carry out.")         \
	X(commands_expired, "agent", "expired-command", "Orders of another time.")                 \
	X(commands_full, "agent", "too-many-commands", "Orders beyond what is remembered.")        \
	X(dropped_full, "uplink", "queue-full", "Messages for which the queue was full.")          \
	X(texts_sent, NULL, NULL, "Alarms told by text message, because no receipt came.")         \
	X(texts_failed, NULL, NULL, "Tries to tell an alarm by text message that failed.")         \
	X(texts_receipts, NULL, NULL, "Receipts taken that came by text message.")                 \
	X(texts_ignored, "second", "text", "Text messages that are no receipt.")                   \
	X(texts_stale, "second", "stale-receipt", "Text receipts of what the server lost since.")
struct pp_edge_counts {
	PP_EDGE_COUNTS(PP_COUNTER_MEMBER)
};

/* An analogue point. */
struct pp_level {
	size_t point;
	bool known;
	double value;                /* while known */
	char why[PP_DETAIL_MAX + 1]; /* else */
};

struct pp_edge {
	const struct pp_edge_settings *settings;
	const struct pp_edge_scalars *scalars;
	uint64_t started_us;
	int lock_fd;

	/* panel.c: wires in, lamps out. Lines: points first, then outputs. */
	struct pp_source *source;
	size_t line_count;
	struct pp_line lines[PP_POINTS_MAX + PP_OUTPUTS_MAX];
	struct pp_sensor *sensors[PP_POINTS_MAX];
	size_t sensing; /* the point whose sensor emits right now */
	struct pp_annunciator_output roles[PP_OUTPUTS_MAX];
	bool active[PP_OUTPUTS_MAX], known[PP_OUTPUTS_MAX];
	bool lost[PP_OUTPUTS_MAX]; /* outputs that are away ... */
	bool lost_changed;         /* ... and whether that is still to be told */
	uint64_t annunciate_us;

	/* levels.c */
	struct pp_iio *iio; /* NULL: no point has a level */
	size_t level_count;
	struct pp_iio_channel channels[PP_IIO_MAX];
	struct pp_level levels[PP_IIO_MAX];
	uint64_t levels_us; /* when they are read next */

	/* traffic.c: decisions, outbox, uplink. */
	struct pp_agent_point points[PP_POINTS_MAX];
	struct pp_agent *agent;
	struct pp_effect *effects; /* decided, not carried out yet */
	size_t effect_count, effect_size;
	bool carrying_out;
	struct pp_key *key;
	/* identity.c: keys that this process had before, and all that this post ever had. */
#define PP_EDGE_KEYS_BEFORE 16
	size_t keys_before_count;
	struct pp_key *keys_before[PP_EDGE_KEYS_BEFORE];
	struct pp_key_list signers;
	bool signers_new; /* not in their file yet */
	char signers_path[512];
	char topics[PP_CHANNEL_COUNT][PP_TOPIC_MAX];
	char boot_id[33], outbox_path[512], memo_path[128], keys_path[512], keys_mark[32];
	uint64_t keys_retry_us; /* when the rotated list is written again; UINT64_MAX: it is kept */
	struct pp_keeper *keeper;
	struct pp_sender *sender;
	struct pp_mqtt *mqtt;
	struct pp_uplink *uplink;
	struct pp_inbox inbox;
	struct pp_inbox_counts inbox_counts;
	struct pp_inbox_message message; /* big: not on the stack */
	struct pp_edge_counts counts;
	/* commands.c */
	struct pp_orders *orders;
	char orders_path[512], *orders_text; /* text: from before the start, until it is read */
	uint64_t writes, wrote;              /* files asked of the store, and written */
	uint64_t orders_write; /* the newest of them that holds orders; 0: none is awaited */
	unsigned lost_in_a_row;
	char down_why[96]; /* why the broker is away; "": it is not, or was not tried yet */
	bool server_away;

	/* second.c */
	struct pp_modem *modem; /* NULL: no second path */
	struct pp_second second;

	/* report.c */
	uint64_t sample_us;

	/* control.c */
	int control_fd;

	/* daemon.c */
	struct pp_loop *loop;
	struct pp_loop_source *on_source, *on_mqtt, *on_store, *on_timer, *on_control,
		*on_signal[3];
	uint64_t watchdog_us, feed_us, store_alive_us;
};

/* daemon.c: the whole life of the daemon; an exit code. */
int pp_edge_run(const struct pp_edge_settings *settings);
/* The loop's time, with the wall clock's of the same moment. */
struct pp_agent_now pp_edge_now(const struct pp_edge *e);
struct pp_outbox_now pp_edge_row_now(const struct pp_edge *e);
void pp_edge_settle(
	struct pp_edge *e); /* after every event: lets everything catch up, and sets the timer */

/* panel.c. All log what is wrong. */
int pp_panel_open(struct pp_edge *e);   /* lines and sensors */
void pp_panel_start(struct pp_edge *e); /* first levels */
int pp_panel_read(struct pp_edge *e);
void pp_panel_step(struct pp_edge *e);
uint64_t pp_panel_deadline(const struct pp_edge *e);
void pp_panel_show(struct pp_edge *e); /* lamps and sirens as the agent sees them */
void pp_panel_value(struct pp_edge *e, size_t point, double value);       /* a level was read */
void pp_panel_fault(struct pp_edge *e, size_t point, const char *detail); /* or not */
void pp_panel_close(struct pp_edge *e); /* leaves outputs in their safe state */
int pp_panel_make_safe(const struct pp_edge_settings *settings); /* from outside, after a crash */

/* levels.c */
int pp_levels_open(struct pp_edge *e);
void pp_levels_read(struct pp_edge *e); /* when due; waits for the devices' drivers */
void pp_levels_sample(const struct pp_edge *e, struct pp_sample *sample);   /* adds what is known */
const struct pp_level *pp_levels_of(const struct pp_edge *e, size_t point); /* NULL: it has none */
void pp_levels_close(struct pp_edge *e);

/* effects.c */
void pp_traffic_input(
	struct pp_edge *e, const struct pp_agent_input *in); /* and carries out what follows */

/* answers.c */
void pp_traffic_answer(void *user, struct pp_store_answer *a); /* a pp_keeper_fn */

/* traffic.c */
void pp_traffic_take(struct pp_edge *e, const struct pp_mqtt_event *event); /* a message */
int pp_traffic_open(struct pp_edge *e, void (*wake)(void *user));
bool pp_traffic_read_mqtt(struct pp_edge *e); /* true: more waits */
void pp_traffic_read_store(struct pp_edge *e);
void pp_traffic_step(struct pp_edge *e);
uint64_t pp_traffic_deadline(const struct pp_edge *e);
void pp_traffic_close(struct pp_edge *e);

/* commands.c */
int pp_commands_open(struct pp_edge *e);
void pp_commands_begin(struct pp_edge *e); /* the outbox is open */
void pp_commands_take(struct pp_edge *e, const struct pp_command *command);
void pp_commands_wrote(struct pp_edge *e); /* one file that was asked of the store is written */
void pp_commands_step(struct pp_edge *e);
void pp_commands_close(struct pp_edge *e);

/* second.c: alarms without a receipt by text message, and receipts that come back so. */
int pp_second_open(struct pp_edge *e); /* when the settings name a number */
void pp_second_added(struct pp_edge *e); /* the sender holds one more alarm */
void pp_second_step(struct pp_edge *e);
const char *pp_second_state(const struct pp_edge *e); /* "none", "ready", or why it is away */
void pp_second_close(struct pp_edge *e);

/* identity.c: the post's own key and certificate. */
int pp_identity_open(struct pp_edge *e);
void pp_identity_begin(struct pp_edge *e);  /* when the outbox is there */
void pp_identity_reload(struct pp_edge *e); /* SIGHUP */
void pp_identity_close(struct pp_edge *e);  /* when the outbox is gone */

/* keys.c: the server's keys, as installed or as rotated since. */
int pp_keys_load(struct pp_edge *e);
void pp_keys_rotate(struct pp_edge *e, const struct pp_beat *beat);
void pp_keys_name(const struct pp_edge *e, struct pp_state *state);     /* into a state */
void pp_keys_wrote(struct pp_edge *e, const struct pp_store_answer *a); /* any file */
void pp_keys_step(struct pp_edge *e); /* writes again what could not be written */

/* report.c */
extern const struct pp_counter pp_edge_table[], pp_inbox_table[];
extern const size_t pp_edge_table_count, pp_inbox_table_count;
void pp_report_sample(struct pp_edge *e); /* when due and connected */
int pp_report_status(
	struct pp_edge *e, char **ret_text, size_t *ret_length); /* JSON; caller frees */

/* control.c */
int pp_control_open(struct pp_edge *e);
void pp_control_answer(struct pp_edge *e);
void pp_control_close(struct pp_edge *e);

/* status.c: `pospin-edge status` and `metrics`; an exit code, 0: healthy. */
int pp_status_show(const char *socket_path, bool json);
int pp_status_metrics(const char *socket_path);
#define PP_STATUS_ASK_MS 5000
#define PP_STATUS_MAX (1u << 20)

/* doctor.c: `pospin-edge doctor` and `support-bundle`; an exit code. */
struct pp_doctor {
	const struct pp_edge_settings *settings;
	const char *config, *socket, *out; /* out: the bundle's file */
	const char *log;                   /* file with log lines; NULL: the journal */
	bool json;
};
int pp_doctor_show(const struct pp_doctor *d);
int pp_doctor_bundle(const struct pp_doctor *d);

#endif
