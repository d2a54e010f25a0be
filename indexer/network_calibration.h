/* SPDX-License-Identifier: MIT */
#ifndef KITH_INDEXER_NETWORK_CALIBRATION_H
#define KITH_INDEXER_NETWORK_CALIBRATION_H

#include "model/options.h"
#include "proto/calibration.h"

/* The calibration of the network that made a gallery: the model of that name, unless the choice names another
 * file of it. KITH_E_REFUSED: the gallery holds nothing yet, is of another pipeline, or the model has no
 * calibration.
 */
kith_status kith_network_calibration(kith_calibration *out, kith_gallery *gallery,
                                     const kith_model_choice *choice, kith_error *err);

#endif
