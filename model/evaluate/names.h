/* SPDX-License-Identifier: MIT
 *
 * Texts that are numbered from 0 in the order in which they came, each once. One thread; {0} to begin.
 */
#ifndef KITH_MODEL_EVALUATE_NAMES_H
#define KITH_MODEL_EVALUATE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct kith_names {
    char **items;
    size_t count;
    size_t room;
    uint32_t *slots; /* private: a hash table of numbers + 1 */
    size_t slot_count;
} kith_names;

/* The number of a text, new or known. False: no memory, or 2^31 texts. */
bool kith_names_add(kith_names *names, const char *text, uint32_t *number);
bool kith_names_find(const kith_names *names, const char *text, uint32_t *number);
void kith_names_clear(kith_names *names);

#endif
