/* SPDX-License-Identifier: MIT */
#include "model/evaluate/names.h"

#include <stdlib.h>
#include <string.h>

#include "proto/array.h"

/* FNV-1a, 64 bits (draft-eastlake-fnv). */
static size_t hash(const char *text) {
    uint64_t value = 0xcbf29ce484222325U;
    for (; *text; text++)
        value = (value ^ (unsigned char)*text) * 0x100000001b3U;
    return (size_t)(value ^ value >> 32);
}

/* The slot of a text, or the free one where it belongs. */
static uint32_t *slot_of(const kith_names *names, const char *text) {
    size_t at = hash(text) & (names->slot_count - 1);
    while (names->slots[at] != 0 && strcmp(names->items[names->slots[at] - 1], text) != 0)
        at = (at + 1) & (names->slot_count - 1);
    return &names->slots[at];
}

/* The table is at most half full. */
static bool grow(kith_names *names) {
    size_t slots = names->slot_count ? 2 * names->slot_count : 64;
    uint32_t *made = slots > UINT32_MAX ? NULL : calloc(slots, sizeof *made);
    if (!made)
        return false;
    free(names->slots);
    names->slots = made;
    names->slot_count = slots;
    for (size_t i = 0; i < names->count; i++)
        *slot_of(names, names->items[i]) = (uint32_t)i + 1;
    return true;
}

bool kith_names_find(const kith_names *names, const char *text, uint32_t *number) {
    uint32_t found = names->count > 0 ? *slot_of(names, text) : 0;
    *number = found - 1;
    return found != 0;
}

bool kith_names_add(kith_names *names, const char *text, uint32_t *number) {
    if (kith_names_find(names, text, number))
        return true;
    if (2 * (names->count + 1) > names->slot_count && !grow(names))
        return false;
    char **items = kith_array_grow(names->items, names->count, &names->room, sizeof *items);
    if (!items)
        return false;
    names->items = items;
    if (!(items[names->count] = strdup(text)))
        return false;
    *number = (uint32_t)names->count++;
    *slot_of(names, text) = *number + 1;
    return true;
}

void kith_names_clear(kith_names *names) {
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    free(names->slots);
    *names = (kith_names){0};
}
