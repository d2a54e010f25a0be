/* SPDX-License-Identifier: MIT
 *
 * Filters as Qdrant's filter object. Every field that is asked for has an index (strict mode refuses others).
 */
#include <float.h>
#include <math.h>

#include "proto/gallery/qdrant.h"
#include "proto/timestamp.h"
#include "proto/utf8.h"

static const char *const keys[] = {
    [KITH_FIELD_PERSON] = "person", [KITH_FIELD_SHA256] = "sha256", [KITH_FIELD_PIPELINE] = "pipeline",
    [KITH_FIELD_RUN] = "run",       [KITH_FIELD_SCORE] = "score",   [KITH_FIELD_EYES] = "eyes",
    [KITH_FIELD_FACE] = "face",
};

static json_t *match(const char *key, const char *value) {
    return json_pack("{s:s, s:{s:s}}", "key", key, "match", "value", value);
}

static json_t *is_empty(const char *key) {
    return json_pack("{s:{s:s}}", "is_empty", "key", key);
}

/* A condition that holds where the given one does not. */
static json_t *negated(json_t *condition) {
    return condition ? json_pack("{s:[o]}", "must_not", condition) : NULL;
}

static json_t *either(json_t *a, json_t *b) {
    return json_pack("{s:[o, o]}", "should", a, b);
}

/* What a comparison with all that lies in low..high means; high belongs to it, or not. Texts or numbers. */
static json_t *range_of(const char *key, kith_comparison comparison, json_t *low, json_t *high,
                        bool with_high) {
    const char *up_to = with_high ? "lte" : "lt", *above = with_high ? "gt" : "gte";
    switch (comparison) {
    case KITH_EQUAL:
        return json_pack("{s:s, s:{s:O, s:O}}", "key", key, "range", "gte", low, up_to, high);
    case KITH_NOT_EQUAL:
        return either(json_pack("{s:s, s:{s:O}}", "key", key, "range", "lt", low),
                      json_pack("{s:s, s:{s:O}}", "key", key, "range", above, high));
    case KITH_LESS:
        return json_pack("{s:s, s:{s:O}}", "key", key, "range", "lt", low);
    case KITH_LESS_EQUAL:
        return json_pack("{s:s, s:{s:O}}", "key", key, "range", up_to, high);
    case KITH_GREATER:
        return json_pack("{s:s, s:{s:O}}", "key", key, "range", above, high);
    default:
        return json_pack("{s:s, s:{s:O}}", "key", key, "range", "gte", low);
    }
}

/* Stored decimals round to a float: all that round to the asked one lie within half a step of it. A face's
 * number is whole, and servers before 1.18.1 cut the bounds of whole numbers towards 0 (qdrant#9049).
 */
static json_t *number(const kith_condition *condition) {
    float value = (float)condition->number;
    double low = ceil(condition->number), high = floor(condition->number);
    if (condition->field != KITH_FIELD_FACE) {
        low = ((double)value + (double)nextafterf(value, -INFINITY)) / 2;
        high = ((double)value + (double)nextafterf(value, INFINITY)) / 2;
    }
    json_t *from = json_real(fmax(-DBL_MAX, fmin(low, DBL_MAX)));
    json_t *to = json_real(fmax(-DBL_MAX, fmin(high, DBL_MAX)));
    json_t *range = range_of(keys[condition->field], condition->comparison, from, to, true);
    json_decref(from);
    json_decref(to);
    return range;
}

static json_t *time_text(int64_t microseconds) {
    char text[64];
    struct tm parts;
    int64_t rest = microseconds % 1000000;
    if (rest < 0)
        rest += 1000000;
    time_t seconds = (time_t)((microseconds - rest) / 1000000);
    if (!gmtime_r(&seconds, &parts))
        return NULL;
    if (parts.tm_year > 9999 - 1900) /* RFC 3339 ends there, a range may end just behind it */
        return json_string("9999-12-31T23:59:59.999999Z");
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", parts.tm_year + 1900, parts.tm_mon + 1,
             parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, (int)rest);
    return json_string(text);
}

