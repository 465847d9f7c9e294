/* SPDX-License-Identifier: Apache-2.0 */
/* tls.c -- a TLS client by OpenSSL that can say why it was not let in. */
#include "probe/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

struct pp_tls {
	SSL_CTX *context;
	SSL *ssl;
	int fd, timeout_ms;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int say(char ret_why[160], int error, const char *words)
{
	snprintf(ret_why, 160, "%s", words);
	return error;
}

/* What the other side's alert means for us. */
static int refused(unsigned long code, char ret_why[160])
{
	static const struct {
		int reason;
		const char *words;
	} rows[] = {
		{ SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, "our certificate is revoked" },
		{ SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
			"our certificate has ended, or a revocation list of theirs has" },
		{ SSL_R_TLSV1_ALERT_UNKNOWN_CA, "our certificate comes from an authority that they "
						"do not know" },
		{ SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "our certificate is not accepted" },
		{ SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "our certificate is not accepted" },
		{ SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
			"our certificate is not one for clients" },
		{ SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "they do not speak TLS 1.3" },
		{ SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, "they want a certificate of ours" },
		{ SSL_R_TLSV1_ALERT_DECRYPT_ERROR, "our key does not fit our certificate" },
	};
	int reason = ERR_GET_REASON(code);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (reason == rows[i].reason)
			return say(ret_why, -EACCES, rows[i].words);
	if (reason > SSL_AD_REASON_OFFSET) {
		const char *words = ERR_reason_error_string(code);

		return say(ret_why, -EACCES, words ? words : "they refused");
	}
	return 0;
}

/* Why we do not accept theirs. */
static const char *not_believed(long code)
{
	switch (code) {
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return "their certificate does not come from our authority";
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return "their certificate is for another name";
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "their certificate has ended, or this machine's clock is wrong";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "their certificate does not hold yet, or this machine's clock is wrong";
	case X509_V_ERR_INVALID_PURPOSE:
		return "their certificate is not one for servers";
	default:
		return X509_verify_cert_error_string(code);
	}
}

/* What a failed call means; the error queue is emptied. */
static int failed(struct pp_tls *t, int result, char ret_why[160])
{
	long verified = SSL_get_verify_result(t->ssl);
	int kind = SSL_get_error(t->ssl, result), system = errno, r = 0;
	unsigned long code = ERR_peek_last_error();
	const char *words = ERR_reason_error_string(code);

	if (verified != X509_V_OK)
		r = say(ret_why, -EKEYREJECTED, not_believed(verified));
	else if (kind == SSL_ERROR_SSL)
		r = refused(code, ret_why);
	if (r == 0 && (kind == SSL_ERROR_ZERO_RETURN || kind == SSL_ERROR_SYSCALL))
		r = say(ret_why, -ECONNRESET,
			kind == SSL_ERROR_SYSCALL && result < 0 && system ? strerrordesc_np(system)
									  : "they ended it");
	if (r == 0 && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		r = say(ret_why, -ECONNRESET, "they ended it");
	if (r == 0)
		r = say(ret_why, -EPROTO, words ? words : "no TLS");
	ERR_clear_error();
	return r;
}

/* Waits for what the library wants. 1: go on; 0: it is done; -errno. */
static int want(struct pp_tls *t, int result, int64_t until_ms, char ret_why[160])
{
	struct pollfd p = { .fd = t->fd };
	int kind;
	int64_t left = until_ms - now_ms();

	if (result > 0)
		return 0;
	kind = SSL_get_error(t->ssl, result);
	if (kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE)
		return failed(t, result, ret_why);
	p.events = kind == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
	if (left <= 0 || poll(&p, 1, (int)left) == 0)
		return say(ret_why, -ETIMEDOUT, "no answer");
	return 1;
}

static int host_set(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	unsigned char address[16];

	if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1 ? 0 : -ENOMEM;
	return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1 ? 0
											 : -ENOMEM;
}

static int no_passphrase(char *buf, int size, int writing, void *user)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)user;
	return 0;
}

static int context_make(const struct pp_tls_options *o, struct pp_tls *t, char ret_why[160])
{
	t->context = SSL_CTX_new(TLS_client_method());
	if (!t->context || SSL_CTX_set_min_proto_version(t->context, TLS1_3_VERSION) != 1)
		return say(ret_why, -ENOMEM, "out of memory");
	/* A key with a passphrase is none of ours: nobody is asked for it. */
	SSL_CTX_set_default_passwd_cb(t->context, no_passphrase);
	SSL_CTX_set_verify(t->context, SSL_VERIFY_PEER, NULL);
	if (SSL_CTX_load_verify_locations(t->context, o->ca_path, NULL) != 1)
		return say(ret_why, -EINVAL, "the authority's certificate cannot be read");
	if (SSL_CTX_use_certificate_chain_file(t->context, o->cert_path) != 1)
		return say(ret_why, -EINVAL, "our certificate cannot be read");
	if (SSL_CTX_use_PrivateKey_file(t->context, o->key_path, SSL_FILETYPE_PEM) != 1)
		return say(ret_why, -EINVAL, "our key cannot be read, or is not the certificate's");
	return 0;
}

int pp_tls_open(
	const struct pp_tls_options *options, int fd, struct pp_tls **ret_tls, char ret_why[160])
{
	struct pp_tls *t = calloc(1, sizeof(*t));
	int64_t until_ms = now_ms() + options->timeout_ms;
	int r;

	if (!t)
		return say(ret_why, -ENOMEM, "out of memory");
	t->fd = fd;
	t->timeout_ms = options->timeout_ms;
	r = context_make(options, t, ret_why);
	if (r == 0) {
		t->ssl = SSL_new(t->context);
		r = t->ssl && SSL_set_fd(t->ssl, fd) == 1 ? host_set(t->ssl, options->host)
							  : -ENOMEM;
		if (r < 0)
			(void)say(ret_why, r, "out of memory");
	}
	if (r == 0)
		do {
			ERR_clear_error();
			r = want(t, SSL_connect(t->ssl), until_ms, ret_why);
		} while (r == 1);
	ERR_clear_error();
	if (r < 0) {
		pp_tls_close(t);
		return r;
	}
	*ret_tls = t;
	return 0;
}

struct pp_tls *pp_tls_close(struct pp_tls *t)
{
	if (!t)
		return NULL;
	if (t->ssl && SSL_is_init_finished(t->ssl))
		(void)SSL_shutdown(t->ssl);
	SSL_free(t->ssl);
	SSL_CTX_free(t->context);
	ERR_clear_error();
	free(t);
	return NULL;
}

void pp_tls_set_timeout(struct pp_tls *t, int timeout_ms)
{
	t->timeout_ms = timeout_ms;
}

int pp_tls_read(struct pp_tls *t, void *buf, size_t size, char ret_why[160])
{
	int64_t until_ms = now_ms() + t->timeout_ms;
	int n, r;

	do {
		ERR_clear_error();
		n = SSL_read(t->ssl, buf, (int)size);
		if (n <= 0 && SSL_get_error(t->ssl, n) == SSL_ERROR_ZERO_RETURN)
			return 0;
		r = want(t, n, until_ms, ret_why);
	} while (r == 1);
	return r < 0 ? r : n;
}

int pp_tls_write(struct pp_tls *t, const void *data, size_t size, char ret_why[160])
{
	int64_t until_ms = now_ms() + t->timeout_ms;
	int n, r;

	do {
		ERR_clear_error();
		n = SSL_write(t->ssl, data, (int)size);
		r = want(t, n, until_ms, ret_why);
	} while (r == 1);
	return r < 0 ? r : n;
}
