/* SPDX-License-Identifier: MIT
 *
 * How near `kith-index add` comes to what the sum of its parts allows.
 *
 *     bench-add KITH-INDEX FOLDER [PHOTOS [RUNS [JOBS]]]
 *
 * Each stage alone over the same photos, JOBS threads at once (writing: one), in processor-seconds: read and
 * digest, decode, find, embed (eight at once), write points and records. Their sum allows JOBS / sum photos
 * per second. Then the program as a whole, a fresh gallery each time. Stages and whole take turns, RUNS
 * times; the medians are printed. The whole's start and its model are in its time, not in the sum.
 * On a machine that is busy otherwise only the share by processor time means something.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "indexer/files/walk.h"
#include "indexer/stages/read.h"
#include "indexer/store/batch.h"
#include "indexer/store/texts.h"
#include "model/which.h"
#include "proto/digest.h"
#include "tests/bench/support/clock.h"

enum { CHUNK = 16, BATCH = 8, RUNS_MOST = 25, THREADS_MOST = 64, WRITTEN_TOGETHER = 256 };
typedef enum stage_kind { READ, DECODE, FIND, EMBED, WRITE, STAGES } stage_kind;
static const char *const stage_names[STAGES] = {"read and digest", "decode", "find and align", "embed",
                                                "write"};

/* One photo between the stages. */
typedef struct photo_done {
    const char *path;
    kith_file_bytes file;
    kith_stamp stamp;
    kith_faces faces;
    char sha256[KITH_DIGEST_SIZE];
    kith_face *face; /* the one in the middle, as --which centre takes it */
    float vector[KITH_DIMENSION];
    int width, height;
} photo_done;

typedef struct thread_share {
    photo_done *photos;
    size_t count;
    kith_model *model;
    double seconds[STAGES]; /* processor time of this thread */
} thread_share;

static void must(kith_status status, const kith_error *err) {
    if (status == KITH_OK)
        return;
    fprintf(stderr, "%s: %s\n", err->where, err->text);
    exit(1);
}

