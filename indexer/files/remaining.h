/* SPDX-License-Identifier: MIT
 *
 * How many files a walk has: counted ahead by a thread of its own, for the time left of a run; or what is
 * left of a walk that was stopped.
 */
#ifndef KITH_INDEXER_FILES_REMAINING_H
#define KITH_INDEXER_FILES_REMAINING_H

#include <stdbool.h>
#include <stdint.h>

#include "indexer/files/walk.h"

typedef struct kith_remaining kith_remaining;

/* NULL: not counted (a list can be read only once). `options` must outlive it. */
kith_remaining *kith_remaining_start(const kith_walk_options *options);
void kith_remaining_stop(kith_remaining **total);           /* takes NULL */
uint64_t kith_remaining_total(const kith_remaining *total); /* 0: not known yet; NULL: 0 */

/* Adds what is left of a walk to *count, for at most a second. False: there may be more. */
bool kith_remaining_count(kith_walk *walk, uint64_t *count);

#endif
