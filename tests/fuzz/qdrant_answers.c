/* SPDX-License-Identifier: MIT
 *
 * Answers of a server: any bytes with any status are judged, and read as a point with its vector.
 */
#include <stdint.h>

#include "proto/gallery/qdrant.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const long statuses[] = {0,   200, 202, 307, 400, 401, 403, 404,
                                    409, 413, 422, 429, 500, 503, 507, 999};
    char where[] = "http://host:6333/collections/faces";
    kith_qdrant qdrant = {.where = where};
    kith_error err = {0};
    json_t *result = NULL;
    if (size == 0)
        return 0;
    char *answer = malloc(size);
    if (!answer)
        return 0;
    memcpy(answer, data + 1, size - 1);
    answer[size - 1] = 0;
    kith_http_call call = {.status = statuses[data[0] & 15], .answer = answer, .answer_size = size - 1};
    if (kith_qdrant_judge(&qdrant, &call, data[0] & 16, &result, &err) == KITH_VERDICT_DONE) {
        kith_point point;
        float vector[KITH_DIMENSION];
        const json_t *record = json_array_get(json_object_get(result, "points"), 0);
        kith_error cause = {0};
        if (kith_qdrant_read_point(&qdrant, &point, record, &cause) == KITH_OK)
            kith_point_clear(&point);
        kith_error_clear(&cause);
        if (kith_qdrant_take_point(&point, vector, record, &cause) == KITH_OK)
            kith_point_clear(&point);
    }
    json_decref(result);
    free(answer);
    return 0;
}