static double processor_seconds(void) {
    struct timespec at;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void read_one(photo_done *photo) {
    kith_error err = {0};
    kith_format format;
    must(kith_read_picture(&photo->file, &format, &photo->stamp, photo->path, &err), &err);
    must(kith_sha256(photo->sha256, photo->file.bytes, photo->file.size, &err), &err);
}

static void decode_one(const photo_done *photo, kith_picture *out) {
    const kith_decode_options options = {.max_pixels = KITH_MAX_PIXELS};
    kith_error err = {0};
    must(kith_picture_decode(out, photo->file.bytes, photo->file.size, &options, photo->path, &err), &err);
}

/* Decodes; *seconds grows by what the rest takes. */
static void find_one(photo_done *photo, kith_embedder *embedder, double *seconds) {
    const kith_find_options options = {.detect_size = 640, .min_score = 0.7F, .min_face = 24};
    kith_picture picture;
    kith_error err = {0};
    decode_one(photo, &picture);
    double start = processor_seconds();
    must(kith_embedder_find(embedder, &picture, &options, &photo->faces, &err), &err);
    int middle = kith_which_face(&photo->faces, KITH_WHICH_CENTRE, picture.full_width, picture.full_height);
    *seconds += processor_seconds() - start;
    photo->face = middle < 0 ? NULL : &photo->faces.items[middle];
    photo->width = picture.full_width;
    photo->height = picture.full_height;
    kith_picture_clear(&picture);
}

static void embed_all(photo_done *photos, size_t count, kith_embedder *embedder) {
    kith_error err = {0};
    for (size_t i = 0; i < count; i += BATCH) {
        kith_face *faces[BATCH];
        size_t held = 0;
        for (size_t k = i; k < count && k < i + BATCH; k++)
            if (photos[k].face)
                faces[held++] = photos[k].face;
        must(kith_embedder_embed(embedder, faces, held, &err), &err);
    }
    for (size_t i = 0; i < count; i++)
        if (photos[i].face)
            memcpy(photos[i].vector, photos[i].face->embedding, sizeof photos[i].vector);
}

/* One stage for a few photos, timed. No picture outlives its photo's turn: many large ones at once would cost
 * the decoder what `add` never pays.
 */
static void stage_of(thread_share *share, stage_kind stage, photo_done *photos, size_t count,
                     kith_embedder *embedder) {
    double start = processor_seconds(), found = 0;
    for (size_t i = 0; i < count; i++) {
        kith_picture picture = {0};
        if (stage == READ)
            read_one(&photos[i]);
        else if (stage == DECODE)
            decode_one(&photos[i], &picture);
        else if (stage == FIND)
            find_one(&photos[i], embedder, &found);
        kith_picture_clear(&picture);
    }
    if (stage == EMBED)
        embed_all(photos, count, embedder);
    share->seconds[stage] += stage == FIND ? found : processor_seconds() - start;
}

static void let_go(photo_done *photo) {
    kith_file_bytes_clear(&photo->file);
    for (size_t i = 0; i < photo->faces.count; i++) {
        free(photo->faces.items[i].chip);
        photo->faces.items[i].chip = NULL;
    }
}

static void *work(void *argument) {
    thread_share *share = argument;
    kith_embedder *embedder;
    kith_error err = {0};
    must(kith_embedder_open(&embedder, share->model, BATCH, &err), &err);
    for (size_t i = 0; i < share->count; i += CHUNK) {
        size_t count = share->count - i < CHUNK ? share->count - i : CHUNK;
        for (stage_kind stage = READ; stage <= EMBED; stage++)
            stage_of(share, stage, share->photos + i, count, embedder);
        for (size_t k = i; k < i + count; k++)
            let_go(&share->photos[k]);
    }
    kith_embedder_close(&embedder);
    return NULL;
}

static void put(kith_batch *batch, const photo_done *photo, const char *pipeline, const char *run) {
    kith_error err = {0};
    kith_record record = {.path = photo->path,
                          .inode = photo->stamp.inode,
                          .size = photo->stamp.size,
                          .modified = photo->stamp.modified,
                          .outcome = photo->face ? KITH_INDEXED : KITH_NO_FACE,
                          .faces = photo->face != NULL};
    memcpy(record.sha256, photo->sha256, sizeof record.sha256);
    snprintf(record.pipeline, sizeof record.pipeline, "%s", pipeline);
    snprintf(record.run, sizeof record.run, "%s", run);
    if (photo->face) {
        kith_point point = {.faces = (int)photo->faces.count, .width = photo->width, .height = photo->height};
        point.face = (int)(photo->face - photo->faces.items);
        memcpy(point.box, photo->face->box, sizeof point.box);
        memcpy(point.points, photo->face->points, sizeof point.points);
        point.score = photo->face->score;
        point.eyes = photo->face->eyes;
        point.sharpness = photo->face->sharpness;
        point.yaw = photo->face->yaw;
        memcpy(point.sha256, photo->sha256, sizeof point.sha256);
        snprintf(point.pipeline, sizeof point.pipeline, "%s", pipeline);
        snprintf(point.run, sizeof point.run, "%s", run);
        kith_time_now(point.indexed);
        kith_point_id(point.id, pipeline, photo->sha256, point.face);
        must(kith_point_set_person(&point, "somebody", &err), &err);
        must(kith_point_add_path(&point, photo->path, &err), &err);
        must(kith_batch_put(batch, &point, photo->vector, &err), &err);
        kith_point_clear(&point);
    }
    must(kith_batch_record(batch, &record, &err), &err);
}

/* All points and records, by one thread. */
static double write_all(photo_done *photos, size_t count, const kith_model *model, const char *path) {
    kith_error err = {0};
    kith_gallery *gallery;
    kith_ledger *ledger;
    kith_batch batch = {0};
    char run[KITH_ID_SIZE];
    kith_run_id(run);
    must(kith_gallery_open(&gallery, path, KITH_GALLERY_CREATE, &err), &err);
    must(kith_gallery_bind(gallery, kith_model_identity(model), &err), &err);
    must(kith_ledger_open(&ledger, gallery, NULL, &err), &err);
    double start = processor_seconds();
    for (size_t i = 0; i < count; i++) {
        put(&batch, &photos[i], kith_model_identity(model)->pipeline, run);
        if (i % WRITTEN_TOGETHER == WRITTEN_TOGETHER - 1 || i == count - 1) {
            must(kith_batch_write(&batch, gallery, ledger, &err), &err);
            kith_batch_clear(&batch);
        }
    }
    double took = processor_seconds() - start;
    kith_ledger_close(&ledger);
    kith_gallery_close(&gallery);
    return took;
}

/* Processor-seconds per photo of each stage. */
static void run_stages(double seconds[STAGES], const kith_texts *paths, kith_model *model, int jobs,
                       const char *gallery) {
    photo_done *photos = calloc(paths->count, sizeof *photos);
    thread_share shares[THREADS_MOST] = {0};
    pthread_t threads[THREADS_MOST];
    size_t each = (paths->count + (size_t)jobs - 1) / (size_t)jobs;
    for (size_t i = 0; photos && i < paths->count; i++)
        photos[i].path = paths->items[i];
    for (int i = 0; i < jobs; i++) {
        size_t from = (size_t)i * each, left = paths->count > from ? paths->count - from : 0;
        shares[i] =
            (thread_share){.photos = photos + from, .count = left < each ? left : each, .model = model};
        if (!photos || pthread_create(&threads[i], NULL, work, &shares[i]) != 0)
            abort();
    }
    memset(seconds, 0, STAGES * sizeof *seconds);
    for (int i = 0; i < jobs; i++) {
        pthread_join(threads[i], NULL);
        for (int k = 0; k < STAGES; k++)
            seconds[k] += shares[i].seconds[k];
    }
    seconds[WRITE] = write_all(photos, paths->count, model, gallery);
    for (int k = 0; k < STAGES; k++)
        seconds[k] /= (double)paths->count;
    for (size_t i = 0; i < paths->count; i++)
        kith_faces_clear(&photos[i].faces);
    free(photos);
}

/* The program over a list of the photos: seconds of the clock and of the processors per photo. */
static void run_whole(double *wall, double *processor, const char *program, const char *list, size_t count,
                      int jobs, const char *gallery) {
    char jobs_text[16];
    snprintf(jobs_text, sizeof jobs_text, "%d", jobs);
    struct rusage used;
    int status;
    double start = seconds_now();
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stdout))
            _exit(126);
        execl(program, program, "add", "--which", "centre", "--person", "somebody", "--jobs", jobs_text,
              "--gallery", gallery, "-0", "--files-from", list, (char *)NULL);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &used) != child || status != 0) {
        fprintf(stderr, "%s ended with %d\n", program, status);
        exit(1);
    }
    *wall = (seconds_now() - start) / (double)count;
    *processor = ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                  (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6) /
                 (double)count;
}

