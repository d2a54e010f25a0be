/* SPDX-License-Identifier: MIT */
#ifndef KITH_INDEXER_STORE_TEXTS_H
#define KITH_INDEXER_STORE_TEXTS_H

#include <stddef.h>

#include "proto/status.h"

/* A growing set of texts: digests, paths. {0} to begin; one thread. */
typedef struct kith_texts {
    char **items;
    size_t count, room;
} kith_texts;

void kith_texts_clear(kith_texts *texts);
kith_status kith_texts_add(kith_texts *texts, const char *text, kith_error *err); /* a copy */
void kith_texts_unique(kith_texts *texts); /* sorts by bytes, each text once */

#endif
