/* SPDX-License-Identifier: MIT */
#include "proto/array.h"

void *kith_array_grow(void *items, size_t count, size_t *room, size_t item_size) {
    if (count < *room)
        return items;
    size_t more = *room ? *room * 2 : 16;
    void *grown = reallocarray(items, more, item_size);
    if (grown)
        *room = more;
    return grown;
}
