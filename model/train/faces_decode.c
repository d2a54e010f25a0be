/* SPDX-License-Identifier: MIT
 *
 * From files to chips, by threads that take the next file. A file's result depends on that file alone.
 */
#include <errno.h>
#include <unistd.h>

#include "model/face/align.h"
#include "model/picture/file.h"
#include "model/train/faces_parts.h"
#include "model/which.h"
#include "proto/digest.h"
#include "proto/workers.h"

/* What belongs to one thread. */
typedef struct bench {
    kith_embedder *embedder; /* from the first photo on */
    kith_chip chip;
} bench;

typedef struct task {
    const kith_set_options *options;
    set_files *files;
    int fd;
    bench *benches;
} task;

/* ---- one file ---- */

void kith_chip_points(float out[2 * KITH_POINTS]) {
    kith_template(out, "siamese", KITH_CHIP_INNER);
    for (int i = 0; i < 2 * KITH_POINTS; i++)
        out[i] += KITH_CHIP_MARGIN;
}

static kith_status cut(kith_chip *chip, const kith_face *face, const kith_picture *picture, kith_error *err) {
    float wanted[2 * KITH_POINTS], points[2 * KITH_POINTS];
    kith_similarity to_chip;
    kith_chip_points(wanted);
    for (int i = 0; i < 2 * KITH_POINTS; i += 2) {
        points[i] = face->points[i] * (float)picture->width / (float)picture->full_width;
        points[i + 1] = face->points[i + 1] * (float)picture->height / (float)picture->full_height;
    }
    if (!kith_similarity_fit(&to_chip, points, wanted, KITH_POINTS))
        return kith_fail(err, KITH_E_FORMAT, 0, NULL, "a face whose points are one point");
    for (int i = 0; i < 2 * KITH_LANDMARKS; i++) /* those of the network's own chip have the same template */
        chip->landmarks[i] = face->landmarks[i] * KITH_CHIP_INNER + KITH_CHIP_MARGIN;
    return kith_align(chip->rgb, KITH_CHIP_SIDE, &to_chip, picture->rgb, picture->width, picture->height,
                      err);
}

static kith_status from_photo(const kith_set_options *options, bench *b, set_file *file,
                              const kith_picture *picture, kith_error *err) {
    kith_faces faces = {0};
    kith_status status = b->embedder ? KITH_OK : kith_embedder_open(&b->embedder, options->model, 1, err);
    if (status == KITH_OK)
        status = kith_embedder_find(b->embedder, picture, &options->find, &faces, err);
    if (status != KITH_OK)
        return status;
    int largest = kith_which_face(&faces, KITH_WHICH_LARGEST, picture->full_width, picture->full_height);
    if (largest < 0 || !faces.items[largest].chip)
        file->outcome = SET_FACELESS;
    else
        status = cut(&b->chip, &faces.items[largest], picture, err);
    kith_faces_clear(&faces);
    return status;
}

static kith_status from_chip(const kith_set_options *options, bench *b, set_file *file,
                             const kith_picture *picture, kith_error *err) {
    if (picture->full_width != KITH_CHIP_SIDE || picture->full_height != KITH_CHIP_SIDE)
        return kith_fail(err, KITH_E_FORMAT, 0, file->path,
                         "%d x %d pixels, where chips have %d x %d (photos are read without --chips)",
                         picture->full_width, picture->full_height, KITH_CHIP_SIDE, KITH_CHIP_SIDE);
    if (options->landmarks && !file->landmarks)
        return kith_fail(err, KITH_E_FORMAT, 0, file->path, "has no row in a %s beside it or above",
                         kith_set_landmarks_name);
    memcpy(b->chip.rgb, picture->rgb, sizeof b->chip.rgb);
    if (file->landmarks)
        memcpy(b->chip.landmarks, file->landmarks, sizeof b->chip.landmarks);
    return KITH_OK;
}

