/* SPDX-License-Identifier: MIT */
#include "indexer/store/texts.h"

#include "proto/array.h"

void kith_texts_clear(kith_texts *texts) {
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
    *texts = (struct kith_texts){0};
}

kith_status kith_texts_add(kith_texts *texts, const char *text, kith_error *err) {
    if (texts->count > 0 && strcmp(texts->items[texts->count - 1], text) == 0)
        return KITH_OK; /* faces of one photo often come together */
    char **items = kith_array_grow(texts->items, texts->count, &texts->room, sizeof *items);
    if (items)
        texts->items = items;
    if (!items || !(items[texts->count] = strdup(text)))
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu texts", texts->count + 1);
    texts->count++;
    return KITH_OK;
}

static int by_bytes(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void kith_texts_unique(kith_texts *texts) {
    if (texts->count == 0)
        return;
    qsort(texts->items, texts->count, sizeof *texts->items, by_bytes);
    size_t kept = 1;
    for (size_t i = 1; i < texts->count; i++)
        if (strcmp(texts->items[i], texts->items[kept - 1]) == 0)
            free(texts->items[i]);
        else
            texts->items[kept++] = texts->items[i];
    texts->count = kept;
}
