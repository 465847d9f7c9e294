/* SPDX-License-Identifier: Apache-2.0 */
/* channels.c -- the table of channels: one line each. */
#include "notify/channels.h"

#include <string.h>

#include "mail/mail.h"
#include "siren/siren.h"
#include "sms_http/sms_http.h"
#include "sms_modem/sms_modem.h"
#include "webhook/webhook.h"

const struct pp_channel_ops *const pp_channels[] = {
	&pp_webhook_ops,
	&pp_mail_ops,
	&pp_sms_http_ops,
	&pp_sms_modem_ops,
	&pp_siren_ops,
};
const size_t pp_channel_count = sizeof(pp_channels) / sizeof(pp_channels[0]);

const char *pp_channel_address_check(const char *name, const char *address)
{
	for (size_t i = 0; i < pp_channel_count; i++) {
		if (strcmp(pp_channels[i]->name, name) == 0)
			return pp_channels[i]->address_check(address);
	}
	return "there is no such channel";
}
