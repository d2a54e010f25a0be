/* SPDX-License-Identifier: MIT */
#include "proto/filter.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/digest.h"
#include "proto/point.h"
#include "proto/timestamp.h"

/* One row per field: its name in `--filter` texts, and what it can be compared with. */
static const struct field {
    const char *name;
    bool number;  /* else text */
    bool ordered; /* < <= > >= make sense */
} fields[] = {
    [KITH_FIELD_ID] = {"id", false, false},
    [KITH_FIELD_PERSON] = {"person", false, false},
    [KITH_FIELD_PATH] = {"path", false, false},
    [KITH_FIELD_SHA256] = {"sha256", false, false},
    [KITH_FIELD_PIPELINE] = {"pipeline", false, false},
    [KITH_FIELD_RUN] = {"run", false, false},
    [KITH_FIELD_TAKEN] = {"taken", false, true},
    [KITH_FIELD_SCORE] = {"score", true, true},
    [KITH_FIELD_EYES] = {"eyes", true, true},
    [KITH_FIELD_FACE] = {"face", true, true},
};
enum { FIELDS = sizeof fields / sizeof *fields };

/* Longer ones first: the text is read from the left. */
static const struct {
    const char *text;
    kith_comparison comparison;
} comparisons[] = {
    {"!=", KITH_NOT_EQUAL}, {"<=", KITH_LESS_EQUAL}, {">=", KITH_GREATER_EQUAL}, {"^=", KITH_UNDER},
    {"=", KITH_EQUAL},      {"<", KITH_LESS},        {">", KITH_GREATER},
};

/* What is wrong with a value, NULL when nothing is. */
static const char *bad_value(const kith_condition *condition) {
    unsigned char bytes[32];
    int64_t from, to;
    const char *text = condition->text;
    if (fields[condition->field].number)
        return isfinite(condition->number) ? NULL : "is compared with a number";
    if (!text)
        return condition->field == KITH_FIELD_PERSON ? NULL : "is compared with a text";
    switch (condition->field) {
    case KITH_FIELD_ID:
    case KITH_FIELD_RUN:
        return kith_id_bytes(bytes, text) ? NULL : "is a UUID";
    case KITH_FIELD_SHA256:
        return kith_hex_bytes(bytes, 32, text) ? NULL : "is 64 hexadecimal digits";
    case KITH_FIELD_TAKEN:
        return kith_time_range(&from, &to, text) ? NULL : "is a time like 2024, 2024-05 or 2024-05-03T17:20";
    case KITH_FIELD_PATH:
        return text[0] == '/' ? NULL : "is an absolute path";
    default:
        return NULL;
    }
}

static kith_status check_condition(const kith_condition *condition, kith_error *err) {
    if ((size_t)condition->field >= FIELDS)
        return kith_fail(err, KITH_E_USAGE, 0, NULL, "no such field");
    const struct field *field = &fields[condition->field];
    bool equality = condition->comparison == KITH_EQUAL || condition->comparison == KITH_NOT_EQUAL;
    bool fits = equality ||
                (condition->comparison == KITH_UNDER ? condition->field == KITH_FIELD_PATH : field->ordered);
    if (!fits)
        return kith_fail(err, KITH_E_USAGE, 0, NULL, "%s cannot be compared in this way", field->name);
    const char *bad = bad_value(condition);
    if (bad)
        return kith_fail(err, KITH_E_USAGE, 0, NULL, "%s %s, not \"%s\"", field->name, bad,
                         condition->text ? condition->text : "");
    return KITH_OK;
}

kith_status kith_filter_check(const kith_filter *filter, kith_error *err) {
    for (size_t i = 0; filter && i < filter->count; i++)
        if (check_condition(&filter->conditions[i], err) != KITH_OK)
            return KITH_E_USAGE;
    return KITH_OK;
}

static kith_status add(kith_filter *filter, kith_condition condition, kith_error *err) {
    if (filter->count == KITH_FILTER_MOST)
        return kith_fail(err, KITH_E_USAGE, 0, NULL, "a filter has at most %d conditions", KITH_FILTER_MOST);
    if (check_condition(&condition, err) != KITH_OK)
        return KITH_E_USAGE;
    filter->conditions[filter->count++] = condition;
    return KITH_OK;
}

kith_status kith_filter_text(kith_filter *filter, kith_field field, kith_comparison comparison,
                             const char *text, kith_error *err) {
    return add(filter, (kith_condition){.field = field, .comparison = comparison, .text = text}, err);
}

kith_status kith_filter_number(kith_filter *filter, kith_field field, kith_comparison comparison,
                               double number, kith_error *err) {
    return add(filter, (kith_condition){.field = field, .comparison = comparison, .number = number}, err);
}

/* Takes the next part, up to a comma or the end, with backslashes resolved in place; *text moves past it. */
static char *next_part(char **text) {
    char *part = *text, *to = *text, *from = *text;
    while (*from && *from != ',') {
        if (*from == '\\' && from[1])
            from++;
        *to++ = *from++;
    }
    *text = *from ? from + 1 : NULL;
    *to = 0;
    return part;
}

static bool parse_number(double *out, const char *text) {
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == 0 && isfinite(*out);
}

static kith_status parse_part(kith_filter *filter, char *part, kith_error *err) {
    size_t length = strcspn(part, "=!<>^"), i = 0, c = 0;
    while (i < FIELDS && (strlen(fields[i].name) != length || strncmp(fields[i].name, part, length) != 0))
        i++;
    if (i == FIELDS || i == KITH_FIELD_PIPELINE)
        return kith_fail(
            err, KITH_E_USAGE, 0, NULL,
            "filter \"%s\" names no field (person, path, taken, score, eyes, face, sha256, run, id)", part);
    const char *rest = part + length;
    enum { COMPARISONS = sizeof comparisons / sizeof *comparisons };
    while (c < COMPARISONS && strncmp(rest, comparisons[c].text, strlen(comparisons[c].text)) != 0)
        c++;
    if (c == COMPARISONS)
        return kith_fail(err, KITH_E_USAGE, 0, NULL, "filter \"%s\" has no comparison (= != < <= > >= ^=)",
                         part);
    kith_condition condition = {.field = (kith_field)i, .comparison = comparisons[c].comparison};
    const char *value = rest + strlen(comparisons[c].text);
    if (!fields[i].number)
        condition.text = i == KITH_FIELD_PERSON && !*value ? NULL : value;
    else if (!parse_number(&condition.number, value))
        return kith_fail(err, KITH_E_USAGE, 0, NULL, "%s is compared with a number, not \"%s\"",
                         fields[i].name, value);
    return add(filter, condition, err);
}

kith_status kith_filter_parse(kith_filter *filter, char **storage, const char *text, kith_error *err) {
    kith_filter parsed = *filter;
    *storage = strdup(text);
    if (!*storage)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a filter");
    for (char *rest = *storage; rest;) {
        kith_status status = parse_part(&parsed, next_part(&rest), err);
        if (status != KITH_OK) {
            free(*storage);
            *storage = NULL;
            return status;
        }
    }
    *filter = parsed;
    return KITH_OK;
}
