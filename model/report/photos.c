/* SPDX-License-Identifier: MIT */
#include "model/report/photos.h"

#include <stdlib.h>

#include "model/report/thumbnail.h"

kith_status kith_html_photos(kith_html *html, const kith_shown_face *faces, size_t count, const char *caption,
                             const kith_decode_options *decode, kith_error *err) {
    kith_html_face shown[KITH_SHOWN_MOST] = {{0}};
    void *jpegs[KITH_SHOWN_MOST] = {NULL};
    if (count > KITH_SHOWN_MOST)
        count = KITH_SHOWN_MOST;
    for (size_t i = 0; i < count; i++) {
        kith_error ignored = {0};
        kith_thumbnail(&jpegs[i], &shown[i].size, faces[i].path, faces[i].box, decode, &ignored);
        shown[i].jpeg = jpegs[i];
        shown[i].name = faces[i].name;
    }
    kith_status status = kith_html_faces(html, shown, count, caption, err);
    for (size_t i = 0; i < count; i++)
        free(jpegs[i]);
    return status;
}
