/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "model/evaluate/report.h"

/* "0.001": as a rate is written in the object's keys. */
static const char *rate_key(char out[16], double rate) {
    snprintf(out, 16, "%.5g", rate);
    return out;
}

/* Left out when it is not a number. */
static int set_number(json_t *object, const char *key, double value) {
    return isnan(value) ? 0 : json_object_set_new(object, key, json_real(value));
}

static int set_count(json_t *object, const char *key, uint64_t value) {
    return json_object_set_new(object, key, json_integer((json_int_t)value));
}

static int set_interval(json_t *object, const char *key, kith_interval interval) {
    if (isnan(interval.low) || isnan(interval.high))
        return 0;
    return json_object_set_new(object, key, json_pack("[f,f]", interval.low, interval.high));
}

static int set_header(json_t *object, const kith_report *report) {
    const kith_study *study = report->study;
    int bad = json_object_set_new(object, "network", json_string(report->identity->network));
    bad |= json_object_set_new(object, "pipeline", json_string(report->identity->pipeline));
    bad |= set_count(object, "photos", study->names.count);
    bad |= set_count(object, "persons", study->persons.count);
    bad |= set_count(object, "undetected", kith_study_count(study, KITH_STUDY_FACELESS));
    bad |= set_count(object, "failed", kith_study_count(study, KITH_STUDY_FAILED));
    return bad;
}

/* ---- verification ---- */

/* TAR by FAR, their thresholds and intervals; and how many pairs the other rates would need. */
static int set_tar(json_t *object, json_t *intervals, const kith_verification *v) {
    json_t *tar = json_object(), *thresholds = json_object(), *bounds = json_object(), *needs = json_object();
    char key[16];
    int bad = 0;
    for (size_t i = 0; i < KITH_FARS; i++) {
        rate_key(key, kith_fars[i]);
        bad |= set_number(tar, key, v->values[KITH_VERIFY_TAR + i]);
        bad |= set_number(thresholds, key, v->thresholds[i]);
        bad |= set_interval(bounds, key, v->intervals[KITH_VERIFY_TAR + i]);
        if (isnan(v->values[KITH_VERIFY_TAR + i]))
            bad |= set_count(needs, key, kith_trials_for(kith_fars[i], 1));
    }
    bad |= json_object_set_new(object, "tar", tar);
    bad |= json_object_set_new(object, "tar_thresholds", thresholds);
    bad |= json_object_set_new(object, "tar_needs_pairs", needs);
    return bad | json_object_set_new(intervals, "tar", bounds);
}

static int set_verify_groups(json_t *object, const kith_verification *v) {
    json_t *array = json_array();
    int bad = array == NULL;
    for (size_t i = 0; i < v->group_count; i++) {
        const kith_verify_group *group = &v->groups[i];
        json_t *row = json_object();
        bad |= json_object_set_new(row, "group", json_string(group->name));
        bad |= set_count(row, "same", group->same) | set_count(row, "different", group->different);
        bad |= set_count(row, "refused", group->refused) | set_count(row, "accepted", group->accepted);
        bad |= set_number(row, "auc", group->auc);
        bad |= json_array_append_new(array, row);
    }
    return bad | json_object_set_new(object, "groups", array);
}

static int set_verification(json_t *object, const kith_report *report) {
    const kith_verification *v = report->verification;
    json_t *intervals = json_object();
    int bad = set_count(object, "pairs", v->pairs);
    bad |= set_count(object, "same", v->same) | set_count(object, "different", v->different);
    bad |= set_count(object, "undetected_pairs", v->undetected);
    bad |= set_count(object, "left_out", v->left_out);
    bad |= set_count(object, "folds", (uint64_t)v->folds);
    bad |= set_number(object, "accuracy", v->values[KITH_VERIFY_ACCURACY]);
    bad |= set_number(object, "accuracy_deviation", v->deviation);
    bad |= set_number(object, "auc", v->values[KITH_VERIFY_AUC]);
    bad |= set_number(object, "eer", v->values[KITH_VERIFY_EER]);
    bad |= set_number(object, "threshold", v->threshold);
    bad |= set_interval(intervals, "accuracy", v->intervals[KITH_VERIFY_ACCURACY]);
    bad |= set_interval(intervals, "auc", v->intervals[KITH_VERIFY_AUC]);
    bad |= set_interval(intervals, "eer", v->intervals[KITH_VERIFY_EER]);
    bad |= set_tar(object, intervals, v);
    bad |= json_object_set_new(object, "intervals", intervals);
    return report->groups ? bad | set_verify_groups(object, v) : bad;
}

/* ---- identification ---- */

