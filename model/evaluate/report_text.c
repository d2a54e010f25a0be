/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>

#include "model/evaluate/report.h"

static const char *percent(char out[32], double share) {
    if (isnan(share))
        snprintf(out, 32, "-");
    else
        snprintf(out, 32, "%.2f %%", 100 * share);
    return out;
}

/* "97.10 to 98.90 %" of a share. */
static const char *range(char out[64], kith_interval i) {
    if (isnan(i.low))
        out[0] = 0;
    else
        snprintf(out, 64, "%.2f to %.2f %%", 100 * i.low, 100 * i.high);
    return out;
}

static void print_header(FILE *out, const kith_report *r) {
    const kith_study *study = r->study;
    size_t faceless = kith_study_count(study, KITH_STUDY_FACELESS),
           failed = kith_study_count(study, KITH_STUDY_FAILED);
    fprintf(out, "%s, pipeline %s\n%zu photos of %zu persons, %zu without a face", r->identity->network,
            r->identity->pipeline, study->names.count, study->persons.count, faceless);
    if (failed > 0)
        fprintf(out, ", %zu that cannot be read", failed);
    fputs("\n", out);
}

/* ---- verification ---- */

static void print_share(FILE *out, const char *name, double share, kith_interval interval) {
    char value[32], bounds[64];
    fprintf(out, "%-18s %10s   %s\n", name, percent(value, share), range(bounds, interval));
}

static void print_tar(FILE *out, const kith_verification *v, size_t i) {
    char name[32], value[32], bounds[64];
    snprintf(name, sizeof name, "TAR at FAR %g", kith_fars[i]);
    double tar = v->values[KITH_VERIFY_TAR + i];
    if (isnan(tar))
        fprintf(out, "%-18s needs %" PRIu64 " pairs of different persons, there are %zu\n", name,
                kith_trials_for(kith_fars[i], 1), v->different);
    else
        fprintf(out, "%-18s %10s   %-20s threshold %.4f\n", name, percent(value, tar),
                range(bounds, v->intervals[KITH_VERIFY_TAR + i]), v->thresholds[i]);
}

static void print_verify_groups(FILE *out, const kith_verification *v) {
    fprintf(out, "\n%-24s %8s %9s %8s %9s %8s\n", "group", "same", "refused", "others", "accepted", "AUC");
    for (size_t i = 0; i < v->group_count; i++) {
        const kith_verify_group *g = &v->groups[i];
        char name[256], auc[32] = "-";
        if (!isnan(g->auc))
            snprintf(auc, sizeof auc, "%.4f", g->auc);
        fprintf(out, "%-24s %8zu %9zu %8zu %9zu %8s\n", kith_printable(name, sizeof name, g->name, SIZE_MAX),
                g->same, g->refused, g->different, g->accepted, auc);
    }
}

static void print_verification(FILE *out, const kith_report *r) {
    const kith_verification *v = r->verification;
    kith_interval auc = v->intervals[KITH_VERIFY_AUC];
    fprintf(out, "%zu pairs: %zu of one person, %zu of different persons", v->pairs, v->same, v->different);
    if (v->undetected > 0)
        fprintf(out, "; %zu count as errors for want of a face", v->undetected);
    if (v->left_out > 0)
        fprintf(out, "; %zu more were left out, their photos cannot be read", v->left_out);
    fprintf(out, "\n\n%-18s %10s   %s\n", "", "", "95 % over persons");
    print_share(out, "accuracy", v->values[KITH_VERIFY_ACCURACY], v->intervals[KITH_VERIFY_ACCURACY]);
    fprintf(out, "%-18s %8.2f %%   over %d folds\n", "  deviation", 100 * v->deviation, v->folds);
    fprintf(out, "%-18s %10.5f   %.5f to %.5f\n", "AUC", v->values[KITH_VERIFY_AUC], auc.low, auc.high);
    print_share(out, "EER", v->values[KITH_VERIFY_EER], v->intervals[KITH_VERIFY_EER]);
    for (size_t i = 0; i < KITH_FARS; i++)
        print_tar(out, v, i);
    fprintf(out, "%-18s %10.4f   with the most right decisions\n", "threshold", v->threshold);
    if (r->groups)
        print_verify_groups(out, v);
}

