/* SPDX-License-Identifier: MIT
 *
 * The stages of setup.c that open what is learned: faces, triplets, targets.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "model/statistics/random.h"
#include "model/train/training.h"
#include "proto/digest.h"

enum {
    BANK = 4096,     /* targets that distillation tells apart */
    JUDGING = 20000, /* triplets, of both sides, that validation pictures are judged by */
};

static void report_faces(void *context, size_t done, size_t total) {
    kith_training_report(context, "faces", "photos", done, total);
}

static void report_targets(void *context, size_t done, size_t total) {
    kith_training_report(context, "targets", "faces", done, total);
}

static void tell_set(void *context, kith_set_event event, const char *path, const kith_error *err) {
    const kith_training *run = context;
    switch (event) {
    case KITH_SET_FAILED:
        kith_training_fault(run, err);
        break;
    case KITH_SET_FACELESS:
        kith_training_say(run, "%s: no face was found", path);
        break;
    case KITH_SET_SINGLE:
        kith_training_say(run, "%s: this person has one picture, so it is never an anchor", path);
        break;
    case KITH_SET_UNSPLIT:
        if (!run->triplets) /* a file of them says itself what is validated */
            kith_training_say(
                run,
                "too few persons for triplets of validation and of training (--validation is the share of "
                "validation): all are trained on, nothing is validated");
        break;
    case KITH_SET_IGNORED:
        break;
    }
}

static void tell_row(void *context, const kith_error *err) {
    kith_training_fault(context, err);
}

static kith_status open_model(kith_training *run, kith_error *err) {
    if (run->options->chips)
        return KITH_OK;
    kith_model_options with = kith_model_options_of(&run->options->finding_model);
    if (!with.weights)
        with.weights = run->landmarks ? "siamese" : "mobileface";
    return kith_model_open(&run->model, &with, err);
}

/* A face that is there twice would be its own positive. */
static kith_status check_folders(const kith_set_source *sources, size_t count, kith_error *err) {
    struct stat one, other;
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (stat(sources[i].folder, &one) == 0 && stat(sources[j].folder, &other) == 0 &&
                one.st_dev == other.st_dev && one.st_ino == other.st_ino)
                return kith_fail(err, KITH_E_USAGE, 0, sources[i].folder, "is named twice (once is enough)");
    return KITH_OK;
}

static kith_status open_set(kith_training *run, kith_error *err) {
    const kith_train_options *options = run->options;
    size_t count = options->data.count + options->nameless.count;
    kith_set_source *sources = calloc(count + 1, sizeof *sources);
    if (!sources)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a list of folders");
    for (size_t i = 0; i < count; i++)
        sources[i] = i < options->data.count
                         ? (kith_set_source){options->data.items[i], true}
                         : (kith_set_source){options->nameless.items[i - options->data.count], false};
    kith_set_options with = {.sources = sources,
                             .source_count = count,
                             .kind = options->chips ? KITH_SET_CHIPS : KITH_SET_PHOTOS,
                             .landmarks = run->landmarks,
                             .model = run->model,
                             .find = kith_find_options_of(&options->finding),
                             .decode = kith_decode_options_of(&options->finding),
                             .validation = options->validation,
                             .seed = kith_random_mix((uint64_t)options->seed, 2),
                             .blends = (size_t)options->blends,
                             .jobs = run->threads,
                             .tell = tell_set,
                             .progress = report_faces,
                             .context = run};
    if (run->triplets) {
        with.files = (const char *const *)run->triplets->files;
        with.file_count = run->triplets->file_count;
    }
    kith_status status = check_folders(sources, count, err);
    if (status == KITH_OK)
        status = kith_face_set_open(&run->set, &with, err);
    report_faces(run, 0, 0);
    free(sources);
    return status;
}

/* A file of triplets knows no persons. */
static void tell_count(const kith_training *run) {
    const kith_face_set *set = run->set;
    char blends[64] = "";
    if (set->blends > 0)
        snprintf(blends, sizeof blends, ", %zu blends of them", set->blends);
    bool listed = run->options->triplets;
    kith_training_say(
        run, "%zu faces %s %zu %s%s (%zu pictures failed, %zu without a face, %zu files ignored)",
        set->count - set->blends, listed ? "in" : "of", listed ? run->triplets->count : set->person_count,
        listed ? "triplets" : "persons", blends, set->failed, set->faceless, set->ignored);
}

