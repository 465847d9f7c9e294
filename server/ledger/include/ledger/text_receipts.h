/* SPDX-License-Identifier: Apache-2.0 */
/* ledger/text_receipts.h -- how many text messages the receipts of posts may cost. */
#ifndef LEDGER_TEXT_RECEIPTS_H
#define LEDGER_TEXT_RECEIPTS_H

/* Of one signal, ever: a post tells an alarm three times, and again after its restart. */
#define PP_TEXT_RECEIPTS_OF_SIGNAL 6
#define PP_TEXT_RECEIPTS_OF_HOUR 20 /* of one post ... */
/* ... of which what was recorded before may use so many: whoever plays old texts again does not
 * keep a new alarm from its receipt. */
#define PP_TEXT_RECEIPTS_AGAIN 10
#define PP_TEXT_RECEIPT_PAUSE_MS 300000 /* of one signal: a post tells it again after 600,000 */

#endif
