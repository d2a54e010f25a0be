/* SPDX-License-Identifier: MIT
 *
 * From options to a run that can take its first step, stage by stage.
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/train/random.h"
#include "model/train/training.h"
#include "proto/digest.h"
#include "proto/processors.h"

enum {
    VARIANTS = 4,    /* changed ones of each picture in the cache */
    BANK = 4096,     /* targets that distillation tells apart */
    JUDGING = 20000, /* triplets, of both sides, that validation pictures are judged by */
    LABELS_MOST = 1 << 16,
};

/* ---- telling ---- */

void kith_training_say(const kith_training *run, const char *format, ...) {
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (run->events->say)
        run->events->say(run->events->context, text);
}

void kith_training_fault(const kith_training *run, const kith_error *err) {
    if (run->events->fault)
        run->events->fault(run->events->context, err);
}

static void report(const kith_training *run, const char *what, const char *unit, size_t done, size_t total) {
    if (run->events->progress)
        run->events->progress(run->events->context, what, unit, done, total, NULL);
}

static void report_faces(void *context, size_t done, size_t total) {
    report(context, "faces", "photos", done, total);
}

static void report_targets(void *context, size_t done, size_t total) {
    report(context, "targets", "faces", done, total);
}

static void report_cache(void *context, size_t done, size_t total) {
    report(context, "frozen layers", "faces", done, total);
}

/* ---- options ---- */

static kith_status bad(const char *where, const char *what, kith_error *err) {
    return kith_fail(err, KITH_E_USAGE, 0, where, "%s", what);
}

static kith_status check(const kith_train_options *options, kith_error *err) {
    bool distil = options->loss == KITH_LEARN_DISTIL,
         folders = options->data.count + options->nameless.count > 0;
    if (!options->out)
        return bad("--out", "is missing (a folder for all that the run writes)", err);
    if (!options->triplets == !folders)
        return bad("--data", "either folders of pictures or a file of --triplets is wanted", err);
    if (options->triplets && options->loss == KITH_LEARN_ARCFACE)
        return bad("--triplets", "have no persons to tell apart (--data has)", err);
    if (options->mining != KITH_MINING_NONE && (options->loss != KITH_LEARN_TRIPLET || options->triplets))
        return bad("--mining", "goes with --loss triplet and --data", err);
    if (distil && !options->targets == !options->teacher)
        return bad("--loss distil", "wants either --targets or a --teacher", err);
    if (!distil && (options->targets || options->teacher))
        return bad("--targets", "and --teacher go with --loss distil", err);
    if (!distil && !options->triplets && options->data.count == 0)
        return bad("--data", "is missing: this loss wants names", err);
    if (options->mining != KITH_MINING_NONE && options->batch % options->each != 0)
        return bad("--each", "must divide --batch", err);
    return KITH_OK;
}

static kith_status choose(kith_training *run, kith_error *err) {
    const kith_train_options *options = run->options;
    static const kith_loss_kind mined[] = {
        [KITH_MINING_NONE] = KITH_LOSS_TRIPLET,
        [KITH_MINING_SEMI] = KITH_LOSS_SEMIHARD,
        [KITH_MINING_HARD] = KITH_LOSS_HARD,
    };
    kith_status status = check(options, err);
    if (status != KITH_OK)
        return status;
    bool mines = options->mining != KITH_MINING_NONE, triplet = options->loss == KITH_LEARN_TRIPLET;
    run->threads = options->jobs > 0 ? (int)options->jobs : kith_processors_usable();
    run->sampling = mines ? KITH_SAMPLE_PERSONS : triplet ? KITH_SAMPLE_TRIPLETS : KITH_SAMPLE_FACES;
    bool all = options->extent == KITH_EXTENT_ALL;
    run->norm = options->bn == KITH_BN_BATCH || (options->bn == KITH_BN_AUTO && all) ? KITH_NORM_BATCH
                                                                                     : KITH_NORM_FROZEN;
    double usual = mines ? 0.3 : triplet ? 2 : 0.5;
    run->loss = (kith_loss_options){.kind = triplet                               ? mined[options->mining]
                                            : options->loss == KITH_LEARN_ARCFACE ? KITH_LOSS_ARCFACE
                                                                                  : KITH_LOSS_DISTIL,
                                    .rows = (size_t)options->batch *
                                            (run->sampling == KITH_SAMPLE_TRIPLETS ? KITH_TRIPLET : 1),
                                    .margin = options->margin < 0 ? usual : options->margin,
                                    .scale = options->scale,
                                    .cosine = 2,
                                    .matrix = 2,
                                    .bank_weight = 0.5,
                                    .temperature = 0.05};
    return KITH_OK;
}

