/* SPDX-License-Identifier: MIT */
#include "indexer/store/face_list.h"

#include <stdlib.h>

#include "proto/array.h"
#include "proto/stop.h"

static kith_status no_memory(const kith_face_list *list, kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu faces", list->count + 1);
}

typedef struct vector {
    float values[KITH_DIMENSION];
} vector;

static kith_status take(void *context, const kith_point *point, const float *values, kith_error *err) {
    kith_face_list *list = context;
    char head[17] = "";
    kith_listed_face *faces = kith_array_grow(list->faces, list->count, &list->room, sizeof *faces);
    if (!faces)
        return no_memory(list, err);
    list->faces = faces;
    float *vectors = kith_array_grow(list->vectors, list->count, &list->vector_room, sizeof(vector));
    if (!vectors)
        return no_memory(list, err);
    list->vectors = vectors;
    kith_listed_face *face = &faces[list->count];
    memcpy(head, point->sha256, 16);
    *face = (kith_listed_face){.path = strdup(point->path_count ? point->paths[0] : ""),
                               .name = point->person ? strdup(point->person) : NULL,
                               .face = point->face,
                               .score = point->score,
                               .eyes = point->eyes,
                               .yaw = point->yaw,
                               .photo = strtoull(head, NULL, 16)};
    memcpy(face->id, point->id, sizeof face->id);
    memcpy(face->box, point->box, sizeof face->box);
    memcpy(vectors + list->count * KITH_DIMENSION, values, sizeof(vector));
    list->count++;
    if (!face->path || (point->person && !face->name))
        return no_memory(list, err);
    return kith_stop_error(err);
}

static int in_order(const void *left, const void *right, void *context) {
    const kith_face_list *list = context;
    const kith_listed_face *a = &list->faces[*(const size_t *)left],
                           *b = &list->faces[*(const size_t *)right];
    if (!a->name || !b->name) {
        if (a->name || b->name)
            return a->name ? -1 : 1;
        return strcmp(a->id, b->id);
    }
    int order = strcmp(a->name, b->name);
    return order ? order : strcmp(a->id, b->id);
}

/* Puts faces and vectors where `from` says that they come from, cycle by cycle; each number is used up. */
static void move(kith_face_list *list, size_t *from) {
    vector *vectors = (vector *)(void *)list->vectors, first_vector;
    for (size_t start = 0; start < list->count; start++) {
        if (from[start] == SIZE_MAX)
            continue;
        kith_listed_face first = list->faces[start];
        first_vector = vectors[start];
        size_t at = start;
        for (size_t next; (next = from[at]) != start; at = next) {
            list->faces[at] = list->faces[next];
            vectors[at] = vectors[next];
            from[at] = SIZE_MAX;
        }
        list->faces[at] = first;
        vectors[at] = first_vector;
        from[at] = SIZE_MAX;
    }
}

/* Numbers the persons of sorted faces. */
static void number(kith_face_list *list) {
    for (size_t i = 0; i < list->count && list->faces[i].name; i++) {
        if (i == 0 || strcmp(list->faces[i].name, list->faces[i - 1].name) != 0)
            list->begins[list->person_count++] = i;
        list->persons[i] = (uint32_t)(list->person_count - 1);
        list->named = i + 1;
    }
    list->begins[list->person_count] = list->named;
    for (size_t i = list->named; i < list->count; i++)
        list->persons[i] = (uint32_t)list->person_count;
}

static kith_status sort(kith_face_list *list, kith_error *err) {
    size_t *order = calloc(list->count + 1, sizeof *order);
    list->persons = calloc(list->count + 1, sizeof *list->persons);
    list->begins = calloc(list->count + 1, sizeof *list->begins);
    if (!order || !list->persons || !list->begins) {
        free(order);
        return no_memory(list, err);
    }
    for (size_t i = 0; i < list->count; i++)
        order[i] = i;
    qsort_r(order, list->count, sizeof *order, in_order, list);
    move(list, order);
    number(list);
    free(order);
    return KITH_OK;
}

kith_status kith_face_list_load(kith_face_list *out, kith_gallery *gallery, const kith_filter *filter,
                                kith_error *err) {
    kith_status status = kith_gallery_each(gallery, filter, true, take, out, err);
    if (status == KITH_OK && out->count >= UINT32_MAX)
        status =
            kith_fail(err, KITH_E_LIMIT, 0, kith_gallery_uri(gallery), "%zu faces are too many", out->count);
    return status == KITH_OK ? sort(out, err) : status;
}

void kith_face_list_clear(kith_face_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->faces[i].path);
        free(list->faces[i].name);
    }
    free(list->faces);
    free(list->vectors);
    free(list->persons);
    free(list->begins);
    *list = (kith_face_list){0};
}

size_t kith_face_list_size(const kith_face_list *list, size_t person) {
    return list->begins[person + 1] - list->begins[person];
}

const char *kith_face_list_name(const kith_face_list *list, size_t person) {
    return list->faces[list->begins[person]].name;
}

char *kith_listed_name(const kith_listed_face *face) {
    char *out = NULL;
    return asprintf(&out, "%s#%d", face->path, face->face) < 0 ? NULL : out;
}

json_t *kith_listed_json(const kith_listed_face *face) {
    json_t *object = json_object();
    int bad = json_object_set_new(object, "id", json_string(face->id));
    bad |= kith_path_members(object, "path", "path_raw", face->path);
    bad |= json_object_set_new(object, "face", json_integer(face->face));
    if (face->name)
        bad |= json_object_set_new(object, "person", json_string(face->name));
    if (!bad)
        return object;
    json_decref(object);
    return NULL;
}
