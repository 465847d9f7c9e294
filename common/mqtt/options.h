/* SPDX-License-Identifier: Apache-2.0 */
/* options.h -- a client's own copy of its options. */
#ifndef MQTT_OPTIONS_H
#define MQTT_OPTIONS_H

#include "mqtt/mqtt.h"

/* Copies every text; subscriptions is never NULL in the copy. On -ENOMEM *ret_copy is untouched. */
int pp_mqtt_options_copy(const struct pp_mqtt_options *from, struct pp_mqtt_options *ret_copy);
void pp_mqtt_options_done(struct pp_mqtt_options *copy);

#endif
