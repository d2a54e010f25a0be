/* SPDX-License-Identifier: MIT */
#ifndef KITH_PROTO_ARRAY_H
#define KITH_PROTO_ARRAY_H

#include <stddef.h>

/* Room for one item more in a growing array of `count` items with room for *room: `items`, or where they lie
 * now, twice the room. NULL: no memory; the old ones stay. NULL and 0 to begin.
 */
void *kith_array_grow(void *items, size_t count, size_t *room, size_t item_size);

#endif
