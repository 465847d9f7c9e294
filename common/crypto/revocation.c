/* SPDX-License-Identifier: Apache-2.0 */
/* revocation.c -- revocation lists (RFC 5280, section 5), signed by their authority. */
#include "crypto/pki.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "authority.h"
#include "core/file.h"

#define CRL_DAYS 3653
#define LISTS_MAX 8           /* authorities in one file */
#define LISTS_SIZE (16 << 20) /* bytes: some 100,000 certificates */

/* -EINVAL: not 1 to 40 hex digits (RFC 5280: at most 20 octets). */
static int serial_read(const char *hex, ASN1_INTEGER **ret_serial)
{
	size_t length = strlen(hex);
	BIGNUM *n = NULL;

	if (length < 1 || length >= PP_PKI_SERIAL_SIZE ||
		strspn(hex, "0123456789abcdefABCDEF") != length)
		return -EINVAL;
	*ret_serial = BN_hex2bn(&n, hex) > 0 ? BN_to_ASN1_INTEGER(n, NULL) : NULL;
	BN_free(n);
	return *ret_serial ? 0 : -ENOMEM;
}

/* 1: added; 0: it is there already. */
static int revoked_add(X509_CRL *crl, const char *hex)
{
	X509_REVOKED *revoked = NULL;
	ASN1_INTEGER *serial = NULL;
	ASN1_TIME *now;
	int r = serial_read(hex, &serial);

	if (r)
		return r;
	if (X509_CRL_get0_by_serial(crl, &revoked, serial) == 1) {
		ASN1_INTEGER_free(serial);
		return 0;
	}
	r = 1;
	revoked = X509_REVOKED_new();
	now = X509_gmtime_adj(NULL, 0);
	if (!revoked || !now || X509_REVOKED_set_serialNumber(revoked, serial) != 1 ||
		X509_REVOKED_set_revocationDate(revoked, now) != 1 ||
		X509_CRL_add0_revoked(crl, revoked) != 1) {
		X509_REVOKED_free(revoked);
		r = -ENOMEM;
	}
	ASN1_TIME_free(now);
	ASN1_INTEGER_free(serial);
	return r;
}

static int64_t number_of(const X509_CRL *crl)
{
	ASN1_INTEGER *number = crl ? X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL) : NULL;
	int64_t value = 0;

	if (number && ASN1_INTEGER_get_int64(&value, number) != 1)
		value = 0;
	ASN1_INTEGER_free(number);
	return value;
}

static bool crl_extensions_add(X509_CRL *crl, X509 *issuer, const X509_CRL *before)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	int64_t value = (int64_t)time(NULL);
	bool done;

	/* The time as number: lists grow without any file that remembers the last one. */
	if (value <= number_of(before))
		value = number_of(before) + 1;
	X509V3_set_ctx(&context, issuer, NULL, NULL, crl, 0);
	extension =
		X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
	done = extension && number && X509_CRL_add_ext(crl, extension, -1) == 1 &&
	       ASN1_INTEGER_set_int64(number, value) == 1 &&
	       X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, X509V3_ADD_DEFAULT) == 1;
	X509_EXTENSION_free(extension);
	ASN1_INTEGER_free(number);
	return done;
}

/* From yesterday, because clocks err, but after the list before: of two that hold, OpenSSL takes
 * the later, and of two of the same second the one that it had first. A list that is not valid yet
 * would lock out everybody: one of the future is no measure. */
static time_t from_after(const X509_CRL *before)
{
	time_t now = time(NULL), from = now + PP_PKI_BACKDATE_SECONDS;
	int64_t last = before ? pp_asn1_seconds(X509_CRL_get0_lastUpdate(before)) : 0;

	return last >= from && last < now ? (time_t)last + 1 : from;
}

static bool crl_frame_set(X509_CRL *crl, X509 *issuer, const X509_CRL *before)
{
	int64_t last = before ? pp_asn1_seconds(X509_CRL_get0_lastUpdate(before)) : 0;
	time_t now = time(NULL), base = last > now ? (time_t)last : now;
	ASN1_TIME *from = ASN1_TIME_set(NULL, from_after(before));
	/* From a clock that has lost its time a list would have ended long ago for the broker. */
	ASN1_TIME *to = X509_time_adj_ex(NULL, CRL_DAYS, 0, &base);
	bool done = from && to && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
		    X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) == 1 &&
		    X509_CRL_set1_lastUpdate(crl, from) == 1 &&
		    X509_CRL_set1_nextUpdate(crl, to) == 1;

	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	return done;
}

