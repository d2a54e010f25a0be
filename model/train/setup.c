/* SPDX-License-Identifier: MIT
 *
 * From options to a run that can take its first step, stage by stage.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/statistics/random.h"
#include "model/train/training.h"
#include "proto/digest.h"
#include "proto/processors.h"

enum { LABELS_MOST = 1 << 16, WARM_UP = 200 };

/* ---- options ---- */

static kith_status bad(const char *where, const char *what, kith_error *err) {
    return kith_fail(err, KITH_E_USAGE, 0, where, "%s", what);
}

static kith_status check(const kith_train_options *options, kith_error *err) {
    bool distil = options->loss == KITH_LEARN_DISTIL,
         folders = options->data.count + options->nameless.count > 0;
    if (!options->out)
        return bad("--out", "is missing (a folder for all that the run writes)", err);
    if (!options->triplets && !folders)
        return bad("--data", "is missing: folders of pictures, or a file of --triplets", err);
    if (options->triplets && folders)
        return bad("--triplets", "goes without --data and --nameless", err);
    if (options->triplets && options->loss != KITH_LEARN_TRIPLET)
        return bad("--triplets", "goes with --loss triplet (the others learn from the folders of --data)",
                   err);
    if (options->mining != KITH_MINING_NONE && (options->loss != KITH_LEARN_TRIPLET || options->triplets))
        return bad("--mining", "goes with --loss triplet and --data", err);
    if (distil && !options->targets == !options->teacher)
        return bad("--loss distil", "wants either --targets or a --teacher", err);
    if (!distil && (options->targets || options->teacher))
        return bad(options->targets ? "--targets" : "--teacher", "goes with --loss distil", err);
    if (options->keep > 0 && !options->teacher)
        return bad("--keep", "goes with a --teacher", err);
    if (options->keep > 0 && options->init && strcmp(options->init, "random") == 0)
        return bad("--keep", "wants weights in --init: random ones know nothing", err);
    if (!options->teacher && options->blends > 0)
        return bad("--blends", "goes with a --teacher, which says where they belong", err);
    if (!distil && options->nameless.count > 0)
        return bad("--nameless", "goes with --loss distil: the others want names (--data has them)", err);
    if (options->mining != KITH_MINING_NONE &&
        (options->batch % options->each != 0 || options->batch == options->each))
        return bad("--each",
                   "must divide --batch: a batch has so many pictures of each of two persons or more", err);
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

/* The run's alone until it ends. File systems that know no locks are taken as they are. */
static kith_status take_folder(kith_training *run, kith_error *err) {
    const char *folder = run->options->out;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return kith_fail(err, KITH_E_IO, errno, folder, "%s", strerror(errno));
    run->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (run->folder < 0 || access(folder, W_OK | X_OK) != 0)
        return kith_fail(err, KITH_E_IO, errno, folder, "%s", strerror(errno));
    if (flock(run->folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return kith_fail(err, KITH_E_USAGE, 0, folder,
                         "another run is writing there (wait for its end, or name another --out)");
    return KITH_OK;
}

/* What forbids a run in this folder is said before anything takes long. */
static kith_status open_folder(kith_training *run, kith_error *err) {
    char path[KITH_TRAINING_PATH], *options = NULL;
    run->saved = -1;
    kith_status status = take_folder(run, err);
    if (status == KITH_OK)
        status = kith_training_path(path, run, "checkpoint.safetensors", err);
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
    missing gone = {0};
    kith_status status = kith_weights_read(&tensors, path, sizeof path, weights, err);
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
    kith_shape shapes[KITH_LAYERS_MOST];
    if (!weights)
        return bad("--arch", "is missing (which network learns?), or a file of weights in --init", err);
    run->weights = weights;
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
    run->landmarks = run->vector_row >= 0;
    run->frozen_row = -1;
    status = kith_arch_shapes(shapes, run->arch, NULL, run->side, run->side, err); /* the size is right */
    if (status == KITH_OK)
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

/* What it sees of the faces has to be there when they are decoded. */
static kith_status look_at_teacher(kith_training *run, kith_error *err) {
    char path[KITH_TRAINING_PATH];
    kith_tensors *tensors = NULL;
    if (!run->options->teacher)
        return KITH_OK;
    kith_status status = kith_weights_read(&tensors, path, sizeof path, run->options->teacher, err);
    const char *name = status == KITH_OK ? kith_tensors_metadata(tensors, "kith.arch") : NULL;
    const kith_arch *arch = name ? kith_arch_find(name) : NULL;
    run->landmarks |= arch && kith_arch_wants_landmarks(arch);
    kith_tensors_free(&tensors);
    return status;
}

/* ---- what steps ---- */

static void report_cache(void *context, size_t done, size_t total) {
    kith_training_report(context, "frozen layers", "faces", done, total);
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

/* Where the number of epochs is no part of the recipe, it decides nothing here, too. */
static size_t warm_up(const kith_train_options *options, size_t steps_of_epoch) {
    size_t epochs = options->schedule == KITH_SCHEDULE_COSINE ? (size_t)options->epochs : 10;
    size_t most = steps_of_epoch * epochs / 10;
    if (options->warm_up >= 0)
        return (size_t)options->warm_up;
    return most < WARM_UP ? most : WARM_UP;
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
                                              .warm_up = warm_up(options, steps),
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

/* No later epoch might be better, and the run would end without its result. */
static kith_status find_best(const kith_training *run, kith_error *err) {
    char path[KITH_TRAINING_PATH];
    const kith_state *state = &run->learner->state;
    kith_status status = kith_training_path(path, run, "best.safetensors", err);
    if (status != KITH_OK || isnan(state->best) || access(path, F_OK) == 0)
        return status;
    return kith_fail(
        err, KITH_E_REFUSED, ENOENT, path,
        "is gone, to which epoch %ld was written (bring it back, or begin anew in another --out)",
        state->best_epoch);
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
    status = find_best(run, err);
    if (status != KITH_OK)
        return status;
    run->saved = run->learner->state.step;
    if (run->learner->state.epoch >= run->options->epochs)
        kith_training_say(run,
                          "the run is finished after epoch %ld (with --schedule constant or cyclic, more "
                          "--epochs may follow)",
                          run->learner->state.epoch);
    else
        kith_training_say(run, "goes on after step %ld, in epoch %ld", run->learner->state.step,
                          run->learner->state.epoch + 1);
    status = kith_training_path(path, run, "history.csv", err);
    return status == KITH_OK ? kith_history_read(&run->history, path, run->learner->state.epoch, err)
                             : status;
}

/* A run that was to go on, with too few options to know what it is: those of its start are told. */
static void tell_recipe(const kith_training *run) {
    char path[KITH_TRAINING_PATH], *recipe = NULL;
    kith_error none = {0};
    if (kith_training_path(path, run, "checkpoint.safetensors", &none) != KITH_OK ||
        kith_checkpoint_recipe(&recipe, path, &none) != KITH_OK)
        return;
    for (char *c = recipe; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    kith_training_say(run, "%s: --resume wants the same folders and options as at the start, which were: %s",
                      path, recipe);
    free(recipe);
}

kith_status kith_training_open(kith_training *run, kith_error *err) {
    static kith_status (*const stages[])(kith_training *, kith_error *) = {
        choose,
        open_network,
        look_at_teacher,
        open_folder,
        kith_training_open_data,
        kith_training_open_targets,
        open_graph,
        open_caches,
        open_learner,
        open_validation,
        resume,
    };
    kith_status status = KITH_OK;
    for (size_t i = 0; status == KITH_OK && i < sizeof stages / sizeof stages[0]; i++)
        status = stages[i](run, err);
    if (status == KITH_E_USAGE && run->options->resume && run->options->out && run->folder < 0)
        tell_recipe(run);
    return status;
}