/* ---- identification ---- */

static void print_open_set(FILE *out, const kith_report *r, const kith_identify_size *size, size_t i) {
    char value[32], bounds[64];
    if (isnan(size->fnir[i]))
        fprintf(out, "  FNIR at FPIR %-6g needs %" PRIu64 " photos of strangers, there are %zu\n",
                kith_fpirs[i], kith_trials_for(kith_fpirs[i], 1), kith_report_strangers(r, size));
    else
        fprintf(out, "  FNIR at FPIR %-6g %9s   %-20s threshold %.4f\n", kith_fpirs[i],
                percent(value, size->fnir[i]), range(bounds, size->fnir_interval[i]), size->threshold[i]);
}

/* What kith-query would do. */
static void print_asked(FILE *out, const kith_identify_size *size) {
    static const char *const by[KITH_ASKED_WAYS] = {"network's table", "gallery's own"};
    bool headed = false;
    for (int way = 0; way < KITH_ASKED_WAYS; way++)
        for (size_t i = 0; i < KITH_FPIRS; i++) {
            const kith_asked *asked = &size->asked[way][i];
            char fpir[32], fnir[32];
            if (asked->draws == 0)
                continue;
            if (!headed)
                fprintf(out, "  %-32s %9s %9s %9s\n", "as kith-query would answer", "FPIR", "FNIR",
                        "threshold");
            headed = true;
            fprintf(out, "  --fpir %-6g by %-15s %9s %9s %9.4f%s\n", kith_fpirs[i], by[way],
                    percent(fpir, asked->fpir), percent(fnir, asked->fnir), asked->threshold,
                    asked->extrapolated ? " extrapolated" : "");
        }
}

static void print_size(FILE *out, const kith_report *r, const kith_identify_size *size) {
    static const int ranks[] = {1, 5, 10};
    char value[32], bounds[64];
    fprintf(out, "\ngallery of %zu, %zu of each, against %zu strangers: %zu and %zu probes in %zu draws\n",
            size->persons, r->options->enrolled, size->stranger_persons, size->mated_count,
            size->stranger_count, r->options->draws);
    for (size_t i = 0; i < sizeof ranks / sizeof ranks[0]; i++)
        fprintf(out, "  rank %-13d  %9s%s%s\n", ranks[i], percent(value, size->ranks[ranks[i] - 1]),
                i == 0 ? "   " : "", i == 0 ? range(bounds, size->rank_interval) : "");
    for (size_t i = 0; i < KITH_FPIRS; i++)
        print_open_set(out, r, size, i);
    print_asked(out, size);
}

static void print_identify_groups(FILE *out, const kith_identification *id) {
    fprintf(out, "\nin the largest gallery, with its threshold at FPIR %g:\n%-24s %8s %9s %9s   %9s %9s\n",
            kith_fpirs[KITH_FPIR_SHOWN], "group", "probes", "rank 1", "FNIR", "strangers", "FPIR");
    for (size_t i = 0; i < id->group_count; i++) {
        const kith_identify_group *g = &id->groups[i];
        char name[256], rank[32], fnir[32], fpir[32];
        fprintf(out, "%-24s %8zu %9s %9s   %9zu %9s\n", kith_printable(name, sizeof name, g->name, SIZE_MAX),
                g->mated, percent(rank, g->rank1), percent(fnir, g->fnir[KITH_FPIR_SHOWN]), g->strangers,
                percent(fpir, g->fpir[KITH_FPIR_SHOWN]));
    }
}

size_t kith_report_strangers(const kith_report *report, const kith_identify_size *size) {
    return size->stranger_count / report->options->draws;
}

void kith_report_text(FILE *out, const kith_report *report) {
    print_header(out, report);
    if (report->verification) {
        print_verification(out, report);
        return;
    }
    fprintf(out, "galleries of seed %" PRIu64 " from %zu persons with at least %zu photos\n",
            report->options->seed, report->identification->eligible, report->options->enrolled + 1);
    for (size_t i = 0; i < report->identification->size_count; i++)
        print_size(out, report, &report->identification->sizes[i]);
    if (report->groups)
        print_identify_groups(out, report->identification);
}
