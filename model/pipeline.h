/* SPDX-License-Identifier: MIT
 *
 * The pipeline's identity: two embeddings may be compared when, and only when, they were made by pipelines of
 * one id.
 */
#ifndef KITH_MODEL_PIPELINE_H
#define KITH_MODEL_PIPELINE_H

#include "proto/point.h"
#include "proto/status.h"

/* To be raised with every change of steps 1 to 6 (HACKING.md, "The pipeline") that moves an embedding. */
enum { KITH_PIPELINE_VERSION = 1 };

/* All digests are SHA-256 in hex; NULL: the pipeline has no such part. */
typedef struct kith_pipeline {
    const char *detector;        /* "yunet", "hog" */
    const char *detector_digest; /* of the detection network */
    const char *network;         /* "mobileface" */
    const char *network_digest;
    int side;                    /* of a chip */
    const char *landmark_digest; /* of the landmark file's bytes */
} kith_pipeline;

/* The first 16 hex digits of SHA-256 over a fixed text, one line for each part:
 *     kith pipeline VERSION
 *     detector NAME DIGEST       ("-" in place of a missing digest)
 *     network NAME DIGEST SIDE
 *     landmarks DIGEST
 */
kith_status kith_pipeline_id(char out[KITH_PIPELINE_SIZE], const kith_pipeline *pipeline, kith_error *err);

#endif
