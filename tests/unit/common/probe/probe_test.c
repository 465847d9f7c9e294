/* SPDX-License-Identifier: Apache-2.0 */
/* probe_test.c -- every step at which the way to a real Mosquitto can end, provoked. */
#include "probe/probe.h"

#include <errno.h>

#include "../mqtt/broker.h"

static struct broker broker;

static int set_up(void **state)
{
	(void)state;
	broker_prepare(&broker);
	broker_start(&broker);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	broker_done(&broker);
	return 0;
}

struct paths {
	char ca[300], cert[300], key[300];
};

static struct pp_probe_options as(struct paths *p, const char *ca, const char *who)
{
	snprintf(p->ca, sizeof(p->ca), "%s/%s.pem", broker.folder, ca);
	snprintf(p->cert, sizeof(p->cert), "%s/%s.pem", broker.folder, who);
	snprintf(p->key, sizeof(p->key), "%s/%s.key", broker.folder, who);
	return (struct pp_probe_options){ .host = "127.0.0.1",
		.port = broker.port,
		.ca_path = p->ca,
		.cert_path = p->cert,
		.key_path = p->key,
		.timeout_ms = 5000 };
}

static void expect(
	const struct pp_probe_options *o, enum pp_probe_step step, int error, const char *part)
{
	struct pp_probe_result r;
	int got = pp_probe_broker(o, &r);

	if (got != error || r.error != error || r.step != step || !strstr(r.why, part))
		fail_msg("got step %d, %d, '%s'; want step %d, %d, '%s'", r.step, got, r.why, step,
			error, part);
}

static void with_a_good_identity_it_gets_to_the_end(void **state)
{
	struct paths p;
	struct pp_probe_options o = as(&p, "ca", "alice");

	(void)state;
	expect(&o, PP_PROBE_DONE, 0, "");
	o.client_id = "alice";
	expect(&o, PP_PROBE_DONE, 0, "");
}

static void a_name_that_does_not_exist_ends_it_at_the_name(void **state)
{
	struct paths p;
	struct pp_probe_options o = as(&p, "ca", "alice");
	struct pp_probe_result r;

	(void)state;
	o.host = "no-such-host.invalid";
	assert_true(pp_probe_broker(&o, &r) < 0);
	assert_int_equal(r.step, PP_PROBE_NAME);
}

static void a_port_where_nobody_listens_refuses_the_connection(void **state)
{
	struct paths p;
	struct pp_probe_options o = as(&p, "ca", "alice");

	(void)state;
	o.port = 1;
	expect(&o, PP_PROBE_CONNECTION, -ECONNREFUSED, "refused");
}

static void a_broker_of_another_authority_is_not_believed(void **state)
{
	struct paths p;
	struct pp_probe_options o = as(&p, "other-ca", "alice");

	(void)state;
	expect(&o, PP_PROBE_TLS, -EKEYREJECTED, "not come from our authority");
}

static void a_certificate_for_another_name_is_not_believed(void **state)
{
	struct paths p;
	struct pp_probe_options o = as(&p, "ca", "alice");

	(void)state;
	o.host = "localhost"; /* the broker's names 127.0.0.1 alone */
	expect(&o, PP_PROBE_TLS, -EKEYREJECTED, "for another name");
}

static void an_identity_of_another_authority_is_refused_with_and_without_connect(void **state)
{
	struct paths p;
	struct pp_probe_options o = as(&p, "ca", "mallory");

	(void)state;
	expect(&o, PP_PROBE_TLS, -EACCES, "authority that they do not know");
	o.client_id = "mallory";
	expect(&o, PP_PROBE_TLS, -EACCES, "authority that they do not know");
}

static void a_key_of_another_certificate_is_our_own_fault(void **state)
{
	struct paths p;
	struct pp_probe_options o = as(&p, "ca", "alice");

	(void)state;
	snprintf(p.key, sizeof(p.key), "%s/bob.key", broker.folder);
	expect(&o, PP_PROBE_FILES, -EINVAL, "not the certificate's");
	snprintf(p.key, sizeof(p.key), "%s/nobody.key", broker.folder);
	expect(&o, PP_PROBE_FILES, -ENOENT, "nobody.key");
}

static void a_port_without_tls_is_no_tls(void **state)
{
	struct paths p;
	struct pp_probe_options o = as(&p, "ca", "alice");
	struct pp_probe_result r;

	(void)state;
	o.port = broker.plain_port;
	assert_true(pp_probe_broker(&o, &r) < 0);
	assert_int_equal(r.step, PP_PROBE_TLS);
}

static void note_step(void *user, enum pp_probe_step step)
{
	*(enum pp_probe_step *)user = step;
}

static void a_broker_that_hangs_is_given_up_and_the_step_was_told(void **state)
{
	enum pp_probe_step last = PP_PROBE_DONE;
	struct paths p;
	struct pp_probe_options o = as(&p, "ca", "alice");

	(void)state;
	o.timeout_ms = 300;
	o.at = note_step;
	o.user = &last;
	broker_pause(&broker);
	expect(&o, PP_PROBE_TLS, -ETIMEDOUT, "no answer");
	broker_resume(&broker);
	assert_int_equal(last, PP_PROBE_TLS);
}

static void every_refusal_of_connect_has_words(void **state)
{
	(void)state;
	assert_string_equal(pp_probe_connack_words(0x87), "this identity may not connect");
	assert_string_equal(pp_probe_connack_words(0xff), "refused");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_a_good_identity_it_gets_to_the_end),
		cmocka_unit_test(a_name_that_does_not_exist_ends_it_at_the_name),
		cmocka_unit_test(a_port_where_nobody_listens_refuses_the_connection),
		cmocka_unit_test(a_broker_of_another_authority_is_not_believed),
		cmocka_unit_test(a_certificate_for_another_name_is_not_believed),
		cmocka_unit_test(
			an_identity_of_another_authority_is_refused_with_and_without_connect),
		cmocka_unit_test(a_key_of_another_certificate_is_our_own_fault),
		cmocka_unit_test(a_port_without_tls_is_no_tls),
		cmocka_unit_test(a_broker_that_hangs_is_given_up_and_the_step_was_told),
		cmocka_unit_test(every_refusal_of_connect_has_words),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
