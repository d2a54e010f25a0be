/* SPDX-License-Identifier: MIT
 *
 * Epochs. The order of writing at the end of one: model files and history first, the checkpoint last, so that
 * a run that is killed in between does the epoch's end again and comes to the same.
 */
#include "model/train/run.h"

#include <math.h>

#include "model/train/pictures.h"
#include "model/train/training.h"
#include "proto/stop.h"

static const double seconds_between_checkpoints = 600;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* The epoch in hand. */
typedef struct epoch {
    double started; /* as if it had been begun in this process */
    double saved;   /* when the last checkpoint was written */
    size_t steps;   /* that it has */
} epoch;

static kith_status save(kith_training *run, epoch *in, kith_error *err) {
    char path[KITH_TRAINING_PATH];
    kith_status status = kith_training_path(path, run, "checkpoint.safetensors", err);
    in->saved = now();
    run->learner->state.seconds = in->saved - in->started;
    if (status == KITH_OK)
        status = kith_checkpoint_write(path, &run->learner->state, run->recipe, err);
    if (status == KITH_OK)
        run->saved = run->learner->state.step;
    return status;
}

static void show_step(const kith_training *run, const epoch *in) {
    const kith_state *state = &run->learner->state;
    char what[64], note[64];
    size_t items = run->loss.rows;
    if (!run->events->progress)
        return;
    snprintf(what, sizeof what, "epoch %ld/%ld", state->epoch + 1, run->options->epochs);
    snprintf(note, sizeof note, "loss %.4f", kith_tally_mean(&state->tallies.loss));
    run->events->progress(run->events->context, what, "images", (size_t)state->epoch_step * items,
                          in->steps * items, note);
}

static kith_status step(kith_training *run, kith_feed *feed, kith_error *err) {
    kith_state *state = &run->learner->state;
    kith_loss_figures figures = {0};
    kith_fed fed;
    kith_status status = kith_feed_next(feed, run->graph, &fed, err);
    if (status == KITH_OK)
        status = kith_learner_step(run->learner, &fed, &figures, err);
    if (status != KITH_OK)
        return status;
    state->epoch_step++;
    kith_tally_add(&state->tallies.loss, figures.loss);
    kith_tally_add(&state->tallies.s_ap, figures.s_ap);
    kith_tally_add(&state->tallies.s_an, figures.s_an);
    kith_tally_add(&state->tallies.to_target, figures.to_target);
    return KITH_OK;
}

/* A loss that is no number: the learner said when; from where one may go on is known here. */
static kith_status explain(const kith_training *run, const kith_error *cause, kith_error *err) {
    char saved[64] = "no checkpoint was written yet";
    if (cause->code != KITH_E_REFUSED || cause->where[0]) {
        *err = *cause;
        return err->code;
    }
    if (run->saved >= 0)
        snprintf(saved, sizeof saved, "checkpoint.safetensors is of step %ld", run->saved);
    return kith_fail(err, cause->code, 0, run->options->out, "%s (%s; a smaller --lr or --clip may help)",
                     cause->text, saved);
}

static kith_status steps_of_epoch(kith_training *run, kith_feed *feed, epoch *in, kith_error *err) {
    kith_state *state = &run->learner->state;
    kith_status status = KITH_OK;
    while (status == KITH_OK && (size_t)state->epoch_step < in->steps) {
        kith_error cause = {0};
        status = step(run, feed, &cause);
        if (status != KITH_OK)
            return explain(run, &cause, err);
        show_step(run, in);
        bool stops = kith_stop_signal() != 0;
        if (stops || now() - in->saved > seconds_between_checkpoints)
            status = save(run, in, err);
        if (status == KITH_OK && stops)
            status = kith_stop_error(err);
    }
    return status;
}

/* Smaller is better. A validation whose loss is no number, as of moving statistics gone wrong, is the worst.
 */
static double figure_of(const kith_training *run, const kith_epoch *row) {
    bool triplets = run->validation && run->validation->count > 0 && run->loss.kind != KITH_LOSS_ARCFACE;
    if (triplets || run->distil)
        return isfinite(row->validation.loss) ? row->validation.loss : INFINITY;
    return isfinite(row->accuracy) ? -row->accuracy : row->training.loss;
}

/* Of equal ones, as of losses that are 0 from the first epoch on, the more accurate, then the later one. */
static bool is_best(const kith_training *run, const kith_epoch *row) {
    const kith_state *state = &run->learner->state;
    double figure = figure_of(run, row);
    return !(figure >= state->best) || (!(figure > state->best) && !(row->accuracy < state->best_accuracy));
}

static void draw(kith_training *run) {
    char path[KITH_TRAINING_PATH];
    kith_error err = {0};
    if (kith_training_path(path, run, "history.svg", &err) == KITH_OK &&
        kith_history_draw(path, &run->history, &err) == KITH_OK && run->validation &&
        run->validation->count > 0 && kith_training_path(path, run, "similarities.svg", &err) == KITH_OK)
        kith_similarities_draw(path, run->validation->s_ap, run->validation->s_an, run->validation->count,
                               &err);
    if (err.code != KITH_OK && !run->undrawn) /* said once: the next epoch will hardly be luckier */
        kith_training_fault(run, &err);
    run->undrawn = err.code != KITH_OK;
}

