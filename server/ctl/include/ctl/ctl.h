/* SPDX-License-Identifier: Apache-2.0 */
/* ctl/ctl.h -- pospinctl, the administrators' command, as a function. */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdio.h>

/* Does what argv says; argv[0] is the program's name. Answers go to out, complaints to err.
 * The exit status: 0 done; 1 refused, failed or found wrong; 2 a command line that makes no sense.
 */
int pp_ctl_main(int argc, char **argv, FILE *out, FILE *err);

#endif
