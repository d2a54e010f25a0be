/* SPDX-License-Identifier: MIT
 *
 * The built-in picture of a face, model/canary.png: 128 x 128, from hopper.jpg (US Navy, public domain).
 */
#ifndef KITH_MODEL_CANARY_H
#define KITH_MODEL_CANARY_H

#include <stddef.h>

const unsigned char *kith_canary_picture(size_t *size);

#endif
