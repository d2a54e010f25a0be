/* SPDX-License-Identifier: MIT
 *
 * Which files a set has: folders in the order of folder.h, or a list as it is.
 */
#include <errno.h>
#include <sys/stat.h>

#include "model/train/faces_parts.h"
#include "model/train/folder.h"
#include "proto/array.h"

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the names of the pictures");
}

bool kith_set_file_fail(set_file *file, const kith_error *why) {
    file->outcome = SET_FAILED;
    file->err = malloc(sizeof *file->err);
    if (file->err)
        *file->err = *why;
    return file->err != NULL;
}

void kith_set_files_clear(set_files *files) {
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].path);
        free(files->items[i].err);
    }
    free(files->items);
    *files = (set_files){0};
}

static set_file *add(set_files *files, const char *path) {
    set_file *items = kith_array_grow(files->items, files->count, &files->room, sizeof *items);
    if (!items)
        return NULL;
    files->items = items;
    set_file *file = &items[files->count];
    *file = (set_file){.path = strdup(path)};
    if (!file->path)
        return NULL;
    files->count++;
    return file;
}

/* A row of CSV cannot hold such a name; whoever only looks makes rows. */
static bool check_name(set_file *file, const kith_set_options *options) {
    if (options->kind != KITH_SET_LOOK || file->path[strcspn(file->path, "\r\n")] == 0)
        return true;
    kith_error err = {0};
    kith_fail(&err, KITH_E_FORMAT, 0, file->path, "a line break in the name (rename it)");
    return kith_set_file_fail(file, &err);
}

static bool list_files(set_files *out, const kith_set_options *options) {
    for (size_t i = 0; i < options->file_count; i++)
        if (!add(out, options->files[i]))
            return false;
    return true;
}

/* Where the part of `path` below `folder` begins. */
static size_t below(const char *path, const char *folder) {
    size_t at = strlen(folder);
    while (path[at] == '/')
        at++;
    return at;
}

static bool add_failed(set_files *out, const char *path, int native, const char *text) {
    kith_error err = {0};
    kith_fail(&err, KITH_E_IO, native, path, "%s", text);
    set_file *file = add(out, path);
    return file && kith_set_file_fail(file, &err);
}

static bool add_file(set_files *out, const FTSENT *entry, const kith_set_source *source,
                     const kith_set_options *options) {
    if (strcmp(entry->fts_name, kith_set_landmarks_name) == 0)
        return true; /* no picture, but no stranger either */
    set_file *file = add(out, entry->fts_path);
    if (!file)
        return false;
    file->name = below(file->path, source->folder);
    const char *name = file->path + file->name, *slash = strchr(name, '/');
    file->person = source->named && slash ? (size_t)(slash - name) : 0;
    file->device = entry->fts_statp->st_dev;
    file->inode = entry->fts_statp->st_ino;
    if (entry->fts_info == FTS_DEFAULT) /* a device or FIFO is never opened */
        file->outcome = SET_IGNORED;
    return check_name(file, options);
}

/* True: go on. */
static bool take(set_files *out, const FTSENT *entry, const kith_set_source *source,
                 const kith_set_options *options) {
    switch (entry->fts_info) {
    case FTS_F:
    case FTS_DEFAULT:
        return add_file(out, entry, source, options);
    case FTS_DC:
        return add_failed(out, entry->fts_path, ELOOP, "is a folder inside of itself; not walked again");
    case FTS_SLNONE:
        return add_failed(out, entry->fts_path, ENOENT, "is a link to a file that does not exist");
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return add_failed(out, entry->fts_path, entry->fts_errno, strerror(entry->fts_errno));
    default:
        return true;
    }
}

typedef struct walk {
    set_files *out;
    const kith_set_source *source;
    const kith_set_options *options;
} walk;

static kith_status visit(void *context, const FTSENT *entry, kith_error *err) {
    const walk *w = context;
    return take(w->out, entry, w->source, w->options) ? KITH_OK : no_memory(err);
}

static int by_file(const void *a, const void *b) {
    const set_file *left = *(set_file *const *)a, *right = *(set_file *const *)b;
    if (left->device != right->device)
        return left->device < right->device ? -1 : 1;
    if (left->inode != right->inode)
        return left->inode < right->inode ? -1 : 1;
    return (left > right) - (left < right);
}

static bool same_file(const set_file *one, const set_file *other) {
    return one->device == other->device && one->inode == other->inode && (one->device || one->inode);
}

/* A photo that is there twice, through links or a folder inside another, would be its own positive, or be
 * learned from and validated on: the first counts.
 */
static bool fail_repeated(set_files *files) {
    set_file **order = calloc(files->count + 1, sizeof(set_file *));
    bool good = order != NULL;
    for (size_t i = 0; i < files->count && good; i++)
        order[i] = &files->items[i];
    if (good)
        qsort(order, files->count, sizeof(set_file *), by_file);
    for (size_t i = 1; i < files->count && good; i++) {
        kith_error err = {0};
        if (!same_file(order[i - 1], order[i]))
            continue;
        kith_fail(&err, KITH_E_FORMAT, 0, order[i]->path, "is a file that was listed already");
        if (order[i]->outcome == SET_WAITING)
            good = kith_set_file_fail(order[i], &err);
    }
    free(order);
    return good;
}

kith_status kith_set_list(set_files *out, const kith_set_options *options, kith_error *err) {
    kith_status status = list_files(out, options) ? KITH_OK : no_memory(err);
    for (size_t i = 0; i < options->source_count && status == KITH_OK; i++) {
        walk w = {out, &options->sources[i], options};
        status = kith_folder_walk(w.source->folder, visit, &w, err);
    }
    return status != KITH_OK || fail_repeated(out) ? status : no_memory(err);
}
