/* SPDX-License-Identifier: MIT */
#include "proto/gallery/ledger_place.h"

#include <dirent.h>
#include <errno.h>

#include "proto/digest.h"
#include "proto/directories.h"
#include "proto/gallery/backend.h"

#define ENDING ".ledger"
/* Notes: the gallery's mark, and each address that it was asked for at. */
#define MARK "ledger of"
#define AT "at "

static kith_status no_memory(const char *where, kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, where, "no memory for the ledger");
}

/* A ledger's file is like a gallery's, its notes are the file's own. */
static kith_status open_file(kith_gallery **out, const char *path, kith_gallery_mode mode, kith_error *err) {
    char *uri = NULL;
    if (asprintf(&uri, "sqlite:%s", path) < 0)
        return no_memory(path, err);
    kith_status status = kith_gallery_open(out, uri, mode, err);
    free(uri);
    return status;
}

/* *has: the file has a note of that name, with that text (NULL: any). */
static kith_status has_note(bool *has, kith_gallery *file, const char *name, const char *text,
                            kith_error *err) {
    char *found = NULL;
    kith_status status = kith_gallery_note(file, name, &found, err);
    *has = status == KITH_OK && found && (!text || strcmp(found, text) == 0);
    free(found);
    return status;
}

/* One that is damaged, or went meanwhile, has none: it may be another gallery's. */
static kith_status file_has_note(bool *has, const char *path, const char *name, const char *text,
                                 kith_error *err) {
    kith_gallery *file = NULL;
    kith_error cause = {0};
    *has = false;
    kith_status status = open_file(&file, path, KITH_GALLERY_READ, &cause);
    if (status == KITH_OK)
        status = has_note(has, file, name, text, &cause);
    kith_gallery_close(&file);
    bool is_none = status == KITH_E_REFUSED || status == KITH_E_FORMAT || cause.native == ENOENT;
    return status == KITH_OK || is_none ? KITH_OK : kith_fail_with(err, &cause);
}

static bool is_ledger(const char *name) {
    size_t length = strlen(name), ending = sizeof ENDING - 1;
    return length > ending && strcmp(name + length - ending, ENDING) == 0;
}

/* The ledger in the folder that has a note (text NULL: whatever it says), newly allocated, or NULL. */
static kith_status find(char **out, const char *folder, const char *name, const char *text, kith_error *err) {
    DIR *open = opendir(folder); /* not there: nothing is in it */
    const struct dirent *entry;
    kith_status status = KITH_OK;
    bool has = false;
    *out = NULL;
    while (open && status == KITH_OK && !has && (entry = readdir(open))) {
        if (!is_ledger(entry->d_name))
            continue;
        free(*out);
        if (asprintf(out, "%s/%s", folder, entry->d_name) < 0) {
            *out = NULL;
            status = no_memory(folder, err);
        } else {
            status = file_has_note(&has, *out, name, text, err);
        }
    }
    if (!has) {
        free(*out);
        *out = NULL;
    }
    if (open)
        closedir(open);
    return status;
}

static kith_status new_name(char **out, const char *folder, const char *of, kith_error *err) {
    char digest[65];
    kith_status status = kith_sha256(digest, of, strlen(of), err);
    if (status == KITH_OK && asprintf(out, "%s/%.16s" ENDING, folder, digest) < 0) {
        *out = NULL;
        status = no_memory(of, err);
    }
    return status;
}

/* That of a gallery that was at this address before, if this one is new: so verify finds what it had. */
static kith_status find_old(kith_ledger_file *out, kith_gallery *gallery, const char *folder,
                            kith_error *err) {
    uint64_t faces = 0;
    char *old = NULL;
    kith_status status = find(&old, folder, out->at, NULL, err);
    if (old && out->mark)
        status = kith_gallery_count(gallery, NULL, &faces, err);
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
        status = no_memory(gallery->uri, err);
    }
    if (status == KITH_OK && out->mark)
        status = find(&out->path, folder, MARK, out->mark, err);
    if (status == KITH_OK && !out->path)
        status = find_old(out, gallery, folder, err);
    if (status == KITH_OK && !out->path)
        status = new_name(&out->path, folder, out->mark ? out->mark : place, err);
    free(place);
    if (status != KITH_OK)
        kith_ledger_file_clear(out);
    return status;
}

static kith_status note(kith_gallery *file, const char *name, const char *text, kith_error *err) {
    bool has;
    kith_status status = has_note(&has, file, name, text, err);
    return status == KITH_OK && !has ? kith_gallery_set_note(file, name, text, err) : status;
}

kith_status kith_ledger_note_place(const kith_ledger_file *where, kith_error *err) {
    kith_gallery *file = NULL;
    kith_status status = where->mark ? open_file(&file, where->path, KITH_GALLERY_WRITE, err) : KITH_OK;
    if (file)
        status = note(file, MARK, where->mark, err);
    if (file && status == KITH_OK)
        status = note(file, where->at, "", err);
    kith_gallery_close(&file);
    return status;
}

void kith_ledger_file_clear(kith_ledger_file *file) {
    free(file->path);
    free(file->mark);
    free(file->at);
    *file = (kith_ledger_file){0};
}
