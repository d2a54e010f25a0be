/* SPDX-License-Identifier: MIT */
#include "proto/gallery/ledger_place.h"

#include <dirent.h>
#include <unistd.h>

#include "proto/digest.h"
#include "proto/directories.h"
#include "proto/gallery/backend.h"

#define ENDING ".ledger"
#define MARK_NOTE "ledger of"

/* A ledger's file is like a gallery's, its notes are the file's own. */
static kith_status open_file(kith_gallery **out, const char *path, kith_gallery_mode mode, kith_error *err) {
    char *uri = NULL;
    if (asprintf(&uri, "sqlite:%s", path) < 0)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory for the ledger");
    kith_status status = kith_gallery_open(out, uri, mode, err);
    free(uri);
    return status;
}

/* Whether a ledger has the mark; one that cannot be read has not. */
static bool has_mark(const char *path, const char *mark) {
    kith_gallery *file = NULL;
    kith_error unused = {0};
    char *text = NULL;
    bool is = open_file(&file, path, KITH_GALLERY_READ, &unused) == KITH_OK &&
              kith_gallery_note(file, MARK_NOTE, &text, &unused) == KITH_OK && text &&
              strcmp(text, mark) == 0;
    free(text);
    kith_gallery_close(&file);
    return is;
}

/* The ledger in the folder that has the mark, newly allocated, or NULL. */
static char *find(const char *folder, const char *mark) {
    DIR *open = opendir(folder);
    const struct dirent *entry;
    char *path = NULL;
    while (open && !path && (entry = readdir(open))) {
        size_t length = strlen(entry->d_name);
        if (length < sizeof ENDING || strcmp(entry->d_name + length - (sizeof ENDING - 1), ENDING) != 0)
            continue;
        if (asprintf(&path, "%s/%s", folder, entry->d_name) < 0)
            path = NULL;
        if (path && !has_mark(path, mark)) {
            free(path);
            path = NULL;
        }
    }
    if (open)
        closedir(open);
    return path;
}

kith_status kith_ledger_place(char **out, char **mark, kith_gallery *gallery, kith_error *err) {
    char folder[4096], digest[65];
    char *place = NULL;
    *out = NULL;
    kith_status status = gallery->backend->place(gallery, &place, mark, err);
    if (status == KITH_OK)
        status = kith_directory(folder, sizeof folder, KITH_DIRECTORY_STATE, err);
    if (status == KITH_OK)
        status = kith_sha256(digest, place, strlen(place), err);
    if (status == KITH_OK && asprintf(out, "%s/%.16s" ENDING, folder, digest) < 0) {
        *out = NULL;
        status = kith_fail(err, KITH_E_MEMORY, 0, gallery->uri, "no memory for the ledger");
    }
    char *other = status == KITH_OK && *mark && access(*out, F_OK) != 0 ? find(folder, *mark) : NULL;
    if (other) {
        free(*out);
        *out = other;
    }
    free(place);
    return status;
}

kith_status kith_ledger_mark(const char *path, const char *mark, kith_error *err) {
    kith_gallery *file = NULL;
    if (has_mark(path, mark))
        return KITH_OK;
    kith_status status = open_file(&file, path, KITH_GALLERY_WRITE, err);
    if (status == KITH_OK)
        status = kith_gallery_set_note(file, MARK_NOTE, mark, err);
    kith_gallery_close(&file);
    return status;
}
