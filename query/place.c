/* SPDX-License-Identifier: MIT */
#include "query/place.h"

static int least(int a, int b) {
    return a < b ? a : b;
}

static int most(int a, int b) {
    return a > b ? a : b;
}

long kith_overlap(const kith_box *a, const kith_box *b) {
    int width = least(a->x + a->width, b->x + b->width) - most(a->x, b->x);
    int height = least(a->y + a->height, b->y + b->height) - most(a->y, b->y);
    return width > 0 && height > 0 ? (long)width * height : 0;
}

/* The places that are tried, best first: below and above the box from its left edge, its right edge, centred;
 * beside it; inside it at its lower and upper edge.
 */
enum { PLACES = 10 };

static void place(kith_box *label, const kith_box *face, int which) {
    int right = face->x + face->width, bottom = face->y + face->height;
    const int across[3] = {face->x, right - label->width, face->x + (face->width - label->width) / 2};
    if (which < 6) {
        label->x = across[which % 3];
        label->y = which < 3 ? bottom : face->y - label->height;
    } else if (which < 8) {
        label->x = which == 6 ? right : face->x - label->width;
        label->y = bottom - label->height;
    } else {
        label->x = face->x;
        label->y = which == 8 ? bottom - label->height : face->y;
    }
}

/* Text over text is unreadable, text over another face hides it, text over the own face merely disturbs. */
static double cost(const kith_box *label, const kith_box *faces, size_t face_count, size_t index,
                   const kith_box *placed, size_t placed_count) {
    double sum = 0;
    for (size_t i = 0; i < face_count; i++)
        sum += (i == index ? 1 : 3) * (double)kith_overlap(label, &faces[i]);
    for (size_t i = 0; i < placed_count; i++)
        sum += 10 * (double)kith_overlap(label, &placed[i]);
    return sum;
}

void kith_place_label(kith_box *label, int picture_width, int picture_height, const kith_box *faces,
                      size_t face_count, size_t index, const kith_box *placed, size_t placed_count) {
    kith_box best = *label;
    double best_cost = -1;
    for (int which = 0; which < PLACES; which++) {
        kith_box here = *label;
        place(&here, &faces[index], which);
        here.x = most(0, least(here.x, picture_width - here.width));
        here.y = most(0, least(here.y, picture_height - here.height));
        double here_cost = cost(&here, faces, face_count, index, placed, placed_count);
        if (best_cost < 0 || here_cost < best_cost) {
            best = here;
            best_cost = here_cost;
        }
    }
    *label = best;
}
