/* SPDX-License-Identifier: MIT
 *
 * Calibrations of model files: any text is a table or one clear error, and what is a table has a threshold
 * for every rate.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/calibration.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    kith_calibration table;
    kith_error err = {0};
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    if (kith_calibration_parse(&table, text, "m", &err) == KITH_OK)
        for (double rate = 1; rate > 1e-300; rate /= 1000) {
            bool beyond;
            double threshold = kith_rate_table_threshold(&table.table, rate, &beyond);
            double back = kith_rate_table_rate(&table.table, threshold);
            if (!(threshold >= -1 && threshold <= 1) || !(back >= 0 && back <= 1))
                abort();
        }
    else if (!err.text[0])
        abort();
    free(text);
    return 0;
}
