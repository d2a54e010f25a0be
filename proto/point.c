/* SPDX-License-Identifier: MIT */
#include "proto/point.h"

#include <limits.h>
#include <math.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/random.h>

#include "proto/digest.h"
#include "proto/timestamp.h"
#include "proto/utf8.h"

/* kith's namespace for UUIDv5: 3be22e1f-9d3a-44ea-b3fc-039213d63111, drawn at random once, for ever. */
static const unsigned char namespace[16] = {0x3b, 0xe2, 0x2e, 0x1f, 0x9d, 0x3a, 0x44, 0xea,
                                            0xb3, 0xfc, 0x03, 0x92, 0x13, 0xd6, 0x31, 0x11};

void kith_id_text(char out[KITH_ID_SIZE], const unsigned char bytes[16]) {
    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        kith_hex_text(out, bytes + i, 1);
        out += 2;
    }
}

bool kith_id_bytes(unsigned char out[16], const char *id) {
    char hex[33] = "";
    size_t used = 0;
    if (strlen(id) != KITH_ID_SIZE - 1)
        return false;
    for (size_t i = 0; i < KITH_ID_SIZE - 1; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (id[i] == '-'))
            return false;
        if (!dash)
            hex[used++] = id[i];
    }
    return kith_hex_bytes(out, 16, hex);
}

/* RFC 9562, sections 5.4 and 5.5: version and variant bits over 16 bytes of a hash or of chance. */
static void uuid_of_bytes(char out[KITH_ID_SIZE], unsigned char bytes[16], unsigned version) {
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | version << 4);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    kith_id_text(out, bytes);
}

static pthread_once_t sha1_once = PTHREAD_ONCE_INIT;
static EVP_MD *sha1; /* constant from then on, to the end of the process; NULL: OpenSSL has none */

static void find_sha1(void) {
    sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
}

/* Every point that is written is checked by its id; to look SHA-1 up takes longer than the hash. */
void kith_point_id(char out[KITH_ID_SIZE], const char *pipeline, const char *sha256, int face) {
    unsigned char text[16 + 128], hash[EVP_MAX_MD_SIZE];
    pthread_once(&sha1_once, find_sha1);
    memcpy(text, namespace, 16);
    int length = snprintf((char *)text + 16, sizeof text - 16, "%s/%s/%d", pipeline, sha256, face);
    out[0] = 0;
    if (!sha1 || length < 0 || (size_t)length >= sizeof text - 16 ||
        EVP_Digest(text, 16 + (size_t)length, hash, NULL, sha1, NULL) != 1)
        return;
    uuid_of_bytes(out, hash, 5);
}

void kith_run_id(char out[KITH_ID_SIZE]) {
    unsigned char bytes[16];
    while (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        ;
    uuid_of_bytes(out, bytes, 4);
}

void kith_point_clear(kith_point *point) {
    if (!point)
        return;
    free(point->person);
    for (size_t i = 0; i < point->path_count; i++)
        free(point->paths[i]);
    free(point->paths);
    *point = (kith_point){0};
}

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a point");
}

kith_status kith_point_copy(kith_point *out, const kith_point *point, kith_error *err) {
    kith_point copy = *point;
    copy.person = NULL;
    copy.paths = NULL;
    copy.path_count = 0;
    if (point->person && !(copy.person = strdup(point->person)))
        goto fail;
    if (point->path_count > 0 && !(copy.paths = calloc(point->path_count, sizeof *copy.paths)))
        goto fail;
    for (; copy.path_count < point->path_count; copy.path_count++)
        if (!(copy.paths[copy.path_count] = strdup(point->paths[copy.path_count])))
            goto fail;
    *out = copy;
    return KITH_OK;
fail:
    kith_point_clear(&copy);
    *out = copy;
    return no_memory(err);
}

kith_status kith_person_check(const char *person, kith_error *err) {
    size_t length = strlen(person);
    if (length == 0 || length > KITH_PERSON_MOST)
        return kith_fail(err, KITH_E_FORMAT, 0, NULL, "a person's name has 1 to %d bytes, this one %zu",
                         KITH_PERSON_MOST, length);
    for (size_t i = 0, took; i < length; i += took)
        if (!(took = kith_utf8_length((const unsigned char *)person + i, length - i)))
            return kith_fail(err, KITH_E_FORMAT, 0, NULL, "the person's name \"%s\" is not UTF-8 (rename it)",
                             person);
    return KITH_OK;
}

