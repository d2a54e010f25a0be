/* SPDX-License-Identifier: MIT */
#include "model/evaluate/identify.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evaluate/asked.h"
#include "model/statistics/bootstrap.h"
#include "model/statistics/random.h"
#include "proto/workers.h"

enum { ROUNDS = 1000 };

const double kith_fpirs[KITH_FPIRS] = {0.1, 0.03, 0.01, 0.003};

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the galleries");
}

/* ---- all draws ---- */

typedef struct drawing_job {
    const kith_study *study;
    const kith_identify_options *options;
    kith_albums albums;
    kith_drawn *drawn; /* [size][draw] */
} drawing_job;

static kith_status draw(void *context, int worker, size_t i, size_t count, kith_error *err) {
    drawing_job *job = context;
    const kith_identify_options *o = job->options;
    size_t persons = o->sizes[i / o->draws];
    uint64_t seed = kith_random_mix(kith_random_mix(o->seed, persons), i % o->draws);
    (void)worker;
    (void)count; /* one */
    return kith_gallery_draw(&job->drawn[i], job->study, &job->albums, persons, o, seed, err);
}

static int highest_first(const void *left, const void *right) {
    const kith_probe_result *a = left, *b = right;
    if (a->score != b->score)
        return a->score < b->score ? 1 : -1;
    return (a->photo > b->photo) - (a->photo < b->photo);
}

/* All draws of one size in one list each, sorted. */
static bool gather(kith_identify_size *out, const kith_drawn *drawn, size_t draws) {
    for (size_t i = 0; i < draws; i++) {
        out->mated_count += drawn[i].mated_count;
        out->stranger_count += drawn[i].stranger_count;
    }
    out->mated = calloc(out->mated_count + 1, sizeof *out->mated);
    out->strangers = calloc(out->stranger_count + 1, sizeof *out->strangers);
    if (!out->mated || !out->strangers)
        return false;
    size_t mated = 0, strangers = 0;
    for (size_t i = 0; i < draws; i++) {
        memcpy(out->mated + mated, drawn[i].mated, drawn[i].mated_count * sizeof *out->mated);
        memcpy(out->strangers + strangers, drawn[i].strangers,
               drawn[i].stranger_count * sizeof *out->strangers);
        mated += drawn[i].mated_count;
        strangers += drawn[i].stranger_count;
    }
    qsort(out->mated, mated, sizeof *out->mated, highest_first);
    qsort(out->strangers, strangers, sizeof *out->strangers, highest_first);
    return true;
}

static kith_status gather_all(kith_identification *out, const kith_study *study, const drawing_job *job,
                              kith_error *err) {
    size_t draws = job->options->draws;
    for (size_t i = 0; i < out->size_count; i++) {
        kith_identify_size *size = &out->sizes[i];
        const kith_drawn *drawn = job->drawn + i * draws;
        size->persons = job->options->sizes[i];
        size->stranger_persons = study->persons.count - size->persons;
        kith_asked_measure(size, drawn, draws);
        if (!gather(size, drawn, draws))
            return no_memory(err);
    }
    return KITH_OK;
}

static kith_status draw_all(kith_identification *out, const kith_study *study,
                            const kith_identify_options *options, kith_error *err) {
    size_t count = options->size_count * options->draws;
    drawing_job job = {.study = study, .options = options, .drawn = calloc(count, sizeof *job.drawn)};
    kith_status status = job.drawn && kith_albums_make(&job.albums, study) ? KITH_OK : no_memory(err);
    const kith_workers workers = {.jobs = options->jobs, .work = draw, .context = &job};
    if (status == KITH_OK)
        status = kith_workers_run(&workers, count, err);
    if (status == KITH_OK)
        status = gather_all(out, study, &job, err);
    for (size_t i = 0; job.drawn && i < count; i++) {
        free(job.drawn[i].mated);
        free(job.drawn[i].strangers);
    }
    free(job.drawn);
    kith_albums_clear(&job.albums);
    return status;
}

/* ---- figures ---- */

static double weight_of(const kith_study *study, const double *weights, const kith_probe_result *probe) {
    return weights ? weights[study->photos[probe->photo].person] : 1;
}

static bool is_missed(const kith_probe_result *probe, double threshold) {
    return probe->rank != 1 || isinf(probe->score) || (double)probe->score < threshold;
}

