/* SPDX-License-Identifier: MIT */
#include "proto/result.h"

#include "proto/utf8.h"

const char *kith_decision_name(kith_decision decision) {
    static const char *const names[] = {
        [KITH_MATCH] = "match",       [KITH_AMBIGUOUS] = "ambiguous", [KITH_UNKNOWN] = "unknown",
        [KITH_UNUSABLE] = "unusable", [KITH_NO_PROBE] = "no face",    [KITH_FAILED_PROBE] = "failed"};
    return names[decision];
}

/* `object` when nothing failed, else NULL. */
static json_t *unless(int bad, json_t *object) {
    if (!bad)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *candidate_json(const kith_candidate *candidate) {
    json_t *object = json_object();
    int bad = json_object_set_new(object, "person", json_string(candidate->person));
    bad |= json_object_set_new(object, "score", kith_float_json(candidate->score));
    bad |= json_object_set_new(object, "best", kith_point_json(candidate->best));
    return unless(bad, object);
}

static json_t *candidates_json(const kith_answer *answer) {
    json_t *array = json_array();
    int bad = 0;
    for (size_t i = 0; i < answer->candidate_count; i++)
        bad |= json_array_append_new(array, candidate_json(&answer->candidates[i]));
    return unless(bad, array);
}

json_t *kith_threshold_json(const kith_threshold *threshold) {
    json_t *object = json_object();
    int bad = json_object_set_new(object, "value", json_real(threshold->value));
    if (threshold->fpir > 0)
        bad |= json_object_set_new(object, "fpir", json_real(threshold->fpir));
    if (threshold->fmr > 0)
        bad |= json_object_set_new(object, "fmr", json_real(threshold->fmr));
    bad |= json_object_set_new(object, "margin", json_real(threshold->margin));
    bad |= json_object_set_new(object, "named", json_integer((json_int_t)threshold->named));
    bad |= json_object_set_new(object, "extrapolated", json_boolean(threshold->extrapolated));
    bad |= json_object_set_new(object, "source", json_string(threshold->source));
    return unless(bad, object);
}

static json_t *probe_json(const kith_point *probe) {
    json_t *object = json_object();
    return unless(kith_point_measures_json(object, probe), object);
}

json_t *kith_answer_json(const kith_answer *answer) {
    json_t *object = json_object();
    int bad = kith_path_members(object, "photo", "photo_raw", answer->photo);
    bad |= json_object_set_new(object, "face", json_integer(answer->face));
    bad |= json_object_set_new(object, "faces", json_integer(answer->faces));
    bad |= json_object_set_new(object, "decision", json_string(kith_decision_name(answer->decision)));
    if (answer->reason) {
        char *reason = kith_utf8(answer->reason, strlen(answer->reason), NULL);
        bad |= json_object_set_new(object, "reason", reason ? json_string(reason) : NULL);
        free(reason);
    }
    if (answer->probe)
        bad |= json_object_set_new(object, "probe", probe_json(answer->probe));
    bad |= json_object_set_new(object, "candidates", candidates_json(answer));
    if (answer->threshold)
        bad |= json_object_set_new(object, "threshold", kith_threshold_json(answer->threshold));
    return unless(bad, object);
}
