/* SPDX-License-Identifier: MIT
 *
 * How alike a face and a person are, from the face's scores with the person's faces.
 */
#ifndef KITH_PROTO_SCORING_H
#define KITH_PROTO_SCORING_H

#include <stddef.h>

/* The best score, or the mean of the best three (of fewer when there are fewer). */
typedef enum kith_scoring { KITH_SCORE_BEST, KITH_SCORE_MEAN3, KITH_SCORINGS } kith_scoring;

extern const char *const kith_scoring_names[KITH_SCORINGS]; /* "best", "mean3" */

/* Scores best first, at least one. */
float kith_person_score(kith_scoring scoring, const float *scores, size_t count);

#endif
