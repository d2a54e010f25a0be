/* SPDX-License-Identifier: MIT
 *
 * Inside model/evaluate/: what the two ways to fill a study from a folder share.
 */
#ifndef KITH_MODEL_EVALUATE_STUDY_PARTS_H
#define KITH_MODEL_EVALUATE_STUDY_PARTS_H

#include "model/evaluate/study.h"

/* PERSON/... becomes a photo of PERSON when `only` is empty or names that person. *photo: its number,
 * UINT32_MAX when it takes no part.
 */
kith_status kith_study_take(kith_study *study, const kith_names *only, const char *name, uint32_t *photo,
                            kith_error *err);

kith_status kith_study_walk_chips(kith_study *study, const kith_people_options *people,
                                  const kith_names *only, kith_error *err);

#endif
