/* SPDX-License-Identifier: MIT */
#include "indexer/likeness/grouping.h"

#include <stdlib.h>

#include "indexer/likeness/linkage.h"
#include "model/statistics/score_rows.h"
#include "proto/array.h"
#include "proto/command/program.h"

enum { NEIGHBOURS = 64 };

/* A group on its way: a person, or a face without a name and what joined it. */
typedef struct node {
    float *sum;   /* of its faces' vectors */
    double scale; /* kith_linkage_scale() */
    uint32_t faces, parent, version;
    uint32_t *near; /* nodes that it has a neighbour in, or that these became part of */
    size_t near_count, near_room;
} node;

/* Two groups that could become one, as alike as they were at these versions. */
typedef struct merger {
    double likeness;
    uint32_t a, b, a_version, b_version;
} merger;

typedef struct grouping_job {
    const kith_face_list *list;
    double threshold;
    float *sums;
    node *nodes; /* persons, then faces without a name */
    size_t persons, count;
    merger *heap; /* the most alike at its root */
    size_t heap_count, heap_room;
    bool memory; /* there was enough so far */
    kith_progress *progress;
} grouping_job;

/* ---- neighbours ---- */

static uint32_t node_of(const grouping_job *job, size_t face) {
    return face < job->list->named ? job->list->persons[face]
                                   : (uint32_t)(job->persons + face - job->list->named);
}

static void add_near(grouping_job *job, node *to, uint32_t other) {
    if (to->near_count > 0 && to->near[to->near_count - 1] == other)
        return;
    uint32_t *near = kith_array_grow(to->near, to->near_count, &to->near_room, sizeof *near);
    if (!near) {
        job->memory = false;
        return;
    }
    to->near = near;
    near[to->near_count++] = other;
}

typedef struct neighbour {
    float score;
    uint32_t face;
} neighbour;

/* Keeps the best of what is offered, best first. */
static void offer(neighbour *best, size_t *count, neighbour item) {
    size_t at = *count;
    if (at == NEIGHBOURS && !(item.score > best[at - 1].score))
        return;
    at = at < NEIGHBOURS ? (*count)++ : NEIGHBOURS - 1;
    for (; at > 0 && item.score > best[at - 1].score; at--)
        best[at] = best[at - 1];
    best[at] = item;
}

static void visit(void *context, size_t row, const float *scores) {
    grouping_job *job = context;
    neighbour best[NEIGHBOURS];
    size_t count = 0, self = job->list->named + row;
    for (size_t i = 0; i < job->list->count; i++)
        if ((double)scores[i] >= job->threshold && i != self)
            offer(best, &count, (neighbour){scores[i], (uint32_t)i});
    uint32_t own = node_of(job, self);
    for (size_t i = 0; i < count; i++) {
        uint32_t other = node_of(job, best[i].face);
        add_near(job, &job->nodes[own], other);
        add_near(job, &job->nodes[other], own);
    }
    kith_progress_update(job->progress, row + 1, job->list->count - job->list->named, "");
}

/* ---- the heap ---- */

static bool before(const merger *a, const merger *b) {
    if (a->likeness < b->likeness || a->likeness > b->likeness)
        return a->likeness > b->likeness;
    return a->a != b->a ? a->a < b->a : a->b < b->b;
}

