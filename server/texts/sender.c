/* SPDX-License-Identifier: Apache-2.0 */
/* sender.c -- numbers as gateways and modems write them. */
#include "texts/sender.h"

#include <stdio.h>
#include <string.h>

#define NUMBER_DIGITS 24 /* more are no number */
#define LEAST_DIGITS 8   /* of a number that is one person's */
#define COUNTRY_DIGITS 3

/* Without leading zeros. 0: there are too many. */
static size_t number_read(const char *number, char ret_digits[NUMBER_DIGITS + 1])
{
	size_t count = 0;

	for (; number && *number; number++) {
		if (*number < '0' || *number > '9' || (count == 0 && *number == '0'))
			continue;
		if (count == NUMBER_DIGITS)
			return 0;
		ret_digits[count++] = *number;
	}
	ret_digits[count] = '\0';
	return count;
}

void pp_sender_digits(const char *number, char ret_digits[PP_SENDER_SIZE])
{
	char digits[NUMBER_DIGITS + 1];
	size_t count = number_read(number, digits), most = PP_SENDER_SIZE - 1;

	ret_digits[0] = '\0';
	if (count >= 5)
		snprintf(ret_digits, PP_SENDER_SIZE, "%s",
			digits + (count > most ? count - most : 0));
}

bool pp_sender_is(const char *sender, const char *address)
{
	char a[NUMBER_DIGITS + 1], b[NUMBER_DIGITS + 1];
	size_t of_sender = number_read(sender, a), of_address = number_read(address, b);

	return of_sender >= LEAST_DIGITS && of_sender <= of_address &&
	       of_address - of_sender <= COUNTRY_DIGITS &&
	       strcmp(b + of_address - of_sender, a) == 0;
}