kith_status kith_training_path(char out[KITH_TRAINING_PATH], const kith_training *run, const char *name,
                               kith_error *err) {
    int written = snprintf(out, KITH_TRAINING_PATH, "%s/%s", run->options->out, name);
    return written < KITH_TRAINING_PATH
               ? KITH_OK
               : kith_fail(err, KITH_E_IO, ENAMETOOLONG, run->options->out, "the path is too long");
}

/* A run that is here already and is not, or cannot be, resumed is said before anything takes long. */
static kith_status open_folder(kith_training *run, kith_error *err) {
    char path[KITH_TRAINING_PATH], *options = NULL;
    run->saved = -1;
    if (mkdir(run->options->out, 0777) != 0 && errno != EEXIST)
        return kith_fail(err, KITH_E_IO, errno, run->options->out, "%s", strerror(errno));
    kith_status status = kith_training_path(path, run, "checkpoint.safetensors", err);
    if (status != KITH_OK || access(path, F_OK) != 0)
        return status;
    if (!run->options->resume)
        return kith_fail(err, KITH_E_USAGE, 0, path,
                         "a run is here already (--resume goes on with it; another --out begins anew)");
    status = kith_training_recipe(&options, run, err);
    if (status == KITH_OK)
        status = kith_checkpoint_compare(path, options, err);
    free(options);
    return status;
}

/* ---- the network ---- */

typedef struct missing {
    const kith_training *run;
    size_t count;
    char first[64];
} missing;

static void note_missing(void *context, const char *name) {
    missing *to = context;
    if (to->count++ == 0)
        snprintf(to->first, sizeof to->first, "%s", name);
}

static void copy_metadata(char out[KITH_TRAINING_TEXT], const kith_tensors *from, const char *key,
                          const char *otherwise) {
    const char *text = kith_tensors_metadata(from, key);
    kith_printable(out, KITH_TRAINING_TEXT, text ? text : otherwise, SIZE_MAX);
}

static kith_status open_parameters(kith_training *run, const char *name, const char *where, kith_error *err) {
    kith_frame frame;
    if (!name)
        return kith_fail(err, KITH_E_USAGE, 0, where, "does not say which network it is of (--arch does)");
    run->arch = kith_arch_find(name);
    if (!run->arch || !kith_frame_of(&frame, name, kith_arch_side(run->arch)))
        return kith_fail(err, KITH_E_USAGE, 0, name, "no network for faces (mobileface, reid, siamese)");
    kith_status status = kith_parameters_open(&run->parameters, run->arch, err);
    if (status == KITH_OK)
        kith_parameters_randomise(run->parameters, kith_random_mix((uint64_t)run->options->seed, 1));
    return status;
}

static kith_status load_weights(kith_training *run, const char *weights, kith_error *err) {
    char path[KITH_TRAINING_PATH];
    kith_tensors *tensors = NULL;
    missing gone = {.run = run};
    kith_status status = kith_weights_path(path, sizeof path, weights, err);
    if (status == KITH_OK)
        status = kith_tensors_read(&tensors, path, false, err);
    if (status == KITH_OK) {
        const char *arch = kith_tensors_metadata(tensors, "kith.arch"), *asked = run->options->arch;
        if (asked && arch && strcmp(asked, arch) != 0)
            status =
                kith_fail(err, KITH_E_REFUSED, 0, path, "holds a network '%.40s', not '%.40s'", arch, asked);
        else
            status = open_parameters(run, asked ? asked : arch, path, err);
    }
    if (status == KITH_OK)
        status = kith_parameters_load(run->parameters, tensors, path, note_missing, &gone, err);
    if (status == KITH_OK && gone.count == (size_t)run->parameters->count)
        status = kith_fail(err, KITH_E_REFUSED, 0, path, "has no tensor of the network '%s'",
                           kith_arch_name(run->arch));
    if (status == KITH_OK) {
        copy_metadata(run->source, tensors, "kith.source", weights);
        copy_metadata(run->licence, tensors, "kith.licence", "not stated");
        copy_metadata(run->trained_on, tensors, "kith.trained_on", "not stated");
    }
    if (status == KITH_OK && gone.count > 0)
        kith_training_say(run, "%s: lacks %zu of %d tensors, which start at random: %s ...", path, gone.count,
                          run->parameters->count, gone.first);
    kith_tensors_free(&tensors);
    return status;
}

