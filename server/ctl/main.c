/* SPDX-License-Identifier: Apache-2.0 */
/* main.c -- pospinctl. */
#include <locale.h>
#include <sys/stat.h>

#include "ctl/ctl.h"

int main(int argc, char **argv)
{
	int status;

	setlocale(LC_CTYPE, "");
	/* A record that `import` makes holds contacts and webhook secrets. */
	umask(0027);
	status = pp_ctl_main(argc, argv, stdout, stderr);
	/* An answer that could not be written (a full disk, a closed pipe) is not an answer. */
	return fflush(stdout) != 0 || ferror(stdout) ? 1 : status;
}