/* The lowest threshold that at most a share `fpir` of the strangers' weight reaches. */
static double threshold_at(const kith_identify_size *size, const kith_study *study, const double *weights,
                           double total, double fpir) {
    double reached = 0;
    size_t i = 0;
    while (i < size->stranger_count) {
        double more = 0; /* equal scores reach it together */
        size_t end = i;
        for (; end < size->stranger_count && size->strangers[end].score == size->strangers[i].score; end++)
            more += weight_of(study, weights, &size->strangers[end]);
        if (reached + more > fpir * total * (1 + 1e-9))
            return (double)nextafterf(size->strangers[i].score, INFINITY);
        reached += more;
        i = end;
    }
    return -1;
}

static double total_of(const kith_probe_result *probes, size_t count, const kith_study *study,
                       const double *weights) {
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += weight_of(study, weights, &probes[i]);
    return total;
}

static double missed_share(const kith_identify_size *size, const kith_study *study, const double *weights,
                           double threshold) {
    double missed = 0, all = 0;
    for (size_t i = 0; i < size->mated_count; i++) {
        double weight = weight_of(study, weights, &size->mated[i]);
        all += weight;
        missed += is_missed(&size->mated[i], threshold) ? weight : 0;
    }
    return missed / all;
}

double kith_identify_fnir(const kith_identify_size *size, double threshold) {
    return missed_share(size, NULL, NULL, threshold);
}

double kith_identify_fpir(const kith_identify_size *size, double threshold) {
    size_t reached = 0;
    while (reached < size->stranger_count && (double)size->strangers[reached].score >= threshold)
        reached++;
    return (double)reached / (double)size->stranger_count;
}

/* Strangers' probes of all draws are not independent, so a rate needs as many in one draw. */
static bool allows(const kith_identify_size *size, size_t draws, double fpir) {
    return kith_events_at(fpir, size->stranger_count / draws) > 0;
}

typedef struct sampling {
    const kith_identify_size *size;
    const kith_study *study;
    size_t draws;
} sampling;

/* FNIR at each FPIR, then the share that is missed at rank 1 without a threshold. */
static void measure(void *context, const double *weights, double *values) {
    const sampling *s = context;
    double total = total_of(s->size->strangers, s->size->stranger_count, s->study, weights);
    for (size_t i = 0; i < KITH_FPIRS; i++) {
        values[i] = NAN;
        if (allows(s->size, s->draws, kith_fpirs[i]) && total > 0)
            values[i] = missed_share(s->size, s->study, weights,
                                     threshold_at(s->size, s->study, weights, total, kith_fpirs[i]));
    }
    values[KITH_FPIRS] = 1 - missed_share(s->size, s->study, weights, -INFINITY);
}

static void count_ranks(kith_identify_size *size) {
    for (size_t i = 0; i < size->mated_count; i++) {
        uint32_t rank = size->mated[i].rank;
        if (rank <= KITH_RANKS && !isinf(size->mated[i].score))
            size->ranks[rank - 1]++;
    }
    for (int r = 1; r < KITH_RANKS; r++)
        size->ranks[r] += size->ranks[r - 1];
    for (int r = 0; r < KITH_RANKS; r++)
        size->ranks[r] /= (double)size->mated_count;
}

static kith_status measure_size(kith_identify_size *size, const kith_study *study,
                                const kith_identify_options *options, kith_error *err) {
    sampling s = {size, study, options->draws};
    kith_interval intervals[KITH_FPIRS + 1];
    for (size_t i = 0; i < KITH_FPIRS; i++) {
        bool allowed = allows(size, options->draws, kith_fpirs[i]);
        double threshold = allowed
                               ? threshold_at(size, study, NULL, (double)size->stranger_count, kith_fpirs[i])
                               : (double)NAN;
        size->threshold[i] = threshold;
        size->fnir[i] = allowed ? kith_identify_fnir(size, threshold) : (double)NAN;
        size->fpir[i] = allowed ? kith_identify_fpir(size, threshold) : (double)NAN;
    }
    count_ranks(size);
    kith_status status = kith_bootstrap(intervals, KITH_FPIRS + 1, study->persons.count, ROUNDS,
                                        options->seed, measure, &s, err);
    if (status == KITH_OK) {
        memcpy(size->fnir_interval, intervals, sizeof size->fnir_interval);
        size->rank_interval = intervals[KITH_FPIRS];
    }
    return status;
}

/* ---- groups ---- */

