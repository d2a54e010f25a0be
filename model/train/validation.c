/* SPDX-License-Identifier: MIT */
#include "model/train/validation.h"

#include <math.h>

#include "model/train/checkpoint.h"
#include "proto/stop.h"

struct kith_validation_store {
    kith_validation_options options;
    float *embeddings; /* unit vectors: of faces in the order in which they come, or of triplets' pictures */
    size_t rows;
    uint32_t *row_of_face;              /* feeds of faces */
    uint32_t (*triplets)[KITH_TRIPLET]; /* rows of embeddings */
    float *wanted;                      /* targets of a batch */
};

static bool by_triplets(const kith_validation_options *options) {
    return options->feed.sampler.sampling == KITH_SAMPLE_TRIPLETS;
}

/* Triplets of the validation side, as faces. Their rows of embeddings are known when faces have come. */
static void take_triplets(kith_validation *validation, const kith_triplets *from) {
    for (size_t i = 0; from && i < from->count; i++)
        if (from->items[i].validation) {
            uint32_t *to = validation->store->triplets[validation->count++];
            memcpy(to, from->items[i].face, sizeof from->items[i].face);
        }
}

static bool allocate(kith_validation *validation, size_t items) {
    struct kith_validation_store *store = validation->store;
    const kith_validation_options *options = &store->options;
    const kith_triplets *from = by_triplets(options) ? options->feed.sampler.triplets : options->judge;
    size_t most = from ? from->count : 0;
    size_t pictures = by_triplets(options) ? most * KITH_TRIPLET : options->feed.sampler.set->count;
    store->triplets = calloc(most + 1, sizeof *store->triplets);
    validation->s_ap = calloc(most + 1, sizeof *validation->s_ap);
    validation->s_an = calloc(most + 1, sizeof *validation->s_an);
    store->row_of_face = calloc(options->feed.sampler.set->count + 1, sizeof *store->row_of_face);
    store->embeddings = calloc((pictures + items) * KITH_DIMENSION, sizeof *store->embeddings);
    store->wanted = calloc(items * KITH_DIMENSION, sizeof *store->wanted);
    if (!store->triplets || !validation->s_ap || !validation->s_an || !store->row_of_face ||
        !store->embeddings || !store->wanted)
        return false;
    take_triplets(validation, from);
    return true;
}

kith_status kith_validation_open(kith_validation **out, const kith_validation_options *options,
                                 kith_error *err) {
    const kith_sampler_options *sampler = &options->feed.sampler;
    kith_validation *validation = *out = calloc(1, sizeof *validation);
    if (validation)
        validation->store = calloc(1, sizeof *validation->store);
    if (validation && validation->store) {
        validation->store->options = *options;
        if (allocate(validation, sampler->batch * KITH_TRIPLET))
            return KITH_OK;
    }
    kith_validation_close(out);
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for validation");
}

void kith_validation_close(kith_validation **validation) {
    if (*validation && (*validation)->store) {
        struct kith_validation_store *store = (*validation)->store;
        free(store->embeddings);
        free(store->row_of_face);
        free(store->triplets);
        free(store->wanted);
        free(store);
    }
    if (*validation) {
        free((*validation)->s_ap);
        free((*validation)->s_an);
    }
    free(*validation);
    *validation = NULL;
}

static void put_unit(float *to, const float *from) {
    double sum = 0;
    for (int i = 0; i < KITH_DIMENSION; i++)
        sum += (double)from[i] * (double)from[i];
    float scale = (float)(1 / (sqrt(sum) + 1e-8));
    for (int i = 0; i < KITH_DIMENSION; i++)
        to[i] = from[i] * scale;
}

/* A batch's pictures go where their triplet, or their number in the order of coming, says. */
static void keep(struct kith_validation_store *store, const kith_fed *fed, const float *output) {
    size_t batch = store->options.feed.sampler.batch, roles = by_triplets(&store->options) ? KITH_TRIPLET : 1;
    for (size_t i = 0; i < fed->count; i++)
        for (size_t role = 0; role < roles; role++) {
            size_t item = role * batch + i, row = store->rows + i * roles + role;
            put_unit(store->embeddings + row * KITH_DIMENSION, output + item * KITH_DIMENSION);
            store->row_of_face[fed->faces[item]] = (uint32_t)row;
        }
    store->rows += fed->count * roles;
}

static kith_status add_distil(kith_validation *validation, const kith_fed *fed, const float *output,
                              double sums[2], kith_error *err) {
    struct kith_validation_store *store = validation->store;
    kith_loss_figures figures;
    for (size_t i = 0; i < fed->count; i++)
        memcpy(store->wanted + i * KITH_DIMENSION,
               store->options.targets->values + (size_t)fed->faces[i] * KITH_DIMENSION,
               KITH_DIMENSION * sizeof *store->wanted);
    kith_loss_input input = {.rows = fed->count, .embeddings = output, .targets = store->wanted};
    kith_status status = kith_loss_run(store->options.distil, &input, NULL, &figures, err);
    sums[0] += figures.loss * (double)fed->count;
    sums[1] += figures.to_target * (double)fed->count;
    return status;
}

