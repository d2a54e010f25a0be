/* SPDX-License-Identifier: MIT
 *
 * A chip as a camera might have seen it another time: what is changed is plain data that a seed draws and a
 * CSV file can hold, and making it is a pure function of chip and data. Output is what a network's session is
 * given: RGB bytes in the network's own template, and landmarks / side.
 */
#ifndef KITH_MODEL_TRAIN_AUGMENT_H
#define KITH_MODEL_TRAIN_AUGMENT_H

#include "model/face/align.h"
#include "model/train/faces.h"

/* All zero is no change. Lengths are pixels of the 144-pixel chip. */
typedef struct kith_augmentation {
    bool mirror;         /* left for right, first of all; landmarks are renumbered */
    int reduced;         /* side to which the chip was reduced before; 0: not */
    float blur;          /* standard deviation of a Gaussian; 0: none */
    float rotation;      /* degrees, clockwise as displayed, about the chip's centre */
    float zoom;          /* logarithm of the scale */
    float shift[2];      /* right and down */
    float brightness;    /* added to each byte */
    float contrast;      /* logarithm of the factor about 127.5 */
    float square[3];     /* centre x, y and side of a square of one grey; side 0: none */
    int grey;            /* 0..255 */
    float noise;         /* standard deviation of each landmark's own shift, in both directions */
    uint32_t noise_seed; /* of those shifts */
} kith_augmentation;

/* How training sees faces (standard deviations and shares): rotation 3 degrees, scale 4 %, shift 1.5 px,
 * every second one mirrored, brightness 15, contrast 15 %, 1 in 4 reduced, 1 in 5 blurred, 1 in 7 with a
 * square, landmark noise 0.5 px. Drawn numbers are round, so that their texts are exact.
 */
void kith_augmentation_draw(kith_augmentation *out, uint64_t seed);

enum { KITH_AUGMENTATION_TEXT = 256 };
/* "mirror rotation=-2.31 shift=0.5:-1 ...", without commas; "plain" for no change. Reading takes "" for plain
 * and refuses (false) unknown words and values outside of what makes sense.
 */
void kith_augmentation_text(char out[KITH_AUGMENTATION_TEXT], const kith_augmentation *augmentation);
bool kith_augmentation_parse(kith_augmentation *out, const char *text);

/* From the chip to a network's input. False: no template of that name. */
typedef struct kith_frame {
    int side;
    kith_similarity from_chip;
} kith_frame;
bool kith_frame_of(kith_frame *out, const char *arch, int side);

/* rgb: side x side x 3 bytes; landmarks: 136 floats, or NULL. Allocates only what kith_align() does. */
kith_status kith_augment(unsigned char *rgb, float *landmarks, const kith_frame *frame, const kith_chip *chip,
                         const kith_augmentation *augmentation, kith_error *err);

#endif
