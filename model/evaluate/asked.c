/* SPDX-License-Identifier: MIT */
#include "model/evaluate/asked.h"

#include <math.h>
#include <stdlib.h>

#include "model/statistics/thresholds.h"

/* Too few persons for a table of their own: NAN stays. */
static kith_status by_gallery(kith_drawn *out, const kith_labelled *gallery, const kith_rate_table *network,
                              kith_error *err) {
    size_t count = gallery->vectors.count;
    kith_rate_table table;
    kith_error few = {0};
    kith_face_scores *faces = calloc(count + 1, sizeof *faces);
    if (!faces)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory to calibrate a gallery");
    kith_status status = kith_face_scores_all(faces, gallery, gallery, 1, err);
    const kith_gallery_scores scores = {.faces = faces,
                                        .persons = gallery->persons,
                                        .count = count,
                                        .person_count = count ? gallery->persons[count - 1] + 1 : 0,
                                        .network = network};
    if (status == KITH_OK &&
        kith_thresholds_of_gallery(&table, &scores, KITH_SCORE_BEST, "gallery", &few) == KITH_OK)
        for (size_t i = 0; i < KITH_FPIRS; i++)
            out->thresholds[KITH_ASKED_GALLERY][i] =
                kith_rate_table_threshold(&table, kith_fpirs[i], &out->extrapolated[KITH_ASKED_GALLERY][i]);
    free(faces);
    return status;
}

kith_status kith_asked_thresholds(kith_drawn *out, const kith_labelled *gallery,
                                  const kith_rate_table *network, kith_error *err) {
    for (size_t i = 0; i < KITH_FPIRS; i++) {
        double rate = kith_rate_of_one(kith_fpirs[i], (double)gallery->vectors.count);
        out->thresholds[KITH_ASKED_GALLERY][i] = NAN;
        out->thresholds[KITH_ASKED_NETWORK][i] =
            network ? kith_rate_table_threshold(network, rate, &out->extrapolated[KITH_ASKED_NETWORK][i])
                    : (double)NAN;
    }
    return network ? by_gallery(out, gallery, network, err) : KITH_OK;
}

static size_t reaching(const kith_probe_result *probes, size_t count, double threshold) {
    size_t reached = 0;
    for (size_t i = 0; i < count; i++)
        reached += probes[i].rank <= 1 && (double)probes[i].score >= threshold;
    return reached;
}

static kith_asked measure(const kith_drawn *drawn, size_t draws, int way, size_t fpir) {
    kith_asked asked = {0};
    size_t strangers = 0, named = 0, mated = 0, found = 0;
    for (size_t d = 0; d < draws; d++) {
        double threshold = drawn[d].thresholds[way][fpir];
        if (isnan(threshold))
            continue;
        asked.draws++;
        asked.threshold += threshold;
        asked.extrapolated |= drawn[d].extrapolated[way][fpir];
        strangers += drawn[d].stranger_count;
        mated += drawn[d].mated_count;
        named += reaching(drawn[d].strangers, drawn[d].stranger_count, threshold);
        found += reaching(drawn[d].mated, drawn[d].mated_count, threshold);
    }
    asked.threshold /= (double)asked.draws;
    asked.fpir = (double)named / (double)strangers;
    asked.fnir = 1 - (double)found / (double)mated;
    return asked;
}

void kith_asked_measure(kith_identify_size *out, const kith_drawn *drawn, size_t draws) {
    for (int way = 0; way < KITH_ASKED_WAYS; way++)
        for (size_t i = 0; i < KITH_FPIRS; i++)
            out->asked[way][i] = measure(drawn, draws, way, i);
}