static int row_of(const kith_arch *arch, kith_operator_kind op) {
    for (int row = 0; row < arch->count; row++)
        if (arch->layers[row].op == op)
            return row;
    return -1;
}

static kith_status open_network(kith_training *run, kith_error *err) {
    const kith_train_options *options = run->options;
    const char *weights = options->init ? options->init : options->arch;
    if (!weights)
        return bad("--init", "or --arch is missing: which network learns?", err);
    kith_status status;
    if (options->arch && !kith_arch_find(options->arch)) {
        status = open_parameters(run, options->arch, "--arch", err); /* says so */
    } else if (strcmp(weights, "random") == 0) {
        snprintf(run->source, sizeof run->source, "random values");
        snprintf(run->licence, sizeof run->licence, "not stated");
        status = open_parameters(run, options->arch, "random", err);
    } else {
        status = load_weights(run, weights, err);
    }
    if (status != KITH_OK)
        return status;
    run->side = options->side > 0 ? (int)options->side : kith_arch_side(run->arch);
    run->vector_row = row_of(run->arch, KITH_OP_VECTOR);
    run->frozen_row = -1;
    status = kith_extent_first(&run->first, run->arch, (kith_extent)options->extent, err);
    if (status == KITH_OK && run->first > 0)
        status = kith_frozen_row(&run->frozen_row, run->arch, run->first, err);
    if (status == KITH_OK)
        status = kith_sha256(run->first_digest, run->parameters->values,
                             run->parameters->total * sizeof *run->parameters->values, err);
    if (status == KITH_OK)
        kith_parameters_train(run->parameters, run->first);
    return status;
}

/* ---- the data ---- */

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
        kith_training_say(
            run, "too few persons for a validation triplet: all are trained on, nothing is validated");
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
        with.weights = run->vector_row >= 0 ? "siamese" : "mobileface";
    return kith_model_open(&run->model, &with, err);
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
                             .landmarks = run->vector_row >= 0,
                             .model = run->model,
                             .find = kith_find_options_of(&options->finding),
                             .decode = kith_decode_options_of(&options->finding),
                             .validation = options->validation,
                             .seed = kith_random_mix((uint64_t)options->seed, 2),
                             .jobs = run->threads,
                             .tell = tell_set,
                             .progress = report_faces,
                             .context = run};
    if (run->triplets) {
        with.files = (const char *const *)run->triplets->files;
        with.file_count = run->triplets->file_count;
    }
    kith_status status = kith_face_set_open(&run->set, &with, err);
    report_faces(run, 0, 0);
    free(sources);
    return status;
}

static kith_status open_data(kith_training *run, kith_error *err) {
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
        kith_training_say(
            run, "%zu faces of %zu persons (%zu pictures failed, %zu without a face, %zu files ignored)",
            run->set->count, run->set->person_count, run->set->failed, run->set->faceless, run->set->ignored);
    return status;
}

/* Where a teacher's targets are kept: its digest is in the name, since another teacher may come to the
 * folder. */
static kith_status targets_path(char out[KITH_TRAINING_PATH], const kith_training *run, kith_error *err) {
    char weights[KITH_TRAINING_PATH], digest[65], name[64];
    kith_status status = kith_weights_path(weights, sizeof weights, run->options->teacher, err);
    if (status == KITH_OK)
        status = kith_sha256_file(digest, weights, err);
    if (status != KITH_OK)
        return status;
    snprintf(name, sizeof name, "targets-%.12s.safetensors", digest);
    return kith_training_path(out, run, name, err);
}

/* Targets are read back from where they are kept: a resumed run then has the same ones, to the bit. */
static kith_status teach(kith_training *run, kith_error *err) {
    char path[KITH_TRAINING_PATH];
    kith_status status = targets_path(path, run, err);
    if (status == KITH_OK && access(path, F_OK) != 0) {
        kith_teacher_options with = {.weights = run->options->teacher,
                                     .jobs = run->threads,
                                     .progress = report_targets,
                                     .context = run};
        status = kith_targets_teach(&run->targets, run->set, &with, err);
        report_targets(run, 0, 0);
        if (status == KITH_OK)
            status = kith_targets_write(path, run->targets, run->set, err);
        kith_targets_free(&run->targets);
    }
    return status == KITH_OK ? kith_targets_read(&run->targets, path, run->set, err) : status;
}