static bool revoked_copy(X509_CRL *crl, X509_CRL *before)
{
	STACK_OF(X509_REVOKED) *list = before ? X509_CRL_get_REVOKED(before) : NULL;

	for (int i = 0; i < sk_X509_REVOKED_num(list); i++) {
		X509_REVOKED *copy = X509_REVOKED_dup(sk_X509_REVOKED_value(list, i));

		if (!copy || X509_CRL_add0_revoked(crl, copy) != 1) {
			X509_REVOKED_free(copy);
			return false;
		}
	}
	return true;
}

/* The list that follows `before` (NULL: none). How many serials are new in it. */
static int crl_make(const struct pp_authority *ca, X509_CRL *before, const char *const *serials,
	X509_CRL **ret_crl)
{
	X509_CRL *crl = X509_CRL_new();
	int added = 0;
	int r = crl && crl_frame_set(crl, ca->cert, before) &&
				crl_extensions_add(crl, ca->cert, before) &&
				revoked_copy(crl, before)
			? 0
			: -ENOMEM;

	for (size_t i = 0; r >= 0 && serials && serials[i]; i++) {
		r = revoked_add(crl, serials[i]);
		added += r > 0;
	}
	if (r >= 0 && (X509_CRL_sort(crl) != 1 || X509_CRL_sign(crl, ca->key->pkey, NULL) <= 0))
		r = -ENOMEM;
	if (r < 0) {
		X509_CRL_free(crl);
		return r;
	}
	*ret_crl = crl;
	return added;
}

int pp_pki_make_crl(
	const char *ca_cert, const char *ca_key, const char *const *serials, const char *crl_path)
{
	struct pp_authority ca;
	X509_CRL *crl = NULL;
	int error = pp_authority_load(ca_cert, ca_key, &ca);

	if (error)
		return error;
	error = crl_make(&ca, NULL, serials, &crl);
	if (error >= 0)
		error = pp_pem_write_crl(crl_path, crl);
	X509_CRL_free(crl);
	pp_authority_done(&ca);
	ERR_clear_error();
	return error;
}

/* ---- several lists in one file ---- */

struct lists {
	size_t count;
	X509_CRL *all[LISTS_MAX];
};

static void lists_done(struct lists *l)
{
	for (size_t i = 0; i < l->count; i++)
		X509_CRL_free(l->all[i]);
	l->count = 0;
}

/* -EBADMSG: no list in it, or more than LISTS_MAX. */
static int lists_read(const char *path, struct lists *ret_lists)
{
	struct lists l = { .count = 0 };
	size_t length;
	char *text;
	BIO *bio;
	int error = pp_file_read(path, LISTS_SIZE, &text, &length);

	if (error)
		return error == -EFBIG ? -EBADMSG : error;
	bio = BIO_new_mem_buf(text, (int)length);
	while (bio && l.count < LISTS_MAX &&
		(l.all[l.count] = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)))
		l.count++;
	/* What is left over would be lost at the next writing. */
	if (!bio)
		error = -ENOMEM;
	else if (l.count == 0 || l.count == LISTS_MAX)
		error = -EBADMSG;
	BIO_free(bio);
	free(text);
	ERR_clear_error();
	if (error)
		lists_done(&l);
	else
		*ret_lists = l;
	return error;
}

static int lists_write(const struct lists *l, const char *path)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long length;
	int error = bio ? 0 : -ENOMEM;

	for (size_t i = 0; !error && i < l->count; i++)
		error = PEM_write_bio_X509_CRL(bio, l->all[i]) == 1 ? 0 : -ENOMEM;
	if (!error) {
		length = BIO_get_mem_data(bio, &text);
		error = pp_file_write(path, text, (size_t)length, 0644);
	}
	BIO_free(bio);
	return error;
}

