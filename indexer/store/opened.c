/* SPDX-License-Identifier: MIT */
#include "indexer/store/opened.h"

kith_status kith_opened_open(kith_opened *out, const kith_gallery_choice *choice, kith_gallery_mode mode,
                             kith_error *err) {
    kith_status status = kith_gallery_open_choice(&out->gallery, choice, mode, err);
    return status == KITH_OK ? kith_ledger_open(&out->ledger, out->gallery, NULL, err) : status;
}

void kith_opened_close(kith_opened *opened) {
    kith_ledger_close(&opened->ledger);
    kith_gallery_close(&opened->gallery);
}
