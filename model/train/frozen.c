/* SPDX-License-Identifier: MIT */
#include "model/train/frozen.h"

kith_status kith_frozen_row(int *out, const kith_arch *arch, int first, kith_error *err) {
    int found = -1;
    for (int i = first; i < arch->count; i++) {
        kith_links links = kith_arch_links(arch, i);
        int reads[] = {links.from, links.with, links.gate};
        for (int k = 0; k < 3; k++) {
            if (reads[k] < 0 || reads[k] >= first || reads[k] == found)
                continue;
            if (found >= 0)
                return kith_fail(err, KITH_E_REFUSED, 0, arch->name,
                                 "the network cannot be cut before layer '%s'", arch->layers[first].name);
            found = reads[k];
        }
    }
    *out = found;
    return found >= 0
               ? KITH_OK
               : kith_fail(err, KITH_E_REFUSED, 0, arch->name, "there is no layer %d to begin at", first);
}
