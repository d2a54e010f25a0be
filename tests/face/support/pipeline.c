/* SPDX-License-Identifier: MIT */
#include "tests/face/support/pipeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/face/view.h"
#include "tests/face/support/golden.h"

static void need(kith_status status, const kith_error *err) {
    if (status != KITH_OK)
        fail_msg("%s: %s", err->where, err->text);
}

pipeline pipeline_open(const kith_model_options *options) {
    pipeline p = {0};
    kith_error err = {0};
    need(kith_model_open(&p.model, options, &err), &err);
    need(kith_embedder_open(&p.embedder, p.model, 2, &err), &err);
    return p;
}

void pipeline_close(pipeline *p) {
    kith_embedder_close(&p->embedder);
    kith_model_close(&p->model);
}

kith_faces pipeline_faces(const pipeline *p, const kith_picture *picture, const kith_find_options *options) {
    kith_faces faces;
    kith_error err = {0};
    need(kith_embedder_find(p->embedder, picture, options, &faces, &err), &err);
    for (size_t i = 0; i < faces.count; i++) {
        kith_face *face = faces.items + i;
        need(kith_embedder_embed(p->embedder, &face, 1, &err), &err);
    }
    return faces;
}

kith_face pipeline_face(const pipeline *p, const char *folder, const char *name) {
    kith_picture picture = photo_open(folder, name);
    kith_faces faces = pipeline_faces(p, &picture, &usual_options);
    assert_int_equal(faces.count, 1);
    assert_true(faces.items->embedded);
    kith_face face = *faces.items;
    face.chip = NULL;
    kith_faces_clear(&faces);
    kith_picture_clear(&picture);
    return face;
}

kith_picture picture_make(int width, int height, int grey) {
    kith_picture picture = {.width = width, .height = height, .full_width = width, .full_height = height};
    size_t size = (size_t)width * (size_t)height * 3;
    picture.rgb = malloc(size);
    assert_non_null(picture.rgb);
    memset(picture.rgb, grey, size);
    return picture;
}

void picture_paste(kith_picture *to, const kith_picture *from, int left, int top) {
    for (int y = 0; y < from->height; y++) {
        for (int x = 0; x < from->width; x++) {
            int at_x = left + x, at_y = top + y;
            if (at_x >= 0 && at_y >= 0 && at_x < to->width && at_y < to->height)
                memcpy(to->rgb + ((size_t)at_y * (size_t)to->width + (size_t)at_x) * 3,
                       from->rgb + ((size_t)y * (size_t)from->width + (size_t)x) * 3, 3);
        }
    }
}

kith_picture picture_turned(const kith_picture *from, int turn, bool mirror) {
    kith_view view = kith_view_of(from->rgb, from->width, from->height, turn);
    if (mirror) { /* from the right edge, to the left */
        ptrdiff_t across = view.turn % 2 ? (ptrdiff_t)(view.height - 1) * view.down
                                         : (ptrdiff_t)(view.width - 1) * view.right;
        view.origin += across;
        if (view.turn % 2)
            view.down = -view.down;
        else
            view.right = -view.right;
    }
    kith_picture out = picture_make(view.width, view.height, 0);
    kith_view_copy(&view, out.rgb, (size_t)view.width * 3);
    return out;
}
