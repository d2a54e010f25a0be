/* SPDX-License-Identifier: MIT
 *
 * What `kith-query identify` answers about one face, as data and as one JSON line
 * (proto/schema/result.schema.json). The decision itself is made in query/decide.h.
 */
#ifndef KITH_PROTO_RESULT_H
#define KITH_PROTO_RESULT_H

#include <jansson.h>
#include <stdbool.h>

#include "proto/gallery.h"

typedef enum kith_decision {
    KITH_MATCH,        /* the best person's score reaches T, and the next person is far enough below */
    KITH_AMBIGUOUS,    /* it reaches T, but another person is nearly as good */
    KITH_UNKNOWN,      /* nobody reaches T */
    KITH_UNUSABLE,     /* the face fails a gate: too small, too uncertain */
    KITH_NO_PROBE,     /* the picture has no face */
    KITH_FAILED_PROBE, /* the question could not be asked: unreadable, no picture, not the face that was meant
                        */
} kith_decision;

/* "match", "ambiguous", "unknown", "unusable", "no face", "failed" */
const char *kith_decision_name(kith_decision decision);

#define KITH_GATE_SCORE 0.7f /* least certainty of the detector for a face to be worth asking about */
#define KITH_GATE_EYES 14.0f /* least distance between the eyes, pixels at full size */

/* How sure "sure" is: T and where it came from. */
typedef struct kith_threshold {
    double value;      /* T, a cosine */
    double fpir;       /* the asked chance that a stranger is named at all; 0 when T was given by hand */
    double fmr;        /* per comparison: 1 - (1 - fpir)^(1/N); 0 when the gallery's calibration gave T */
    double margin;     /* s1 - s2 below this is ambiguous */
    uint64_t named;    /* N: named faces in the gallery */
    bool extrapolated; /* beyond what the calibration's data support */
    char source[96];   /* "given", "calibration of mobileface", "the gallery's calibration of 2026-11-26" */
} kith_threshold;

/* A person who was considered; scores of its faces best first. */
typedef struct kith_candidate {
    const char *person;
    float score;            /* the person's score: the best face, or the mean of the best three */
    const kith_point *best; /* the face that carried it */
} kith_candidate;

/* One answer. Everything is borrowed from the caller. */
typedef struct kith_answer {
    const char *photo;       /* as given */
    int face, faces;         /* number of the probe's face and how many; face -1: none */
    const kith_point *probe; /* box, points, score, eyes, sharpness, yaw, width, height of the probe's face */
    kith_decision decision;
    const char *reason;               /* one sentence: why not a match, or NULL */
    const kith_candidate *candidates; /* best first, up to --top */
    size_t candidate_count;
    const kith_threshold *threshold;
} kith_answer;

/* T and where it came from, as in an answer, for other commands; the caller owns it. NULL: no memory. */
json_t *kith_threshold_json(const kith_threshold *threshold);

/* The JSON object of an answer; the caller owns it. NULL: no memory. */
json_t *kith_answer_json(const kith_answer *answer);

#endif
