/* SPDX-License-Identifier: MIT */
#include "model/which.h"

#include <math.h>

/* Higher is nearer to what is meant. */
static double merit(const kith_face *face, kith_which which, int width, int height) {
    const float *box = face->box;
    if (which == KITH_WHICH_CENTRE)
        return -hypot((double)(box[0] + box[2] / 2) - width / 2.0,
                      (double)(box[1] + box[3] / 2) - height / 2.0);
    return (double)box[2] * (double)box[3];
}

int kith_which_face(const kith_faces *faces, kith_which which, int width, int height) {
    int best = -1;
    size_t large = 0;
    for (size_t i = 0; i < faces->count; i++)
        large += !faces->items[i].small;
    size_t candidates = large > 0 ? large : faces->count;
    if (which == KITH_WHICH_ONLY && candidates != 1)
        return -1;
    for (size_t i = 0; i < faces->count; i++) {
        const kith_face *face = &faces->items[i];
        if (large > 0 && face->small)
            continue;
        if (best < 0 || merit(face, which, width, height) > merit(&faces->items[best], which, width, height))
            best = (int)i;
    }
    return best;
}