static void list_photos(kith_texts *out, const char *folder, size_t most) {
    kith_walk *walk;
    kith_walk_entry entry = {0};
    kith_error err = {0};
    const kith_walk_options options = {.operands = &folder, .operand_count = 1};
    must(kith_walk_open(&walk, &options, &err), &err);
    while (entry.kind != KITH_WALK_END && out->count < most) {
        must(kith_walk_next(walk, &entry, &err), &err);
        if (entry.kind == KITH_WALK_FILE && kith_format_extension(entry.path))
            must(kith_texts_add(out, entry.path, &err), &err);
    }
    kith_walk_close(&walk);
}

static void print(double stages[STAGES][RUNS_MOST], double *wall, double *processor, size_t runs,
                  size_t count, int jobs) {
    double sum = 0;
    printf("%zu photos, %d jobs, medians of %zu runs; milliseconds of one processor per photo\n", count, jobs,
           runs);
    for (int k = 0; k < STAGES; k++) {
        double seconds = median(stages[k], runs);
        printf("  %-16s %8.3f\n", stage_names[k], seconds * 1e3);
        sum += seconds;
    }
    double whole = median(wall, runs), used = median(processor, runs);
    printf("  %-16s %8.3f   allows %.1f photos per second\n", "sum", sum * 1e3, jobs / sum);
    printf("  %-16s %8.3f   %.1f photos per second\n", "whole", used * 1e3, 1 / whole);
    printf("whole / allowed: %.1f %% by the clock, %.1f %% by processor time\n", 100 * sum / jobs / whole,
           100 * sum / used);
}

static void remove_gallery(const char *path) {
    char beside[600];
    unlink(path);
    for (int i = 0; i < 2; i++) {
        snprintf(beside, sizeof beside, "%s%s", path, i ? "-wal" : "-shm");
        unlink(beside);
    }
}

int main(int argc, char **argv) {
    static double stages[STAGES][RUNS_MOST], wall[RUNS_MOST], processor[RUNS_MOST];
    size_t most = argc > 3 ? strtoul(argv[3], NULL, 10) : 1000,
           runs = argc > 4 ? strtoul(argv[4], NULL, 10) : 5;
    int jobs = argc > 5 ? (int)strtol(argv[5], NULL, 10) : 2;
    kith_texts paths = {0};
    kith_model *model;
    kith_error err = {0};
    char folder[] = "/tmp/kith-bench-XXXXXX", gallery[64], list[64];
    if (argc < 3 || runs < 1 || runs > RUNS_MOST || jobs < 1 || jobs > THREADS_MOST || !mkdtemp(folder)) {
        fprintf(stderr, "bench-add KITH-INDEX FOLDER [PHOTOS [RUNS [JOBS]]]\n");
        return 2;
    }
    snprintf(gallery, sizeof gallery, "%s/gallery.kith", folder);
    snprintf(list, sizeof list, "%s/list", folder);
    list_photos(&paths, argv[2], most);
    FILE *file = fopen(list, "we");
    for (size_t i = 0; file && i < paths.count; i++)
        fwrite(paths.items[i], strlen(paths.items[i]) + 1, 1, file);
    if (!file || fclose(file) != 0 || paths.count == 0)
        return 1;
    must(kith_model_open(&model, NULL, &err), &err);
    for (size_t run = 0; run < runs; run++) {
        double seconds[STAGES];
        run_stages(seconds, &paths, model, jobs, gallery);
        remove_gallery(gallery);
        for (int k = 0; k < STAGES; k++)
            stages[k][run] = seconds[k];
        run_whole(&wall[run], &processor[run], argv[1], list, paths.count, jobs, gallery);
        remove_gallery(gallery);
    }
    print(stages, wall, processor, runs, paths.count, jobs);
    kith_model_close(&model);
    kith_texts_clear(&paths);
    unlink(list);
    rmdir(folder);
    return 0;
}
