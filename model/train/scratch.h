/* SPDX-License-Identifier: MIT */
#ifndef KITH_MODEL_TRAIN_SCRATCH_H
#define KITH_MODEL_TRAIN_SCRATCH_H

/* Opens a file without a name in a folder, so that nothing is left behind however the program ends. Returns
 * -1 with errno.
 */
int kith_scratch_open(const char *folder);

#endif
