/* SPDX-License-Identifier: MIT */
#include "indexer/files/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "indexer/files/path.h"
#include "model/picture/picture.h"
#include "proto/array.h"
#include "proto/lines.h"
#include "proto/point.h"

enum { LIST_WAIT = 100 }; /* milliseconds; the caller has other things to do */

/* A folder that is being walked. */
typedef struct walk_frame {
    char *path;
    dev_t device;
    ino_t inode;
    struct dirent **names;
    int next, count;
} walk_frame;

struct kith_walk {
    const kith_walk_options *options;
    char **roots; /* operands, absolute, in order, none below another */
    size_t root_count, next_root;
    size_t root_length; /* of the operand that is being walked: excludes see what is behind it */
    walk_frame *stack;
    size_t depth, room;
    kith_lines *list;
    kith_path_resolver resolver;
    char *path; /* of the last entry */
};

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the names of the files");
}

static int by_bytes(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool exists(const char *path) {
    struct stat seen;
    return lstat(path, &seen) == 0;
}

/* Names with bytes below '/' sort between a folder and what is in it; comparing with every kept operand would
 * cost too much for long command lines, and '/' first does it as well.
 */
static int by_tree(const void *a, const void *b) {
    const char *one = *(char *const *)a, *other = *(char *const *)b;
    while (*one && *one == *other) {
        one++;
        other++;
    }
    int left = *one == '/' ? 1 : (unsigned char)*one, right = *other == '/' ? 1 : (unsigned char)*other;
    return left - right;
}

static kith_status collect_roots(kith_walk *walk, kith_error *err) {
    const kith_walk_options *options = walk->options;
    walk->roots = calloc(options->operand_count + 1, sizeof *walk->roots);
    if (!walk->roots)
        return no_memory(err);
    for (size_t i = 0; i < options->operand_count; i++) {
        kith_status status = kith_path_absolute(&walk->roots[i], &walk->resolver, options->operands[i], err);
        if (status != KITH_OK)
            return status;
        walk->root_count++;
    }
    qsort(walk->roots, walk->root_count, sizeof *walk->roots, by_tree);
    size_t kept = 0;
    const char *above = NULL; /* the last kept that exists; what is missing is told, wherever it would lie */
    for (size_t i = 0; i < walk->root_count; i++) {
        bool there = exists(walk->roots[i]);
        if (there && above && kith_path_is_under(walk->roots[i], above)) {
            free(walk->roots[i]);
            continue;
        }
        above = there ? walk->roots[i] : above;
        walk->roots[kept++] = walk->roots[i];
    }
    walk->root_count = kept;
    qsort(walk->roots, walk->root_count, sizeof *walk->roots, by_bytes);
    return KITH_OK;
}

kith_status kith_walk_open(kith_walk **out, const kith_walk_options *options, kith_error *err) {
    *out = NULL;
    kith_walk *made = calloc(1, sizeof *made);
    if (!made)
        return no_memory(err);
    made->options = options;
    kith_status status = collect_roots(made, err);
    if (status == KITH_OK && options->list_fd > 0)
        status = kith_lines_from(&made->list, options->list_fd, "list of files", options->delimiter,
                                 KITH_PATH_MOST, err);
    else if (status == KITH_OK && options->list)
        status = kith_lines_open(&made->list, options->list, options->delimiter, KITH_PATH_MOST, err);
    if (status != KITH_OK)
        kith_walk_close(&made);
    *out = made;
    return status;
}

static void frame_clear(walk_frame *frame) {
    for (int i = 0; i < frame->count; i++)
        free(frame->names[i]);
    free(frame->names);
    free(frame->path);
}

void kith_walk_close(kith_walk **walk) {
    if (!*walk)
        return;
    struct kith_walk *old = *walk;
    for (size_t i = 0; i < old->depth; i++)
        frame_clear(&old->stack[i]);
    for (size_t i = 0; i < old->root_count; i++)
        free(old->roots[i]);
    free(old->stack);
    free(old->roots);
    free(old->path);
    kith_lines_close(&old->list);
    kith_path_resolver_clear(&old->resolver);
    free(old);
    *walk = NULL;
}

static int is_entry(const struct dirent *entry) {
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void fail(kith_walk_entry *out, int native, const char *text) {
    out->kind = KITH_WALK_FAILED;
    kith_fail(&out->err, KITH_E_IO, native, out->path, "%s", text);
}

static void other(kith_walk_entry *out, const char *reason) {
    out->kind = KITH_WALK_OTHER;
    out->reason = reason;
}

/* Begins to walk the folder walk->path. *entered false: *out says why not. */
static kith_status enter(kith_walk *walk, const struct stat *seen, bool *entered, kith_walk_entry *out,
                         kith_error *err) {
    *entered = false;
    for (size_t i = 0; i < walk->depth; i++)
        if (walk->stack[i].device == seen->st_dev && walk->stack[i].inode == seen->st_ino) {
            fail(out, ELOOP, "is a folder inside of itself (a mount loop); not walked again");
            return KITH_OK;
        }
    walk_frame *stack = kith_array_grow(walk->stack, walk->depth, &walk->room, sizeof *stack);
    if (!stack)
        return no_memory(err);
    walk->stack = stack;
    walk_frame made = {.path = strdup(walk->path), .device = seen->st_dev, .inode = seen->st_ino};
    if (!made.path)
        return no_memory(err);
    made.count = scandir(walk->path, &made.names, is_entry, by_name);
    if (made.count < 0) {
        int native = errno;
        free(made.path);
        if (native == ENOMEM)
            return no_memory(err);
        fail(out, native, strerror(native));
        return KITH_OK;
    }
    walk->stack[walk->depth++] = made;
    *entered = true;
    return KITH_OK;
}

static bool excluded(const kith_walk *walk, const char *relative) {
    const char *slash = strrchr(relative, '/'), *name = slash ? slash + 1 : relative;
    const kith_list *patterns = &walk->options->exclude;
    for (size_t i = 0; i < patterns->count; i++)
        if (fnmatch(patterns->items[i], relative, 0) == 0 || fnmatch(patterns->items[i], name, 0) == 0)
            return true;
    return false;
}

/* What walk->path is, without opening it. *again: nothing to report, go on. may_enter: folders are walked. */
static kith_status look(kith_walk *walk, bool may_enter, bool *again, kith_walk_entry *out, kith_error *err) {
    struct stat seen;
    bool link = false;
    *again = false;
    out->path = walk->path;
    int got = lstat(walk->path, &seen);
    if (got == 0 && S_ISLNK(seen.st_mode)) {
        link = true;
        got = stat(walk->path, &seen);
    }
    if (got != 0 && errno == ENOENT && link && walk->depth > 0 && !kith_format_extension(walk->path)) {
        other(out, "a link to a file that does not exist");
        return KITH_OK;
    }
    if (got != 0) {
        fail(out, errno,
             link && errno == ENOENT  ? "is a link to a file that does not exist"
             : link && errno == ELOOP ? "is a link to itself"
                                      : strerror(errno));
        return KITH_OK;
    }
    out->stamp = kith_stamp_of_file(&seen);
    if (S_ISREG(seen.st_mode))
        out->kind = KITH_WALK_FILE;
    else if (S_ISDIR(seen.st_mode) && link)
        other(out, "a link to a folder");
    else if (S_ISDIR(seen.st_mode) && may_enter)
        return enter(walk, &seen, again, out, err);
    else if (S_ISDIR(seen.st_mode))
        other(out, "a folder; those of a list are not walked");
    else
        other(out, S_ISFIFO(seen.st_mode) ? "a FIFO" : S_ISSOCK(seen.st_mode) ? "a socket" : "a device");
    return KITH_OK;
}

/* walk->path becomes the next of the list. *again: pass over this line. */
static kith_status next_line(kith_walk *walk, bool *again, kith_walk_entry *out, kith_error *err) {
    kith_lines_item line;
    *again = false;
    kith_status status = kith_lines_next(walk->list, &line, LIST_WAIT, err);
    if (status != KITH_OK)
        return status;
    if (line.state == KITH_LINES_LATER || line.state == KITH_LINES_END) {
        out->kind = line.state == KITH_LINES_END ? KITH_WALK_END : KITH_WALK_LATER;
        return KITH_OK;
    }
    if (line.state == KITH_LINES_LONG || strlen(line.text) != line.length) {
        walk->path = strdup("list of files");
        if (!walk->path)
            return no_memory(err);
        out->path = walk->path;
        out->kind = KITH_WALK_FAILED;
        kith_fail(&out->err, KITH_E_FORMAT, 0, out->path, "line %llu is no path (%s)",
                  (unsigned long long)line.number,
                  line.state == KITH_LINES_LONG ? "too long" : "a zero byte in it; say -0");
        return KITH_OK;
    }
    if (line.length == 0 || excluded(walk, line.text)) {
        *again = true;
        return KITH_OK;
    }
    status = kith_path_absolute(&walk->path, &walk->resolver, line.text, err);
    return status == KITH_OK ? look(walk, false, again, out, err) : status;
}

static kith_status next_in_folder(kith_walk *walk, bool *again, kith_walk_entry *out, kith_error *err) {
    walk_frame *top = &walk->stack[walk->depth - 1];
    *again = true;
    if (top->next == top->count) {
        frame_clear(top);
        walk->depth--;
        return KITH_OK;
    }
    walk->path = kith_path_join(top->path, top->names[top->next++]->d_name);
    if (!walk->path)
        return no_memory(err);
    const char *relative = walk->path + walk->root_length;
    while (*relative == '/')
        relative++;
    return excluded(walk, relative) ? KITH_OK : look(walk, true, again, out, err);
}

static kith_status next_root(kith_walk *walk, bool *again, kith_walk_entry *out, kith_error *err) {
    walk->path = strdup(walk->roots[walk->next_root++]);
    if (!walk->path)
        return no_memory(err);
    walk->root_length = strlen(walk->path);
    return look(walk, true, again, out, err);
}

kith_status kith_walk_next(kith_walk *walk, kith_walk_entry *out, kith_error *err) {
    bool again = true;
    kith_status status = KITH_OK;
    while (status == KITH_OK && again) {
        *out = (kith_walk_entry){0};
        free(walk->path);
        walk->path = NULL;
        if (walk->depth > 0)
            status = next_in_folder(walk, &again, out, err);
        else if (walk->next_root < walk->root_count)
            status = next_root(walk, &again, out, err);
        else if (walk->list)
            status = next_line(walk, &again, out, err);
        else {
            again = false;
            out->kind = KITH_WALK_END;
        }
    }
    return status;
}
