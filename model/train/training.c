/* SPDX-License-Identifier: MIT */
#include "model/train/training.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "model/statistics/random.h"

void kith_training_say(const kith_training *run, const char *format, ...) {
    char text[KITH_TRAINING_PATH + KITH_TRAINING_TEXT];
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

void kith_training_report(const kith_training *run, const char *what, const char *unit, size_t done,
                          size_t total) {
    if (run->events->progress)
        run->events->progress(run->events->context, what, unit, done, total, NULL);
}

kith_status kith_training_path(char out[KITH_TRAINING_PATH], const kith_training *run, const char *name,
                               kith_error *err) {
    int written = snprintf(out, KITH_TRAINING_PATH, "%s/%s", run->options->out, name);
    return written < KITH_TRAINING_PATH
               ? KITH_OK
               : kith_fail(err, KITH_E_IO, ENAMETOOLONG, run->options->out, "the path is too long");
}

kith_feed_options kith_training_feed(const kith_training *run, bool validation) {
    return (kith_feed_options){
        .sampler = {.sampling = run->sampling,
                    .set = run->set,
                    .triplets = run->triplets,
                    .validation = validation,
                    .batch = (size_t)run->options->batch,
                    .each = (size_t)run->options->each,
                    .variants = run->first > 0 ? (size_t)run->options->variants : SIZE_MAX,
                    .seed = kith_random_mix((uint64_t)run->options->seed, 5)},
        .arch = kith_arch_name(run->arch),
        .side = run->side,
        .threads = run->threads,
        .vector_row = run->vector_row,
        .frozen_row = run->frozen_row};
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
    if (run->folder >= 0)
        close(run->folder);
}