kith_status kith_training_open_data(kith_training *run, kith_error *err) {
    const kith_train_options *options = run->options;
    uint64_t seed = kith_random_mix((uint64_t)options->seed, 3);
    kith_status status = KITH_OK;
    if (options->triplets)
        status = kith_triplets_read(&run->triplets, options->triplets, tell_row, run, err);
    if (status == KITH_OK)
        status = open_model(run, err);
    if (status == KITH_OK)
        status = open_set(run, err);
    if (status == KITH_OK && options->triplets)
        status = kith_triplets_bind(run->triplets, run->set, tell_row, run, err);
    if (status == KITH_OK && !options->triplets && run->sampling == KITH_SAMPLE_TRIPLETS)
        status = kith_triplets_make(&run->triplets, run->set, run->set->count, seed, err);
    if (status == KITH_OK && run->sampling != KITH_SAMPLE_TRIPLETS && run->set->validates &&
        run->set->person_count > 0)
        status = kith_triplets_make(&run->judge, run->set, JUDGING, seed, err);
    if (status == KITH_OK)
        tell_count(run);
    return status;
}

static kith_status add_digest(char *text, size_t size, const char *weights, kith_error *err) {
    char path[KITH_TRAINING_PATH], digest[65];
    kith_status status = kith_weights_path(path, sizeof path, weights, err);
    if (status == KITH_OK)
        status = kith_sha256_file(digest, path, err);
    if (status == KITH_OK)
        snprintf(text + strlen(text), size - strlen(text), "%s ", digest);
    return status;
}

/* Where a teacher's targets are kept: a digest of what they come from is in the name, since another teacher,
 * or other faces, may come to the folder.
 */
static kith_status targets_path(char out[KITH_TRAINING_PATH], const kith_training *run, kith_error *err) {
    char sources[256] = "", digest[65], name[64];
    double keep = run->options->keep;
    snprintf(sources, sizeof sources, "%s ", run->set->digest);
    kith_status status = add_digest(sources, sizeof sources, run->options->teacher, err);
    if (status == KITH_OK && keep > 0) {
        snprintf(sources + strlen(sources), sizeof sources - strlen(sources), "%.17g ", keep);
        if (run->side != kith_arch_side(run->arch)) /* its own vectors are made at this size */
            snprintf(sources + strlen(sources), sizeof sources - strlen(sources), "%d ", run->side);
        status = add_digest(sources, sizeof sources, run->weights, err);
    }
    if (status == KITH_OK)
        status = kith_sha256(digest, sources, strlen(sources), err);
    if (status != KITH_OK)
        return status;
    snprintf(name, sizeof name, "targets-%.12s.safetensors", digest);
    return kith_training_path(out, run, name, err);
}

static kith_status vectors_of(kith_targets **out, kith_training *run, const char *weights, int side,
                              kith_error *err) {
    kith_teacher_options with = {
        .weights = weights, .side = side, .jobs = run->threads, .progress = report_targets, .context = run};
    kith_status status = kith_targets_teach(out, run->set, &with, err);
    report_targets(run, 0, 0);
    return status;
}

static kith_status teach(kith_training *run, const char *path, kith_error *err) {
    kith_targets *own = NULL;
    double keep = run->options->keep;
    kith_status status = kith_targets_check(run->set, path, err);
    if (status == KITH_OK)
        status = vectors_of(&run->targets, run, run->options->teacher, 0, err);
    if (status == KITH_OK && keep > 0)
        status = vectors_of(&own, run, run->weights, run->side, err);
    if (status == KITH_OK && keep > 0)
        status = kith_targets_turn(run->targets, own, keep, run->set, err);
    if (status == KITH_OK)
        status = kith_targets_write(path, run->targets, run->set, err);
    kith_targets_free(&own);
    kith_targets_free(&run->targets);
    return status;
}

/* Targets are read back from where they are kept: a resumed run then has the same ones, to the bit. */
static kith_status open_taught(kith_training *run, kith_error *err) {
    char path[KITH_TRAINING_PATH];
    kith_status status = targets_path(path, run, err);
    if (status == KITH_OK && access(path, F_OK) != 0)
        status = teach(run, path, err);
    return status == KITH_OK ? kith_targets_read(&run->targets, path, run->set, err) : status;
}

kith_status kith_training_open_targets(kith_training *run, kith_error *err) {
    if (run->options->loss != KITH_LEARN_DISTIL)
        return KITH_OK;
    kith_status status = run->options->teacher
                             ? open_taught(run, err)
                             : kith_targets_read(&run->targets, run->options->targets, run->set, err);
    if (status == KITH_OK)
        status = kith_targets_bank(&run->bank, &run->loss.bank_count, run->targets, run->set, BANK,
                                   kith_random_mix((uint64_t)run->options->seed, 4), err);
    run->loss.bank = run->bank;
    return status;
}
