/* SPDX-License-Identifier: MIT */
#ifndef KITH_MODEL_TRAIN_SCRATCH_H
#define KITH_MODEL_TRAIN_SCRATCH_H

#include <stddef.h>

/* Opens a file without a name in a folder, so that nothing is left behind however the program ends. Returns
 * -1 with errno.
 */
int kith_scratch_open(const char *folder);

/* Takes the room of `size` bytes behind `begin` now: a full disk shows here, and not as a signal later. What
 * does not fit is not tried: until it failed, others would find the disk full. Returns 0 or what errno would
 * be.
 */
int kith_scratch_reserve(int fd, size_t begin, size_t size);

#endif
