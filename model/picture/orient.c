/* SPDX-License-Identifier: MIT */
#include "model/picture/orient.h"

/* A strip of 64 rows gives runs of 192 bytes in the turned picture; blocks of 64 x 64 pixels stay in the
 * first-level cache whichever way they are read.
 */
enum {
    STRIP_ROWS = 64,
    BLOCK = 64,
    PADDING =
        64, /* after a strip's row: rows of 4,096 pixels would else share the same few lines of the cache */
};

/* Orientation as three independent steps, in this order: exchange x and y, mirror left-right, mirror
 * top-bottom (EXIF 2.32, 4.6.4.A: where row 0 and column 0 of the file are seen).
 */
static const struct {
    bool swap, mirror_x, mirror_y;
} steps[9] = {
    [1] = {0, 0, 0}, [2] = {0, 1, 0}, [3] = {0, 1, 1}, [4] = {0, 0, 1},
    [5] = {1, 0, 0}, [6] = {1, 1, 0}, [7] = {1, 1, 1}, [8] = {1, 0, 1},
};

bool kith_orientation_swaps(int orientation) {
    return steps[orientation].swap;
}

static int strip_rows(int height, int orientation, bool whole) {
    if (orientation == 1)
        return 0;
    return whole || height < STRIP_ROWS ? height : STRIP_ROWS;
}

static size_t strip_stride(int width) {
    return (size_t)width * 3 + PADDING;
}

size_t kith_canvas_memory(int width, int height, int orientation, bool whole) {
    return (size_t)height * (size_t)width * 3 +
           (size_t)strip_rows(height, orientation, whole) * strip_stride(width);
}

bool kith_canvas_open(kith_canvas *canvas, kith_picture *picture, int width, int height, int orientation,
                      bool whole) {
    bool swap = steps[orientation].swap;
    *canvas = (kith_canvas){.picture = picture,
                            .orientation = orientation,
                            .width = width,
                            .height = height,
                            .strip_rows = strip_rows(height, orientation, whole)};
    picture->width = swap ? height : width;
    picture->height = swap ? width : height;
    picture->rgb = malloc((size_t)width * (size_t)height * 3);
    canvas->stride = canvas->strip_rows > 0 ? strip_stride(width) : (size_t)width * 3;
    if (canvas->strip_rows > 0)
        canvas->strip = malloc((size_t)canvas->strip_rows * canvas->stride);
    return picture->rgb && (canvas->strip || canvas->strip_rows == 0);
}

unsigned char *kith_canvas_rows(const kith_canvas *canvas, int *room) {
    int left = canvas->height - canvas->next;
    if (!canvas->strip) {
        *room = left;
        return canvas->picture->rgb + (size_t)canvas->next * canvas->stride;
    }
    int used = canvas->next % canvas->strip_rows, free_rows = canvas->strip_rows - used;
    *room = free_rows < left ? free_rows : left;
    return canvas->strip + (size_t)used * canvas->stride;
}

/* Steps, in bytes of the displayed picture, from a pixel to its neighbours in the file's row and column, and
 * where the file's first pixel is.
 */
typedef struct walk {
    ptrdiff_t first, right, down;
} walk;

static walk walk_of(const kith_canvas *canvas) {
    ptrdiff_t width = canvas->picture->width, height = canvas->picture->height;
    ptrdiff_t x = 3, y = 3 * width;
    walk way = {0, 0, 0};
    if (steps[canvas->orientation].mirror_x) {
        way.first += (width - 1) * x;
        x = -x;
    }
    if (steps[canvas->orientation].mirror_y) {
        way.first += (height - 1) * y;
        y = -y;
    }
    bool swap = steps[canvas->orientation].swap;
    way.right = swap ? y : x;
    way.down = swap ? x : y;
    return way;
}

/* One block: `runs` runs of `length` pixels, each along a displayed row, so that memory is written in pieces.
 */
static void turn_block(unsigned char *to, ptrdiff_t to_run, ptrdiff_t to_pixel, const unsigned char *from,
                       ptrdiff_t from_run, ptrdiff_t from_pixel, int runs, int length) {
    for (int i = 0; i < runs; i++) {
        unsigned char *out = to + i * to_run;
        const unsigned char *in = from + i * from_run;
        for (int j = 0; j < length; j++, out += to_pixel, in += from_pixel)
            memcpy(out, in, 3);
    }
}

/* Moves `rows` rows of the strip, which are the file's rows from `first` on. */
static void turn(const kith_canvas *canvas, int first, int rows) {
    walk way = walk_of(canvas);
    ptrdiff_t stride = (ptrdiff_t)canvas->stride;
    for (int top = 0; top < rows; top += BLOCK)
        for (int left = 0; left < canvas->width; left += BLOCK) {
            int lines = rows - top < BLOCK ? rows - top : BLOCK;
            int columns = canvas->width - left < BLOCK ? canvas->width - left : BLOCK;
            unsigned char *to =
                canvas->picture->rgb + way.first + left * way.right + (first + top) * way.down;
            const unsigned char *from = canvas->strip + top * stride + (ptrdiff_t)left * 3;
            if (steps[canvas->orientation].swap)
                turn_block(to, way.right, way.down, from, 3, stride, columns, lines);
            else
                turn_block(to, way.down, way.right, from, stride, 3, lines, columns);
        }
}

void kith_canvas_advance(kith_canvas *canvas, int rows) {
    canvas->next += rows;
    if (!canvas->strip || rows == 0)
        return;
    int used = (canvas->next - 1) % canvas->strip_rows + 1;
    if (used == canvas->strip_rows || canvas->next == canvas->height)
        turn(canvas, canvas->next - used, used);
}

void kith_canvas_fill(kith_canvas *canvas) {
    while (canvas->next < canvas->height) {
        int room;
        unsigned char *rows = kith_canvas_rows(canvas, &room);
        memset(rows, 128, (size_t)(room - 1) * canvas->stride + (size_t)canvas->width * 3);
        kith_canvas_advance(canvas, room);
    }
}

void kith_canvas_close(kith_canvas *canvas) {
    free(canvas->strip);
    canvas->strip = NULL;
}