static json_t *taken(const kith_condition *condition) {
    int64_t from, to;
    if (!kith_time_range(&from, &to, condition->text))
        return NULL;
    json_t *low = time_text(from), *high = time_text(to);
    json_t *range = low && high ? range_of("taken", condition->comparison, low, high, false) : NULL;
    json_decref(low);
    json_decref(high);
    return range;
}

/* Bytes that are not UTF-8 are U+FFFD in "paths", so different paths can look the same there: the true bytes
 * decide where that is possible.
 */
static json_t *exact_path(const char *path) {
    int changed;
    char *text = kith_utf8(path, strlen(path), &changed);
    json_t *raw = kith_base64_json(path, strlen(path)), *condition = NULL;
    if (text && raw) {
        json_t *same_bytes = match("paths_raw", json_string_value(raw));
        if (changed)
            condition = same_bytes;
        else if (strstr(text, "\xef\xbf\xbd"))
            condition = json_pack("{s:[o, o]}", "must", match("paths", text),
                                  either(same_bytes, is_empty("paths_raw")));
        else
            json_decref(same_bytes);
    }
    if (text && raw && !condition)
        condition = match("paths", text);
    free(text);
    json_decref(raw);
    return condition;
}

static json_t *path(const kith_condition *condition) {
    char *given = strdup(condition->text);
    if (!given)
        return NULL;
    for (size_t length = strlen(given); length > 0 && given[length - 1] == '/';)
        given[--length] = 0;
    json_t *result = NULL;
    if (condition->comparison != KITH_UNDER) {
        result = exact_path(given);
    } else if (!given[0]) {
        result = negated(is_empty("paths")); /* below the root is every path */
    } else {
        json_t *folder = kith_qdrant_folder(given, strlen(given));
        result = folder ? either(exact_path(given), match("folders", json_string_value(folder))) : NULL;
        json_decref(folder);
    }
    free(given);
    return result;
}

/* The condition for KITH_EQUAL, or the whole one where a field knows more. */
static json_t *positive(const kith_condition *condition) {
    switch (condition->field) {
    case KITH_FIELD_ID:
        return json_pack("{s:[s]}", "has_id", condition->text);
    case KITH_FIELD_PATH:
        return path(condition);
    case KITH_FIELD_TAKEN:
        return taken(condition);
    case KITH_FIELD_SCORE:
    case KITH_FIELD_EYES:
    case KITH_FIELD_FACE:
        return number(condition);
    default:
        return condition->text ? match(keys[condition->field], condition->text)
                               : is_empty(keys[condition->field]);
    }
}

static json_t *whole(const kith_condition *condition) {
    bool ranges = condition->field >= KITH_FIELD_TAKEN;
    json_t *result = positive(condition);
    return !ranges && condition->comparison == KITH_NOT_EQUAL ? negated(result) : result;
}

kith_status kith_qdrant_filter(const kith_qdrant *qdrant, json_t **out, const kith_filter *filter,
                               json_t *extra, kith_error *err) {
    json_t *must = json_array();
    int bad = extra ? json_array_append_new(must, extra) : 0;
    for (size_t i = 0; filter && i < filter->count; i++)
        bad |= json_array_append_new(must, whole(&filter->conditions[i]));
    if (qdrant->header_in_point)
        bad |= json_array_append_new(must, negated(json_pack("{s:[s]}", "has_id", KITH_QDRANT_HEADER_ID)));
    *out = NULL;
    if (bad || !must) {
        json_decref(must);
        return kith_qdrant_no_memory(qdrant, err);
    }
    if (json_array_size(must) == 0) {
        json_decref(must);
        return KITH_OK;
    }
    *out = json_pack("{s:o}", "must", must);
    return *out ? KITH_OK : kith_qdrant_no_memory(qdrant, err);
}
