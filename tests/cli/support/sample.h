/* SPDX-License-Identifier: MIT
 *
 * A program with nothing behind its table, for tests of the command line: `show` prints what it received, and
 * has one option of each type.
 */
#ifndef KITH_TESTS_CLI_SAMPLE_H
#define KITH_TESTS_CLI_SAMPLE_H

#include "proto/command/option.h"

typedef struct sample_place {
    const char *gallery;
} sample_place;

typedef struct sample_show {
    sample_place place;
    bool force, sync;
    const char *person, *below;
    kith_list exclude;
    long jobs;
    double min_score;
    size_t memory;
    int which; /* largest, centre, only, all */
} sample_show;

extern const kith_program sample_program; /* its first command is `show` */

#endif