static int append_open_set(json_t *array, const kith_identify_size *size, size_t i) {
    json_t *row = json_object();
    int bad = set_number(row, "fpir", kith_fpirs[i]);
    if (isnan(size->fnir[i])) {
        bad |= set_count(row, "needs_strangers", kith_trials_for(kith_fpirs[i], 1));
    } else {
        bad |= set_number(row, "fnir", size->fnir[i]);
        bad |= set_interval(row, "fnir_interval", size->fnir_interval[i]);
        bad |= set_number(row, "measured_fpir", size->fpir[i]);
        bad |= set_number(row, "threshold", size->threshold[i]);
    }
    return bad | json_array_append_new(array, row);
}

static int append_asked(json_t *array, const kith_identify_size *size, int way, size_t i) {
    const kith_asked *asked = &size->asked[way][i];
    if (asked->draws == 0)
        return 0;
    json_t *row = json_object();
    int bad = set_number(row, "fpir", kith_fpirs[i]);
    bad |= json_object_set_new(row, "by", json_string(way == KITH_ASKED_NETWORK ? "network" : "gallery"));
    bad |= set_number(row, "threshold", asked->threshold);
    bad |= json_object_set_new(row, "extrapolated", json_boolean(asked->extrapolated));
    bad |= set_number(row, "measured_fpir", asked->fpir);
    bad |= set_number(row, "fnir", asked->fnir);
    return bad | set_count(row, "draws", asked->draws) | json_array_append_new(array, row);
}

static int append_size(json_t *array, const kith_identify_size *size) {
    static const int ranks[] = {1, 5, 10};
    json_t *row = json_object(), *cmc = json_object(), *open_set = json_array(), *asked = json_array();
    char key[16];
    int bad = set_count(row, "persons", size->persons);
    bad |= set_count(row, "strangers", size->stranger_persons);
    bad |= set_count(row, "probes", size->mated_count);
    bad |= set_count(row, "stranger_probes", size->stranger_count);
    for (size_t i = 0; i < sizeof ranks / sizeof ranks[0]; i++) {
        snprintf(key, sizeof key, "%d", ranks[i]);
        bad |= set_number(cmc, key, size->ranks[ranks[i] - 1]);
    }
    bad |= json_object_set_new(row, "rank", cmc);
    bad |= set_interval(row, "rank1_interval", size->rank_interval);
    for (size_t i = 0; i < KITH_FPIRS; i++)
        bad |= append_open_set(open_set, size, i);
    bad |= json_object_set_new(row, "open_set", open_set);
    for (int way = 0; way < KITH_ASKED_WAYS; way++)
        for (size_t i = 0; i < KITH_FPIRS; i++)
            bad |= append_asked(asked, size, way, i);
    bad |= json_object_set_new(row, "asked", asked);
    return bad | json_array_append_new(array, row);
}

static int append_identify_group(json_t *array, const kith_identify_group *group) {
    json_t *row = json_object(), *fnir = json_object(), *fpir = json_object();
    char key[16];
    int bad = json_object_set_new(row, "group", json_string(group->name));
    bad |= set_count(row, "probes", group->mated) | set_count(row, "stranger_probes", group->strangers);
    bad |= set_number(row, "rank1", group->rank1);
    for (size_t i = 0; i < KITH_FPIRS; i++) {
        rate_key(key, kith_fpirs[i]);
        bad |= set_number(fnir, key, group->fnir[i]);
        bad |= set_number(fpir, key, group->fpir[i]);
    }
    bad |= json_object_set_new(row, "fnir", fnir) | json_object_set_new(row, "measured_fpir", fpir);
    return bad | json_array_append_new(array, row);
}

static int set_identification(json_t *object, const kith_report *report) {
    const kith_identification *id = report->identification;
    json_t *galleries = json_array(), *groups = json_array();
    int bad = set_count(object, "draws", report->options->draws);
    bad |= set_count(object, "seed", report->options->seed);
    bad |= set_count(object, "enrolled", report->options->enrolled);
    bad |= set_count(object, "eligible", id->eligible);
    for (size_t i = 0; i < id->size_count; i++)
        bad |= append_size(galleries, &id->sizes[i]);
    bad |= json_object_set_new(object, "galleries", galleries);
    for (size_t i = 0; i < id->group_count; i++)
        bad |= append_identify_group(groups, &id->groups[i]);
    if (report->groups)
        return bad | json_object_set_new(object, "groups", groups);
    json_decref(groups);
    return bad;
}

json_t *kith_report_json(const kith_report *report) {
    json_t *object = json_object();
    int bad = set_header(object, report);
    bad |= report->verification ? set_verification(object, report) : set_identification(object, report);
    if (bad == 0)
        return object;
    json_decref(object);
    return NULL;
}
