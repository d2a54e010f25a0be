/* SPDX-License-Identifier: MIT
 *
 * A face as a small JPEG, for reports.
 */
#ifndef KITH_MODEL_REPORT_THUMBNAIL_H
#define KITH_MODEL_REPORT_THUMBNAIL_H

#include "model/picture/picture.h"

enum { KITH_THUMBNAIL_SIDE = 112 };

/* The square around a face's box (x, y, width, height in the displayed picture) and a quarter of it on each
 * side, as far as the picture goes; newly allocated. Errors as kith_picture_decode(), and KITH_E_IO.
 */
kith_status kith_thumbnail(void **out, size_t *size, const char *path, const float box[4],
                           const kith_decode_options *options, kith_error *err);

#endif
