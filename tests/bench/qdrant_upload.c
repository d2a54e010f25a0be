/* SPDX-License-Identifier: MIT
 *
 * 100,000 faces of random unit vectors to a sink that only reads and acknowledges (bench-qdrant_sink, beside
 * this program), and in turn a bare libcurl loop that sends the very same bodies, ready-made; several rounds.
 * Prints points per second, the ratio of the medians, processor time of this process per point (which a busy
 * machine changes less), bytes per point, and peak memory after each tenth.
 */
#include <curl/curl.h>
#include <libgen.h>
#include <stdint.h>
#include <unistd.h>

#include "proto/gallery/qdrant.h"
#include "tests/bench/support/clock.h"
#include "tests/gallery/support/made.h"

enum { POINTS = 100000, LOT = 2000, ROUNDS = 7, MADE = 4000, BATCH = 256, BODIES = MADE / LOT * 8 };

static char origin[64], uri[96];

struct cost {
    double seconds[ROUNDS], processor[ROUNDS];
};

/* All threads, the kernel's part included. */
static double processor_seconds(void) {
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

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

static void upload(struct cost *cost, int round, const kith_point *points, const float *vectors) {
    kith_error err = {0};
    kith_gallery *gallery = NULL;
    if (kith_gallery_open(&gallery, uri, KITH_GALLERY_CREATE, &err) == KITH_OK)
        kith_gallery_bind(gallery, &made_identity, &err);
    double start = seconds_now(), processor = processor_seconds();
    for (unsigned i = 0; i < POINTS && err.code == KITH_OK; i += LOT) {
        size_t at = i % MADE;
        kith_gallery_put(gallery, points + at, vectors + at * KITH_DIMENSION, LOT, &err);
        if (round == 0 && (i + LOT) % (POINTS / 10) == 0)
            printf("%s%.0f%s", i + LOT == POINTS / 10 ? "peak memory in MB after each tenth: " : " ",
                   peak_megabytes(), i + LOT == POINTS ? "\n" : "");
    }
    cost->seconds[round] = seconds_now() - start;
    cost->processor[round] = processor_seconds() - processor;
    kith_gallery_close(&gallery);
    if (err.code != KITH_OK) {
        fprintf(stderr, "%s: %s\n", err.where, err.text);
        exit(1);
    }
}

/* The bodies that an upload of the made faces consists of. */
static void make_bodies(kith_buffer *bodies, const kith_point *points, const float *vectors) {
    for (size_t i = 0; i < MADE; bodies++) {
        size_t end = i + BATCH < i / LOT * LOT + LOT ? i + BATCH : i / LOT * LOT + LOT;
        bool good = kith_buffer_append(bodies, "{\"points\":[", 11);
        for (size_t first = i; i < end; i++)
            good = good && (i == first || kith_buffer_append(bodies, ",", 1)) &&
                   kith_qdrant_append_face(bodies, &points[i], vectors + i * KITH_DIMENSION);
        if (!good || !kith_buffer_append(bodies, "]}", 2))
            exit(1);
    }
}

/* Returns the bytes that were sent. */
static size_t send_bare(struct cost *cost, int round, const kith_buffer *bodies) {
    char url[128], answer[256];
    size_t sent = 0;
    CURL *easy = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    snprintf(url, sizeof url, "%s/collections/faces/points?wait=true", origin);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PUT");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)answer);
    double start = seconds_now(), processor = processor_seconds();
    for (size_t i = 0; i < POINTS / MADE * BODIES; i++) {
        const kith_buffer *body = &bodies[i % BODIES];
        answer[0] = 0;
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body->bytes);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->size);
        if (curl_easy_perform(easy) == CURLE_OK)
            sent += body->size;
    }
    cost->seconds[round] = seconds_now() - start;
    cost->processor[round] = processor_seconds() - processor;
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
    return sent;
}

static double print_cost(const char *name, struct cost *cost) {
    double seconds = median(cost->seconds, ROUNDS), processor = median(cost->processor, ROUNDS);
    printf("%-13s %.0f points/s (%.0f to %.0f), %.2f us of the processor per point\n", name, POINTS / seconds,
           POINTS / cost->seconds[ROUNDS - 1], POINTS / cost->seconds[0], processor / POINTS * 1e6);
    return seconds;
}

int main(void) {
    static kith_point points[MADE];
    static kith_buffer bodies[BODIES];
    static struct cost ours, bare;
    unsigned long count, bytes;
    size_t sent = 0;
    float *vectors = calloc(MADE, KITH_DIMENSION * sizeof *vectors);
    if (!vectors)
        return 1;
    start_sink();
    for (unsigned i = 0; i < MADE; i++) {
        points[i] = made_point(i, "Ann Lee");
        made_vector(vectors + (size_t)i * KITH_DIMENSION, i);
    }
    for (int round = 0; round < ROUNDS; round++) {
        upload(&ours, round, points, vectors);
        if (round == 0)
            make_bodies(bodies, points, vectors);
        sent = send_bare(&bare, round, bodies);
    }
    read_stats(&count, &bytes);
    printf("%d points in %lu bodies, %.0f bytes per point\n", POINTS, count / 2 / ROUNDS,
           (double)sent / POINTS);
    double a = print_cost("kith:", &ours), b = print_cost("bare libcurl:", &bare);
    printf("ratio:        %.2f\n", b / a);
    if (bytes == 2 * ROUNDS * sent)
        return 0;
    fprintf(stderr, "the two did not send the same bytes\n");
    return 1;
}
