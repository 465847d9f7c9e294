/* SPDX-License-Identifier: Apache-2.0 */
/* main.c -- pospinctl. */
#include <locale.h>

#include "ctl/ctl.h"

int main(int argc, char **argv)
{
	int status;

	setlocale(LC_CTYPE, "");
	status = pp_ctl_main(argc, argv, stdout, stderr);
	/* An answer that could not be written (a full disk, a closed pipe) is not an answer. */
	return fflush(stdout) != 0 || ferror(stdout) ? 1 : status;
}
