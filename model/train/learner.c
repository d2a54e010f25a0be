/* SPDX-License-Identifier: MIT */
#include "model/train/learner.h"

#include <math.h>

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the optimiser");
}

static float *flat(size_t count) {
    return calloc(count, sizeof(float));
}

static bool allocate_classes(kith_learner *learner) {
    kith_state *state = &learner->state;
    size_t count = learner->options.loss.labels * KITH_DIMENSION;
    state->labels = (int)learner->options.loss.labels;
    state->width = KITH_DIMENSION;
    state->classes = flat(count);
    state->classes_first = flat(count);
    state->classes_second = flat(count);
    learner->classes_gradient = flat(count);
    if (!state->classes || !state->classes_first || !state->classes_second || !learner->classes_gradient)
        return false;
    kith_arcface_start(state->classes, learner->options.loss.labels, learner->options.seed);
    return true;
}

static bool allocate(kith_learner *learner) {
    const kith_learner_options *options = &learner->options;
    kith_state *state = &learner->state;
    size_t total = options->parameters->total, rows = options->loss.rows;
    state->parameters = options->parameters;
    state->first = flat(total);
    state->second = flat(total);
    learner->wanted = flat(rows * KITH_DIMENSION);
    learner->persons = calloc(rows, sizeof *learner->persons);
    learner->labels = calloc(rows, sizeof *learner->labels);
    learner->spans = calloc((size_t)options->parameters->count + 1, sizeof *learner->spans);
    if (!state->first || !state->second || !learner->wanted || !learner->persons || !learner->labels ||
        !learner->spans)
        return false;
    if (options->ema > 0) {
        state->average = flat(total);
        if (!state->average)
            return false;
        memcpy(state->average, options->parameters->values, total * sizeof *state->average);
    }
    return options->loss.kind != KITH_LOSS_ARCFACE || allocate_classes(learner);
}

/* Only filters decay: biases, slopes and batch norms have no scale that the loss would not see. */
static void make_spans(kith_learner *learner) {
    const kith_parameters *parameters = learner->options.parameters;
    kith_state *state = &learner->state;
    for (int p = 0; p < parameters->count; p++) {
        const kith_parameter *parameter = &parameters->list[p];
        if (!parameter->trained)
            continue;
        size_t at = parameter->offset;
        learner->spans[learner->span_count++] = (kith_span){
            parameters->values + at, parameters->gradients + at, state->first + at,
            state->second + at,      parameter->tensor.count,    parameter->tensor.role == KITH_WEIGHT};
    }
    if (state->classes)
        learner->spans[learner->span_count++] = (kith_span){state->classes,
                                                            learner->classes_gradient,
                                                            state->classes_first,
                                                            state->classes_second,
                                                            (size_t)state->labels * (size_t)state->width,
                                                            true};
}

kith_status kith_learner_open(kith_learner **out, const kith_learner_options *options, kith_error *err) {
    if (kith_graph_output_width(options->graph) != KITH_DIMENSION)
        return kith_fail(err, KITH_E_REFUSED, 0, options->parameters->arch->name,
                         "this network's output is no embedding of a face");
    kith_learner *learner = *out = calloc(1, sizeof *learner);
    if (!learner)
        return no_memory(err);
    learner->options = *options;
    learner->state.best = NAN;
    kith_status status = allocate(learner) ? KITH_OK : no_memory(err);
    if (status == KITH_OK)
        status = kith_loss_open(&learner->loss, &options->loss, err);
    if (status == KITH_OK)
        make_spans(learner);
    else
        kith_learner_close(out);
    return status;
}

void kith_learner_close(kith_learner **learner) {
    if (*learner) {
        kith_state *state = &(*learner)->state;
        kith_loss_close(&(*learner)->loss);
        free(state->first);
        free(state->second);
        free(state->average);
        free(state->classes);
        free(state->classes_first);
        free(state->classes_second);
        free((*learner)->classes_gradient);
        free((*learner)->wanted);
        free((*learner)->persons);
        free((*learner)->labels);
        free((*learner)->spans);
    }
    free(*learner);
    *learner = NULL;
}

static kith_status run_loss(kith_learner *learner, const kith_fed *fed, kith_loss_figures *out,
                            kith_error *err) {
    const kith_learner_options *options = &learner->options;
    const kith_face_set *set = options->set;
    size_t rows = options->loss.rows;
    for (size_t i = 0; i < rows; i++) {
        const kith_set_face *face = &set->faces[fed->faces[i]];
        learner->persons[i] = face->person;
        learner->labels[i] = face->person < 0 ? -1 : set->persons[face->person].label;
        if (options->targets)
            memcpy(learner->wanted + i * KITH_DIMENSION,
                   options->targets->values + (size_t)fed->faces[i] * KITH_DIMENSION,
                   KITH_DIMENSION * sizeof *learner->wanted);
    }
    kith_loss_input input = {.rows = rows,
                             .embeddings = kith_graph_output(options->graph),
                             .persons = learner->persons,
                             .labels = learner->labels,
                             .weights = learner->state.classes,
                             .weights_gradient = learner->classes_gradient,
                             .targets = options->targets ? learner->wanted : NULL};
    return kith_loss_run(learner->loss, &input, kith_graph_output_gradient(options->graph), out, err);
}

kith_status kith_learner_step(kith_learner *learner, const kith_fed *fed, kith_loss_figures *out,
                              kith_error *err) {
    const kith_learner_options *options = &learner->options;
    kith_state *state = &learner->state;
    double rate = kith_schedule_rate(&options->schedule, (size_t)state->step), norm = NAN;
    kith_status status = kith_graph_forward(options->graph, options->norm, err);
    if (status == KITH_OK)
        status = run_loss(learner, fed, out, err);
    if (status == KITH_OK && isfinite(out->loss)) {
        status = kith_graph_backward(options->graph, err);
        norm = kith_gradient_norm(learner->spans, learner->span_count);
    }
    if (status != KITH_OK)
        return status;
    if (!isfinite(norm))
        return kith_fail(err, KITH_E_REFUSED, 0, NULL, "the %s is not a number in step %ld at rate %.3g",
                         isfinite(out->loss) ? "gradient" : "loss", state->step + 1, rate);
    state->step++;
    state->rate = rate;
    kith_optimiser_step(&options->optimiser, learner->spans, learner->span_count, norm, rate,
                        (size_t)state->step);
    if (options->norm == KITH_NORM_BATCH)
        kith_graph_update_moving(options->graph);
    if (state->average)
        kith_average_step(state->average, options->parameters->values, options->parameters->total,
                          options->ema, (size_t)state->step);
    return KITH_OK;
}

void kith_learner_swap(kith_learner *learner) {
    float *values = learner->options.parameters->values, *average = learner->state.average;
    for (size_t i = 0; average && i < learner->options.parameters->total; i++) {
        float value = values[i];
        values[i] = average[i];
        average[i] = value;
    }
}