static kith_status embed(kith_validation *validation, kith_graph *graph, double sums[2], kith_error *err) {
    struct kith_validation_store *store = validation->store;
    kith_feed *feed = NULL;
    kith_fed fed;
    kith_status status = kith_feed_open(&feed, &store->options.feed, store->options.cache, 0, 0, err);
    size_t steps = status == KITH_OK ? kith_feed_steps(feed) : 0;
    store->rows = 0;
    for (size_t step = 0; status == KITH_OK && step < steps; step++) {
        status = kith_stop_error(err);
        if (status == KITH_OK)
            status = kith_feed_next(feed, graph, &fed, err);
        if (status == KITH_OK)
            status = kith_graph_forward(graph, KITH_NORM_FROZEN, err);
        if (status == KITH_OK)
            keep(store, &fed, kith_graph_output(graph));
        if (status == KITH_OK && store->options.distil)
            status = add_distil(validation, &fed, kith_graph_output(graph), sums, err);
    }
    kith_feed_close(&feed);
    return status;
}

static double product(const float *a, const float *b) {
    double sum = 0;
    for (int i = 0; i < KITH_DIMENSION; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static void judge(kith_validation *validation) {
    struct kith_validation_store *store = validation->store;
    kith_tallies tallies = {0};
    bool broken = false;
    for (size_t t = 0; t < validation->count; t++) {
        const float *of[KITH_TRIPLET];
        for (size_t role = 0; role < KITH_TRIPLET; role++) {
            size_t row = by_triplets(&store->options) ? t * KITH_TRIPLET + role
                                                      : store->row_of_face[store->triplets[t][role]];
            of[role] = store->embeddings + row * KITH_DIMENSION;
        }
        double s_ap = product(of[KITH_ANCHOR], of[KITH_POSITIVE]);
        double s_an = product(of[KITH_ANCHOR], of[KITH_NEGATIVE]);
        validation->s_ap[t] = (float)s_ap;
        validation->s_an[t] = (float)s_an;
        kith_tally_add(&tallies.s_ap, s_ap);
        kith_tally_add(&tallies.s_an, s_an);
        double wrong = s_an - s_ap + store->options.margin;
        kith_tally_add(&tallies.loss, fmax(wrong, 0));
        broken |= isnan(wrong);
    }
    validation->figures = (kith_figures){.loss = broken ? (double)NAN : kith_tally_mean(&tallies.loss),
                                         .s_ap = kith_tally_mean(&tallies.s_ap),
                                         .s_an = kith_tally_mean(&tallies.s_an),
                                         .to_target = NAN};
    validation->accuracy = kith_verification_accuracy(validation->s_ap, validation->s_an, validation->count);
}

kith_status kith_validation_run(kith_validation *validation, kith_graph *graph, kith_error *err) {
    double sums[2] = {0};
    kith_status status = embed(validation, graph, sums, err);
    if (status != KITH_OK)
        return status;
    judge(validation);
    if (validation->store->options.distil) {
        validation->figures.loss = sums[0] / (double)validation->store->rows;
        validation->figures.to_target = sums[1] / (double)validation->store->rows;
    }
    return KITH_OK;
}

typedef struct score {
    float value;
    bool same;
} score;

static int highest_first(const void *a, const void *b) {
    float first = ((const score *)a)->value, second = ((const score *)b)->value;
    return (first < second) - (first > second);
}

/* The threshold with the most right answers over triplets of one parity. */
static float best_threshold(score *room, const float *s_ap, const float *s_an, size_t count, size_t parity) {
    size_t scores = 0, right, best;
    float threshold = INFINITY;
    for (size_t t = parity; t < count; t += 2) {
        room[scores++] = (score){s_ap[t], true};
        room[scores++] = (score){s_an[t], false};
    }
    qsort(room, scores, sizeof *room, highest_first);
    right = best = scores / 2; /* nothing is accepted */
    for (size_t i = 0; i < scores; i++) {
        right += room[i].same ? 1 : (size_t)-1;
        bool last = i + 1 == scores || room[i + 1].value < room[i].value;
        if (last && right > best) {
            best = right;
            threshold = room[i].value;
        }
    }
    return threshold;
}

double kith_verification_accuracy(const float *s_ap, const float *s_an, size_t count) {
    size_t right = 0;
    score *room = count < 2 ? NULL : calloc(count + 2, sizeof *room);
    if (!room)
        return NAN;
    for (size_t parity = 0; parity < 2; parity++) {
        float threshold = best_threshold(room, s_ap, s_an, count, 1 - parity);
        for (size_t t = parity; t < count; t += 2)
            right += (size_t)(s_ap[t] >= threshold) + (size_t)(s_an[t] < threshold);
    }
    free(room);
    return (double)right / (double)(2 * count);
}
