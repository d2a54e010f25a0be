/* SPDX-License-Identifier: MIT
 *
 * What `identify` asks of a gallery, from a cold start: opens it, counts its named faces, finds the best
 * persons for a probe. More QUESTIONS: the same process goes on, each question timed.
 *     bench-ask_gallery URI [QUESTIONS]
 */
#include <stdio.h>

#include "tests/bench/support/clock.h"
#include "tests/gallery/support/made.h"

int main(int argc, char **argv) {
    if (argc < 2)
        return 2;
    unsigned questions = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
    double start = seconds_now();
    kith_error err = {0};
    kith_gallery *gallery = NULL;
    kith_filter named = {0};
    uint64_t count = 0;
    kith_gallery_open(&gallery, argv[1], KITH_GALLERY_READ, &err);
    kith_filter_text(&named, KITH_FIELD_PERSON, KITH_NOT_EQUAL, NULL, &err);
    if (!err.code)
        kith_gallery_count(gallery, &named, &count, &err);
    for (unsigned i = 0; i < questions && !err.code; i++) {
        float probe[KITH_DIMENSION];
        kith_hits hits = {0};
        made_vector(probe, 17 + i);
        kith_gallery_search_persons(gallery, probe, NULL, 5, 3, &hits, &err);
        printf("%llu faces, question %u: %.3f s, peak %.1f MB, best %s (%.4f)\n", (unsigned long long)count,
               i + 1, seconds_now() - start, peak_megabytes(),
               hits.count ? hits.items[0].point.person : "nobody",
               hits.count ? (double)hits.items[0].score : 0.0);
        kith_hits_clear(&hits);
        start = seconds_now();
    }
    kith_gallery_close(&gallery);
    if (err.code)
        fprintf(stderr, "%s: %s\n", err.where, err.text);
    return kith_exit_code(&err);
}
