/* SPDX-License-Identifier: MIT
 *
 * One value of an option, from its text. Numbers are decimal and mean the same in every locale.
 */
#include <errno.h>
#include <limits.h>
#include <stdint.h>

#include "proto/command/table.h"

/* " from 64 to 8192", or "". */
static void bounds_text(char *out, size_t size, const kith_option *option) {
    char low[32], high[32];
    out[0] = 0;
    if (option->low == option->high)
        return;
    kith_number_text(low, sizeof low, option->type, option->low);
    kith_number_text(high, sizeof high, option->type, option->high);
    snprintf(out, size, " from %s to %s", low, high);
}

static kith_status not_a_number(const kith_option *option, const char *text, const char *where,
                                kith_error *err) {
    char bounds[80];
    bounds_text(bounds, sizeof bounds, option);
    const char *kind = option->type == KITH_OPTION_NUMBER ? "number" : "whole number";
    const char *unit = option->type == KITH_OPTION_BYTES ? " (K, M or G may follow)" : "";
    return kith_fail(err, KITH_E_USAGE, 0, where, "'%s' is not a %s%s%s", text, kind, bounds, unit);
}

static bool read_integer(long *out, const kith_option *option, const char *text) {
    char *end;
    if (text[0] == 0 || text[strspn(text, "+-0123456789")])
        return false;
    errno = 0;
    *out = strtol(text, &end, 10);
    return errno == 0 && *end == 0 && kith_option_allows(option, (double)*out);
}

static bool read_number(double *out, const kith_option *option, const char *text) {
    char *end;
    if (text[0] == 0 || text[strspn(text, "+-.eE0123456789")])
        return false;
    errno = 0;
    *out = strtod(text, &end);
    return errno == 0 && *end == 0 && kith_option_allows(option, *out);
}

static bool read_bytes(size_t *out, const kith_option *option, const char *text) {
    char *end;
    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    unsigned long count = strtoul(text, &end, 10);
    static const char units[] = "KkMmGg";
    const char *unit = *end ? strchr(units, *end) : NULL;
    size_t factor = unit ? (size_t)1 << (10 * ((unit - units) / 2 + 1)) : 1;
    return errno == 0 && end[unit != NULL] == 0 && !__builtin_mul_overflow(count, factor, out) &&
           kith_option_allows(option, (double)*out);
}

static kith_status read_flag(bool *out, const char *text, const char *where, kith_error *err) {
    static const char *const words[2][4] = {{"no", "false", "off", "0"}, {"yes", "true", "on", "1"}};
    for (int value = 0; value < 2; value++)
        for (int i = 0; i < 4; i++)
            if (strcmp(text, words[value][i]) == 0) {
                *out = value;
                return KITH_OK;
            }
    return kith_fail(err, KITH_E_USAGE, 0, where, "'%s' is neither yes nor no", text);
}

static kith_status read_choice(int *out, const kith_option *option, const char *text, const char *where,
                               kith_error *err) {
    const char *word, *rest = option->value;
    kith_nearest nearest = {.word = text};
    size_t length, given = strlen(text);
    for (int i = 0; (length = kith_choice_next(&word, &rest)) > 0; i++) {
        if (length == given && memcmp(word, text, length) == 0) {
            *out = i;
            return KITH_OK;
        }
        kith_nearest_offer(&nearest, word, length);
    }
    if (nearest.best)
        return kith_fail(err, KITH_E_USAGE, 0, where, "'%s' is not one of %s (did you mean %.*s?)", text,
                         option->value, (int)nearest.length, nearest.best);
    return kith_fail(err, KITH_E_USAGE, 0, where, "'%s' is not one of %s", text, option->value);
}

kith_status kith_value_read(void *slot, const kith_option *option, const char *text, const char *where,
                            kith_error *err) {
    bool good = true;
    switch (option->type) {
    case KITH_OPTION_FLAG:
        return read_flag(slot, text, where, err);
    case KITH_OPTION_CHOICE:
        return read_choice(slot, option, text, where, err);
    case KITH_OPTION_TEXT:
    case KITH_OPTION_LIST:
        *(const char **)slot = text;
        break;
    case KITH_OPTION_INTEGER:
        good = read_integer(slot, option, text);
        break;
    case KITH_OPTION_NUMBER:
        good = read_number(slot, option, text);
        break;
    case KITH_OPTION_BYTES:
        good = read_bytes(slot, option, text);
        break;
    }
    return good ? KITH_OK : not_a_number(option, text, where, err);
}
