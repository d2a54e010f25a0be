/* SPDX-License-Identifier: MIT
 *
 * The photos of an evaluation: which there are, whom they show, and what became of each. Photos and persons
 * are numbered; everything else (pairs, galleries, groups) speaks in these numbers.
 */
#ifndef KITH_MODEL_EVALUATE_STUDY_H
#define KITH_MODEL_EVALUATE_STUDY_H

#include "model/embedder.h"
#include "model/evaluate/names.h"
#include "model/train/faces.h"

typedef enum kith_study_state {
    KITH_STUDY_WAITING,  /* nobody has looked at it */
    KITH_STUDY_FACE,     /* its face is embedded */
    KITH_STUDY_FACELESS, /* no face was found, or not the one that is meant: counts as an error */
    KITH_STUDY_FAILED,   /* it cannot be read: takes no part, and is told */
} kith_study_state;

typedef struct kith_study_photo {
    uint32_t person;
    kith_study_state state;
    float box[4];          /* x, y, width, height of the face in the displayed photo */
    kith_error *why;       /* of KITH_STUDY_FAILED */
    const kith_chip *chip; /* it is an aligned face already; NULL: a photo */
} kith_study_photo;

typedef struct kith_study {
    const char *folder;       /* borrowed */
    kith_names names;         /* of the photos: below the folder, or absolute */
    kith_study_photo *photos; /* as many as names */
    size_t room;
    kith_names persons;
    kith_face_set *chips; /* owns them */
    float *embeddings;    /* KITH_DIMENSION for each photo; zero where there is no face */
} kith_study;

/* The number of a photo, new or known; a new one has the person. KITH_E_MEMORY. */
kith_status kith_study_add(kith_study *study, const char *name, uint32_t person, uint32_t *photo,
                           kith_error *err);

typedef struct kith_people_options {
    bool chips;       /* aligned faces (model/train/faces.h, KITH_SET_CHIPS), not photos */
    bool landmarks;   /* of chips: the network wants them */
    const char *only; /* a file of persons, one a line; NULL: all */
    int jobs;         /* threads that decode chips */
} kith_people_options;

/* Every picture below FOLDER/PERSON/, in the order of bytes; links are followed. Chips that cannot be read
 * are photos that failed. KITH_E_IO; KITH_E_REFUSED: no pictures, a person that is not there.
 */
kith_status kith_study_people(kith_study *study, const kith_people_options *options, kith_error *err);

/* Where a photo lies; newly allocated, NULL: no memory. */
char *kith_study_path(const kith_study *study, size_t photo);

size_t kith_study_count(const kith_study *study, kith_study_state state);
void kith_study_clear(kith_study *study);

#endif
