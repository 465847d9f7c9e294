/* SPDX-License-Identifier: Apache-2.0 */
/* source_test.c -- calls reach the source that they are for. */
#include "sources/source.h"

#include <errno.h>

#include "pospin_test.h"
#include "source_ops.h"

struct fake {
	struct pp_source base;
	int freed;
	bool levels[2];
};

static void fake_free(struct pp_source *s)
{
	((struct fake *)s)->freed++;
}

static int fake_fd(const struct pp_source *s)
{
	return s->count == 2 ? 42 : -1;
}

static int fake_get(struct pp_source *s, size_t line, bool *ret_active)
{
	*ret_active = ((struct fake *)s)->levels[line];
	return 0;
}

static int fake_value(struct pp_source *s, size_t line, double *ret_value)
{
	(void)s;
	*ret_value = (double)line + 0.5;
	return 0;
}

static void fake_view(const struct pp_source *s, size_t line, struct pp_line_view *ret_view)
{
	(void)s;
	*ret_view = (struct pp_line_view){ .error = -(int)line };
}

static int fake_read(struct pp_source *s, struct pp_level_event *ret_events, size_t size)
{
	ret_events[0] = (struct pp_level_event){ .line = s->count - 1 };
	return size > 0;
}

static int fake_set(struct pp_source *s, size_t line, bool active)
{
	((struct fake *)s)->levels[line] = active;
	return 0;
}

static void each_call_is_handed_on(void **state)
{
	static const struct pp_source_ops ops = { .free = fake_free,
		.fd = fake_fd,
		.get = fake_get,
		.value = fake_value,
		.read = fake_read,
		.set = fake_set,
		.view = fake_view };
	static const struct pp_line lines[] = { { .id = "haze", .analogue = true },
		{ .id = "siren", .output = true } };
	struct fake fake = { .base = { .ops = &ops, .lines = lines, .count = 2 } };
	struct pp_level_event event;
	struct pp_line_view view;
	bool active = false;
	double value = 0;

	(void)state;
	assert_int_equal(pp_source_fd(&fake.base), 42);
	assert_int_equal(pp_source_set(&fake.base, 1, true), 0);
	assert_int_equal(pp_source_get(&fake.base, 1, &active), 0);
	assert_true(active);
	assert_int_equal(pp_source_set(&fake.base, 0, true), -EINVAL);
	assert_false(fake.levels[0]);
	assert_int_equal(pp_source_value(&fake.base, 0, &value), 0);
	assert_true(value == 0.5);
	assert_int_equal(pp_source_value(&fake.base, 1, &value), -ENODEV); /* no level */
	pp_source_view(&fake.base, 1, &view);
	assert_int_equal(view.error, -1);
	assert_int_equal(pp_source_read(&fake.base, &event, 1), 1);
	assert_int_equal(event.line, 1);
	assert_null(pp_source_free(&fake.base));
	assert_int_equal(fake.freed, 1);
	assert_null(pp_source_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_call_is_handed_on) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
