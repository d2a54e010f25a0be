/* SPDX-License-Identifier: MIT
 *
 * What a run is made of, written down twice: exactly, for a checkpoint to be compared with, and for people,
 * in the metadata of a model file.
 */
#include <errno.h>
#include <stdint.h>

#include "model/train/training.h"
#include "proto/digest.h"

enum { DIGITS = 16 }; /* of digests: people compare them */

/* With as many digits as tell the number from all others. */
static void put_number(FILE *to, const char *name, double value) {
    char text[40];
    int digits = 6;
    do
        snprintf(text, sizeof text, "%.*g", digits, value);
    while (strtod(text, NULL) != value && ++digits <= 17);
    fprintf(to, "%s=%s\n", name, text);
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* A teacher's vectors take hours to make: what gives others is seen before. */
static void put_sources(FILE *to, const kith_train_options *options) {
    if (options->teacher)
        fprintf(to, "--teacher=%s\n", base_name(options->teacher));
    put_number(to, "--keep", options->keep);
    fprintf(to, "--blends=%ld\n--chips=%s\n", options->blends, options->chips ? "yes" : "no");
    put_number(to, "--validation", options->validation);
}

static void put_options(FILE *to, const kith_training *run) {
    const kith_train_options *options = run->options;
    static const char *const losses[] = {"triplet", "arcface", "distil"};
    static const char *const minings[] = {"none", "semi", "hard"};
    static const char *const schedules[] = {"constant", "cyclic", "cosine"};
    static const char *const extents[] = {
        [KITH_EXTENT_ALL] = "all", [KITH_EXTENT_LAST5] = "last5", [KITH_EXTENT_HEAD] = "head"};
    fprintf(to, "--arch=%s\n--size=%d\n--train=%s\n--loss=%s\n--mining=%s\n--bn=%s\n",
            kith_arch_name(run->arch), run->side, extents[options->extent], losses[options->loss],
            minings[options->mining], run->norm == KITH_NORM_BATCH ? "batch" : "frozen");
    fprintf(to, "--batch=%ld\n--each=%ld\n--optimiser=%s\n--schedule=%s\n--seed=%ld\n", options->batch,
            options->each, options->optimiser == KITH_ADAM ? "adam" : "adamw", schedules[options->schedule],
            options->seed);
    put_sources(to, options);
    put_number(to, "--lr", options->rate);
    put_number(to, "--decay", options->decay);
    put_number(to, "--clip", options->clip);
    put_number(to, "--ema", options->ema);
    put_number(to, "--margin", run->loss.margin);
    put_number(to, "--scale", run->loss.scale);
    fprintf(to, "--half-cycle=%ld\n", options->half_cycle);
    if (options->warm_up >= 0)
        fprintf(to, "--warm-up=%ld\n", options->warm_up);
    else /* it follows from what else stands here */
        fprintf(to, "--warm-up=default\n");
    if (run->first > 0)
        fprintf(to, "--variants=%ld\n", options->variants);
    if (options->schedule == KITH_SCHEDULE_COSINE) /* others may go on for longer than they were meant to */
        fprintf(to, "--epochs=%ld\n", options->epochs);
}

static kith_status put_triplets(FILE *to, const kith_triplets *triplets, kith_error *err) {
    char digest[65] = "", text[KITH_AUGMENTATION_TEXT];
    kith_sha256_stream *stream = kith_sha256_start();
    for (size_t i = 0; i < triplets->count; i++) {
        const kith_triplet *triplet = &triplets->items[i];
        kith_sha256_update(stream, triplet->face, sizeof triplet->face);
        kith_sha256_update(stream, &triplet->validation, sizeof triplet->validation);
        for (int role = 0; role < KITH_TRIPLET; role++) {
            kith_augmentation_text(text, &triplet->augmentation[role]);
            kith_sha256_update(stream, text, strlen(text) + 1);
        }
    }
    kith_status status = kith_sha256_finish(digest, stream, err);
    fprintf(to, "triplets=%zu, %.*s\n", triplets->count, DIGITS, digest);
    return status;
}

static kith_status put_targets(FILE *to, const kith_targets *targets, kith_error *err) {
    char digest[65] = "";
    kith_status status =
        kith_sha256(digest, targets->values, targets->count * KITH_DIMENSION * sizeof *targets->values, err);
    fprintf(to, "targets=%.*s\n", DIGITS, digest);
    return status;
}

static kith_status put_data(FILE *to, const kith_training *run, kith_error *err) {
    const kith_face_set *set = run->set;
    char cached[KITH_TRAINING_TEXT] = "none";
    kith_status status = KITH_OK;
    fprintf(to, "weights to begin with=%.*s\n", DIGITS, run->first_digest);
    fprintf(to, "faces=%zu of %zu persons, %.*s\n", set->count, set->person_count, DIGITS, set->digest);
    if (run->triplets)
        status = put_triplets(to, run->triplets, err);
    if (status == KITH_OK && run->targets)
        status = put_targets(to, run->targets, err);
    if (run->cache)
        kith_cache_describe(cached, sizeof cached, kith_feed_cache_items(run->cache));
    fprintf(to, "cache=%s\n", cached);
    return status;
}

kith_status kith_training_recipe(char **out, const kith_training *run, kith_error *err) {
    size_t size;
    FILE *to = open_memstream(out, &size);
    if (!to)
        return kith_fail(err, KITH_E_MEMORY, errno, NULL, "no memory for a recipe");
    kith_status status = KITH_OK;
    put_options(to, run);
    if (run->learner)
        status = put_data(to, run, err);
    if (fclose(to) != 0 && status == KITH_OK)
        status = kith_fail(err, KITH_E_MEMORY, errno, NULL, "no memory for a recipe");
    return status;
}

/* "9826 faces, 395 persons (names; chips), before: ...", of those that are learned from: printable, cut where
 * there is no more room.
 */
static void describe(char *out, size_t size, const kith_training *run) {
    const kith_face_set *set = run->set;
    const kith_train_options *options = run->options;
    static const char *const how[] = {"triplets", "names", "distillation"};
    char text[4 * KITH_TRAINING_TEXT] = "";
    size_t folders = options->data.count + options->nameless.count;
    FILE *to = fmemopen(text, sizeof text, "w");
    if (to) {
        fprintf(to, "%zu faces",
                options->triplets ? set->count : kith_face_set_side(set, false, NULL) - set->blends);
        if (set->blends > 0)
            fprintf(to, " and %zu blends of them", set->blends);
        if (set->labels > 0)
            fprintf(to, ", %zu persons", set->labels);
        fprintf(to, " (%s", how[options->loss]);
        if (options->teacher)
            fprintf(to, " from %s", base_name(options->teacher));
        for (size_t i = 0; i < folders; i++)
            fprintf(to, "%s%s", i == 0 ? "; " : ", ",
                    base_name(i < options->data.count ? options->data.items[i]
                                                      : options->nameless.items[i - options->data.count]));
        fprintf(to, ")%s%s", run->trained_on[0] ? ", before: " : "", run->trained_on);
        fclose(to);
    }
    text[sizeof text - 1] = 0;
    kith_printable(out, size, text, SIZE_MAX);
}

kith_status kith_training_write(const kith_training *run, const char *name, kith_error *err) {
    char path[KITH_TRAINING_PATH], trained_on[2 * KITH_TRAINING_TEXT], source[2 * KITH_TRAINING_TEXT];
    kith_tensors *tensors = NULL;
    long steps = run->learner->state.step; /* 0: what it began with, as it is */
    describe(trained_on, sizeof trained_on, run);
    snprintf(source, sizeof source, "kith-model train, %ld steps, from: %s", steps, run->source);
    kith_metadata metadata[] = {
        {"kith.arch", kith_arch_name(run->arch)},
        {"kith.format", "1"},
        {"kith.licence", run->licence},
        {"kith.source", steps ? source : run->source},
        {"kith.trained_on", steps ? trained_on : run->trained_on},
    };
    kith_status status = kith_training_path(path, run, name, err);
    if (status == KITH_OK)
        status = kith_parameters_tensors(&tensors, run->parameters, run->parameters->values, err);
    if (status == KITH_OK) {
        tensors->metadata = metadata;
        tensors->metadata_count = sizeof metadata / sizeof metadata[0];
        status = kith_tensors_write(path, tensors, false, err);
        tensors->metadata = NULL;
        tensors->metadata_count = 0;
    }
    kith_tensors_free(&tensors);
    return status;
}
