/* SPDX-License-Identifier: MIT
 *
 * Any bytes as an import line: refused, or a point that comes back from its own JSON unchanged. The same
 * bytes as a filter: refused, or conditions that galleries take.
 */
#include <stdint.h>

#include "proto/filter.h"
#include "proto/point.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_point(const uint8_t *bytes, size_t size) {
    kith_point point, again;
    kith_error err = {0};
    json_t *json = json_loadb((const char *)bytes, size, JSON_ALLOW_NUL, NULL);
    if (json && kith_point_from_json(&point, json, "input", &err) == KITH_OK) {
        json_t *first = kith_point_json(&point);
        if (!first || kith_point_from_json(&again, first, "again", NULL) != KITH_OK)
            abort();
        json_t *second = kith_point_json(&again);
        if (!json_equal(first, second))
            abort();
        json_decref(first);
        json_decref(second);
        kith_point_clear(&again);
        kith_point_clear(&point);
    }
    json_decref(json);
}

static void read_filter(const uint8_t *bytes, size_t size) {
    kith_filter filter = {0};
    char *storage, *text = strndup((const char *)bytes, size);
    if (text && kith_filter_parse(&filter, &storage, text, NULL) == KITH_OK) {
        if (kith_filter_check(&filter, NULL) != KITH_OK || filter.count == 0)
            abort();
        free(storage);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    read_point(bytes, size);
    read_filter(bytes, size);
    return 0;
}
