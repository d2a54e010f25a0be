/* SPDX-License-Identifier: MIT */
#include "indexer/store/group_file.h"

#include <stdlib.h>

#include "indexer/files/path.h"
#include "proto/digest.h"
#include "proto/directories.h"
#include "proto/point.h"
#include "proto/replace.h"

/* The same for everybody who means the same gallery; newly allocated. */
static kith_status place_of(char **out, const kith_gallery *gallery, kith_error *err) {
    const char *uri = kith_gallery_uri(gallery);
    kith_path_resolver resolver = {0};
    if (kith_gallery_on_server(gallery)) {
        *out = strdup(uri);
        return *out ? KITH_OK : kith_fail(err, KITH_E_MEMORY, 0, uri, "no memory");
    }
    kith_status status =
        kith_path_absolute(out, &resolver, strncmp(uri, "sqlite:", 7) == 0 ? uri + 7 : uri, err);
    kith_path_resolver_clear(&resolver);
    return status;
}

static kith_status path_of(char **out, const kith_gallery *gallery, kith_error *err) {
    char folder[4096], digest[KITH_DIGEST_SIZE], *place = NULL;
    kith_status status = place_of(&place, gallery, err);
    if (status == KITH_OK)
        status = kith_directory(folder, sizeof folder, KITH_DIRECTORY_STATE, err);
    if (status == KITH_OK)
        status = kith_sha256(digest, place, strlen(place), err);
    if (status == KITH_OK && asprintf(out, "%s/%.16s.groups", folder, digest) < 0)
        status = kith_fail(err, KITH_E_MEMORY, 0, place, "no memory");
    free(place);
    return status;
}

kith_status kith_group_file_write(kith_gallery *gallery, const json_t *groups, kith_error *err) {
    char *path = NULL;
    kith_replacement to;
    kith_status status = path_of(&path, gallery, err);
    if (status == KITH_OK)
        status = kith_folders_above(path, err);
    if (status == KITH_OK)
        status = kith_replace_begin(&to, path, err);
    if (status == KITH_OK) {
        if (json_dumpf(groups, to.file, JSON_COMPACT) != 0 && !ferror(to.file)) /* which shows at the end */
            status = kith_fail(err, KITH_E_MEMORY, 0, path, "no memory for the groups");
        status = kith_replace_end(&to, status, err);
    }
    free(path);
    return status;
}

static bool is_id(const char *text) {
    unsigned char bytes[16];
    return text && kith_id_bytes(bytes, text);
}

static kith_status take(kith_texts *out, kith_group_like *like, const json_t *group, const char *path,
                        kith_error *err) {
    const json_t *faces = json_object_get(group, "faces"), *person = json_object_get(group, "like");
    kith_status status = json_is_array(faces) ? KITH_OK : KITH_E_REFUSED;
    *like = (kith_group_like){.likeness = json_number_value(json_object_get(group, "likeness"))};
    if (person && is_id(json_string_value(person)))
        snprintf(like->id, sizeof like->id, "%s", json_string_value(person));
    else if (person)
        status = KITH_E_REFUSED;
    for (size_t i = 0; i < json_array_size(faces) && status == KITH_OK; i++) {
        const char *id = json_string_value(json_array_get(faces, i));
        status = is_id(id) ? kith_texts_add(out, id, err) : KITH_E_REFUSED;
    }
    return status == KITH_E_REFUSED
               ? kith_fail(err, status, 0, path, "damaged (kith-index cluster makes it again)")
               : status;
}

kith_status kith_group_file_read(kith_texts *out, kith_group_like *like, kith_gallery *gallery, size_t number,
                                 kith_error *err) {
    char *path = NULL;
    kith_status status = path_of(&path, gallery, err);
    if (status != KITH_OK)
        return status;
    json_error_t problem;
    json_t *groups = json_load_file(path, 0, &problem);
    if (!groups)
        status = json_error_code(&problem) == json_error_cannot_open_file
                     ? kith_fail(err, KITH_E_REFUSED, 0, kith_gallery_uri(gallery),
                                 "its faces were not put into groups yet (kith-index cluster)")
                     : kith_fail(err, KITH_E_REFUSED, 0, path, "damaged (kith-index cluster makes it again)");
    else if (number < 1 || number > json_array_size(groups))
        status = kith_fail(err, KITH_E_REFUSED, 0, kith_gallery_uri(gallery),
                           "has no group %zu (%zu were found)", number, json_array_size(groups));
    else
        status = take(out, like, json_array_get(groups, number - 1), path, err);
    json_decref(groups);
    free(path);
    return status;
}
