/* SPDX-License-Identifier: Apache-2.0 */
/* contract_test.c -- the cases of contract.h with the simulated client and broker, each in a
 * process of its own, because a world is made once. */
#include "contract.h"

#include <sys/wait.h>
#include <unistd.h>

#include "broker.h"
#include "pospin_test.h"
#include "weather.h"

static bool done, is_refused;

static struct pp_mqtt_event *rig_next(struct pp_mqtt *m)
{
	struct pp_mqtt_event *e = NULL;

	for (int i = 0; i < 20000 && pp_mqtt_next(m, &e) == 0; i++)
		world_sleep(WORLD_MS);
	return e;
}

static struct pp_mqtt_options rig_options(const char *name, bool somebody)
{
	if (!somebody && !is_refused) {
		broker_kill(false);
		is_refused = true;
	}
	return (struct pp_mqtt_options){ .host = "broker",
		.port = 8883,
		.client_id = name,
		.ca_path = "/ca",
		.cert_path = "/cert",
		.key_path = "/key",
		.keepalive_s = 5,
		.connect_timeout_s = 5,
		.queue_limit = 100 };
}

static void rig_broker_kill(void)
{
	broker_kill(false);
}

static void rig_broker_start(void)
{
	broker_start();
}

static void rig_wait_ms(unsigned ms)
{
	world_sleep(ms * (uint64_t)WORLD_MS);
}

static void (*current)(void);

static int run(void *user)
{
	(void)user;
	current();
	done = true;
	return 0;
}

static void start(void *user)
{
	(void)world_process_start(user, "contract", run, NULL);
}

/* In a child: 0 if the case holds. */
static int child(void)
{
	struct world_node *node;

	world_choose_by_list(NULL, 0);
	world_begin();
	broker_begin();
	node = world_node_new("client");
	weather_begin(node, &node, 1);
	world_node_boot(node, start, node);
	(void)world_run_until(120 * (uint64_t)WORLD_S);
	return done ? 0 : 1;
}

static void holds(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		current = fn;
		_exit(child());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define WRAP(name)                                                                                 \
	static void test_##name(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		holds(name);                                                                       \
	}
CONTRACT(WRAP)
#undef WRAP

int main(void)
{
#define TEST(name) { #name, test_##name, NULL, NULL, NULL },
	const struct CMUnitTest tests[] = { CONTRACT(TEST) };
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