/* The probes of a group are a size of their own, in memory that is only borrowed. */
static size_t choose(kith_probe_result *out, const kith_probe_result *probes, size_t count,
                     const kith_groups *groups, size_t group) {
    size_t chosen = 0;
    for (size_t i = 0; i < count; i++)
        if (kith_groups_has(groups, group, probes[i].photo))
            out[chosen++] = probes[i];
    return chosen;
}

static void measure_group(kith_identify_group *out, const kith_identify_size *all, kith_identify_size *part) {
    out->mated = part->mated_count;
    out->strangers = part->stranger_count;
    out->rank1 = 1 - kith_identify_fnir(part, -INFINITY);
    for (size_t i = 0; i < KITH_FPIRS; i++) {
        bool known = !isnan(all->threshold[i]);
        out->fnir[i] = known ? kith_identify_fnir(part, all->threshold[i]) : (double)NAN;
        out->fpir[i] = known ? kith_identify_fpir(part, all->threshold[i]) : (double)NAN;
    }
}

static kith_status measure_groups(kith_identification *out, const kith_groups *groups, kith_error *err) {
    const kith_identify_size *all = &out->sizes[out->size_count - 1];
    kith_identify_size part = {.mated = calloc(all->mated_count + 1, sizeof *part.mated),
                               .strangers = calloc(all->stranger_count + 1, sizeof *part.strangers)};
    out->groups = calloc(groups->names.count, sizeof *out->groups);
    bool good = part.mated && part.strangers && out->groups;
    for (size_t g = 0; good && g < groups->names.count; g++) {
        part.mated_count = choose(part.mated, all->mated, all->mated_count, groups, g);
        part.stranger_count = choose(part.strangers, all->strangers, all->stranger_count, groups, g);
        out->groups[g].name = groups->names.items[g];
        measure_group(&out->groups[out->group_count++], all, &part);
    }
    free(part.mated);
    free(part.strangers);
    return good ? KITH_OK : no_memory(err);
}

/* ---- the whole ---- */

size_t kith_identify_eligible(const kith_study *study, size_t enrolled) {
    size_t eligible = 0, *photos = calloc(study->persons.count + 1, sizeof *photos);
    if (!photos)
        return 0;
    for (size_t i = 0; i < study->names.count; i++)
        photos[study->photos[i].person] += study->photos[i].state != KITH_STUDY_FAILED;
    for (size_t p = 0; p < study->persons.count; p++)
        eligible += photos[p] > enrolled;
    free(photos);
    return eligible;
}

kith_status kith_identify_check(const kith_study *study, const kith_identify_options *options,
                                kith_error *err) {
    size_t eligible = kith_identify_eligible(study, options->enrolled);
    for (size_t i = 0; i < options->size_count; i++) {
        if (options->sizes[i] > eligible)
            return kith_fail(
                err, KITH_E_REFUSED, 0, study->folder,
                "a gallery of %zu needs as many persons with at least %zu photos that can be read; "
                "%zu of %zu have them",
                options->sizes[i], options->enrolled + 1, eligible, study->persons.count);
        if (options->sizes[i] >= study->persons.count)
            return kith_fail(err, KITH_E_REFUSED, 0, study->folder,
                             "a gallery of %zu leaves no strangers (there are %zu persons)",
                             options->sizes[i], study->persons.count);
    }
    return KITH_OK;
}

kith_status kith_identify(kith_identification *out, const kith_study *study,
                          const kith_identify_options *options, const kith_groups *groups, kith_error *err) {
    *out = (kith_identification){.sizes = calloc(options->size_count, sizeof *out->sizes),
                                 .size_count = options->size_count,
                                 .eligible = kith_identify_eligible(study, options->enrolled)};
    kith_status status = out->sizes ? kith_identify_check(study, options, err) : no_memory(err);
    if (status == KITH_OK)
        status = draw_all(out, study, options, err);
    for (size_t i = 0; i < options->size_count && status == KITH_OK; i++)
        status = measure_size(&out->sizes[i], study, options, err);
    if (status == KITH_OK && groups)
        status = measure_groups(out, groups, err);
    if (status != KITH_OK)
        kith_identification_clear(out);
    return status;
}

void kith_identification_clear(kith_identification *out) {
    for (size_t i = 0; out->sizes && i < out->size_count; i++) {
        free(out->sizes[i].mated);
        free(out->sizes[i].strangers);
    }
    free(out->sizes);
    free(out->groups);
    *out = (kith_identification){0};
}
