/* SPDX-License-Identifier: Apache-2.0 */
/* contract_real_test.c -- the cases of contract.h with Paho and Mosquitto. */
#include "../../unit/common/mqtt/broker.h"
#include "contract.h"
#include "core/clock.h"

#include <poll.h>

static struct broker broker;
static char paths[5][320];

static struct pp_mqtt_event *rig_next(struct pp_mqtt *m)
{
	uint64_t end = pp_clock_mono_us() + 20000000;
	struct pollfd p = { pp_mqtt_fd(m), POLLIN, 0 };
	struct pp_mqtt_event *e = NULL;

	while (pp_mqtt_next(m, &e) == 0 && pp_clock_mono_us() < end)
		(void)poll(&p, 1, 100);
	return e;
}

static struct pp_mqtt_options rig_options(const char *name, bool somebody)
{
	char(*at)[320] = strcmp(name, "alice") == 0 ? paths + 1 : paths + 3;

	snprintf(paths[0], sizeof(paths[0]), "%s/ca.pem", broker.folder);
	snprintf(at[0], sizeof(at[0]), "%s/%s.pem", broker.folder, name);
	snprintf(at[1], sizeof(at[1]), "%s/%s.key", broker.folder, name);
	return (struct pp_mqtt_options){ .host = "127.0.0.1",
		.port = somebody ? broker.port : 1,
		.client_id = name,
		.ca_path = paths[0],
		.cert_path = at[0],
		.key_path = at[1],
		.keepalive_s = 5,
		.connect_timeout_s = 5,
		.queue_limit = 100 };
}

static void rig_broker_kill(void)
{
	broker_kill(&broker);
}

static void rig_broker_start(void)
{
	broker_start(&broker);
}

static void rig_wait_ms(unsigned ms)
{
	(void)poll(NULL, 0, (int)ms);
}

static int begin(void **state)
{
	(void)state;
	broker_prepare(&broker);
	broker_start(&broker);
	return 0;
}

static int end(void **state)
{
	(void)state;
	broker_done(&broker);
	return 0;
}

#define WRAP(name)                                                                                 \
	static void test_##name(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		name();                                                                            \
	}
CONTRACT(WRAP)
#undef WRAP

int main(void)
{
#define TEST(name) { #name, test_##name, NULL, NULL, NULL },
	const struct CMUnitTest tests[] = { CONTRACT(TEST) };
#undef TEST

	return cmocka_run_group_tests(tests, begin, end);
}
