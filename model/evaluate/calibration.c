/* SPDX-License-Identifier: MIT */
#include "model/evaluate/calibration.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const double FPIR = 0.01; /* that the margin is measured at */
enum { ENOUGH = 50 };            /* pairs of one person that say how alike they are */

/* Faces of the study, those of one person side by side. */
typedef struct gathered_faces {
    float *vectors;
    size_t count, persons;
} gathered_faces;

/* Where each person's faces begin; newly allocated, NULL: no memory. */
static size_t *begins(const kith_study *study, size_t *persons) {
    size_t *at = calloc(study->persons.count + 2, sizeof *at);
    for (size_t i = 0; at && i < study->names.count; i++)
        at[study->photos[i].person + 2] += study->photos[i].state == KITH_STUDY_FACE;
    for (size_t i = 2; at && i < study->persons.count + 2; i++) {
        *persons += at[i] > 0;
        at[i] += at[i - 1];
    }
    return at; /* at[1 + person]: moved on as faces are put there */
}

static kith_status gather(gathered_faces *faces, kith_measured_calibration *out, const kith_study *study,
                          kith_error *err) {
    size_t room = kith_study_count(study, KITH_STUDY_FACE) + 1;
    size_t *at = begins(study, &faces->persons);
    faces->vectors = reallocarray(NULL, room, KITH_DIMENSION * sizeof(float));
    out->photos = calloc(room, sizeof *out->photos);
    out->persons = calloc(room, sizeof *out->persons);
    bool ready = at && faces->vectors && out->photos && out->persons;
    for (size_t i = 0; ready && i < study->names.count; i++) {
        if (study->photos[i].state != KITH_STUDY_FACE)
            continue;
        size_t face = at[study->photos[i].person + 1]++;
        memcpy(faces->vectors + face * KITH_DIMENSION, study->embeddings + i * KITH_DIMENSION,
               KITH_DIMENSION * sizeof(float));
        out->photos[face] = (uint32_t)i;
        out->persons[face] = study->photos[i].person;
        faces->count++;
    }
    free(at);
    return ready ? KITH_OK
                 : kith_fail(err, KITH_E_MEMORY, 0, study->folder, "no memory for %zu faces", room - 1);
}

static int by_persons(const void *left, const void *right) {
    const uint32_t *a = left, *b = right;
    if (a[0] != b[0])
        return a[0] < b[0] ? -1 : 1;
    return (a[1] > b[1]) - (a[1] < b[1]);
}

/* The pair of persons that occurs most among the events of the last measured row. */
static kith_status find_crowd(kith_measured_calibration *out, kith_error *err) {
    const kith_all_pairs *pairs = out->pairs;
    uint64_t events = kith_events_at(out->calibration.table.supported, pairs->different.total);
    size_t count = events < pairs->highest_count ? (size_t)events : pairs->highest_count;
    uint32_t(*persons)[2] = calloc(count + 1, sizeof *persons);
    if (!persons)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu pairs", count);
    for (size_t i = 0; i < count; i++) {
        uint32_t a = out->persons[pairs->highest[i].a], b = out->persons[pairs->highest[i].b];
        persons[i][0] = a < b ? a : b;
        persons[i][1] = a < b ? b : a;
    }
    qsort(persons, count, sizeof *persons, by_persons);
    out->events = count;
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i; next < count && by_persons(persons[i], persons[next]) == 0;)
            next++;
        if (next - i > out->crowd_events) {
            out->crowd_events = next - i;
            memcpy(out->crowd, persons[i], sizeof out->crowd);
        }
    }
    free(persons);
    return KITH_OK;
}

/* A gallery of the first face of each person, asked about all others: the hardest there is. */
static size_t enrol_first(float *vectors, uint32_t *persons, kith_labelled *probes) {
    const float *all = probes->vectors.values;
    size_t enrolled = 0;
    for (size_t i = 0; i < probes->vectors.count; i++)
        if (i == 0 || probes->persons[i] != probes->persons[i - 1]) {
            memcpy(vectors + enrolled * KITH_DIMENSION, all + i * KITH_DIMENSION,
                   KITH_DIMENSION * sizeof *vectors);
            persons[enrolled++] = probes->persons[i];
        }
    return enrolled;
}

/* Without the enrolled ones, who would be compared with themselves. */
static size_t leave_first_out(kith_face_scores *scores, const uint32_t *persons, size_t count) {
    size_t kept = 0;
    for (size_t i = 1; i < count; i++)
        if (persons[i] == persons[i - 1])
            scores[kept++] = scores[i];
    return kept;
}

