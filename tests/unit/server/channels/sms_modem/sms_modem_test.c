/* SPDX-License-Identifier: Apache-2.0 */
/* sms_modem_test.c -- a message goes out through a modem on a bus of the test's own; answers and
 * reports are in tests/system/channels.test.mjs. */
#include "sms_modem/sms_modem.h"

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>

/* Of the rig only bus and service are used here. */
#pragma GCC diagnostic ignored "-Wunused-function"
#include "../../../common/modem/rig.h"

struct ending {
	struct pp_loop *loop;
	struct pp_loop_source *timer;
	struct pp_channel_outcome outcome;
	int count;
};

static void on_done(void *user, const struct pp_channel_outcome *outcome)
{
	struct ending *e = user;

	e->outcome = *outcome;
	e->count++;
	pp_loop_stop(e->loop, 0);
}

static void on_pause(void *user)
{
	struct ending *e = user;

	pp_loop_stop(e->loop, 0);
}

static void a_message_is_sent_on_the_networks_word(void **state)
{
	struct rig rig = { .sent = 0 };
	struct pp_server_settings settings = { .sms = { .modem = false, .bus = rig.address } };
	struct pp_channel_host host = { .settings = &settings };
	struct pp_message m = { .notification_id = 7,
		.tenant = "kendal",
		.address = "+6281234567890",
		.text = "Uji coba",
		.key = "k" };
	struct ending e = { .outcome = { .word = PP_CHANNEL_AGAIN } };
	void *channel;

	(void)state;
	snprintf(rig.folder, sizeof(rig.folder), "/tmp/pospin-test-XXXXXX");
	assert_non_null(mkdtemp(rig.folder));
	snprintf(rig.address, sizeof(rig.address), "unix:path=%s/bus", rig.folder);
	rig_bus_start(&rig);
	rig_service_start(&rig);
	assert_int_equal(pp_loop_new(&e.loop), 0);
	assert_int_equal(pp_loop_add_timer(e.loop, 1000, on_pause, &e, &e.timer), 0);
	host.loop = e.loop;
	assert_int_equal(pp_sms_modem_ops.open(&host, &channel), -ENOTSUP);
	settings.sms.modem = true;
	assert_int_equal(pp_sms_modem_ops.open(&host, &channel), 0);
	/* The modem is found in a moment: until then a try may go better another time. */
	for (int i = 0; i < PATIENCE && e.outcome.word != PP_CHANNEL_TAKEN; i++) {
		const int before = e.count;

		e.outcome.word = PP_CHANNEL_AGAIN;
		if (pp_sms_modem_ops.start(channel, &m, on_done, &e) == 0)
			while (e.count == before)
				assert_int_equal(pp_loop_run(e.loop), 0);
		assert_int_equal(
			pp_loop_arm_at(e.timer, pp_loop_now_us(e.loop) + STEP_US), 0);
		if (e.outcome.word != PP_CHANNEL_TAKEN)
			assert_int_equal(pp_loop_run(e.loop), 0);
	}
	assert_int_equal(e.outcome.word, PP_CHANNEL_TAKEN);
	rig_expect(&rig, "sent +6281234567890 Uji coba");
	m.address = "110";
	assert_int_equal(pp_sms_modem_ops.start(channel, &m, on_done, &e), -EINVAL);
	pp_sms_modem_ops.close(channel);
	pp_loop_source_free(e.timer);
	pp_loop_free(e.loop);
	rig_service_stop(&rig);
	rig_kill(&rig.bus);
	pp_test_folder_remove(strdup(rig.folder));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_sent_on_the_networks_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