static void push(grouping_job *job, merger item) {
    merger *heap = kith_array_grow(job->heap, job->heap_count, &job->heap_room, sizeof *heap);
    if (!heap) {
        job->memory = false;
        return;
    }
    job->heap = heap;
    size_t at = job->heap_count++;
    for (; at > 0 && before(&item, &heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = item;
}

static merger pop(grouping_job *job) {
    merger *heap = job->heap, root = heap[0], last = heap[--job->heap_count];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < job->heap_count; at = child) {
        if (child + 1 < job->heap_count && before(&heap[child + 1], &heap[child]))
            child++;
        if (!before(&heap[child], &last))
            break;
        heap[at] = heap[child];
    }
    heap[at] = last;
    return root;
}

/* ---- groups become one ---- */

static uint32_t find(const grouping_job *job, uint32_t n) {
    node *nodes = job->nodes;
    while (nodes[n].parent != n)
        n = nodes[n].parent = nodes[nodes[n].parent].parent;
    return n;
}

static void propose(grouping_job *job, uint32_t a, uint32_t b) {
    const node *x = &job->nodes[a], *y = &job->nodes[b];
    if (a < job->persons && b < job->persons)
        return;
    double likeness = kith_dot(x->sum, y->sum) / (x->scale * y->scale);
    if (likeness >= job->threshold)
        push(job, a < b ? (merger){likeness, a, b, x->version, y->version}
                        : (merger){likeness, b, a, y->version, x->version});
}

static int by_number(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* What the nodes nearby have become by now, each once, without itself. */
static void resolve(const grouping_job *job, uint32_t n) {
    node *at = &job->nodes[n];
    size_t kept = 0;
    for (size_t i = 0; i < at->near_count; i++)
        at->near[i] = find(job, at->near[i]);
    if (at->near_count > 1)
        qsort(at->near, at->near_count, sizeof *at->near, by_number);
    for (size_t i = 0; i < at->near_count; i++)
        if (at->near[i] != n && (kept == 0 || at->near[i] != at->near[kept - 1]))
            at->near[kept++] = at->near[i];
    at->near_count = kept;
}

/* `to` takes `from` in; a person is always the one who takes. */
static void merge(grouping_job *job, uint32_t to, uint32_t from) {
    node *a = &job->nodes[to], *b = &job->nodes[from];
    for (size_t k = 0; k < KITH_DIMENSION; k++)
        a->sum[k] += b->sum[k];
    a->faces += b->faces;
    a->scale = kith_linkage_scale(a->sum, a->faces);
    a->version++;
    b->parent = to;
    for (size_t i = 0; i < b->near_count; i++)
        add_near(job, a, b->near[i]);
    free(b->near);
    b->near = NULL;
    b->near_count = 0;
    resolve(job, to);
    for (size_t i = 0; i < a->near_count; i++)
        propose(job, to, a->near[i]);
}

static void merge_all(grouping_job *job) {
    for (uint32_t n = 0; n < job->count; n++) {
        resolve(job, n);
        for (size_t i = 0; i < job->nodes[n].near_count; i++)
            if (job->nodes[n].near[i] > n)
                propose(job, n, job->nodes[n].near[i]);
    }
    while (job->heap_count > 0 && job->memory) {
        merger next = pop(job);
        const node *a = &job->nodes[next.a], *b = &job->nodes[next.b];
        if (a->parent == next.a && b->parent == next.b && a->version == next.a_version &&
            b->version == next.b_version)
            merge(job, next.a, next.b);
    }
}

static bool start(grouping_job *job) {
    const kith_face_list *list = job->list;
    job->persons = list->person_count;
    job->count = list->person_count + list->count - list->named;
    job->sums = calloc(job->count + 1, KITH_DIMENSION * sizeof *job->sums);
    job->nodes = calloc(job->count + 1, sizeof *job->nodes);
    if (!job->sums || !job->nodes)
        return false;
    for (size_t i = 0; i < list->count; i++) {
        uint32_t n = node_of(job, i);
        float *sum = job->sums + (size_t)n * KITH_DIMENSION;
        for (size_t k = 0; k < KITH_DIMENSION; k++)
            sum[k] += list->vectors[i * KITH_DIMENSION + k];
        job->nodes[n].faces++;
    }
    for (uint32_t n = 0; n < job->count; n++) {
        job->nodes[n].parent = n;
        job->nodes[n].sum = job->sums + (size_t)n * KITH_DIMENSION;
        job->nodes[n].scale = kith_linkage_scale(job->nodes[n].sum, job->nodes[n].faces);
    }
    return true;
}

static void release(grouping_job *job) {
    for (size_t n = 0; job->nodes && n < job->count; n++)
        free(job->nodes[n].near);
    free(job->sums);
    free(job->nodes);
    free(job->heap);
}

/* ---- the result ---- */

/* How well a face shows: the detector's certainty, less for small faces and turned heads. */
static double shows(const kith_listed_face *face) {
    static const double LARGE = 60; /* pixels between the eyes; more shows no more */
    double turned = fabs((double)face->yaw);
    return (double)face->score * fmin((double)face->eyes, LARGE) / LARGE * (1 - fmin(turned, 0.9));
}

static int best_first(const void *left, const void *right, void *context) {
    const kith_face_list *list = context;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    double x = shows(&list->faces[a]), y = shows(&list->faces[b]);
    return x < y ? 1 : x > y ? -1 : (a > b) - (a < b);
}

static int largest_first(const void *left, const void *right) {
    const kith_group *a = left, *b = right;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return (a->faces[0] > b->faces[0]) - (a->faces[0] < b->faces[0]);
}

/* How alike the faces that joined a person are to the person without them. */
static double joined_likeness(const grouping_job *job, const kith_group *group) {
    const kith_face_list *list = job->list;
    float joined[KITH_DIMENSION] = {0}, own[KITH_DIMENSION];
    for (size_t i = 0; i < group->count; i++)
        for (size_t k = 0; k < KITH_DIMENSION; k++)
            joined[k] += list->vectors[(size_t)group->faces[i] * KITH_DIMENSION + k];
    for (size_t k = 0; k < KITH_DIMENSION; k++)
        own[k] = job->nodes[group->person].sum[k] - joined[k];
    return kith_dot(joined, own) / (kith_linkage_scale(joined, group->count) *
                                    kith_linkage_scale(own, kith_face_list_size(list, group->person)));
}

static bool collect(kith_grouping *out, const grouping_job *job, size_t least) {
    const kith_face_list *list = job->list;
    size_t unnamed = list->count - list->named, used = 0;
    size_t *ends = calloc(job->count + 1, sizeof *ends);
    out->faces = calloc(unnamed + 1, sizeof *out->faces);
    out->items = calloc(job->count + 1, sizeof *out->items);
    if (!ends || !out->faces || !out->items) {
        free(ends);
        return false;
    }
    for (size_t i = list->named; i < list->count; i++)
        ends[find(job, node_of(job, i))]++;
    for (uint32_t n = 0; n < job->count; n++) {
        size_t faces = ends[n];
        ends[n] = used;
        if (faces >= (n < job->persons ? 1 : least))
            out->items[out->count++] = (kith_group){out->faces + used, faces, n, NAN};
        used += faces;
    }
    for (size_t i = list->named; i < list->count; i++)
        out->faces[ends[find(job, node_of(job, i))]++] = (uint32_t)i;
    for (size_t g = 0; g < out->count; g++) {
        kith_group *group = &out->items[g];
        if (group->count > 1)
            qsort_r(group->faces, group->count, sizeof *group->faces, best_first, (void *)list);
        if (group->person < job->persons)
            group->likeness = joined_likeness(job, group);
        else
            group->person = UINT32_MAX;
    }
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, largest_first);
    free(ends);
    return true;
}

kith_status kith_grouping_make(kith_grouping *out, const kith_face_list *list, double threshold, size_t least,
                               int threads, kith_error *err) {
    grouping_job job = {.list = list, .threshold = threshold};
    const float *unnamed = list->count ? list->vectors + list->named * KITH_DIMENSION : NULL;
    const kith_vectors rows = {unnamed, list->count - list->named}, columns = {list->vectors, list->count};
    kith_status status = KITH_OK;
    job.memory = start(&job);
    job.progress = kith_progress_start("comparing", "faces");
    if (job.memory && rows.count > 0)
        status = kith_score_rows(&rows, &columns, visit, &job, threads, err);
    kith_progress_stop(&job.progress);
    if (status == KITH_OK && job.memory)
        merge_all(&job);
    if (status == KITH_OK && (!job.memory || !collect(out, &job, least)))
        status = kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory to group %zu faces", list->count);
    release(&job);
    return status;
}

void kith_grouping_clear(kith_grouping *grouping) {
    free(grouping->items);
    free(grouping->faces);
    *grouping = (kith_grouping){0};
}
