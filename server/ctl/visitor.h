/* SPDX-License-Identifier: Apache-2.0 */
/* visitor.h -- a certificate for a name that is another's, made for one visit to the broker: a
 * second connection under the same name ends the first. Private to the room. */
#ifndef CTL_VISITOR_H
#define CTL_VISITOR_H

#include <stdint.h>

#include "crypto/pki.h"

struct pp_visitor {
	char name[PP_PKI_NAME_SIZE];
	char serial[PP_PKI_SERIAL_SIZE];
	char dir[64], cert[96], key[96];
};
/* Signed by the authority (service-ca or post-ca) of the folder of keys, for a day. Its key lies in
 * a temporary folder, mode 0700, until _done. */
int pp_visitor_init(struct pp_visitor *v, const char *pki, const char *authority, const char *name);
void pp_visitor_done(struct pp_visitor *v); /* also one that is zero */

struct pp_visited {
	const char *pki;
	const char *host;
	uint16_t port;
};
/* Connects and leaves. 1: let in: whoever was connected under the name is so no longer; 0: turned
 * away or not reached, *ret_why says how; -errno. Waits some 8 s at most. */
int pp_visitor_knock(const struct pp_visitor *v, const struct pp_visited *broker, char ret_why[96]);

#endif
