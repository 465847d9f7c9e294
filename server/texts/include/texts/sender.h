/* SPDX-License-Identifier: Apache-2.0 */
/* texts/sender.h -- who a text message says to be from. Pure. */
#ifndef TEXTS_SENDER_H
#define TEXTS_SENDER_H

#include <stdbool.h>

/* Of a sender's number what tells it from others, however it is written: its last nine digits.
 * "": it has fewer than five ("BANK", NULL). */
#define PP_SENDER_SIZE 10
void pp_sender_digits(const char *number, char ret_digits[PP_SENDER_SIZE]);
/* Whether a sender ("0812-345 6789", "62812...", "+62812...") is the number of an address
 * ("+628123456789"). It proves nothing: senders can be forged. */
bool pp_sender_is(const char *sender, const char *address);

#endif
