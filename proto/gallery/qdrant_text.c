/* SPDX-License-Identifier: MIT
 *
 * A point as the text that is uploaded, written straight into the batch: the same JSON as
 * kith_qdrant_payload() (tests/qdrant/uploads_say_what_points_are.c compares them), without building it
 * first. Half a million numbers a second are what an upload consists of; made by jansson and printf they cost
 * ten times of what sending them does (tests/bench/qdrant_upload.c).
 */
#include <math.h>

#include "proto/clones.h"
#include "proto/gallery/qdrant.h"
#include "proto/utf8.h"

enum {
    FIELDS_MOST = 2048, /* bytes of all fields but the name and the paths */
    NUMBER_MOST = 32,
    COMPONENT = 13,                               /* bytes of a vector's number with its comma */
    FACE_MOST = KITH_DIMENSION * COMPONENT + 128, /* of a face without its payload */
};

static char *put_text(char *out, const char *text, size_t size) {
    memcpy(out, text, size);
    return out + size;
}

#define PUT(out, literal) put_text((out), (literal), sizeof(literal) - 1)

static char *put_integer(char *out, uint64_t value) {
    char digits[20];
    size_t count = 0;
    do
        digits[count++] = (char)('0' + value % 10);
    while (value /= 10);
    while (count > 0)
        *out++ = digits[--count];
    return out;
}

/* `digits` as `count` decimals, zeros in front. */
static char *put_decimals(char *out, uint64_t digits, int count) {
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + digits % 10);
        digits /= 10;
    }
    return out + count;
}

/* The shortest decimal that is this float again; nine digits are always enough. */
static char *put_float(char *out, float value) {
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
    enum { DECIMALS_MOST = sizeof powers / sizeof *powers - 1 };
    double size = fabs((double)value);
    if (size >= 1e6 || (size != 0 && size < 1e-3)) {
        char text[NUMBER_MOST];
        int length = snprintf(text, sizeof text, "%.9g", (double)value);
        out = put_text(out, text, (size_t)length);
        return strpbrk(text, ".e") ? out : PUT(out, ".0"); /* a real number, not an integer */
    }
    int decimals = 0;
    double scaled = floor(size + 0.5);
    while (decimals < DECIMALS_MOST && (float)(scaled / powers[decimals]) != (float)size) {
        decimals++;
        scaled = floor(size * powers[decimals] + 0.5);
    }
    uint64_t digits = (uint64_t)scaled, unit = (uint64_t)powers[decimals];
    if (signbit(value))
        *out++ = '-';
    out = put_integer(out, digits / unit);
    if (decimals == 0)
        return PUT(out, ".0");
    *out++ = '.';
    return put_decimals(out, digits % unit, decimals);
}

static char *put_floats(char *out, const float *values, size_t count) {
    *out++ = '[';
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *out++ = ',';
        out = put_float(out, values[i]);
    }
    *out++ = ']';
    return out;
}

/* In quotes, escaped; six bytes for each of the text's are enough. NULL: not UTF-8. */
static char *put_string(char *out, const char *text, size_t size) {
    *out++ = '"';
    for (size_t i = 0; i < size;) {
        unsigned char byte = (unsigned char)text[i];
        size_t length = byte < 0x80 ? 1 : kith_utf8_length((const unsigned char *)text + i, size - i);
        if (length == 0)
            return NULL;
        if (byte == '"' || byte == '\\') {
            *out++ = '\\';
            *out++ = (char)byte;
        } else if (byte < ' ') {
            static const char hex[] = "0123456789abcdef";
            out = PUT(out, "\\u00");
            *out++ = hex[byte >> 4];
            *out++ = hex[byte & 15];
        } else {
            out = put_text(out, text + i, length);
        }
        i += length;
    }
    *out++ = '"';
    return out;
}

static char *put_paths(char *out, const kith_point *point) {
    out = PUT(out, ",\"paths\":[");
    for (size_t i = 0; out && i < point->path_count; i++) {
        if (i > 0)
            *out++ = ',';
        out = put_string(out, point->paths[i], strlen(point->paths[i]));
    }
    return out ? PUT(out, "]") : NULL;
}

/* Those that kith_qdrant_payload() lists, which says why no folder comes twice. */
static char *put_folders(char *out, const kith_point *point) {
    bool first = true;
    out = PUT(out, ",\"folders\":[");
    for (size_t p = 0; p < point->path_count; p++) {
        const char *path = point->paths[p], *before = p > 0 ? point->paths[p - 1] : "";
        size_t shared = 0;
        while (before[shared] && before[shared] == path[shared])
            shared++;
        for (size_t i = 1; path[i]; i++) {
            if (path[i] != '/' || i < shared)
                continue;
            if (!first)
                *out++ = ',';
            first = false;
            if (!(out = put_string(out, path, i)))
                return NULL;
        }
    }
    return PUT(out, "]");
}

#define PUT_FIELD(out, name, text) PUT(put_text(PUT((out), ",\"" name "\":\""), (text), strlen(text)), "\"")

static char *put_id(char *out, const kith_point *point) {
    return PUT(put_text(PUT(out, "{\"id\":\""), point->id, KITH_ID_SIZE - 1), "\"");
}