static kith_status measure_margin(kith_measured_calibration *out, const gathered_faces *faces, int threads,
                                  kith_error *err) {
    kith_calibration *c = &out->calibration;
    kith_labelled probes = {{faces->vectors, faces->count}, out->persons};
    bool ignored;
    double threshold =
        kith_rate_table_threshold(&c->table, kith_rate_of_one(FPIR, (double)faces->persons), &ignored);
    kith_face_scores *scores = calloc(faces->count + 1, sizeof *scores);
    float *vectors = reallocarray(NULL, faces->persons + 1, KITH_DIMENSION * sizeof *vectors);
    uint32_t *persons = calloc(faces->persons + 1, sizeof *persons);
    kith_status status = scores && vectors && persons
                             ? KITH_OK
                             : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a gallery");
    c->margin = KITH_MARGIN;
    if (status == KITH_OK) {
        const kith_labelled gallery = {{vectors, enrol_first(vectors, persons, &probes)}, persons};
        status = kith_face_scores_all(scores, &probes, &gallery, threads, err);
    }
    if (status == KITH_OK) {
        size_t count = leave_first_out(scores, out->persons, faces->count);
        out->margin_measured =
            kith_margin_of(&c->margin, &out->wrong, scores, count, KITH_SCORE_BEST, threshold);
    }
    free(scores);
    free(vectors);
    free(persons);
    return status;
}

/* Mixed-up names, or a network that knows nobody, make thresholds that a person's own faces hardly reach. */
static kith_status check_useful(const kith_measured_calibration *out, const kith_study *study,
                                kith_error *err) {
    bool ignored;
    double threshold = kith_rate_table_threshold(&out->calibration.table, FPIR, &ignored);
    const kith_histogram *same = &out->pairs->same;
    uint64_t reach = kith_histogram_reaching(same, threshold);
    if (threshold < 1 && (same->total < ENOUGH || reach >= same->total / 10))
        return KITH_OK;
    return kith_fail(
        err, KITH_E_REFUSED, 0, study->folder,
        "1 in 100 pairs of different persons reach %.3f, and %.1f in 100 of one person: names are "
        "mixed up, or the network knows nobody (nothing was written)",
        threshold, same->total > 0 ? 100 * (double)reach / (double)same->total : 0.0);
}

static kith_status measure(kith_measured_calibration *out, const gathered_faces *faces,
                           const kith_study *study, int threads, kith_error *err) {
    const kith_vectors vectors = {faces->vectors, faces->count};
    kith_calibration *c = &out->calibration;
    kith_status status =
        kith_all_pairs_score(&out->pairs, &vectors, out->persons, KITH_PAIRS_KEPT, threads, err);
    if (status == KITH_OK)
        status =
            kith_thresholds_of_pairs(&c->table, out->intervals, out->pairs, out->persons, study->folder, err);
    if (status == KITH_OK)
        status = check_useful(out, study, err);
    if (status != KITH_OK)
        return status;
    while (out->measured < c->table.count && c->table.rate[out->measured] >= c->table.supported)
        out->measured++;
    c->faces = faces->count;
    c->persons = faces->persons;
    c->pairs = out->pairs->different.total;
    kith_time_now(c->made);
    status = find_crowd(out, err);
    return status == KITH_OK ? measure_margin(out, faces, threads, err) : status;
}

kith_status kith_calibration_measure(kith_measured_calibration *out, const kith_study *study,
                                     const char *data, int threads, kith_error *err) {
    gathered_faces faces = {0};
    *out = (kith_measured_calibration){0};
    kith_printable(out->calibration.data, sizeof out->calibration.data, data, SIZE_MAX); /* UTF-8 for JSON */
    kith_status status = gather(&faces, out, study, err);
    if (status == KITH_OK && faces.persons < KITH_CALIBRATION_PERSONS)
        status = kith_fail(err, KITH_E_REFUSED, 0, study->folder,
                           "has faces of %zu person%s, which say too little of others: %d are needed",
                           faces.persons, faces.persons == 1 ? "" : "s", KITH_CALIBRATION_PERSONS);
    if (status == KITH_OK)
        status = measure(out, &faces, study, threads, err);
    free(faces.vectors);
    return status;
}

void kith_measured_calibration_clear(kith_measured_calibration *measured) {
    kith_all_pairs_free(&measured->pairs);
    free(measured->photos);
    free(measured->persons);
    *measured = (kith_measured_calibration){0};
}
