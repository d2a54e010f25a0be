/* SPDX-License-Identifier: MIT
 *
 * What the commands of kith-model that look at a folder of persons share: the option rows, and the way from
 * photos to embeddings with its progress and messages.
 */
#ifndef KITH_MODEL_PEOPLE_H
#define KITH_MODEL_PEOPLE_H

#include "model/evaluate/embed.h"
#include "model/options.h"

typedef struct kith_people_choice {
    bool chips;
    const char *persons;
    int which; /* kith_which */
    long jobs;
} kith_people_choice;

#define KITH_PEOPLE_DEFAULTS                                                                                 \
    { .which = KITH_WHICH_CENTRE }

enum { KITH_PEOPLE_ROWS = 4 };
extern const kith_option kith_people_rows[KITH_PEOPLE_ROWS];

#define KITH_PEOPLE_GROUP(offset)                                                                            \
    { "Photos", kith_people_rows, KITH_PEOPLE_ROWS, (offset) }

/* How many threads are meant. */
int kith_people_jobs(const kith_people_choice *choice);

/* DIR without slashes at its end; newly allocated. NULL: no memory. */
char *kith_people_folder(const char *operand);

/* The persons of the study's folder. */
kith_status kith_people_gather(kith_study *study, const kith_people_choice *choice, kith_error *err);

/* Embeds what was gathered; photos that failed are told one by one. */
kith_status kith_people_embed(kith_study *study, kith_model *model, const kith_people_choice *choice,
                              const kith_finding_choice *finding, kith_error *err);

/* What the command ends with: the failure, which is told here, or 3 when photos could not be read. */
int kith_people_exit(const kith_study *study, const kith_error *err);

#endif