/* Digests, ids and times are checked texts: nothing in them is to be escaped. */
static char *put_fields(char *out, const kith_point *point) {
    out = PUT_FIELD(out, "sha256", point->sha256);
    out = put_integer(PUT(out, ",\"face\":"), (uint64_t)point->face);
    out = put_integer(PUT(out, ",\"faces\":"), (uint64_t)point->faces);
    out = put_floats(PUT(out, ",\"box\":"), point->box, 4);
    out = put_floats(PUT(out, ",\"points\":"), point->points, 10);
    out = put_float(PUT(out, ",\"score\":"), point->score);
    out = put_float(PUT(out, ",\"eyes\":"), point->eyes);
    out = put_float(PUT(out, ",\"sharpness\":"), point->sharpness);
    out = put_float(PUT(out, ",\"yaw\":"), point->yaw);
    out = put_integer(PUT(out, ",\"width\":"), (uint64_t)point->width);
    out = put_integer(PUT(out, ",\"height\":"), (uint64_t)point->height);
    if (point->taken[0])
        out = PUT_FIELD(out, "taken", point->taken);
    out = PUT_FIELD(out, "indexed", point->indexed);
    out = PUT_FIELD(out, "pipeline", point->pipeline);
    return PUT_FIELD(out, "run", point->run);
}

/* What a point's text can need at most: six bytes for each of a text's; a path's folders are at most as many
 * as its slashes.
 */
static size_t room_for(const kith_point *point) {
    size_t room = FIELDS_MOST + (point->person ? 6 * strlen(point->person) : 0);
    for (size_t i = 0; i < point->path_count; i++) {
        size_t length = strlen(point->paths[i]), folders = 1;
        for (const char *slash = point->paths[i]; (slash = strchr(slash, '/')); slash++)
            folders++;
        room += (6 * length + 8) * (folders + 1);
    }
    return room;
}

static int append_text(const char *bytes, size_t size, void *buffer) {
    return kith_buffer_append(buffer, bytes, size) ? 0 : -1;
}

/* For paths that are not UTF-8. */
static bool append_slowly(kith_buffer *out, const kith_point *point) {
    json_t *payload = kith_qdrant_payload(point);
    bool good = payload && json_dump_callback(payload, append_text, out, KITH_JSON) == 0;
    json_decref(payload);
    return good;
}

bool kith_qdrant_append_payload(kith_buffer *out, const kith_point *point) {
    if (!kith_buffer_reserve(out, room_for(point)))
        return false;
    char *end = put_id(out->bytes + out->size, point);
    if (point->person)
        end = put_string(PUT(end, ",\"person\":"), point->person, strlen(point->person));
    if (end)
        end = put_paths(end, point);
    if (end)
        end = put_folders(end, point);
    if (!end)
        return append_slowly(out, point);
    end = PUT(put_fields(end, point), "}");
    out->size = (size_t)(end - out->bytes);
    return true;
}

/* The numbers of a unit vector with nine decimals: off by 5e-10 at most, and the same float again from 1/64
 * up. All are of one width, " 0.123456789" or "-0.123456789": made as words of four characters, in loops that
 * the compiler makes vectors of, then written with their commas.
 */
struct components {
    uint32_t head[KITH_DIMENSION], high[KITH_DIMENSION], low[KITH_DIMENSION];
};

/* Four digits as four characters, the first in the lowest byte. Divisions are multiplications that are exact
 * for what comes here and stay within their half of the word: / 100 below 10000, then / 10 of both pairs.
 */
static inline uint32_t four_characters(uint32_t digits) {
    uint32_t hundreds = digits * 5243 >> 19;
    uint32_t pairs = hundreds | (digits - 100 * hundreds) << 16;
    uint32_t tens = pairs * 103 >> 10 & 0x000f000f;
    return (tens | (pairs - 10 * tens) << 8) + 0x30303030;
}

KITH_CLONES static void cut_components(struct components *out, const float *vector) {
    uint32_t bits[KITH_DIMENSION], five[KITH_DIMENSION],
        four[KITH_DIMENSION]; /* decimals, the rest of them */
    memcpy(bits, vector, sizeof bits);
    for (int i = 0; i < KITH_DIMENSION; i++) {
        double scaled = (fabs((double)vector[i]) + 5e-10) * 1e5;
        int32_t before = (int32_t)scaled;
        five[i] = (uint32_t)before;
        four[i] = (uint32_t)(int32_t)((scaled - before) * 1e4);
    }
    for (int i = 0; i < KITH_DIMENSION; i++) {
        uint32_t first = (five[i] >> 4) * 6711 >> 22; /* / 10000 */
        uint32_t whole = first * 103 >> 10, sign = ' ' + (bits[i] >> 31) * ('-' - ' ');
        out->head[i] = sign | ('0' + whole) << 8 | '.' << 16 | ('0' + first - 10 * whole) << 24;
        out->high[i] = four_characters(five[i] - 10000 * first);
        out->low[i] = four_characters(four[i]);
    }
}

static char *put_vector(char *out, const float *vector) {
    struct components parts;
    cut_components(&parts, vector);
    *out++ = '[';
    for (int i = 0; i < KITH_DIMENSION; i++, out += COMPONENT) {
        memcpy(out, &parts.head[i], 4);
        memcpy(out + 4, &parts.high[i], 4);
        memcpy(out + 8, &parts.low[i], 4);
        out[12] = ',';
    }
    out[-1] = ']';
    return out;
}

bool kith_qdrant_append_face(kith_buffer *out, const kith_point *point, const float *vector) {
    if (!kith_buffer_reserve(out, FACE_MOST))
        return false;
    char *end = put_id(out->bytes + out->size, point);
    end = PUT(put_vector(PUT(end, ",\"vector\":"), vector), ",\"payload\":");
    out->size = (size_t)(end - out->bytes);
    return kith_qdrant_append_payload(out, point) && kith_buffer_append(out, "}", 1);
}
