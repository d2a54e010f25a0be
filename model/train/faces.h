/* SPDX-License-Identifier: MIT
 *
 * The faces that training sees: found once, decoded once, and kept as chips of one geometry in a temporary
 * file that is mapped into memory, so that an epoch decodes nothing. A chip has 144 x 144 pixels: the
 * template of `siamese` at 128 pixels, with a margin of 8 for shifts and turns.
 *
 * Nothing is dropped silently: whatever is no face in the end was told to the caller, and
 * seen = count - blends + failed + faceless + ignored. Read-only after opening, so threads share it.
 */
#ifndef KITH_MODEL_TRAIN_FACES_H
#define KITH_MODEL_TRAIN_FACES_H

#include "model/embedder.h"

enum { KITH_CHIP_SIDE = 144, KITH_CHIP_MARGIN = 8, KITH_CHIP_INNER = 128 };

/* Where a face's five points (model/face/align.h) lie in a chip. */
void kith_chip_points(float out[10]);

/* What is kept of a face. Landmarks are pixels of the chip; zero when they were not asked for. */
typedef struct kith_chip {
    unsigned char rgb[KITH_CHIP_SIDE * KITH_CHIP_SIDE * 3];
    float landmarks[2 * KITH_LANDMARKS];
} kith_chip;

typedef struct kith_set_face {
    const char *path; /* as it was reached: below the folder's own path, or as the list names it */
    const char *name; /* the part of path below the folder: what targets call it; when several folders have
                         one NAME, it is NAME, NAME#2, NAME#3... in their order */
    const kith_chip *chip;
    int person;      /* index into kith_face_set.persons; -1: no name */
    bool validation; /* by person; faces without one by one */
} kith_set_face;

typedef struct kith_set_person {
    const char *name; /* of the folder; the same name in two folders is one person */
    size_t count;     /* of faces */
    bool validation;
    int label; /* 0..labels - 1 over the persons that are trained on, in the order of names; -1: validation */
} kith_set_person;

typedef struct kith_face_set {
    kith_set_face *faces; /* in the order of sources, then of bytes of the paths; blends are last */
    size_t count;
    size_t blends;            /* of the faces, how many are no photo's */
    kith_set_person *persons; /* those with a face, by name */
    size_t person_count;
    size_t labels;
    size_t seen, failed, faceless, ignored;
    bool has_landmarks;
    bool validates;  /* false: too few persons for a validation triplet, everything is trained on */
    char digest[65]; /* of names, persons, split and pixels: the same set gives the same one */
    struct kith_set_store *store; /* private */
} kith_face_set;

/* Where faces come from: folders and all below them (links are followed; a folder inside of itself is not
 * walked again), or a list of files.
 */
typedef struct kith_set_source {
    const char *folder;
    bool named; /* the first folder below it is the person; files in `folder` itself have none */
} kith_set_source;

typedef enum kith_set_kind {
    KITH_SET_PHOTOS, /* through the pipeline: the largest face of each, aligned to the chip's geometry */
    KITH_SET_CHIPS,  /* pictures that are chips already; landmarks from `landmarks.csv` in a picture's own
                        folder or the one above (rows: path below that folder, 136 numbers; no header) */
    KITH_SET_LOOK,   /* decoded only to learn whether they can be; no chips are kept (chip is NULL) */
} kith_set_kind;

typedef enum kith_set_event {
    KITH_SET_FAILED,   /* err: the picture cannot be read, does not fit, or is there a second time */
    KITH_SET_FACELESS, /* no face was found in `path` */
    KITH_SET_IGNORED,  /* `path` is not a picture's name */
    KITH_SET_SINGLE,   /* `path` is the name of a person with one picture: never an anchor */
    KITH_SET_UNSPLIT,  /* too few persons for a validation triplet: there is no validation */
} kith_set_event;

typedef struct kith_set_options {
    const kith_set_source *sources;
    size_t source_count;
    const char *const *files; /* instead of sources: files without persons; the order is kept, a file that
                                 fails is left out; `name` is the path */
    size_t file_count;
    kith_set_kind kind;
    bool landmarks;    /* the network wants them */
    kith_model *model; /* KITH_SET_PHOTOS: finds faces, and landmarks when it is one that wants them */
    kith_find_options find;
    kith_decode_options decode;
    double validation; /* share of the persons; 0: no validation */
    uint64_t seed;     /* of the split and of blends */
    /* How many averages of two aligned faces follow the others: of two that are trained on and have not the
     * name of one person, with shares of 30 to 70 % (mixup without its labels, Zhang et al. 2018,
     * arXiv:1710.09412: for distillation, whose teacher labels what it sees, Beyer et al. 2022,
     * arXiv:2106.05237). They have no person; `name` says what they are made of. Wants chips that are kept.
     */
    size_t blends;
    int jobs;            /* threads, >= 1 */
    const char *scratch; /* folder of the temporary file; NULL: $TMPDIR, else /var/tmp */
    /* Told in the order of the files, from the calling thread. progress comes while pictures are decoded,
     * from the calling thread; each may be NULL. */
    void (*tell)(void *context, kith_set_event event, const char *path, const kith_error *err);
    void (*progress)(void *context, size_t done, size_t total);
    void *context;
} kith_set_options;

/* KITH_E_IO: a folder cannot be read, no room for the temporary file; KITH_E_REFUSED: no face in all of it,
 * or blends of one person only; KITH_E_STOPPED.
 */
kith_status kith_face_set_open(kith_face_set **out, const kith_set_options *options, kith_error *err);
void kith_face_set_close(kith_face_set **set);

/* The faces of one side of the split, in order. Returns their number; out: room for set->count, or NULL. */
size_t kith_face_set_side(const kith_face_set *set, bool validation, uint32_t *out);

#endif
