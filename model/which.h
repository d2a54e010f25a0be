/* SPDX-License-Identifier: MIT
 *
 * Which face of a photo is meant (--which). Pure choice over faces that were found; faces too small to count
 * (kith_face.small) are passed over unless there is no other.
 */
#ifndef KITH_MODEL_WHICH_H
#define KITH_MODEL_WHICH_H

#include "model/embedder.h"

typedef enum kith_which {
    KITH_WHICH_LARGEST, /* by the area of the box */
    KITH_WHICH_CENTRE,  /* nearest to the picture's centre */
    KITH_WHICH_ONLY,    /* the one that there is; several are refused */
    KITH_WHICH_ALL,     /* for the caller to handle: every face */
} kith_which;
#define KITH_WHICH_WORDS "largest|centre|only|all"

/* The number of the face meant by all but KITH_WHICH_ALL; width and height are the picture's at full size.
 * -1: there is none, or with KITH_WHICH_ONLY more than one.
 */
int kith_which_face(const kith_faces *faces, kith_which which, int width, int height);

#endif
