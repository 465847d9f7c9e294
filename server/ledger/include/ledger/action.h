/* SPDX-License-Identifier: Apache-2.0 */
/* ledger/action.h -- what people and the server's other threads ask the record to change. */
#ifndef LEDGER_ACTION_H
#define LEDGER_ACTION_H

#include <stdint.h>

#define PP_UNIT_MAX 64   /* bytes */
#define PP_NOTE_MAX 2000 /* bytes */
#define PP_CALLER_MAX 120 /* bytes */

enum pp_action_type {
	PP_ACTION_ACKNOWLEDGE,   /* incident */
	PP_ACTION_DISPATCH,      /* incident, unit */
	PP_ACTION_ON_SCENE,      /* incident */
	PP_ACTION_CLOSE,         /* incident, code, text (note, may be empty) */
	PP_ACTION_NOTE,          /* incident, text */
	PP_ACTION_HAND_OVER,     /* incident, name: the user to whom its holder offers it */
	PP_ACTION_TAKE_OVER,     /* incident: by the user to whom it is offered */
	PP_ACTION_CALL,          /* incident, call_id, state (accepted, refused, en-route, on-scene,
				    done), text: why, may be empty; unit: only of that agency,
				    NULL: of any */
	PP_ACTION_CALL_ANSWER,   /* code (one-time, of a call), state as above, text: through what
				    it came ("sms"), name: the sender's number (NULL: not told);
				    tenant and actor are the call's */
	PP_ACTION_PRESENCE,      /* text: who has a page that is connected, "tenant/user:name" each
				    with a newline behind it; nothing is written */
	PP_ACTION_TEXT,          /* text: a text message of a post's second path; name: the number
				    that it came from, for the receipt (NULL: not told); code: how
				    it came ("modem", "gateway"). The engine puts what it holds
				    beside it and says in `state` whether that was anything:
				    "taken", "refused". No tenant, no actor. */
	/* name, text (display name), role, kecamatan, unit; secret (argon2id hash), or NULL with
	 * key (SHA-256 of an invitation's token) and until_ms */
	PP_ACTION_USER_CREATE,
	PP_ACTION_USER_SET,      /* name; text, role, kecamatan, unit: NULL stays as it is */
	PP_ACTION_USER_ACTIVE,   /* name, state ("enabled", "disabled") */
	PP_ACTION_USER_INVITE,   /* name, key, until_ms */
	PP_ACTION_USER_PASSWORD, /* name, secret; by an invitation: key; else digest: the session
				    that goes on */
	PP_ACTION_USER_FACTOR,   /* name, state ("begun": key, "on": step, codes, digest as above,
				    "off") */
	PP_ACTION_SESSION_OPEN,  /* name, digest (SHA-256 of the cookie's token), until_ms, ends_ms;
				    step or key: the second factor that was shown */
	PP_ACTION_SESSION_KEEP,  /* digest, until_ms: it is in use */
	PP_ACTION_SESSION_CONFIRM, /* digest, name, step or key: the password was given again */
	PP_ACTION_SESSION_CLOSE,   /* digest */
	PP_ACTION_VIEW,          /* incident or post, text: what personal texts somebody is shown */
	PP_ACTION_MERGE,         /* incident becomes a part of other. Result: reason is the number
				    of what is left */
	PP_ACTION_SPLIT,         /* incident, post: its alarms become one of their own; reason */
	PP_ACTION_LINK,          /* incident, other: shown beside each other */
	PP_ACTION_UNLINK,        /* the same, no more */
	PP_ACTION_CONVERT,       /* incident: a drill or a test becomes a real one */
	/* class; post, or desa and rw ("": not known); text (what was said), name (of the caller,
	 * may be empty), state ("drill" or empty), code (a key: the same again changes nothing; may
	 * be empty). Result: reason is the number */
	PP_ACTION_REPORT,
	/* post, name (of a point; "" or NULL: the whole post), state ("test", "disabled"), text
	 * (reason), seconds */
	PP_ACTION_MODE_BEGIN,
	PP_ACTION_MODE_END,      /* post, name, state */
	PP_ACTION_CONTACT_TEST,  /* name: of a contact of the plan. Result: reason is the way */
	PP_ACTION_PLAN,          /* text: a dispatch file as JSON, registry_rev: that it was
				    checked by. Result: state "changed" or "unchanged", rev */
	PP_ACTION_ORDER,         /* post, order, class, seconds, other (the near post whose alarm
				    sounds; NULL: none): see protocol/command.h;
				    notification_id: of the siren's that gives it, 0: none */
	/* a test message: code (channel), name (contact), text (address), state ("id", "en") */
	PP_ACTION_RING,
	PP_ACTION_NOTIFICATION,  /* what became of a try: notification_id, state, text, wait_ms,
				    code (the provider's word for it; NULL: none) */
};

struct pp_action {
	enum pp_action_type type;
	const char *tenant;
	const char *actor;    /* "user:budi", "ctl:root", "server" */
	const char *incident; /* public number */
	const char *other;    /* the same, of another */
	const char *desa, *rw;
	const char *post, *order, *class;
	int64_t seconds;
	const char *unit, *code, *text, *name, *secret, *role;
	const char *kecamatan; /* codes, each between commas: ",33.24.07,"; "": all */
	const char *codes;     /* SHA-256 of recovery codes in hex, a space behind each */
	uint8_t digest[32];
	uint8_t key[32]; /* zero: none */
	int64_t step;    /* of a second factor by time; 0: none */
	int64_t ends_ms; /* a session: at the latest */
	int64_t until_ms;
	int64_t notification_id, call_id;
	const char *state; /* notification: "queued" (again), "sent", "delivered", "failed" */
	int64_t wait_ms; /* "queued": until the next try. No point in time: between the try and its
			    commit the clock may have been set, and the disk may have hung */
	int64_t registry_rev;
};

struct pp_action_result {
	int error; /* 0; -ENOENT: no such thing; -EPERM: a forbidden move; -EINVAL: bad value;
		      -EEXIST; else the record failed */
	char reason[160]; /* of an order that was taken: its id; of a refusal: English, for the
			     answer's `detail`: "incident KDL-26-000123 is closed already, by
			     user:siti" */
	char state[16];   /* incident's state after it */
	int64_t rev;
};

#endif