/* Where the authority's list stands; count: nowhere. */
static size_t list_of(const struct lists *l, X509 *ca)
{
	size_t i = 0;

	/* By the signature, not by the name: a new authority may be called like the one before. */
	while (i < l->count &&
		(X509_NAME_cmp(X509_CRL_get_issuer(l->all[i]), X509_get_subject_name(ca)) != 0 ||
			X509_CRL_verify(l->all[i], X509_get0_pubkey(ca)) != 1))
		i++;
	return i;
}

static int list_renew(struct lists *l, const struct pp_pki_revocation *of)
{
	struct pp_authority ca;
	X509_CRL *crl = NULL;
	size_t at;
	int r = pp_authority_load(of->ca_cert, of->ca_key, &ca);

	if (r)
		return r;
	at = list_of(l, ca.cert);
	r = at == LISTS_MAX - 1
		    ? -EBADMSG
		    : crl_make(&ca, at < l->count ? l->all[at] : NULL, of->serials, &crl);
	if (r >= 0) {
		if (at < l->count)
			X509_CRL_free(l->all[at]);
		else
			l->count++;
		l->all[at] = crl;
	}
	pp_authority_done(&ca);
	return r;
}

int pp_pki_revoke(const char *lists_path, const struct pp_pki_revocation *of, size_t count)
{
	struct lists l = { .count = 0 };
	int added = 0, r = lists_read(lists_path, &l);

	if (r == -ENOENT)
		r = 0;
	for (size_t i = 0; r >= 0 && i < count; i++) {
		r = list_renew(&l, &of[i]);
		added += r > 0 ? r : 0;
	}
	if (r >= 0)
		r = lists_write(&l, lists_path);
	lists_done(&l);
	ERR_clear_error();
	return r < 0 ? r : added;
}

int pp_pki_is_revoked(const char *lists_path, const char *ca_cert, const char *serial)
{
	struct lists l = { .count = 0 };
	ASN1_INTEGER *number = NULL;
	X509_REVOKED *found;
	X509 *ca = NULL;
	int r = serial_read(serial, &number);
	size_t at;

	if (!r)
		r = lists_read(lists_path, &l);
	if (!r)
		r = pp_pem_read_certificate(ca_cert, &ca);
	if (!r) {
		at = list_of(&l, ca);
		r = at < l.count && X509_CRL_get0_by_serial(l.all[at], &found, number) == 1;
	}
	X509_free(ca);
	ASN1_INTEGER_free(number);
	lists_done(&l);
	ERR_clear_error();
	return r;
}

int pp_pki_forget(const char *lists_path, const char *ca_cert)
{
	struct lists l = { .count = 0 };
	X509 *ca = NULL;
	int r = pp_pem_read_certificate(ca_cert, &ca);
	size_t at = 0;

	if (!r)
		r = lists_read(lists_path, &l);
	if (!r) {
		at = list_of(&l, ca);
		r = at == l.count ? 0 : l.count == 1 ? -EBADMSG : 1;
	}
	if (r == 1) {
		X509_CRL_free(l.all[at]);
		l.all[at] = l.all[--l.count];
		r = lists_write(&l, lists_path);
		r = r < 0 ? r : 1;
	}
	X509_free(ca);
	lists_done(&l);
	ERR_clear_error();
	return r;
}

int pp_pki_lists(const char *lists_path, struct pp_pki_lists *ret_lists)
{
	struct pp_pki_lists facts = { .from_s = INT64_MIN, .until_s = INT64_MAX };
	struct lists l = { .count = 0 };
	int error = lists_read(lists_path, &l);

	if (error)
		return error;
	facts.lists = l.count;
	for (size_t i = 0; i < l.count; i++) {
		int64_t from = pp_asn1_seconds(X509_CRL_get0_lastUpdate(l.all[i]));
		int64_t until = pp_asn1_seconds(X509_CRL_get0_nextUpdate(l.all[i]));
		int revoked = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(l.all[i]));

		facts.revoked += revoked > 0 ? (size_t)revoked : 0;
		facts.from_s = from > facts.from_s ? from : facts.from_s;
		facts.until_s = until < facts.until_s ? until : facts.until_s;
	}
	lists_done(&l);
	*ret_lists = facts;
	return 0;
}
