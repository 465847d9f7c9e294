/* SPDX-License-Identifier: Apache-2.0 */
/* commands.h -- every command of pospinctl. Each is defined in the file of its group. */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#include "command.h"
#include "crypto/key_list.h"
#include "db/db.h"

/* What several commands share. --keys: the server's public keys (verify.c); --tenant, or the
 * record's only one (plan.c). PP_CTL_DONE, or it has been said why not. */
int pp_ctl_keys(struct pp_ctl_call *call, struct pp_key_list *ret_keys);
int pp_ctl_tenant(struct pp_ctl_call *call, struct pp_db *db, char ret_tenant[24]);

extern const struct pp_ctl_command pp_ctl_pki_init;
extern const struct pp_ctl_command pp_ctl_pki_revoke;
extern const struct pp_ctl_command pp_ctl_pki_refresh;
extern const struct pp_ctl_command pp_ctl_pki_rotate_signing;
extern const struct pp_ctl_command pp_ctl_pki_retire_signing;
extern const struct pp_ctl_command pp_ctl_pki_rotate_services;
extern const struct pp_ctl_command pp_ctl_pki_retire_services;
extern const struct pp_ctl_command pp_ctl_pki_issue;

extern const struct pp_ctl_command pp_ctl_post_request;
extern const struct pp_ctl_command pp_ctl_post_enrol;
extern const struct pp_ctl_command pp_ctl_post_renew;
extern const struct pp_ctl_command pp_ctl_post_revoke;

extern const struct pp_ctl_command pp_ctl_import;
extern const struct pp_ctl_command pp_ctl_plan_check;
extern const struct pp_ctl_command pp_ctl_plan_import;
extern const struct pp_ctl_command pp_ctl_plan_show;
extern const struct pp_ctl_command pp_ctl_plan_who;
extern const struct pp_ctl_command pp_ctl_contact_test;
extern const struct pp_ctl_command pp_ctl_verify;
extern const struct pp_ctl_command pp_ctl_audit_export;
extern const struct pp_ctl_command pp_ctl_audit_verify;
extern const struct pp_ctl_command pp_ctl_doctor;
extern const struct pp_ctl_command pp_ctl_support_bundle;

extern const struct pp_ctl_command pp_ctl_post_sound;
extern const struct pp_ctl_command pp_ctl_post_silence;
extern const struct pp_ctl_command pp_ctl_post_drill;
extern const struct pp_ctl_command pp_ctl_user_list;
extern const struct pp_ctl_command pp_ctl_user_add;
extern const struct pp_ctl_command pp_ctl_user_set;
extern const struct pp_ctl_command pp_ctl_user_disable;
extern const struct pp_ctl_command pp_ctl_user_enable;
extern const struct pp_ctl_command pp_ctl_user_reset;
extern const struct pp_ctl_command pp_ctl_user_totp;

extern const struct pp_ctl_command pp_ctl_incident_list;
extern const struct pp_ctl_command pp_ctl_incident_show;
extern const struct pp_ctl_command pp_ctl_incident_ack;
extern const struct pp_ctl_command pp_ctl_incident_dispatch;
extern const struct pp_ctl_command pp_ctl_incident_on_scene;
extern const struct pp_ctl_command pp_ctl_incident_close;
extern const struct pp_ctl_command pp_ctl_incident_note;

#endif
