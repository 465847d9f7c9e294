/* SPDX-License-Identifier: Apache-2.0 */
/* authority.c -- loads an authority; reads and writes PEM files whole. */
#include "authority.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "core/file.h"

#define PEM_FILE_MAX 65536
#define COMMON_NAME_MAX 64 /* RFC 5280, ub-common-name */

typedef void *pem_reader(BIO *bio);
typedef int pem_writer(BIO *bio, const void *object);

static void *certificate_from(BIO *bio)
{
	return PEM_read_bio_X509(bio, NULL, NULL, NULL);
}

static void *request_from(BIO *bio)
{
	return PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
}

static int certificate_to(BIO *bio, const void *object)
{
	return PEM_write_bio_X509(bio, object);
}

static int request_to(BIO *bio, const void *object)
{
	return PEM_write_bio_X509_REQ(bio, object);
}

static int crl_to(BIO *bio, const void *object)
{
	return PEM_write_bio_X509_CRL(bio, object);
}

static int pem_read(const char *path, pem_reader *read, void **ret_object)
{
	size_t length;
	char *text;
	BIO *bio;
	int error = pp_file_read(path, PEM_FILE_MAX, &text, &length);

	if (error)
		return error == -EFBIG ? -EBADMSG : error;
	bio = BIO_new_mem_buf(text, (int)length);
	*ret_object = bio ? read(bio) : NULL;
	error = !bio ? -ENOMEM : *ret_object ? 0 : -EBADMSG;
	BIO_free(bio);
	free(text);
	ERR_clear_error();
	return error;
}

static int pem_write(const char *path, pem_writer *write, const void *object)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long length;
	int error = -ENOMEM;

	if (bio && write(bio, object) == 1) {
		length = BIO_get_mem_data(bio, &text);
		error = pp_file_write(path, text, (size_t)length, 0644);
	}
	BIO_free(bio);
	ERR_clear_error();
	return error;
}

int pp_pem_read_certificate(const char *path, X509 **ret_cert)
{
	void *object;
	int error = pem_read(path, certificate_from, &object);

	if (!error)
		*ret_cert = object;
	return error;
}

int pp_pem_read_request(const char *path, X509_REQ **ret_request)
{
	void *object;
	int error = pem_read(path, request_from, &object);

	if (!error)
		*ret_request = object;
	return error;
}

int pp_pem_write_certificate(const char *path, const X509 *cert)
{
	return pem_write(path, certificate_to, cert);
}

int pp_pem_write_request(const char *path, const X509_REQ *request)
{
	return pem_write(path, request_to, request);
}

int pp_pem_write_crl(const char *path, const X509_CRL *crl)
{
	return pem_write(path, crl_to, crl);
}

int64_t pp_asn1_seconds(const ASN1_TIME *time)
{
	struct tm tm;

	return time && ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

void pp_authority_done(struct pp_authority *ca)
{
	X509_free(ca->cert);
	pp_key_free(ca->key);
}

int pp_authority_load(const char *cert_path, const char *key_path, struct pp_authority *ret_ca)
{
	struct pp_authority ca = { NULL, NULL };
	int error = pp_pem_read_certificate(cert_path, &ca.cert);

	if (!error)
		error = pp_key_load(key_path, &ca.key);
	if (!error && X509_check_private_key(ca.cert, ca.key->pkey) != 1)
		error = -EINVAL;
	ERR_clear_error();
	if (error) {
		pp_authority_done(&ca);
		return error;
	}
	*ret_ca = ca;
	return 0;
}

bool pp_common_name_fits(const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < length; i++)
		if (name[i] < ' ' || name[i] > '~')
			return false;
	return length >= 1 && length <= COMMON_NAME_MAX;
}

int pp_common_name_read(const X509_NAME *name, char ret_name[PP_PKI_NAME_SIZE])
{
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1), length;
	const ASN1_STRING *text;
	char read[PP_PKI_NAME_SIZE] = "";

	if (at >= 0) {
		if (X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0)
			return -EINVAL;
		text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
		length = ASN1_STRING_length(text);
		if (length >= PP_PKI_NAME_SIZE ||
			memchr(ASN1_STRING_get0_data(text), '\0', (size_t)length))
			return -EINVAL;
		memcpy(read, ASN1_STRING_get0_data(text), (size_t)length);
		if (!pp_common_name_fits(read))
			return -EINVAL;
	}
	memcpy(ret_name, read, sizeof(read));
	return 0;
}
