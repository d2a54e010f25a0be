/* SPDX-License-Identifier: MIT
 *
 * forward WEIGHTS WIDTH HEIGHT BATCH: for each number read from standard input runs that many forward passes,
 * conversion from bytes included, and prints the processor's milliseconds per pass. Driven by forward.py.
 */
#include <stdlib.h>
#include <time.h>

#include "model/network/network.h"

static double milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void fill(kith_session *session, int width, int height, int batch) {
    size_t size = (size_t)width * (size_t)height * 3;
    unsigned char *rgb = malloc(size);
    float points[136];
    for (size_t i = 0; i < size; i++)
        rgb[i] = (unsigned char)(i * 2654435761U >> 24);
    for (int i = 0; i < 136; i++)
        points[i] = (float)i / 136;
    for (int i = 0; i < batch; i++)
        kith_session_set_input(session, i, rgb, (size_t)width * 3, points);
    free(rgb);
}

static kith_status answer(kith_session *session, int batch, kith_error *err) {
    char line[64];
    kith_status status = KITH_OK;
    while (status == KITH_OK && fgets(line, sizeof line, stdin)) {
        long count = strtol(line, NULL, 10);
        double begin = milliseconds();
        for (long i = 0; i < count && status == KITH_OK; i++)
            status = kith_session_run(session, batch, err);
        printf("%.6f\n", (milliseconds() - begin) / (double)count);
        fflush(stdout);
    }
    return status;
}

int main(int argc, char **argv) {
    kith_error err = {0};
    kith_tensors *tensors = NULL;
    kith_network *network = NULL;
    kith_session *session = NULL;
    if (argc != 5)
        return 2;
    int width = (int)strtol(argv[2], NULL, 10), height = (int)strtol(argv[3], NULL, 10);
    int batch = (int)strtol(argv[4], NULL, 10);
    kith_status status = kith_tensors_read(&tensors, argv[1], false, &err);
    if (status == KITH_OK)
        status = kith_network_open(&network, tensors, argv[1], &err);
    if (status == KITH_OK)
        status = kith_session_open(&session, network, width, height, batch, &err);
    if (status == KITH_OK) {
        fill(session, width, height, batch);
        status = answer(session, batch, &err);
    }
    if (status != KITH_OK)
        fprintf(stderr, "%s: %s\n", err.where, err.text);
    kith_session_close(&session);
    kith_network_close(&network);
    kith_tensors_free(&tensors);
    return status != KITH_OK;
}
