/* SPDX-License-Identifier: MIT */
#ifndef KITH_MODEL_TRAIN_FOLDER_H
#define KITH_MODEL_TRAIN_FOLDER_H

#include <fts.h>

#include "proto/status.h"

/* An error ends the walk. */
typedef kith_status kith_folder_visit(void *context, const FTSENT *entry, kith_error *err);

/* Everything in a folder and below it, as fts(3) tells it: by the bytes of names, through links. What cannot
 * be read is an entry, too. KITH_E_MEMORY; KITH_E_IO: `folder` is none; KITH_E_STOPPED.
 */
kith_status kith_folder_walk(const char *folder, kith_folder_visit *visit, void *context, kith_error *err);

#endif
