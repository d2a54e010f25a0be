/* SPDX-License-Identifier: MIT
 *
 * What every command that asks a gallery about photos starts with: the gallery, the model, and how sure is
 * sure; and the option rows for it.
 */
#ifndef KITH_QUERY_ASK_H
#define KITH_QUERY_ASK_H

#include "proto/command/program.h"
#include "proto/gallery_options.h"
#include "query/probe.h"
#include "query/threshold.h"

typedef struct kith_deciding_choice {
    double threshold, fpir;
} kith_deciding_choice;

typedef struct kith_output_choice {
    bool json;
    int color; /* kith_color */
} kith_output_choice;

#define KITH_NO_THRESHOLD (-2)
#define KITH_DECIDING_DEFAULTS                                                                               \
    { .threshold = KITH_NO_THRESHOLD, .fpir = 0.01 }

enum { KITH_DECIDING_ROWS = 2, KITH_OUTPUT_ROWS = 2 };
extern const kith_option kith_deciding_rows[KITH_DECIDING_ROWS];
extern const kith_option kith_output_rows[KITH_OUTPUT_ROWS];

#define KITH_DECIDING_GROUP(offset)                                                                          \
    { "Deciding", kith_deciding_rows, KITH_DECIDING_ROWS, (offset) }
#define KITH_OUTPUT_GROUP(offset)                                                                            \
    { "Output", kith_output_rows, KITH_OUTPUT_ROWS, (offset) }

/* What --filter takes, a paragraph. */
#define KITH_FILTER_TEXT                                                                                     \
    "The CONDITIONS of --filter are separated by commas and must all hold: a field, one of = != < <= > >=, " \
    "and a value. Fields are person, path, taken, score, eyes, face, sha256, run and id. person= means "     \
    "faces without a name, person!= those with one; path^=FOLDER whatever lies below it; times may be cut "  \
    "short (2024-05); a backslash takes a comma of a name as it is."

typedef struct kith_asking {
    kith_gallery *gallery;
    kith_prober *prober;
    kith_certainty certainty;
} kith_asking;

/* Opens everything and makes sure that it fits together. To be closed in any case. */
kith_status kith_asking_open(kith_asking *out, const kith_gallery_choice *gallery,
                             const kith_model_choice *model, const kith_finding_choice *finding,
                             const kith_deciding_choice *deciding, kith_error *err);
void kith_asking_close(kith_asking *asking);

/* T in words on standard error. */
void kith_say_threshold(const kith_threshold *threshold);

/* A word there when the gallery was calibrated with far fewer or more than the `named` faces that it has. */
void kith_say_old_calibration(const kith_asking *asking, uint64_t named);

/* "PATH#NUMBER", the way faces are named on the command line; out is newly allocated, NULL: no memory. */
char *kith_face_name(const char *path, int face);

#endif
