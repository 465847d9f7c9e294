/* SPDX-License-Identifier: Apache-2.0 */
/* core/clock.h -- the clocks of this machine. Pure rooms never call this: `now` is passed down. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

uint64_t pp_clock_mono_us(void);  /* CLOCK_MONOTONIC, the clock of GPIO edge timestamps */
uint64_t pp_clock_boot_us(void);  /* CLOCK_BOOTTIME: goes on during suspend */
int64_t pp_clock_wall_ms(void);   /* UTC, milliseconds since 1970; may be wrong */
bool pp_clock_synchronised(void); /* adjtimex: the kernel says that the wall clock is disciplined */
/* The kernel's id of this boot, 32 hex digits and a NUL. -errno when it cannot be read. */
int pp_clock_boot_id(char ret_id[33]);
/* As much of it as a number holds, to tell one boot from another. */
int pp_clock_boot_number(int64_t *ret_boot);

#endif
