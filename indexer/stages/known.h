/* SPDX-License-Identifier: MIT
 *
 * Whether a file's bytes went through this pipeline before, under whatever path: asked by the workers while
 * the main thread writes, so by a gallery handle of its own that only reads. Thread-safe.
 */
#ifndef KITH_INDEXER_STAGES_KNOWN_H
#define KITH_INDEXER_STAGES_KNOWN_H

#include <stdbool.h>

#include "proto/gallery_options.h"
#include "proto/ledger.h"

typedef struct kith_known kith_known;

/* ask false: nothing is ever known, and the gallery is not opened. */
kith_status kith_known_open(kith_known **out, const kith_gallery_choice *gallery, bool ask,
                            const char *pipeline, kith_error *err);
void kith_known_close(kith_known **known); /* takes NULL */

/* *is_known, and then *outcome: KITH_INDEXED or KITH_NO_FACE, as the ledger has it. */
kith_status kith_known_outcome(kith_known *known, const char *sha256, bool *is_known, kith_outcome *outcome,
                               kith_error *err);

#endif
