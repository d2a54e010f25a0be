/* SPDX-License-Identifier: MIT
 *
 * 100,000 faces of random unit vectors to a sink that only reads and acknowledges (bench-qdrant_sink, beside
 * this program), five times, and in turn a bare libcurl loop that sends bodies of the same number and size,
 * ready-made. Prints points per second, bytes per point, the ratio of the medians, and peak memory after each
 * tenth.
 */
#include <curl/curl.h>
#include <libgen.h>
#include <stdint.h>
#include <unistd.h>

#include "tests/bench/support/clock.h"
#include "tests/gallery/support/made.h"

enum { POINTS = 100000, LOT = 2000, ROUNDS = 5, MADE = 4000 };

static char origin[64], uri[96];

/* Starts the sink; it ends with this process. */
static void start_sink(void) {
    char self[4096], command[4200], line[32] = "";
    int to[2], from[2];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0 || pipe(to) != 0 || pipe(from) != 0)
        exit(1);
    self[length] = 0;
    snprintf(command, sizeof command, "%s/bench-qdrant_sink", dirname(self));
    if (fork() == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        close(to[1]);
        execl(command, command, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    if (read(from[0], line, sizeof line - 1) <= 0)
        exit(1);
    snprintf(origin, sizeof origin, "http://127.0.0.1:%ld", strtol(line, NULL, 10));
    snprintf(uri, sizeof uri, "qdrant+%s/faces", origin);
}

static size_t take(char *bytes, size_t one, size_t size, void *out) {
    size_t have = strlen(out), room = 255 - have;
    (void)one;
    memcpy((char *)out + have, bytes, size < room ? size : room);
    return size;
}

/* What came to the sink with PUT so far. */
static void read_stats(unsigned long *bodies, unsigned long *bytes) {
    char url[128], text[256] = "";
    CURL *easy = curl_easy_init();
    snprintf(url, sizeof url, "%s/sink/stats", origin);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)text);
    curl_easy_perform(easy);
    curl_easy_cleanup(easy);
    sscanf(text, "{\"bodies\":%lu,\"bytes\":%lu}", bodies, bytes);
}

static double upload(kith_point *points, float *vectors, bool show_memory) {
    kith_error err = {0};
    kith_gallery *gallery = NULL;
    double seconds = 0;
    if (kith_gallery_open(&gallery, uri, KITH_GALLERY_CREATE, &err) == KITH_OK)
        kith_gallery_bind(gallery, &made_identity, &err);
    for (unsigned i = 0; i < POINTS && err.code == KITH_OK; i += LOT) {
        size_t at = i % MADE;
        double start = seconds_now();
        kith_gallery_put(gallery, points + at, vectors + at * KITH_DIMENSION, LOT, &err);
        seconds += seconds_now() - start;
        if (show_memory && (i + LOT) % (POINTS / 10) == 0)
            printf("%s%.0f", i + LOT == POINTS / 10 ? "peak memory in MB after each tenth: " : " ",
                   peak_megabytes());
    }
    if (show_memory)
        printf("\n");
    kith_gallery_close(&gallery);
    if (err.code != KITH_OK) {
        fprintf(stderr, "%s: %s\n", err.where, err.text);
        exit(1);
    }
    return seconds;
}

static double send_bare(const char *body, unsigned long size, unsigned long count) {
    char url[128], answer[256];
    CURL *easy = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    snprintf(url, sizeof url, "%s/collections/faces/points?wait=true", origin);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PUT");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)answer);
    double start = seconds_now();
    for (unsigned long i = 0; i < count; i++) {
        answer[0] = 0;
        curl_easy_perform(easy);
    }
    double seconds = seconds_now() - start;
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
    return seconds;
}

int main(void) {
    static kith_point points[MADE];
    double ours[ROUNDS], bare[ROUNDS];
    unsigned long bodies, bytes;
    float *vectors = calloc(MADE, KITH_DIMENSION * sizeof *vectors);
    if (!vectors)
        return 1;
    start_sink();
    for (unsigned i = 0; i < MADE; i++) {
        points[i] = made_point(i, "Ann Lee");
        made_vector(vectors + (size_t)i * KITH_DIMENSION, i);
    }
    upload(points, vectors, true);
    read_stats(&bodies, &bytes);
    char *body = calloc(1, bytes / bodies);
    for (int round = 0; body && round < ROUNDS; round++) {
        ours[round] = upload(points, vectors, false);
        bare[round] = send_bare(body, bytes / bodies, bodies);
    }
    double a = median(ours, ROUNDS), b = median(bare, ROUNDS);
    printf("%d points in %lu bodies, %.0f bytes per point\n", POINTS, bodies, (double)bytes / POINTS);
    printf("kith:         %.0f points/s\nbare libcurl: %.0f points/s\nratio:        %.2f\n", POINTS / a,
           POINTS / b, b / a);
    return 0;
}
