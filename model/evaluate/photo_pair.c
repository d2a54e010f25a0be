/* SPDX-License-Identifier: MIT */
#include "model/evaluate/photo_pair.h"

#include <stdlib.h>

#include "model/report/photos.h"

static kith_status put(kith_html *html, const kith_study *study, const kith_photo_pair *pair,
                       const kith_decode_options *decode, kith_error *err) {
    char *paths[2];
    kith_shown_face faces[2];
    for (int i = 0; i < 2; i++) {
        uint32_t photo = pair->photos[i];
        paths[i] = kith_study_path(study, photo);
        faces[i] = (kith_shown_face){paths[i], study->photos[photo].box, study->names.items[photo]};
    }
    kith_status status = paths[0] && paths[1]
                             ? kith_html_photos(html, faces, 2, pair->caption, decode, err)
                             : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a path");
    free(paths[0]);
    free(paths[1]);
    return status;
}

kith_status kith_photo_pairs_put(kith_html *html, const kith_study *study, const char *heading,
                                 const kith_photo_pair *pairs, size_t count,
                                 const kith_decode_options *decode, kith_error *err) {
    kith_status status = KITH_OK;
    kith_html_heading(html, heading);
    if (count == 0)
        kith_html_paragraph(html, "None.");
    kith_html_gallery_begin(html);
    for (size_t i = 0; i < count && status == KITH_OK; i++)
        status = put(html, study, &pairs[i], decode, err);
    kith_html_gallery_end(html);
    return status;
}
