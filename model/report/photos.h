/* SPDX-License-Identifier: MIT
 *
 * Faces of photos in a page.
 */
#ifndef KITH_MODEL_REPORT_PHOTOS_H
#define KITH_MODEL_REPORT_PHOTOS_H

#include "model/picture/picture.h"
#include "model/report/html.h"

enum { KITH_SHOWN_MOST = 16 };

typedef struct kith_shown_face {
    const char *path;
    const float *box; /* x, y, width, height in the displayed photo */
    const char *name;
} kith_shown_face;

/* Up to KITH_SHOWN_MOST faces side by side under one caption; a photo that cannot be read (any more) is a
 * grey square. Errors: KITH_E_MEMORY.
 */
kith_status kith_html_photos(kith_html *html, const kith_shown_face *faces, size_t count, const char *caption,
                             const kith_decode_options *decode, kith_error *err);

#endif
