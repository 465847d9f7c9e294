/* SPDX-License-Identifier: Apache-2.0 */
/* ledger/commands.h -- how long an order to a post holds. */
#ifndef LEDGER_COMMANDS_H
#define LEDGER_COMMANDS_H

#define PP_COMMAND_TTL_MS 60000  /* of the post's own time, from when it was ordered */
#define PP_COMMAND_WAIT_MS 65000 /* then it is unanswered: the last answer has had its time */

#endif