/* Validates and writes, with the averaged weights when there are some. */
static kith_status judge(kith_training *run, kith_epoch *row, bool *best, kith_error *err) {
    kith_state *state = &run->learner->state;
    kith_status status = KITH_OK;
    kith_learner_swap(run->learner);
    if (run->validation)
        status = kith_validation_run(run->validation, run->graph, err);
    if (status == KITH_OK && run->validation) {
        row->validation = run->validation->figures;
        row->accuracy = run->validation->accuracy;
    }
    *best = status == KITH_OK && is_best(run, row);
    if (*best) {
        state->best = figure_of(run, row);
        state->best_accuracy = row->accuracy;
        state->best_epoch = row->epoch;
        status = kith_training_write(run, "best.safetensors", err);
    }
    if (status == KITH_OK)
        status = kith_training_write(run, "last.safetensors", err);
    kith_learner_swap(run->learner);
    return status;
}

static const kith_figures unknown = {NAN, NAN, NAN, NAN};

/* Judges what there is after row->epoch epochs, writes it all down, and tells it. */
static kith_status conclude(kith_training *run, epoch *in, kith_epoch *row, kith_error *err) {
    char path[KITH_TRAINING_PATH];
    kith_state *state = &run->learner->state;
    bool best = false;
    kith_status status = judge(run, row, &best, err);
    row->seconds = now() - in->started;
    if (status == KITH_E_STOPPED) { /* resumed, the same is judged */
        kith_error cause = {0};
        return save(run, in, &cause) == KITH_OK ? status : kith_fail_with(err, &cause);
    }
    if (status == KITH_OK)
        status = kith_history_add(&run->history, row, err);
    if (status == KITH_OK)
        status = kith_training_path(path, run, "history.csv", err);
    if (status == KITH_OK)
        status = kith_history_write(path, &run->history, err);
    if (status != KITH_OK)
        return status;
    state->epoch = row->epoch;
    state->epoch_step = 0;
    state->tallies = (kith_tallies){0};
    in->started = now();
    status = save(run, in, err);
    if (run->events->epoch)
        run->events->epoch(run->events->context, row, best,
                           row->epoch == 0 ? (double)NAN
                                           : row->seconds * (double)(run->options->epochs - state->epoch));
    draw(run);
    return status;
}

/* Epoch 0: what the weights are worth that the run begins with, so the best ones are never worse. */
static kith_status begin(kith_training *run, epoch *in, kith_error *err) {
    const kith_state *state = &run->learner->state;
    kith_epoch row = {.training = unknown, .validation = unknown, .rate = NAN, .images = NAN};
    bool begins = state->step == 0 && run->history.count == 0;
    return begins && run->validation ? conclude(run, in, &row, err) : KITH_OK;
}

static kith_status end_epoch(kith_training *run, epoch *in, kith_error *err) {
    const kith_state *state = &run->learner->state;
    double trained = now() - in->started;
    kith_epoch row = {
        .epoch = state->epoch + 1,
        .step = state->step,
        .training = {kith_tally_mean(&state->tallies.loss), kith_tally_mean(&state->tallies.s_ap),
                     kith_tally_mean(&state->tallies.s_an), kith_tally_mean(&state->tallies.to_target)},
        .validation = unknown,
        .accuracy = NAN,
        .rate = state->rate,
        .images = (double)(in->steps * run->loss.rows) / trained};
    return conclude(run, in, &row, err);
}

static kith_status go(kith_training *run, kith_error *err) {
    kith_state *state = &run->learner->state;
    kith_feed_options with = kith_training_feed(run, false);
    kith_feed *feed = NULL;
    kith_status status =
        kith_feed_open(&feed, &with, run->cache, (size_t)state->epoch, (size_t)state->epoch_step, err);
    if (status != KITH_OK)
        return status;
    epoch in = {.started = now() - state->seconds, .saved = now(), .steps = kith_feed_steps(feed)};
    status = begin(run, &in, err);
    while (status == KITH_OK && state->epoch < run->options->epochs) {
        status = steps_of_epoch(run, feed, &in, err);
        if (status == KITH_OK)
            status = end_epoch(run, &in, err);
    }
    kith_feed_close(&feed);
    return status;
}

/* What follows from how it ended. */
static void advise(const kith_training *run, kith_status status) {
    const kith_state *state = &run->learner->state;
    const char *out = run->options->out;
    if (status == KITH_E_STOPPED && run->saved >= 0)
        kith_training_say(run, "%s/checkpoint.safetensors is of step %ld (--resume goes on with it)", out,
                          run->saved);
    else if (status == KITH_OK && run->validation && state->best_epoch == 0)
        kith_training_say(run, "no epoch was better than the weights it began with, so best.safetensors has "
                               "those (a smaller --lr, or more photos, may help)");
    else if (status == KITH_OK)
        kith_training_say(run,
                          "these weights have no thresholds yet: kith-model calibrate --weights "
                          "%s/best.safetensors DIR measures them on a folder of 20 other persons or more",
                          out);
}

kith_status kith_train_run(const kith_train_options *options, const kith_train_events *events,
                           kith_error *err) {
    kith_training run = {.options = options, .events = events, .folder = -1};
    kith_status status = kith_training_open(&run, err);
    bool finished = status == KITH_OK && run.learner->state.epoch >= options->epochs;
    if (status == KITH_OK && !finished) {
        status = go(&run, err);
        advise(&run, status);
    }
    kith_training_close(&run);
    return status;
}
