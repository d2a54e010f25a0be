/* SPDX-License-Identifier: MIT */
#include "proto/timestamp.h"

#include <ctype.h>

static const int64_t SECOND = 1000000;

/* What a text says; depth: 1 year, 2 month, 3 day, 4 hour, 5 minute, 6 second. */
struct parts {
    int year, month, day, hour, minute, second;
    int64_t fraction, unit; /* microseconds, and the size of the last digit given */
    int64_t zone;           /* seconds east of UTC */
    int depth;
    bool has_zone;
};

/* Exactly `digits` digits, value within [least, most]. */
static bool number(int *out, const char **text, int digits, int least, int most) {
    int value = 0;
    for (int i = 0; i < digits; i++, (*text)++) {
        if (!isdigit((unsigned char)**text))
            return false;
        value = 10 * value + (**text - '0');
    }
    *out = value;
    return value >= least && value <= most;
}

static int days_of_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Digits after the full stop: microseconds are kept, further digits are read over. */
static bool fraction(struct parts *parts, const char **text) {
    parts->unit = SECOND;
    if (!isdigit((unsigned char)**text))
        return false;
    for (; isdigit((unsigned char)**text); (*text)++) {
        if (parts->unit == 1)
            continue;
        parts->unit /= 10;
        parts->fraction += (**text - '0') * parts->unit;
    }
    return true;
}

static bool zone(struct parts *parts, const char **text) {
    int hours, minutes;
    char sign = *(*text)++;
    parts->has_zone = true;
    if (sign == 'Z' || sign == 'z')
        return true;
    if (!number(&hours, text, 2, 0, 23) || *(*text)++ != ':' || !number(&minutes, text, 2, 0, 59))
        return false;
    parts->zone = (sign == '-' ? -1 : 1) * (hours * 3600LL + minutes * 60LL);
    return true;
}

static bool parse(struct parts *parts, const char *text) {
    *parts = (struct parts){.month = 1, .day = 1, .unit = SECOND};
    struct {
        int *out, digits, least, most;
        char before;
    } steps[] = {
        {&parts->year, 4, 0, 9999, 0}, {&parts->month, 2, 1, 12, '-'},  {&parts->day, 2, 1, 31, '-'},
        {&parts->hour, 2, 0, 23, 'T'}, {&parts->minute, 2, 0, 59, ':'}, {&parts->second, 2, 0, 60, ':'},
    };
    for (; parts->depth < 6; parts->depth++) {
        char before = steps[parts->depth].before;
        if (before) {
            if (*text != before && !(before == 'T' && (*text == ' ' || *text == 't')))
                break;
            text++;
        }
        if (!number(steps[parts->depth].out, &text, steps[parts->depth].digits, steps[parts->depth].least,
                    steps[parts->depth].most))
            return false;
    }
    if (parts->day > days_of_month(parts->year, parts->month))
        return false;
    if (parts->depth == 6 && *text == '.') {
        text++;
        if (!fraction(parts, &text))
            return false;
    }
    if (parts->depth >= 5 && *text && !zone(parts, &text))
        return false;
    return *text == 0;
}

/* Days from 1970-01-01 in the proleptic Gregorian calendar: years begin in March, so that the leap day comes
 * last, and the days before a month are (153 m + 2) / 5 (E. G. Richards, Explanatory Supplement to the
 * Astronomical Almanac, 2013, 15.11).
 */
static int64_t days(int year, int month, int day) {
    int64_t y = year - (month <= 2), m = (month + 9) % 12;
    int64_t leaps = (y >= 0 ? y / 4 - y / 100 + y / 400 : -1);
    return 365 * y + leaps + (153 * m + 2) / 5 + day - 1 - 719468;
}

static int64_t instant(const struct parts *parts) {
    int64_t seconds = days(parts->year, parts->month, parts->day) * 86400 + parts->hour * 3600LL +
                      parts->minute * 60LL + parts->second - parts->zone;
    return seconds * SECOND + parts->fraction;
}

bool kith_time_range(int64_t *from, int64_t *to, const char *text) {
    struct parts parts;
    if (!parse(&parts, text))
        return false;
    *from = instant(&parts);
    static const int64_t lengths[] = {86400, 3600, 60}; /* of a day, an hour, a minute */
    if (parts.depth >= 6) {
        *to = *from + parts.unit;
    } else if (parts.depth >= 3) {
        *to = *from + lengths[parts.depth - 3] * SECOND;
    } else {
        struct parts next = parts;
        next.month += parts.depth == 1 ? 12 : 1;
        next.year += (next.month - 1) / 12;
        next.month = (next.month - 1) % 12 + 1;
        *to = instant(&next);
    }
    return true;
}

bool kith_time_complete(const char *text) {
    struct parts parts;
    return parse(&parts, text) && parts.depth == 6 && parts.has_zone && text[10] == 'T';
}

void kith_time_now(char out[KITH_TIME_SIZE]) {
    time_t now = time(NULL);
    struct tm utc = {0};
    gmtime_r(&now, &utc);
    strftime(out, KITH_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

double kith_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
