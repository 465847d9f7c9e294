/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c -- the clocks of this machine. */
#include "core/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "core/file.h"
#include "core/text.h"

static struct timespec clock_read(clockid_t id)
{
	struct timespec ts;

	/* These clocks cannot fail on a kernel that we run on. */
	assert(clock_gettime(id, &ts) == 0);
	return ts;
}

static uint64_t clock_us(clockid_t id)
{
	struct timespec ts = clock_read(id);

	return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

uint64_t pp_clock_mono_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

uint64_t pp_clock_boot_us(void)
{
	return clock_us(CLOCK_BOOTTIME);
}

int64_t pp_clock_wall_ms(void)
{
	struct timespec ts = clock_read(CLOCK_REALTIME);

	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool pp_clock_synchronised(void)
{
	struct timex tx = { .modes = 0 };
	int state = adjtimex(&tx);

	return state >= 0 && state != TIME_ERROR && !(tx.status & STA_UNSYNC);
}

int pp_clock_boot_id(char ret_id[33])
{
	unsigned char raw[16];
	char *text, hex[33];
	size_t length, n = 0;
	int r = pp_file_read("/proc/sys/kernel/random/boot_id", 64, &text, &length);

	if (r < 0)
		return r;
	for (size_t i = 0; i < length && n < 32; i++)
		if (text[i] != '-')
			hex[n++] = text[i];
	free(text);
	r = pp_text_unhex(hex, n, raw, sizeof(raw));
	if (r < 0)
		return -EIO;
	pp_text_hex(raw, sizeof(raw), ret_id);
	return 0;
}

int pp_clock_boot_number(int64_t *ret_boot)
{
	char id[33];
	unsigned char bytes[8];
	uint64_t boot = 0;
	int r = pp_clock_boot_id(id);

	if (r == 0)
		r = pp_text_unhex(id, 16, bytes, sizeof(bytes));
	if (r < 0)
		return r;
	for (size_t i = 0; i < sizeof(bytes); i++)
		boot = boot << 8 | bytes[i];
	*ret_boot = (int64_t)(boot >> 1);
	return 0;
}
