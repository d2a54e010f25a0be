/* SPDX-License-Identifier: MIT */
#include "model/pipeline.h"

#include "proto/digest.h"

static const char *or_dash(const char *digest) {
    return digest ? digest : "-";
}

kith_status kith_pipeline_id(char out[KITH_PIPELINE_SIZE], const kith_pipeline *p, kith_error *err) {
    char text[512], digest[KITH_DIGEST_SIZE];
    int length =
        snprintf(text, sizeof text, "kith pipeline %d\ndetector %s %s\nnetwork %s %s %d\nlandmarks %s\n",
                 KITH_PIPELINE_VERSION, p->detector, or_dash(p->detector_digest), p->network,
                 or_dash(p->network_digest), p->side, or_dash(p->landmark_digest));
    kith_status status = kith_sha256(digest, text, (size_t)length, err);
    if (status == KITH_OK)
        snprintf(out, KITH_PIPELINE_SIZE, "%.*s", KITH_PIPELINE_SIZE - 1, digest);
    return status;
}
