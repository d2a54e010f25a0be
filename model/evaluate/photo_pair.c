/* SPDX-License-Identifier: MIT */
#include "model/evaluate/photo_pair.h"

#include <stdlib.h>

#include "model/report/photos.h"

kith_status kith_photo_pair_put(kith_html *html, const kith_study *study, const uint32_t photos[2],
                                const char *caption, const kith_decode_options *decode, kith_error *err) {
    char *paths[2] = {kith_study_path(study, photos[0]), kith_study_path(study, photos[1])};
    kith_shown_face faces[2];
    for (int i = 0; i < 2; i++)
        faces[i] = (kith_shown_face){paths[i], study->photos[photos[i]].box, study->names.items[photos[i]]};
    kith_status status = paths[0] && paths[1]
                             ? kith_html_photos(html, faces, 2, caption, decode, err)
                             : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a path");
    free(paths[0]);
    free(paths[1]);
    return status;
}
