/* SPDX-License-Identifier: MIT
 *
 * kith-index label: names faces one by one. All or nothing: every face is looked up before one is named.
 */
#include <inttypes.h>
#include <limits.h>

#include "indexer/commands.h"
#include "indexer/files/path.h"
#include "indexer/options.h"
#include "indexer/store/group_file.h"
#include "indexer/store/plural.h"
#include "indexer/store/points.h"
#include "proto/command/program.h"
#include "proto/gallery.h"

typedef struct name_choice {
    bool unname;
} name_choice;

typedef struct label_choice {
    kith_gallery_choice gallery;
    name_choice name;
} label_choice;

/* FACE is a point's id, PHOTO#NUMBER, or a whole PHOTO. The filter borrows from *path, newly allocated, or
 * from the text.
 */
static kith_status filter_of(kith_filter *out, char **path, bool *whole, const char *face, kith_error *err) {
    unsigned char id[16];
    *path = NULL;
    *whole = false;
    if (kith_id_bytes(id, face))
        return kith_filter_text(out, KITH_FIELD_ID, KITH_EQUAL, face, err);
    const char *hash = strrchr(face, '#');
    char *end = NULL;
    unsigned long number = hash ? strtoul(hash + 1, &end, 10) : 0;
    *whole = !hash || hash[1] < '0' || hash[1] > '9' || *end || number > KITH_FACES_MOST;
    kith_path_resolver resolver = {0};
    char *photo = strndup(face, *whole ? strlen(face) : (size_t)(hash - face));
    kith_status status = photo ? kith_path_absolute(path, &resolver, photo, err)
                               : kith_fail(err, KITH_E_MEMORY, 0, face, "no memory");
    if (status == KITH_OK)
        status = kith_filter_text(out, KITH_FIELD_PATH, KITH_EQUAL, *path, err);
    if (status == KITH_OK && !*whole)
        status = kith_filter_number(out, KITH_FIELD_FACE, KITH_EQUAL, (double)number, err);
    free(photo);
    kith_path_resolver_clear(&resolver);
    return status;
}

/* "group:N" of the last kith-index cluster; 0: no such word. */
static size_t group_number(const char *face) {
    char *end = NULL;
    if (strncmp(face, "group:", 6) != 0 || face[6] < '1' || face[6] > '9')
        return 0;
    unsigned long number = strtoul(face + 6, &end, 10);
    return *end ? 0 : number;
}

/* Says so when a group gets another name than that of the person that cluster said it is like. */
static kith_status warn_unlike(kith_gallery *gallery, size_t number, const kith_group_like *like,
                               const char *person, kith_error *err) {
    kith_filter filter = {0};
    kith_points faces = {0};
    kith_status status = kith_filter_text(&filter, KITH_FIELD_ID, KITH_EQUAL, like->id, err);
    if (status == KITH_OK)
        status = kith_points_of_filter(&faces, gallery, &filter, err);
    for (size_t i = 0; i < faces.count; i++)
        if (faces.items[i].person && strcmp(faces.items[i].person, person) != 0)
            kith_say("group:%zu is like %s (%.2f) and was named %s", number, faces.items[i].person,
                     like->likeness, person);
    kith_points_clear(&faces);
    return status;
}

/* Counts the faces of a group that are still there, or names them; unnamed: only those without a name. */
static kith_status each_of_group(kith_gallery *gallery, size_t number, bool unnamed, bool write,
                                 const char *person, kith_group_like *like, uint64_t *found,
                                 kith_error *err) {
    kith_texts ids = {0};
    kith_status status = kith_group_file_read(&ids, like, gallery, number, err);
    for (size_t i = 0; i < ids.count && status == KITH_OK; i++) {
        kith_filter filter = {0};
        uint64_t count = 0;
        status = kith_filter_text(&filter, KITH_FIELD_ID, KITH_EQUAL, ids.items[i], err);
        if (status == KITH_OK && unnamed)
            status = kith_filter_text(&filter, KITH_FIELD_PERSON, KITH_EQUAL, NULL, err);
        if (status == KITH_OK)
            status = write ? kith_gallery_name(gallery, &filter, person, &count, err)
                           : kith_gallery_count(gallery, &filter, &count, err);
        *found += count;
    }
    kith_texts_clear(&ids);
    return status;
}

/* Looks up or names those of a group that have no name yet: whoever got one since keeps it. */
static kith_status visit_group(kith_gallery *gallery, size_t number, bool write, const char *person,
                               uint64_t *found, kith_error *err) {
    kith_group_like like;
    kith_status status = each_of_group(gallery, number, true, write, person, &like, found, err);
    if (status == KITH_OK && write && person && *found > 0 && like.id[0])
        status = warn_unlike(gallery, number, &like, person, err);
    return status;
}

/* Looks a face up, or names it. *found counts those that were there. */
static kith_status visit(kith_gallery *gallery, const char *face, bool write, const char *person,
                         uint64_t *found, kith_error *err) {
    kith_filter filter = {0};
    char *path;
    bool whole;
    uint64_t count = 0;
    if (group_number(face) > 0)
        return visit_group(gallery, group_number(face), write, person, found, err);
    kith_status status = filter_of(&filter, &path, &whole, face, err);
    if (status == KITH_OK)
        status = write ? kith_gallery_name(gallery, &filter, person, &count, err)
                       : kith_gallery_count(gallery, &filter, &count, err);
    if (status == KITH_OK && !write && whole && count > 1)
        status =
            kith_fail(err, KITH_E_USAGE, 0, face, "has %" PRIu64 " faces (say which: PHOTO#NUMBER)", count);
    *found += count;
    free(path);
    return status;
}

