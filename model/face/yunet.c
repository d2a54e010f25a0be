/* SPDX-License-Identifier: MIT */
#include "model/face/yunet.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/array.h"

enum { LEVELS = 3, CANDIDATES = 5000, SESSIONS = 4 };
static const float MOST_IOU = 0.3F;

kith_status kith_detections_add(kith_detections *list, const kith_detection *detection, kith_error *err) {
    kith_detection *items = kith_array_grow(list->items, list->count, &list->room, sizeof *items);
    if (!items)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu faces", list->count + 1);
    list->items = items;
    list->items[list->count++] = *detection;
    return KITH_OK;
}

void kith_detections_clear(kith_detections *list) {
    free(list->items);
    *list = (kith_detections){0};
}

static float clamped(float probability) {
    return fminf(fmaxf(probability, 0), 1);
}

/* The maps of one level; every channel is a plane of columns x rows cells. */
typedef struct level {
    const float *class, *object, *box, *points;
    int stride, columns;
    size_t cells;
} level;

static bool finite_face(const kith_detection *face) {
    float sum = face->score; /* not finite as soon as one value is not */
    for (int i = 0; i < 4; i++)
        sum += face->box[i];
    for (int i = 0; i < 10; i++)
        sum += face->points[i];
    return isfinite(sum);
}

static kith_detection decode_cell(const level *l, size_t cell, float score) {
    float stride = (float)l->stride;
    size_t above = cell / (size_t)l->columns;
    float column = (float)(cell % (size_t)l->columns), row = (float)above;
    const float *box = l->box + cell, *points = l->points + cell;
    float width = expf(box[2 * l->cells]) * stride, height = expf(box[3 * l->cells]) * stride;
    float x = (column + box[0]) * stride, y = (row + box[l->cells]) * stride;
    kith_detection face = {.box = {x - width / 2, y - height / 2, width, height}, .score = score};
    for (size_t i = 0; i < 5; i++) {
        face.points[2 * i] = (column + points[2 * i * l->cells]) * stride;
        face.points[2 * i + 1] = (row + points[(2 * i + 1) * l->cells]) * stride;
    }
    return face;
}

kith_status kith_yunet_decode(kith_detections *out, const float *const maps[KITH_YUNET_MAPS], int width,
                              int height, float min_score, kith_error *err) {
    for (int i = 0; i < LEVELS; i++) {
        level l = {maps[i], maps[LEVELS + i], maps[2 * LEVELS + i], maps[3 * LEVELS + i], 8 << i, 0, 0};
        l.columns = width / l.stride;
        l.cells = (size_t)l.columns * (size_t)(height / l.stride);
        for (size_t cell = 0; cell < l.cells; cell++) {
            float score = sqrtf(clamped(l.class[cell]) * clamped(l.object[cell]));
            if (!(score >= min_score))
                continue;
            kith_detection face = decode_cell(&l, cell, score);
            kith_status status = finite_face(&face) ? kith_detections_add(out, &face, err) : KITH_OK;
            if (status != KITH_OK)
                return status;
        }
    }
    return KITH_OK;
}

/* Intersection over union. */
static float iou(const float a[4], const float b[4]) {
    float width = fminf(a[0] + a[2], b[0] + b[2]) - fmaxf(a[0], b[0]);
    float height = fminf(a[1] + a[3], b[1] + b[3]) - fmaxf(a[1], b[1]);
    if (width <= 0 || height <= 0)
        return 0;
    float both = width * height;
    return both / (a[2] * a[3] + b[2] * b[3] - both);
}

/* Equal scores in the order of places, so that the result does not depend on the sort. */
static int better_first(const void *left, const void *right) {
    const kith_detection *a = left, *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (a->box[1] != b->box[1])
        return a->box[1] < b->box[1] ? -1 : 1;
    return (a->box[0] > b->box[0]) - (a->box[0] < b->box[0]);
}

void kith_suppress(kith_detections *list, float most) {
    if (list->count == 0)
        return;
    qsort(list->items, list->count, sizeof *list->items, better_first);
    size_t candidates = list->count < CANDIDATES ? list->count : CANDIDATES, kept = 0;
    for (size_t i = 0; i < candidates; i++) {
        size_t k = 0;
        while (k < kept && iou(list->items[k].box, list->items[i].box) <= most)
            k++;
        if (k == kept)
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

typedef struct sized_session {
    int width, height;
    uint64_t used; /* when, in runs */
    kith_session *session;
} sized_session;

struct kith_yunet {
    const kith_network *network;
    uint64_t runs;
    sized_session sessions[SESSIONS];
};

kith_status kith_yunet_open(kith_yunet **out, const kith_network *network, kith_error *err) {
    *out = calloc(1, sizeof **out);
    if (!*out)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the detector");
    (*out)->network = network;
    return KITH_OK;
}

void kith_yunet_close(kith_yunet **yunet) {
    if (!yunet || !*yunet)
        return;
    for (int i = 0; i < SESSIONS; i++)
        kith_session_close(&(*yunet)->sessions[i].session);
    free(*yunet);
    *yunet = NULL;
}

/* The session of this size: one that is there, or a new one in place of the one not used for longest. */
static kith_status session_for(kith_yunet *yunet, int width, int height, kith_session **out,
                               kith_error *err) {
    sized_session *slot = yunet->sessions;
    for (sized_session *s = yunet->sessions; s < yunet->sessions + SESSIONS; s++) {
        bool same = s->session && s->width == width && s->height == height;
        if (same || s->used < slot->used)
            slot = s;
        if (same)
            break;
    }
    if (!slot->session || slot->width != width || slot->height != height) {
        kith_session_close(&slot->session);
        kith_status status = kith_session_open(&slot->session, yunet->network, width, height, 1, err);
        if (status != KITH_OK) {
            slot->used = 0;
            return status;
        }
        slot->width = width;
        slot->height = height;
    }
    slot->used = ++yunet->runs;
    *out = slot->session;
    return KITH_OK;
}

kith_status kith_yunet_run(kith_yunet *yunet, const unsigned char *rgb, int width, int height,
                           float min_score, kith_detections *out, kith_error *err) {
    kith_session *session = NULL;
    kith_status status = session_for(yunet, width, height, &session, err);
    if (status != KITH_OK)
        return status;
    kith_session_set_input(session, 0, rgb, (size_t)width * 3, NULL);
    status = kith_session_run(session, 1, err);
    if (status != KITH_OK)
        return status;
    const float *maps[KITH_YUNET_MAPS];
    size_t count = 0;
    for (int k = 0; k < KITH_YUNET_MAPS; k++)
        maps[k] = kith_session_output(session, k, 0, &count);
    status = kith_yunet_decode(out, maps, width, height, min_score, err);
    if (status == KITH_OK)
        kith_suppress(out, MOST_IOU);
    return status;
}
