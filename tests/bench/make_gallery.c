/* SPDX-License-Identifier: MIT
 *
 * Makes a gallery of random faces, five to a person, and says how fast.
 *     bench-make_gallery URI FACES [FACES_PER_CALL]
 */
#include <stdio.h>

#include "tests/bench/support/clock.h"
#include "tests/gallery/support/made.h"

enum { FACES_OF_A_PERSON = 5 };

int main(int argc, char **argv) {
    if (argc < 3)
        return 2;
    unsigned faces = (unsigned)strtoul(argv[2], NULL, 10);
    unsigned batch = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 100;
    kith_error err = {0};
    kith_gallery *gallery = made_gallery(argv[1]);
    kith_point *points = calloc(batch, sizeof *points);
    float *vectors = calloc(batch, KITH_DIMENSION * sizeof *vectors);
    double writing = 0;
    for (unsigned first = 0; points && vectors && first < faces && !err.code; first += batch) {
        unsigned count = faces - first < batch ? faces - first : batch;
        for (unsigned i = 0; i < count; i++) {
            char person[32];
            snprintf(person, sizeof person, "person %u", (first + i) / FACES_OF_A_PERSON);
            points[i] = made_point(first + i, person);
            made_vector(vectors + (size_t)i * KITH_DIMENSION, first + i);
        }
        double start = seconds_now();
        kith_gallery_put(gallery, points, vectors, count, &err);
        writing += seconds_now() - start;
        for (unsigned i = 0; i < count; i++)
            kith_point_clear(&points[i]);
    }
    free(points);
    free(vectors);
    kith_gallery_close(&gallery);
    printf("%u faces, %u a call: %.1f s, %.0f faces/s %s\n", faces, batch, writing, faces / writing,
           err.text);
    return kith_exit_code(&err);
}