kith_status kith_set_keep(int fd, const kith_chip *chip, size_t record, kith_error *err) {
    const char *bytes = (const char *)chip;
    size_t written = 0, size = sizeof *chip;
    while (written < size) {
        off_t at = (off_t)(record * size + written);
        ssize_t got = pwrite(fd, bytes + written, size - written, at);
        if (got < 0 && errno != EINTR)
            return kith_fail(err, KITH_E_IO, errno, NULL,
                             "%s for the decoded faces, %zu bytes each (TMPDIR names another folder)",
                             strerror(errno), size);
        written += got > 0 ? (size_t)got : 0;
    }
    return KITH_OK;
}

/* The bytes of a picture. *stranger: it is none and does not look like one. */
static kith_status read_picture(kith_picture *out, const kith_set_options *options, const set_file *file,
                                bool *stranger, kith_error *err) {
    void *bytes = NULL;
    size_t size = 0;
    kith_status status = kith_file_read(&bytes, &size, file->path, err);
    *stranger = !kith_format_extension(file->path) &&
                (status == KITH_E_LIMIT ||
                 (status == KITH_OK && kith_format_of_bytes(bytes, size) == KITH_FORMAT_NONE));
    if (status == KITH_OK && !*stranger)
        status = kith_picture_decode(out, bytes, size, &options->decode, file->path, err);
    free(bytes);
    return status;
}

/* Ends in b->chip and KITH_OK, or in file->outcome; other failures than the file's own end all. */
static kith_status decode(const kith_set_options *options, bench *b, set_file *file, kith_error *err) {
    kith_picture picture = {0};
    kith_error about = {0};
    bool stranger = false;
    memset(&b->chip, 0, sizeof b->chip);
    kith_status status = read_picture(&picture, options, file, &stranger, &about);
    if (picture.rgb && options->kind == KITH_SET_PHOTOS)
        status = from_photo(options, b, file, &picture, &about);
    else if (picture.rgb && options->kind == KITH_SET_CHIPS)
        status = from_chip(options, b, file, &picture, &about);
    kith_picture_clear(&picture);
    if (stranger)
        file->outcome = SET_IGNORED;
    if (stranger || status == KITH_OK)
        return KITH_OK;
    if (status != KITH_E_FORMAT && status != KITH_E_LIMIT && status != KITH_E_IO)
        return kith_fail_with(err, &about);
    if (!about.where[0])
        kith_printable(about.where, sizeof about.where, file->path, SIZE_MAX);
    return kith_set_file_fail(file, &about)
               ? KITH_OK
               : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for an error");
}

static kith_status handle(void *context, int worker, size_t i, size_t count, kith_error *err) {
    task *t = context;
    (void)count; /* one */
    set_file *file = &t->files->items[i];
    bench *b = &t->benches[worker];
    if (file->outcome != SET_WAITING)
        return KITH_OK;
    kith_status status = decode(t->options, b, file, err);
    if (status != KITH_OK || file->outcome != SET_WAITING)
        return status;
    file->outcome = SET_FACE;
    if (t->options->kind == KITH_SET_LOOK)
        return KITH_OK;
    status = kith_sha256(file->digest, &b->chip, sizeof b->chip, err);
    return status == KITH_OK ? kith_set_keep(t->fd, &b->chip, i, err) : status;
}

kith_status kith_set_decode(set_files *files, int fd, const kith_set_options *options, kith_error *err) {
    task t = {.options = options, .files = files, .fd = fd};
    int jobs = options->jobs < 1 ? 1 : options->jobs;
    t.benches = calloc((size_t)jobs, sizeof *t.benches);
    if (!t.benches)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %d threads", jobs);
    const kith_workers workers = {.jobs = jobs,
                                  .work = handle,
                                  .context = &t,
                                  .progress = options->progress,
                                  .progress_context = options->context};
    kith_status status = kith_workers_run(&workers, files->count, err);
    for (int i = 0; i < jobs; i++)
        kith_embedder_close(&t.benches[i].embedder);
    free(t.benches);
    return status;
}
