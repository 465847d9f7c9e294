/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/limits.h -- every length and count of the wire contract, in one table. */
#ifndef PROTOCOL_LIMITS_H
#define PROTOCOL_LIMITS_H

#define PP_TENANT_MAX 20 /* characters */
#define PP_POST_MAX 40
#define PP_POINT_MAX 32
#define PP_DETAIL_MAX 120   /* bytes of UTF-8 */
#define PP_INCIDENT_MAX 24  /* "KDL-26-000123" */
#define PP_PAYLOAD_MAX 8192 /* bytes; the encoder refuses more */
#define PP_TOPIC_MAX 96
#define PP_POINTS_MAX 64   /* points of a post */
#define PP_OPEN_MAX 32     /* open presses told in one beat; the newest */
#define PP_RECEIPTS_MAX 32 /* in one message */
#define PP_READINGS_MAX 64 /* in one sample message */
#define PP_SOUND_MAX_S 180 /* seconds that an order may sound */
#define PP_LOST_MAX 64     /* sequence numbers in one trouble; more travel in further troubles */

#define PP_STATE_EVERY_MS 10000    /* post: a state at least this often */
#define PP_RESEND_AFTER_MS 10000   /* post: no receipt: send again; tell the presser */
#define PP_BEAT_STALE_MS 25000     /* post: no valid beat: server away */
#define PP_STATE_STALE_MS 45000    /* server: no valid state: unsupervised */
#define PP_STATE_KEPT_S 10         /* broker: a state that waits longer says nothing any more */
#define PP_LATE_AFTER_MS 120000    /* server: older signals are late */
#define PP_CLOCK_TOLERANCE_MS 5000 /* `at` further off is clock trouble */

#endif
