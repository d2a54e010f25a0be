/* SPDX-License-Identifier: MIT */
#ifndef KITH_INDEXER_STORE_LOG_LINE_H
#define KITH_INDEXER_STORE_LOG_LINE_H

#include <stdbool.h>

#include "proto/ledger.h"

/* One file of a run as a JSON line (proto/schema/log.schema.json). reason: why it failed or was ignored, or
 * NULL. False: it could not be written (errno).
 */
bool kith_log_line(FILE *log, const kith_record *record, const char *reason);

#endif
