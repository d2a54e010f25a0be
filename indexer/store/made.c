/* SPDX-License-Identifier: MIT */
#include "indexer/store/made.h"

static const kith_point *find(const kith_points *points, const char *id) {
    for (size_t i = 0; i < points->count; i++)
        if (strcmp(points->items[i].id, id) == 0)
            return &points->items[i];
    return NULL;
}

/* Everything that needs no memory. */
static void fill(kith_point *point, const kith_task *task, int number, const char *pipeline,
                 const char *run) {
    const kith_face *face = &task->faces.items[number];
    point->face = number;
    point->faces = (int)task->faces.count;
    memcpy(point->box, face->box, sizeof point->box);
    memcpy(point->points, face->points, sizeof point->points);
    point->score = face->score;
    point->eyes = face->eyes;
    point->sharpness = face->sharpness;
    point->yaw = face->yaw;
    point->width = task->width;
    point->height = task->height;
    snprintf(point->sha256, sizeof point->sha256, "%s", task->sha256);
    snprintf(point->taken, sizeof point->taken, "%s", task->taken);
    snprintf(point->pipeline, sizeof point->pipeline, "%s", pipeline);
    snprintf(point->run, sizeof point->run, "%s", run);
    kith_time_now(point->indexed);
    kith_point_id(point->id, pipeline, task->sha256, number);
}

static kith_status make(kith_points *out, const kith_task *task, int number, const kith_points *had,
                        const char *pipeline, const char *run, kith_error *err) {
    kith_point point = {0};
    fill(&point, task, number, pipeline, run);
    const kith_point *before = find(had, point.id);
    const char *person = task->person ? task->person : before ? before->person : NULL;
    kith_status status = kith_point_set_person(&point, person, err);
    if (status == KITH_OK)
        status = kith_point_add_path(&point, task->path, err);
    for (size_t i = 0; i < had->count; i++) /* all have the same places; a crash may have left them unequal */
        for (size_t k = 0; k < had->items[i].path_count && status == KITH_OK; k++)
            status = kith_point_add_path(&point, had->items[i].paths[k], err);
    if (status == KITH_OK)
        status = kith_points_add(out, &point, err);
    kith_point_clear(&point);
    return status;
}

kith_status kith_made_points(kith_points *out, const float ***vectors, const kith_task *task,
                             const kith_points *had, const char *pipeline, const char *run, kith_error *err) {
    kith_status status = KITH_OK;
    *vectors = calloc(task->faces.count + 1, sizeof **vectors);
    if (!*vectors)
        return kith_fail(err, KITH_E_MEMORY, 0, task->path, "no memory for its faces");
    for (size_t i = 0; i < task->faces.count && status == KITH_OK; i++) {
        if (!task->faces.items[i].embedded)
            continue;
        (*vectors)[out->count] = task->faces.items[i].embedding;
        status = make(out, task, (int)i, had, pipeline, run, err);
    }
    return status;
}

void kith_made_drop(kith_points *made, const float **vectors) {
    size_t kept = 0;
    for (size_t i = 0; i < made->count; i++) {
        if (made->items[i].id[0] == 0) {
            kith_point_clear(&made->items[i]);
            continue;
        }
        made->items[kept] = made->items[i];
        vectors[kept++] = vectors[i];
    }
    made->count = kept;
}

kith_status kith_several_faces(size_t count, const char *path, kith_error *err) {
    return kith_fail(err, KITH_E_FORMAT, 0, path,
                     "has %zu faces and one name (say whose it is: --which largest, centre or all)", count);
}

static bool is_renamed(const char *before, const char *now) {
    return before && now && strcmp(before, now) != 0;
}

uint64_t kith_made_renamed(const kith_points *made, const kith_points *had) {
    uint64_t renamed = 0;
    for (size_t i = 0; i < made->count; i++) {
        const kith_point *before = find(had, made->items[i].id);
        renamed += before && is_renamed(before->person, made->items[i].person);
    }
    return renamed;
}

kith_status kith_known_name(kith_points *points, const kith_task *task, kith_which which, uint64_t *renamed,
                            kith_error *err) {
    kith_faces faces = {calloc(points->count + 1, sizeof *faces.items), points->count};
    if (!faces.items)
        return kith_fail(err, KITH_E_MEMORY, 0, task->path, "no memory for its faces");
    for (size_t i = 0; i < points->count; i++)
        memcpy(faces.items[i].box, points->items[i].box, sizeof faces.items[i].box);
    kith_status status = KITH_OK;
    int named = -1;
    if (points->count > 0)
        named = kith_which_face(&faces, which, points->items[0].width, points->items[0].height);
    if (which == KITH_WHICH_ONLY && points->count > 1)
        status = kith_several_faces(points->count, task->path, err);
    for (size_t i = 0; i < points->count && status == KITH_OK; i++) {
        kith_point *point = &points->items[i];
        if (which != KITH_WHICH_ALL && (int)i != named)
            continue;
        *renamed += is_renamed(point->person, task->person);
        status = kith_point_set_person(point, task->person, err);
    }
    free(faces.items);
    return status;
}
