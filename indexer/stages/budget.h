/* SPDX-License-Identifier: MIT
 *
 * How many bytes of pixels may be in memory at once, whatever the number of workers (--memory).
 */
#ifndef KITH_INDEXER_STAGES_BUDGET_H
#define KITH_INDEXER_STAGES_BUDGET_H

#include <pthread.h>
#include <stddef.h>

#include "proto/status.h"

typedef struct kith_budget {
    pthread_mutex_t lock;
    pthread_cond_t returned;
    size_t left, whole;
} kith_budget;

void kith_budget_init(kith_budget *budget, size_t bytes);
void kith_budget_release(kith_budget *budget);

/* Waits until `bytes` are free and takes them; each taker holds at most one piece, so nobody waits for ever.
 * More than the whole: KITH_E_LIMIT.
 */
kith_status kith_budget_take(kith_budget *budget, size_t bytes, const char *where, kith_error *err);
void kith_budget_give(kith_budget *budget, size_t bytes);

#endif
