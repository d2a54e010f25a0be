/* SPDX-License-Identifier: MIT
 *
 * The decision about one face: gates, T, margin. Pure logic; whatever is not a number never matches.
 * Thread-safe.
 */
#ifndef KITH_QUERY_DECIDE_H
#define KITH_QUERY_DECIDE_H

#include "proto/result.h"

/* What a face needs before its likeness to anybody means something. */
typedef struct kith_gates {
    float score, eyes, box;
} kith_gates;

typedef struct kith_verdict {
    kith_decision decision;
    char reason[160]; /* one sentence: why it is no match; "" for KITH_MATCH */
} kith_verdict;

/* The gates alone, before a face is worth embedding: false, and the verdict is KITH_UNUSABLE. */
bool kith_gates_pass(kith_verdict *out, const kith_gates *gates, const kith_point *probe);

/* The verdict on a face that passed the gates. Candidates are persons, best first. */
void kith_decide(kith_verdict *out, const kith_candidate *candidates, size_t count,
                 const kith_threshold *threshold);

#endif
