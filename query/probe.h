/* SPDX-License-Identifier: MIT
 *
 * From a photo's path to faces that can be asked about: read, decode, find, gates, embed; the same for every
 * command. A kith_prober is a model made ready, kept for all photos of a run. One thread.
 */
#ifndef KITH_QUERY_PROBE_H
#define KITH_QUERY_PROBE_H

#include "model/options.h"
#include "model/which.h"
#include "query/decide.h"

typedef struct kith_prober kith_prober;

/* Reads the model; its network is prepared when it is first needed. */
kith_status kith_prober_open(kith_prober **out, const kith_model_choice *model,
                             const kith_finding_choice *finding, kith_error *err);
void kith_prober_close(kith_prober **prober); /* takes NULL, sets NULL */

const char *kith_prober_network(const kith_prober *prober);
const char *kith_prober_calibration(const kith_prober *prober); /* JSON; NULL: the model has none */

/* Refuses a gallery of another pipeline: by its id, which costs nothing, and by its canary, which takes the
 * network.
 */
kith_status kith_prober_match(const kith_prober *prober, kith_gallery *gallery, kith_error *err);
kith_status kith_prober_bind(kith_prober *prober, kith_gallery *gallery, kith_error *err);

/* A photo and its faces. */
typedef struct kith_photo {
    char *path;  /* without #NUMBER; "-": standard input */
    void *bytes; /* the file */
    size_t size;
    int width, height; /* displayed, at full size */
    char taken[KITH_TIME_SIZE];
    kith_faces faces;
    int named_face; /* the NUMBER of PATH#NUMBER; -1: none was given */
} kith_photo;

/* Finds the faces of a photo: PATH, PATH#NUMBER (one of its faces, unless a file of that very name exists),
 * or "-": standard input. Errors are about this photo: FORMAT, LIMIT, IO; anything else ends the run.
 * *out is to be cleared in any case.
 */
kith_status kith_photo_open(kith_photo *out, kith_prober *prober, const char *path, kith_error *err);
void kith_photo_clear(kith_photo *photo);

/* The photo's bytes as pixels, every one of them, for drawing. */
kith_status kith_photo_picture(kith_picture *out, const kith_photo *photo, const kith_prober *prober,
                               kith_error *err);

/* A face as a question. */
typedef struct kith_probe {
    kith_point point;     /* what a point says of a face; owns nothing */
    kith_verdict verdict; /* KITH_UNUSABLE: a gate failed, there is no vector */
    const float *vector;  /* unit length; NULL when unusable */
} kith_probe;

/* Tries the gates on a face of the photo and embeds it. */
kith_status kith_probe_make(kith_probe *out, kith_prober *prober, kith_photo *photo, size_t face,
                            kith_error *err);

/* The one face of a photo that `which` means (not KITH_WHICH_ALL); says so on standard error when there were
 * several to choose from. No face, or none that is usable, is KITH_E_FORMAT.
 */
kith_status kith_probe_one(kith_probe *out, kith_prober *prober, kith_photo *photo, kith_which which,
                           kith_error *err);

#endif
