/* SPDX-License-Identifier: Apache-2.0 */
/* parcel_rig.h -- parcels without contents. */
#ifndef PARCEL_RIG_H
#define PARCEL_RIG_H

#include "outbox/parcel.h"

#include "pospin_test.h"

#include <errno.h>

#define SECOND 1000000u
#define EPOCH 0x5555u

static inline struct pp_parcel *rig_parcel(int64_t seq, bool alarm)
{
	uint8_t signature[PP_SIGNATURE_SIZE] = { 0 };
	struct pp_parcel *parcel;

	assert_int_equal(
		pp_parcel_new("pospin/v1/kendal/boja-01/signal", "{}", 2, signature, &parcel), 0);
	parcel->epoch = EPOCH;
	parcel->seq = seq;
	parcel->alarm = alarm;
	return parcel;
}

#endif
