/* SPDX-License-Identifier: MIT */
#include "proto/gallery/ledger_place.h"

#include <dirent.h>

#include "proto/digest.h"
#include "proto/directories.h"
#include "proto/gallery/backend.h"

#define ENDING ".ledger"
/* Notes: the gallery's mark, and each address that it was asked for at. */
#define MARK "ledger of"
#define AT "at "

/* A ledger's file is like a gallery's, its notes are the file's own. */
static kith_status open_file(kith_gallery **out, const char *path, kith_gallery_mode mode, kith_error *err) {
    char *uri = NULL;
    if (asprintf(&uri, "sqlite:%s", path) < 0)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory for the ledger");
    kith_status status = kith_gallery_open(out, uri, mode, err);
    free(uri);
    return status;
}

static bool has_note(kith_gallery *file, const char *name, const char *text) {
    kith_error unused = {0};
    char *found = NULL;
    bool has = kith_gallery_note(file, name, &found, &unused) == KITH_OK && found &&
               (!text || strcmp(found, text) == 0);
    free(found);
    return has;
}

static bool file_has_note(const char *path, const char *name, const char *text) {
    kith_gallery *file = NULL;
    kith_error unused = {0}; /* a ledger that cannot be read has none */
    bool has = open_file(&file, path, KITH_GALLERY_READ, &unused) == KITH_OK && has_note(file, name, text);
    kith_gallery_close(&file);
    return has;
}

/* The ledger in the folder that has a note (text NULL: whatever it says), newly allocated, or NULL. */
static char *find(const char *folder, const char *name, const char *text) {
    DIR *open = opendir(folder);
    const struct dirent *entry;
    char *path = NULL;
    while (open && !path && (entry = readdir(open))) {
        size_t length = strlen(entry->d_name);
        if (length < sizeof ENDING || strcmp(entry->d_name + length - (sizeof ENDING - 1), ENDING) != 0)
            continue;
        if (asprintf(&path, "%s/%s", folder, entry->d_name) < 0)
            path = NULL;
        if (path && !file_has_note(path, name, text)) {
            free(path);
            path = NULL;
        }
    }
    if (open)
        closedir(open);
    return path;
}

static kith_status new_name(char **out, const char *folder, const char *of, kith_error *err) {
    char digest[65];
    kith_status status = kith_sha256(digest, of, strlen(of), err);
    if (status == KITH_OK && asprintf(out, "%s/%.16s" ENDING, folder, digest) < 0) {
        *out = NULL;
        status = kith_fail(err, KITH_E_MEMORY, 0, of, "no memory for the ledger");
    }
    return status;
}

/* That of a gallery that was at this address before, if this one is new: so verify finds what it had. */
static kith_status find_old(kith_ledger_file *out, kith_gallery *gallery, const char *folder,
                            kith_error *err) {
    uint64_t faces = 0;
    char *old = find(folder, out->at, NULL);
    kith_status status = old && out->mark ? kith_gallery_count(gallery, NULL, &faces, err) : KITH_OK;
    if (status == KITH_OK && faces == 0)
        out->path = old;
    else
        free(old);
    return status;
}

kith_status kith_ledger_place(kith_ledger_file *out, kith_gallery *gallery, kith_error *err) {
    char folder[4096];
    char *place = NULL;
    *out = (kith_ledger_file){0};
    kith_status status = gallery->backend->place(gallery, &place, &out->mark, err);
    if (status == KITH_OK)
        status = kith_directory(folder, sizeof folder, KITH_DIRECTORY_STATE, err);
    if (status == KITH_OK && asprintf(&out->at, AT "%s", place) < 0) {
        out->at = NULL;
        status = kith_fail(err, KITH_E_MEMORY, 0, gallery->uri, "no memory for the ledger");
    }
    if (status == KITH_OK && out->mark)
        out->path = find(folder, MARK, out->mark);
    if (status == KITH_OK && !out->path)
        status = find_old(out, gallery, folder, err);
    if (status == KITH_OK && !out->path)
        status = new_name(&out->path, folder, out->mark ? out->mark : place, err);
    free(place);
    if (status != KITH_OK)
        kith_ledger_file_clear(out);
    return status;
}

kith_status kith_ledger_note_place(const kith_ledger_file *where, kith_error *err) {
    kith_gallery *file = NULL;
    kith_status status = where->mark ? open_file(&file, where->path, KITH_GALLERY_WRITE, err) : KITH_OK;
    if (file && !has_note(file, MARK, where->mark))
        status = kith_gallery_set_note(file, MARK, where->mark, err);
    if (file && status == KITH_OK && !has_note(file, where->at, NULL))
        status = kith_gallery_set_note(file, where->at, "", err);
    kith_gallery_close(&file);
    return status;
}

void kith_ledger_file_clear(kith_ledger_file *file) {
    free(file->path);
    free(file->mark);
    free(file->at);
    *file = (kith_ledger_file){0};
}
