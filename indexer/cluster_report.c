/* SPDX-License-Identifier: MIT */
#include "indexer/cluster_report.h"

#include <math.h>
#include <stdlib.h>

#include "indexer/store/plural.h"
#include "model/report/photos.h"
#include "proto/command/program.h"

enum { NAMED = 3 }; /* faces of a group that a line names */

static int by_photo(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* In how many photos a group is seen; 0: no memory. */
static size_t photos_of(const kith_face_list *list, const kith_group *group) {
    uint64_t *photos = calloc(group->count + 1, sizeof *photos);
    size_t different = 0;
    for (size_t i = 0; photos && i < group->count; i++)
        photos[i] = list->faces[group->faces[i]].photo;
    if (photos)
        qsort(photos, group->count, sizeof *photos, by_photo);
    for (size_t i = 0; photos && i < group->count; i++)
        different += i == 0 || photos[i] != photos[i - 1];
    free(photos);
    return different;
}

/* ---- text ---- */

static kith_status print_faces(const kith_face_list *list, const kith_group *group, kith_error *err) {
    for (size_t i = 0; i < group->count && i < NAMED; i++) {
        char *name = kith_listed_name(&list->faces[group->faces[i]]), seen[8192];
        if (!name)
            return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a face's name");
        printf("  %s", kith_printable(seen, sizeof seen, name, SIZE_MAX));
        free(name);
    }
    printf("%s\n", group->count > NAMED ? "  ..." : "");
    return KITH_OK;
}

kith_status kith_groups_text(const kith_face_list *list, const kith_grouping *groups, size_t top,
                             kith_error *err) {
    kith_status status = KITH_OK;
    if (groups->count > 0)
        printf("%-12s %7s %7s\n", "GROUP", "FACES", "PHOTOS");
    for (size_t i = 0; i < groups->count && i < top && status == KITH_OK; i++) {
        const kith_group *group = &groups->items[i];
        char name[32], person[2048];
        snprintf(name, sizeof name, "group:%zu", i + 1);
        printf("%-12s %7zu %7zu", name, group->count, photos_of(list, group));
        if (group->person != UINT32_MAX)
            printf("  like %s %.2f:",
                   kith_printable(person, sizeof person, kith_face_list_name(list, group->person), SIZE_MAX),
                   group->likeness);
        status = print_faces(list, group, err);
    }
    return status;
}

/* ---- JSON ---- */

static json_t *group_json(const kith_face_list *list, const kith_group *group, size_t number) {
    json_t *faces = json_array();
    int bad = faces == NULL;
    for (size_t i = 0; i < group->count; i++)
        bad |= json_array_append_new(faces, kith_listed_json(&list->faces[group->faces[i]]));
    json_t *object = json_pack("{s:I, s:I, s:o}", "group", (json_int_t)number, "photos",
                               (json_int_t)photos_of(list, group), "faces", faces);
    if (group->person != UINT32_MAX) {
        bad |= json_object_set_new(object, "person", json_string(kith_face_list_name(list, group->person)));
        bad |= json_object_set_new(object, "likeness", json_real(group->likeness));
    }
    if (!bad)
        return object;
    json_decref(object);
    return NULL;
}

kith_status kith_groups_json(const kith_face_list *list, const kith_grouping *groups, kith_error *err) {
    kith_status status = KITH_OK;
    for (size_t i = 0; i < groups->count && status == KITH_OK; i++)
        status = kith_print_json(group_json(list, &groups->items[i], i + 1), KITH_JSON_SHORT, err);
    return status;
}

/* ---- the page ---- */

/* A group's best faces, behind the best one of the person that they are like. */
static kith_status put_group(kith_html *html, const kith_face_list *list, const kith_group *group,
                             size_t number, kith_error *err) {
    static const kith_decode_options decode = {.max_pixels = KITH_MAX_PIXELS};
    kith_shown_face faces[KITH_SHOWN_MOST];
    char caption[2048], person[1200] = "";
    size_t shown = 0;
    if (group->person != UINT32_MAX) {
        const kith_listed_face *face = &list->faces[list->begins[group->person]];
        snprintf(person, sizeof person, ", like %.1024s %.2f", face->name, group->likeness);
        faces[shown++] = (kith_shown_face){face->path, face->box, face->name};
    }
    for (size_t i = 0; i < group->count && shown < KITH_SHOWN_MOST; i++) {
        const kith_listed_face *face = &list->faces[group->faces[i]];
        const char *slash = strrchr(face->path, '/');
        faces[shown++] = (kith_shown_face){face->path, face->box, slash ? slash + 1 : face->path};
    }
    snprintf(caption, sizeof caption, "group:%zu, %zu face%s in %zu photo%s%s", number, group->count,
             kith_plural(group->count), photos_of(list, group), kith_plural(photos_of(list, group)), person);
    return kith_html_photos(html, faces, shown, caption, &decode, err);
}

kith_status kith_groups_html(const char *path, const kith_face_list *list, const kith_grouping *groups,
                             size_t top, kith_error *err) {
    kith_html html;
    kith_status status = kith_html_begin(&html, path, "kith: groups of faces without a name", err);
    if (status != KITH_OK)
        return status;
    kith_html_paragraph(
        &html,
        "%zu group%s of %zu face%s without a name. One command names a group: kith-index label "
        "group:N 'NAME'.",
        groups->count, kith_plural(groups->count), list->count - list->named,
        kith_plural(list->count - list->named));
    kith_html_gallery_begin(&html);
    for (size_t i = 0; i < groups->count && i < top && status == KITH_OK; i++)
        status = put_group(&html, list, &groups->items[i], i + 1, err);
    kith_html_gallery_end(&html);
    return kith_html_end(&html, status, err);
}