kith_status kith_point_set_person(kith_point *point, const char *person, kith_error *err) {
    char *copy = NULL;
    if (person && kith_person_check(person, err) != KITH_OK)
        return KITH_E_FORMAT;
    if (person && !(copy = strdup(person)))
        return no_memory(err);
    free(point->person);
    point->person = copy;
    return KITH_OK;
}

/* The place of a path among the sorted ones: where it is (*found) or would go. */
static size_t place_of_path(const kith_point *point, const char *path, bool *found) {
    size_t low = 0, high = point->path_count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(point->paths[middle], path);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

kith_status kith_point_add_path(kith_point *point, const char *path, kith_error *err) {
    bool found;
    size_t at = place_of_path(point, path, &found);
    if (found)
        return KITH_OK;
    char *copy = strdup(path);
    char **paths = copy ? reallocarray(point->paths, point->path_count + 1, sizeof *paths) : NULL;
    if (!paths) {
        free(copy);
        return no_memory(err);
    }
    memmove(paths + at + 1, paths + at, (point->path_count - at) * sizeof *paths);
    paths[at] = copy;
    point->paths = paths;
    point->path_count++;
    return KITH_OK;
}

void kith_point_drop_path(kith_point *point, const char *path) {
    bool found;
    size_t at = place_of_path(point, path, &found);
    if (!found)
        return;
    free(point->paths[at]);
    point->path_count--;
    memmove(point->paths + at, point->paths + at + 1, (point->path_count - at) * sizeof *point->paths);
}

static bool finite_values(const float *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

/* The first field whose value no picture can give; NULL when there is none. */
static const char *bad_field(const kith_point *point) {
    unsigned char bytes[32];
    if (!kith_hex_bytes(bytes, 32, point->sha256))
        return "sha256";
    if (!kith_hex_bytes(bytes, (KITH_PIPELINE_SIZE - 1) / 2, point->pipeline))
        return "pipeline";
    if (!kith_id_bytes(bytes, point->run))
        return "run";
    if (point->taken[0] && !kith_time_complete(point->taken))
        return "taken";
    if (!kith_time_complete(point->indexed))
        return "indexed";
    if (point->face < 0 || point->faces <= point->face || point->faces > KITH_FACES_MOST)
        return "face";
    if (point->width < 1 || point->height < 1)
        return point->width < 1 ? "width" : "height";
    if (!finite_values(point->box, 4) || point->box[2] <= 0 || point->box[3] <= 0)
        return "box";
    if (!finite_values(point->points, 10))
        return "points";
    if (!(point->score >= 0 && point->score <= 1))
        return "score";
    if (!(point->eyes >= 0 && isfinite(point->eyes)))
        return "eyes";
    if (!(point->sharpness >= 0 && isfinite(point->sharpness)))
        return "sharpness";
    return isfinite(point->yaw) ? NULL : "yaw";
}

static const char *bad_path(const kith_point *point) {
    for (size_t i = 0; i < point->path_count; i++) {
        if (point->paths[i][0] != '/' || strlen(point->paths[i]) > KITH_PATH_MOST)
            return point->paths[i];
        if (i > 0 && strcmp(point->paths[i - 1], point->paths[i]) >= 0)
            return point->paths[i];
    }
    return NULL;
}

kith_status kith_point_check(const kith_point *point, const char *where, kith_error *err) {
    char id[KITH_ID_SIZE];
    const char *bad = bad_field(point);
    if (bad)
        return kith_fail(err, KITH_E_FORMAT, 0, where, "face %d of its picture has a bad \"%s\"", point->face,
                         bad);
    if (point->path_count == 0)
        return kith_fail(err, KITH_E_FORMAT, 0, where, "face %s has no path", point->id);
    if ((bad = bad_path(point)))
        return kith_fail(err, KITH_E_FORMAT, 0, where,
                         "face %s has a path that is not absolute, too long or out of order: %s", point->id,
                         bad);
    kith_point_id(id, point->pipeline, point->sha256, point->face);
    if (strcmp(id, point->id) != 0)
        return kith_fail(err, KITH_E_FORMAT, 0, where, "face %s should have the id %s", point->id, id);
    return point->person ? kith_person_check(point->person, err) : KITH_OK;
}