static kith_status open_targets(kith_training *run, kith_error *err) {
    if (run->options->loss != KITH_LEARN_DISTIL)
        return KITH_OK;
    kith_status status = run->options->teacher
                             ? teach(run, err)
                             : kith_targets_read(&run->targets, run->options->targets, run->set, err);
    if (status == KITH_OK)
        status = kith_targets_bank(&run->bank, &run->loss.bank_count, run->targets, run->set, BANK,
                                   kith_random_mix((uint64_t)run->options->seed, 4), err);
    run->loss.bank = run->bank;
    return status;
}

/* ---- what steps ---- */

kith_feed_options kith_training_feed(const kith_training *run, bool validation) {
    return (kith_feed_options){.sampler = {.sampling = run->sampling,
                                           .set = run->set,
                                           .triplets = run->triplets,
                                           .validation = validation,
                                           .batch = (size_t)run->options->batch,
                                           .each = (size_t)run->options->each,
                                           .variants = run->first > 0 ? VARIANTS : SIZE_MAX,
                                           .seed = kith_random_mix((uint64_t)run->options->seed, 5)},
                               .arch = kith_arch_name(run->arch),
                               .side = run->side,
                               .threads = run->threads,
                               .vector_row = run->vector_row,
                               .frozen_row = run->frozen_row};
}

static kith_status open_graph(kith_training *run, kith_error *err) {
    kith_graph_options with = {
        .side = run->side, .batch = (int)run->loss.rows, .first = run->first, .threads = run->threads};
    kith_status status = kith_graph_open(&run->graph, run->parameters, &with, err);
    if (status == KITH_OK)
        kith_training_say(run, "%s at %d x %d, batches of %zu pictures, %.0f MiB for a step",
                          kith_arch_name(run->arch), run->side, run->side, run->loss.rows,
                          (double)kith_graph_memory(run->graph) / (1 << 20));
    return status;
}

static bool validates(const kith_training *run) {
    if (run->sampling != KITH_SAMPLE_TRIPLETS)
        return run->set->validates && kith_face_set_side(run->set, true, NULL) > 0;
    for (size_t i = 0; i < run->triplets->count; i++)
        if (run->triplets->items[i].validation)
            return true;
    return false;
}

static kith_status cache_side(kith_training *run, kith_feed_cache **out, bool validation, size_t budget,
                              kith_error *err) {
    char text[KITH_TRAINING_TEXT];
    kith_feed_options feed = kith_training_feed(run, validation);
    kith_feed_cache_options with = {.frozen = run->frozen,
                                    .budget = budget,
                                    .folder = run->options->out,
                                    .progress = report_cache,
                                    .context = run};
    kith_status status = kith_feed_cache_open(out, &feed, &with, err);
    report_cache(run, 0, 0);
    if (status != KITH_OK)
        return status;
    kith_cache_describe(text, sizeof text, kith_feed_cache_items(*out));
    kith_training_say(run, "frozen layers of %s: %s", validation ? "validation" : "training", text);
    return KITH_OK;
}

static kith_status open_caches(kith_training *run, kith_error *err) {
    size_t budget = run->options->cache_memory;
    if (run->first == 0)
        return KITH_OK;
    kith_status status =
        kith_frozen_open(&run->frozen, run->parameters, run->first, run->side, run->threads, err);
    if (status == KITH_OK)
        status = cache_side(run, &run->cache, false, budget, err);
    if (status == KITH_OK && validates(run))
        status = cache_side(run, &run->validation_cache, true,
                            budget - kith_cache_memory(kith_feed_cache_items(run->cache)), err);
    kith_frozen_close(&run->frozen);
    return status;
}

/* Steps of an epoch. */
static kith_status count_steps(const kith_training *run, size_t *out, kith_error *err) {
    kith_feed_options feed = kith_training_feed(run, false);
    kith_sampler *sampler = NULL;
    kith_status status = kith_sampler_open(&sampler, &feed.sampler, err);
    if (status == KITH_OK)
        *out = kith_sampler_steps(sampler);
    kith_sampler_close(&sampler);
    return status;
}