/* Why nothing was found in a group. */
static kith_status say_missing_group(kith_gallery *gallery, const char *group, kith_error *err) {
    kith_group_like like;
    uint64_t there = 0;
    kith_status status = each_of_group(gallery, group_number(group), false, false, NULL, &like, &there, err);
    if (status == KITH_OK)
        kith_say(there > 0
                     ? "%s: all its faces have a name by now"
                     : "%s: its faces are no longer in the gallery (kith-index cluster makes new groups)",
                 group);
    return status;
}

/* Why nothing was found: of a photo that is there, which faces it has. */
static kith_status say_missing(kith_gallery *gallery, const char *face, kith_error *err) {
    kith_filter filter = {0}, photo = {0};
    kith_points faces = {0};
    char *path = NULL;
    bool whole = true;
    kith_status status = KITH_OK;
    int low = INT_MAX, high = -1;
    if (group_number(face) > 0)
        return say_missing_group(gallery, face, err);
    status = filter_of(&filter, &path, &whole, face, err);
    if (status == KITH_OK && path && !whole)
        status = kith_filter_text(&photo, KITH_FIELD_PATH, KITH_EQUAL, path, err);
    if (status == KITH_OK && path && !whole)
        status = kith_points_of_filter(&faces, gallery, &photo, err);
    for (size_t i = 0; i < faces.count; i++) {
        low = faces.items[i].face < low ? faces.items[i].face : low;
        high = faces.items[i].face > high ? faces.items[i].face : high;
    }
    if (status == KITH_OK && faces.count == 0)
        kith_say("%s: not in the gallery", face);
    else if (status == KITH_OK && low == high)
        kith_say("%s: the gallery has one face of this photo, #%d", face, low);
    else if (status == KITH_OK)
        kith_say("%s: the gallery has %zu faces of this photo, #%d to #%d", face, faces.count, low, high);
    kith_points_clear(&faces);
    free(path);
    return status;
}

static int run_label(const kith_arguments *arguments) {
    const label_choice *choice = arguments->values;
    size_t count = arguments->operand_count - !choice->name.unname;
    const char *person = choice->name.unname ? "" : arguments->operands[count];
    kith_gallery *gallery = NULL;
    kith_error err = {0}, why = {0};
    uint64_t missing = 0, named = 0;
    kith_status status = KITH_OK;
    if (count == 0)
        status = kith_fail(&err, KITH_E_USAGE, 0, NULL, "label needs a FACE and a NAME, or --unname");
    if (status == KITH_OK && *person && kith_person_check(person, &why) != KITH_OK)
        status = kith_fail(&err, KITH_E_USAGE, 0, NULL, "%s", why.text);
    for (size_t i = 0; i < count && status == KITH_OK && !*person; i++)
        if (group_number(arguments->operands[i]) > 0)
            status = kith_fail(&err, KITH_E_USAGE, 0, arguments->operands[i],
                               "is of faces without a name (PHOTO#NUMBER takes one's away)");
    if (status == KITH_OK)
        status = kith_gallery_open_choice(&gallery, &choice->gallery, KITH_GALLERY_WRITE, &err);
    for (size_t i = 0; i < count && status == KITH_OK; i++) {
        uint64_t found = 0;
        status = visit(gallery, arguments->operands[i], false, NULL, &found, &err);
        missing += found == 0;
        if (status == KITH_OK && found == 0)
            status = say_missing(gallery, arguments->operands[i], &err);
    }
    for (size_t i = 0; i < count && status == KITH_OK && missing == 0; i++)
        status = visit(gallery, arguments->operands[i], true, *person ? person : NULL, &named, &err);
    kith_gallery_close(&gallery);
    if (status != KITH_OK)
        return kith_die(&err);
    if (missing > 0)
        return KITH_EXIT_NOTHING;
    char text[4 * KITH_PERSON_MOST + 1];
    printf("%" PRIu64 " face%s now %s%s\n", named, kith_plural(named), *person ? "named " : "without a name",
           kith_printable(text, sizeof text, person, SIZE_MAX));
    return KITH_EXIT_OK;
}

static const kith_option name_rows[] = {
    {.name = "unname",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(name_choice, unname),
     .help = "Take the names away; every operand is a FACE",
     .only_here = true},
};

static const kith_option_group groups[] = {
    KITH_GALLERY_GROUP(offsetof(label_choice, gallery)),
    {"Name", name_rows, COUNT_OF(name_rows), offsetof(label_choice, name)},
    KITH_SERVER_GROUP(offsetof(label_choice, gallery)),
};

static const label_choice defaults = {.gallery = KITH_GALLERY_CHOICE};

static const kith_example examples[] = {
    {"kith-index label party.jpg#0 party.jpg#2 'Ada Lovelace'", "two faces of a photo, counted from its top"},
    {"kith-index label --unname party.jpg#0", "takes the name away"},
    {"kith-index label group:3 'Ada Lovelace'", "all faces of a group of kith-index cluster"},
};

const kith_command kith_label_command = {
    .name = "label",
    .operands = "FACE... NAME",
    .least = 1,
    .most = (size_t)-1,
    .summary = "Name faces, or take their names away",
    .text =
        "A FACE is PHOTO#NUMBER as kith-query prints it, PHOTO alone when it has one face, the id of a face, "
        "or group:N: all faces of a group that kith-index cluster listed which have no name yet. An empty "
        "NAME takes names away. When one face is not in the gallery, none is named.\n\n"
        "The name stays when the photo is indexed again, unless that gives another.",
    .groups = groups,
    .group_count = COUNT_OF(groups),
    .size = sizeof(label_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .run = run_label,
};
