/* SPDX-License-Identifier: Apache-2.0 */
/* store/schema.h -- the record's tables, as the scripts that make them (server/store/schema.c). */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stddef.h>

/* For pp_db_migrate: script n makes version n + 1 out of version n. Never edit one that has been
 * released: add another. */
extern const char *const pp_store_scripts[];
extern const size_t pp_store_script_count;

#endif
