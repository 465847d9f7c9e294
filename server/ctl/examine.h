/* SPDX-License-Identifier: Apache-2.0 */
/* examine.h -- what `doctor` and `support-bundle` look at: groups of checks for checkup/checkup.h,
 * whose user is a struct pp_examination. Every check may hang; every one says something also when
 * all is well. */
#ifndef CTL_EXAMINE_H
#define CTL_EXAMINE_H

#include "checkup/checkup.h"
#include "command.h"
#include "config/recorder_settings.h"
#include "config/server_settings.h"

#include <stdint.h>

struct pp_examination {
	const char *config, *recorder_config; /* paths; recorder_config NULL: none is there */
	const char *pki;                      /* folder */
	struct pp_server_settings server;
	struct pp_recorder_settings recorder; /* valid where recorder_config is */
	int64_t now_ms;
	int64_t test_days;
};

/* check_files.c */
void pp_check_modes(struct pp_checkup *c, void *user);    /* who may read and write what */
void pp_check_identity(struct pp_checkup *c, void *user); /* the server's key and certificate */
void pp_check_pki(struct pp_checkup *c, void *user);      /* the broker's, and the lists */
/* check_network.c */
void pp_check_broker(struct pp_checkup *c, void *user);
void pp_check_tools(struct pp_checkup *c, void *user);
void pp_check_server(struct pp_checkup *c, void *user);
void pp_check_recorder(struct pp_checkup *c, void *user);
void pp_check_store(struct pp_checkup *c, void *user);
/* check_record.c */
void pp_check_record(struct pp_checkup *c, void *user); /* opens, mode, heads */
void pp_check_integrity(struct pp_checkup *c, void *user);
void pp_check_machine(struct pp_checkup *c, void *user); /* disk, clock */
void pp_check_posts(struct pp_checkup *c, void *user);
/* check_plans.c */
void pp_check_plans(struct pp_checkup *c, void *user);

/* doctor.c: reads the settings and runs them all. 0 or -errno; a settings file that cannot be read
 * is a finding. *e must be zeroed but for paths and test_days; pp_examination_done frees it. */
int pp_examine(struct pp_examination *e, struct pp_findings *ret_findings);
void pp_examination_done(struct pp_examination *e);
/* Options that both commands have, by their names: config, recorder, pki. */
void pp_examination_init(struct pp_examination *e, const struct pp_ctl_call *call);
#define PP_EXAMINATION_OPTIONS                                                                     \
	{ "config", "FILE", false, false, "Settings of the server (/etc/pospin/server.yaml)" },    \
		{ "recorder", "FILE", false, false,                                                \
			"Settings of the recorder (/etc/pospin/recorder.yaml, if it is there)" },  \
	{                                                                                          \
		"pki", "DIR", false, false, "Folder of the keys (/etc/pospin/pki)"                 \
	}

#endif
