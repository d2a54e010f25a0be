/* SPDX-License-Identifier: MIT */
#ifndef KITH_INDEXER_STORE_PLURAL_H
#define KITH_INDEXER_STORE_PLURAL_H

#include <stdint.h>

static inline const char *kith_plural(uint64_t count) {
    return count == 1 ? "" : "s";
}

#endif