static kith_status open_learner(kith_training *run, kith_error *err) {
    const kith_train_options *options = run->options;
    size_t steps = 0;
    if (run->loss.kind == KITH_LOSS_ARCFACE)
        run->loss.labels = run->set->labels;
    if (run->loss.kind == KITH_LOSS_ARCFACE && (run->loss.labels < 2 || run->loss.labels > LABELS_MOST))
        return kith_fail(err, KITH_E_REFUSED, 0, "--loss arcface",
                         "%zu persons to tell apart; it wants 2 to %d", run->loss.labels, LABELS_MOST);
    kith_status status = count_steps(run, &steps, err);
    if (status != KITH_OK)
        return status;
    kith_optimiser optimiser = KITH_OPTIMISER_DEFAULTS;
    optimiser.kind = (kith_optimiser_kind)options->optimiser;
    optimiser.decay = options->decay;
    optimiser.clip = options->clip;
    optimiser.threads = run->threads;
    kith_learner_options with = {.parameters = run->parameters,
                                 .graph = run->graph,
                                 .set = run->set,
                                 .targets = run->targets,
                                 .loss = run->loss,
                                 .optimiser = optimiser,
                                 .schedule = {.kind = (kith_schedule_kind)options->schedule,
                                              .rate = options->rate,
                                              .half_cycle = (size_t)options->half_cycle,
                                              .warm_up = (size_t)options->warm_up,
                                              .steps = steps * (size_t)options->epochs},
                                 .norm = run->norm,
                                 .ema = options->ema,
                                 .seed = kith_random_mix((uint64_t)options->seed, 6)};
    return kith_learner_open(&run->learner, &with, err);
}

static kith_status open_validation(kith_training *run, kith_error *err) {
    if (!validates(run))
        return KITH_OK;
    kith_status status = KITH_OK;
    if (run->targets)
        status = kith_loss_open(&run->distil, &run->loss, err);
    kith_validation_options with = {.feed = kith_training_feed(run, true),
                                    .cache = run->validation_cache,
                                    .judge = run->judge,
                                    .margin = run->loss.kind == KITH_LOSS_ARCFACE ? NAN : run->loss.margin,
                                    .distil = run->distil,
                                    .targets = run->targets};
    return status == KITH_OK ? kith_validation_open(&run->validation, &with, err) : status;
}

static kith_status resume(kith_training *run, kith_error *err) {
    char path[KITH_TRAINING_PATH];
    kith_status status = kith_training_recipe(&run->recipe, run, err);
    if (status == KITH_OK)
        status = kith_training_path(path, run, "checkpoint.safetensors", err);
    if (status != KITH_OK || !run->options->resume)
        return status;
    if (access(path, F_OK) != 0) {
        kith_training_say(run, "%s: is not there yet, so the run begins", path);
        return KITH_OK;
    }
    status = kith_checkpoint_read(path, &run->learner->state, run->recipe, err);
    if (status != KITH_OK)
        return status;
    run->saved = run->learner->state.step;
    if (run->learner->state.epoch >= run->options->epochs)
        kith_training_say(run,
                          "the run is finished after epoch %ld (without --schedule cosine, more --epochs may "
                          "follow)",
                          run->learner->state.epoch);
    else
        kith_training_say(run, "goes on after step %ld, in epoch %ld", run->learner->state.step,
                          run->learner->state.epoch + 1);
    status = kith_training_path(path, run, "history.csv", err);
    return status == KITH_OK ? kith_history_read(&run->history, path, run->learner->state.epoch, err)
                             : status;
}

kith_status kith_training_open(kith_training *run, kith_error *err) {
    static kith_status (*const stages[])(kith_training *, kith_error *) = {
        choose,     open_network, open_folder,  open_data,       open_targets,
        open_graph, open_caches,  open_learner, open_validation, resume,
    };
    kith_status status = KITH_OK;
    for (size_t i = 0; status == KITH_OK && i < sizeof stages / sizeof stages[0]; i++)
        status = stages[i](run, err);
    return status;
}

void kith_training_close(kith_training *run) {
    kith_validation_close(&run->validation);
    kith_loss_close(&run->distil);
    kith_learner_close(&run->learner);
    kith_feed_cache_close(&run->cache);
    kith_feed_cache_close(&run->validation_cache);
    kith_frozen_close(&run->frozen);
    kith_graph_close(&run->graph);
    free(run->bank);
    kith_targets_free(&run->targets);
    kith_triplets_free(&run->judge);
    kith_triplets_free(&run->triplets);
    kith_face_set_close(&run->set);
    kith_model_close(&run->model);
    kith_parameters_close(&run->parameters);
    kith_history_clear(&run->history);
    free(run->recipe);
}
