/* SPDX-License-Identifier: MIT */
#include "indexer/store/carry.h"

#include "indexer/store/points.h"
#include "proto/command/program.h"

/* Detectors draw the same face differently (with or without the hair), neighbours hardly overlap. */
static const double SAME_FACE = 0.3;

static double shared(float a, float a_length, float b, float b_length) {
    double from = (double)(a > b ? a : b), a_end = (double)a + (double)a_length,
           b_end = (double)b + (double)b_length;
    double length = (a_end < b_end ? a_end : b_end) - from;
    return length > 0 ? length : 0;
}

double kith_box_iou(const float *a, const float *b) {
    double both = shared(a[0], a[2], b[0], b[2]) * shared(a[1], a[3], b[1], b[3]);
    double sum = (double)a[2] * (double)a[3] + (double)b[2] * (double)b[3];
    return sum > both ? both / (sum - both) : 0;
}

void kith_carrier_clear(kith_carrier *carrier) {
    free(carrier->claim);
    carrier->claim = NULL;
}

/* The new face that covers an old one best and is not taken yet; count: none. */
static size_t find_cover(const kith_point *old, const kith_point *points, const bool *taken, size_t count) {
    size_t best = count;
    double most = SAME_FACE;
    for (size_t i = 0; i < count; i++) {
        double overlap = taken[i] ? 0 : kith_box_iou(old->box, points[i].box);
        if (overlap >= most) {
            most = overlap;
            best = i;
        }
    }
    return best;
}

static kith_status find_claim(kith_carrier *carrier, const kith_task *task, const char **claim,
                              kith_error *err) {
    kith_record record;
    bool found;
    kith_status status = kith_ledger_find(carrier->source->ledger, task->path, &record, &found, err);
    if (status != KITH_OK || !found)
        return status;
    if (record.sha256[0] && strcmp(record.sha256, task->sha256) != 0) {
        return kith_fail(err, KITH_E_FORMAT, 0, task->path,
                         "changed since it was indexed: whose its faces are is not known (add it)");
    }
    kith_carrier_clear(carrier);
    if (record.person && !(carrier->claim = strdup(record.person)))
        return kith_fail(err, KITH_E_MEMORY, 0, task->path, "no memory");
    *claim = carrier->claim;
    return KITH_OK;
}

kith_status kith_carry_names(void *context, const kith_task *task, kith_point *made, size_t count,
                             const char **claim, kith_error *err) {
    kith_carrier *carrier = context;
    kith_points old = {0};
    *claim = NULL;
    bool *taken = calloc(count + 1, sizeof *taken);
    if (!taken)
        return kith_fail(err, KITH_E_MEMORY, 0, task->path, "no memory for its faces");
    kith_status status = kith_points_of_digest(&old, carrier->source->gallery, task->sha256, err);
    if (status == KITH_OK)
        status = find_claim(carrier, task, claim, err);
    for (size_t i = 0; i < old.count && status == KITH_OK; i++) {
        const kith_point *face = &old.items[i];
        size_t cover = find_cover(face, made, taken, count);
        if (cover == count) {
            carrier->lost++;
            kith_say("%s#%d: %s was not found again", task->path, face->face,
                     face->person ? face->person : "a face without a name");
            continue;
        }
        taken[cover] = true;
        status = kith_point_set_person(&made[cover], face->person, err);
    }
    for (size_t i = 0; i < count && carrier->which == KITH_CARRY_KNOWN; i++)
        if (!taken[i])
            made[i].id[0] = 0;
    free(taken);
    kith_points_clear(&old);
    return status;
}
