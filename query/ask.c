/* SPDX-License-Identifier: MIT */
#include "query/ask.h"

#include <inttypes.h>

const kith_option kith_deciding_rows[KITH_DECIDING_ROWS] = {
    {.name = "threshold",
     .type = KITH_OPTION_NUMBER,
     .offset = offsetof(kith_deciding_choice, threshold),
     .value = "COSINE",
     .low = -1,
     .high = 1,
     .help = "How alike two faces must be, 1 is identical; from --fpir when not given"},
    {.name = "fpir",
     .type = KITH_OPTION_NUMBER,
     .offset = offsetof(kith_deciding_choice, fpir),
     .value = "CHANCE",
     .low = 1e-9,
     .high = 0.999,
     .help = "Accepted chance that a stranger is taken for somebody at all"},
};

const kith_option kith_output_rows[KITH_OUTPUT_ROWS] = {
    {.name = "json",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(kith_output_choice, json),
     .help = "JSON lines instead of a table",
     .only_here = true},
    {.name = "color",
     .type = KITH_OPTION_CHOICE,
     .offset = offsetof(kith_output_choice, color),
     .value = "auto|always|never",
     .help = "Colours in tables"},
};

kith_status kith_asking_open(kith_asking *out, const kith_gallery_choice *gallery,
                             const kith_model_choice *model, const kith_finding_choice *finding,
                             const kith_deciding_choice *deciding, kith_error *err) {
    *out = (kith_asking){0};
    kith_status status = kith_gallery_open_choice(&out->gallery, gallery, KITH_GALLERY_READ, err);
    if (status == KITH_OK)
        status = kith_prober_open(&out->prober, model, finding, err);
    if (status == KITH_OK)
        status = kith_prober_match(out->prober, out->gallery, err);
    if (status == KITH_OK)
        status = kith_certainty_open(&out->certainty, deciding->threshold, deciding->fpir,
                                     kith_prober_network(out->prober), kith_prober_calibration(out->prober),
                                     out->gallery, err);
    return status == KITH_OK ? kith_prober_bind(out->prober, out->gallery, err) : status;
}

void kith_asking_close(kith_asking *asking) {
    kith_prober_close(&asking->prober);
    kith_gallery_close(&asking->gallery);
}

void kith_say_threshold(const kith_threshold *threshold) {
    char words[384];
    kith_threshold_words(words, sizeof words, threshold);
    kith_say("%s", words);
}

void kith_say_old_calibration(const kith_asking *asking, uint64_t named) {
    const kith_certainty *c = &asking->certainty;
    if (c->has_gallery && kith_gallery_calibration_is_old(&c->gallery, named))
        kith_say("%s: was calibrated with %" PRIu64 " named faces and has %" PRIu64
                 " now (kith-index calibrate)",
                 kith_gallery_uri(asking->gallery), c->gallery.faces, named);
}

char *kith_face_name(const char *path, int face) {
    char *out = NULL;
    return asprintf(&out, "%s#%d", path, face) < 0 ? NULL : out;
}
