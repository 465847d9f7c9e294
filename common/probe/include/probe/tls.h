/* SPDX-License-Identifier: Apache-2.0 */
/* probe/tls.h -- one TLS 1.3 client connection, to find out whether and why a server lets us in.
 * Blocking, with time-outs; for tools only: the programs' own connections are common/mqtt's. */
#ifndef PROBE_TLS_H
#define PROBE_TLS_H

#include <stddef.h>

struct pp_tls;

struct pp_tls_options {
	const char *host; /* must be named by the server's certificate */
	const char *ca_path, *cert_path, *key_path;
	int timeout_ms; /* of each of the calls below */
};
/* Speaks over fd (connected, not blocking; stays the caller's). On failure ret_why says in words
 * what, and: -ETIMEDOUT, -ECONNRESET, -EPROTO: no TLS; -EKEYREJECTED: we do not accept their
 * certificate; -EACCES: they do not accept ours; -EINVAL: our own files do not do; -ENOMEM. With
 * TLS 1.3 a refusal of our certificate may also come with the first read. */
int pp_tls_open(
	const struct pp_tls_options *options, int fd, struct pp_tls **ret_tls, char ret_why[160]);
struct pp_tls *pp_tls_close(struct pp_tls *t); /* NULL is fine; returns NULL */
void pp_tls_set_timeout(struct pp_tls *t, int timeout_ms);
/* Bytes; 0: they have ended it; errors as above. */
int pp_tls_read(struct pp_tls *t, void *buf, size_t size, char ret_why[160]);
int pp_tls_write(struct pp_tls *t, const void *data, size_t size, char ret_why[160]);

#endif
