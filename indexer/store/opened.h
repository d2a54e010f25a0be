/* SPDX-License-Identifier: MIT */
#ifndef KITH_INDEXER_STORE_OPENED_H
#define KITH_INDEXER_STORE_OPENED_H

#include "proto/gallery_options.h"
#include "proto/ledger.h"

/* A gallery that exists and its ledger, for commands that change or read what is there. {0} to begin. */
typedef struct kith_opened {
    kith_gallery *gallery;
    kith_ledger *ledger;
} kith_opened;

kith_status kith_opened_open(kith_opened *out, const kith_gallery_choice *choice, kith_gallery_mode mode,
                             kith_error *err);
void kith_opened_close(kith_opened *opened);

#endif
