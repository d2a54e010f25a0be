/* SPDX-License-Identifier: MIT */
#include "indexer/network_calibration.h"

#include <string.h>

kith_status kith_network_calibration(kith_calibration *out, kith_gallery *gallery,
                                     const kith_model_choice *choice, kith_error *err) {
    kith_model *model = NULL;
    kith_identity identity;
    kith_model_choice wanted = *choice;
    kith_status status = kith_gallery_identity(gallery, &identity, err);
    if (status == KITH_OK && !identity.pipeline[0])
        return kith_fail(err, KITH_E_REFUSED, 0, kith_gallery_uri(gallery),
                         "holds no face yet (kith-index add)");
    if (!wanted.weights)
        wanted.weights = identity.network;
    if (strcmp(identity.detector, "hog") == 0)
        wanted.detector = KITH_DETECTOR_HOG;
    const kith_model_options options = kith_model_options_of(&wanted);
    if (status == KITH_OK)
        status = kith_model_open(&model, &options, err);
    if (status == KITH_OK)
        status = kith_gallery_bind(gallery, kith_model_identity(model), err);
    const char *text = model ? kith_model_metadata(model, "kith.calibration") : NULL;
    if (status == KITH_OK && !text)
        status = kith_fail(err, KITH_E_REFUSED, 0, wanted.weights,
                           "the model has no calibration to begin with (kith-model calibrate)");
    if (status == KITH_OK)
        status = kith_calibration_parse(out, text, wanted.weights, err);
    kith_model_close(&model);
    return status;
}
