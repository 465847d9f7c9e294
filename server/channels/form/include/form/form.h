/* SPDX-License-Identifier: Apache-2.0 */
/* form/form.h -- templates of what a service is sent, with named fields, and how its answer says
 * that it has taken it. Pure. */
#ifndef FORM_FORM_H
#define FORM_FORM_H

#include <stdbool.h>
#include <stddef.h>

#define PP_FORM_TEMPLATE_MAX 4000 /* bytes */
#define PP_FORM_FILLED_MAX 16384  /* bytes of a body that is sent */
#define PP_FORM_PATH_MAX 120
#define PP_FORM_REFERENCE_SIZE 72

/* What may stand between "{{" and "}}". */
#define PP_FORM_FIELDS(X)                                                                          \
	X(TEXT, "text")       /* the sentence that a person reads */                               \
	X(ADDRESS, "address") /* number, mailbox; "" for a webhook of the site file */             \
	X(CONTACT, "contact") /* whose */                                                          \
	X(NUMBER, "number")   /* of the incident */                                                \
	X(CLASS, "class")                                                                          \
	X(POST, "post")                                                                            \
	X(PURPOSE, "purpose") /* alarm, again, stop, closed, trouble, test, receipt */             \
	X(TENANT, "tenant")                                                                        \
	X(KEY, "key") /* of idempotency */
#define X(name, text) PP_FORM_##name,
enum pp_form_field { PP_FORM_FIELDS(X) PP_FORM_FIELD_COUNT };
#undef X

/* Texts are borrowed; NULL is "". */
struct pp_form {
	const char *template;
	const char *type;      /* "json" or "form"; "": json */
	const char *success;   /* "ok=true", "messages.0.id"; "": the status alone counts */
	const char *reference; /* path of the service's own word for the message; "": none */
};
/* -EINVAL: ret_why says what is wrong: an unknown type or field, a field outside of a JSON text, a
 * path that is none. */
int pp_form_check(const struct pp_form *form, char ret_why[160]);
const char *pp_form_content_type(const struct pp_form *form);
/* The caller frees *ret_body. -EINVAL: the template was not checked; -EMSGSIZE: too long. */
int pp_form_fill(const struct pp_form *form, const char *const values[PP_FORM_FIELD_COUNT],
	char **ret_body);
/* Whether the answer's body says that it was taken; ret_reference (may be NULL) is "" where it
 * names none, or one with other than printable characters. */
bool pp_form_is_success(const struct pp_form *form, const char *body, size_t length,
	char ret_reference[PP_FORM_REFERENCE_SIZE]);

#endif
