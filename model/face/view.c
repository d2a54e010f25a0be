/* SPDX-License-Identifier: MIT */
#include "model/face/view.h"

#include <stdbool.h>

kith_view kith_view_of(const unsigned char *rgb, int width, int height, int turn) {
    ptrdiff_t row = (ptrdiff_t)width * 3, last_row = row * (height - 1), last = row - 3;
    switch (turn & 3) {
    case 1:
        return (kith_view){rgb + last_row, -row, 3, height, width, 1};
    case 2:
        return (kith_view){rgb + last_row + last, -3, -row, width, height, 2};
    case 3:
        return (kith_view){rgb + last, row, -3, height, width, 3};
    default:
        return (kith_view){rgb, 3, row, width, height, 0};
    }
}

void kith_view_copy(const kith_view *view, unsigned char *out, size_t stride) {
    for (int y = 0; y < view->height; y++) {
        const unsigned char *from = view->origin + y * view->down;
        unsigned char *to = out + (size_t)y * stride;
        for (int x = 0; x < view->width; x++, from += view->right, to += 3) {
            to[0] = from[0];
            to[1] = from[1];
            to[2] = from[2];
        }
    }
}

void kith_view_luma(const kith_view *view, unsigned char *out) {
    for (int y = 0; y < view->height; y++) {
        const unsigned char *rgb = view->origin + y * view->down;
        for (int x = 0; x < view->width; x++, rgb += view->right)
            *out++ = (unsigned char)(0.299F * rgb[0] + 0.587F * rgb[1] + 0.114F * rgb[2] + 0.5F);
    }
}

/* Turns about a view whose far corner, as seen, is (far_x, far_y). */
static void turn_back(int turn, float far_x, float far_y, float x, float y, float out[2]) {
    const float places[4][2] = {{x, y}, {y, far_x - x}, {far_x - x, far_y - y}, {far_y - y, x}};
    out[0] = places[turn][0];
    out[1] = places[turn][1];
}

void kith_view_point_back(const kith_view *view, const float seen[2], float out[2]) {
    turn_back(view->turn, (float)(view->width - 1), (float)(view->height - 1), seen[0], seen[1], out);
}

void kith_view_point(const kith_view *view, const float point[2], float seen[2]) {
    bool lying = view->turn & 1;
    int far_x = (lying ? view->height : view->width) - 1, far_y = (lying ? view->width : view->height) - 1;
    turn_back((4 - view->turn) & 3, (float)far_x, (float)far_y, point[0], point[1], seen);
}

void kith_view_box_back(const kith_view *view, const float seen[4], float out[4]) {
    float a[2], b[2], width = (float)view->width, height = (float)view->height;
    turn_back(view->turn, width, height, seen[0], seen[1], a);
    turn_back(view->turn, width, height, seen[0] + seen[2], seen[1] + seen[3], b);
    for (int i = 0; i < 2; i++) {
        out[i] = a[i] < b[i] ? a[i] : b[i];
        out[2 + i] = a[i] < b[i] ? b[i] - a[i] : a[i] - b[i];
    }
}
