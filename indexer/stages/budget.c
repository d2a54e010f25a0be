/* SPDX-License-Identifier: MIT */
#include "indexer/stages/budget.h"

void kith_budget_init(kith_budget *budget, size_t bytes) {
    pthread_mutex_init(&budget->lock, NULL);
    pthread_cond_init(&budget->returned, NULL);
    budget->left = budget->whole = bytes;
}

void kith_budget_release(kith_budget *budget) {
    pthread_cond_destroy(&budget->returned);
    pthread_mutex_destroy(&budget->lock);
}

kith_status kith_budget_take(kith_budget *budget, size_t bytes, const char *where, kith_error *err) {
    if (bytes > budget->whole)
        return kith_fail(err, KITH_E_LIMIT, 0, where,
                         "needs %zu MiB to decode, %zu are allowed (give more by --memory)",
                         (bytes >> 20) + 1, budget->whole >> 20);
    pthread_mutex_lock(&budget->lock);
    while (budget->left < bytes)
        pthread_cond_wait(&budget->returned, &budget->lock);
    budget->left -= bytes;
    pthread_mutex_unlock(&budget->lock);
    return KITH_OK;
}

void kith_budget_give(kith_budget *budget, size_t bytes) {
    pthread_mutex_lock(&budget->lock);
    budget->left += bytes;
    pthread_cond_broadcast(&budget->returned);
    pthread_mutex_unlock(&budget->lock);
}
