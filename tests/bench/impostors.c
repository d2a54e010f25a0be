/* SPDX-License-Identifier: MIT
 *
 * A network's provisional thresholds: false-match rates over all pairs of different persons of half A (odd
 * numbers) of the development chips.
 *     bench-impostors WEIGHTS            prints the table as the JSON of kith.calibration
 *     bench-impostors WEIGHTS --write    and writes it into that model file (F16, atomically)
 * A chip has 144 x 144 pixels: reid's template at 128, moved by (8, 8). The network's own chip is cut from
 * it.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/embedder.h"
#include "model/face/align.h"
#include "model/network/safetensors.h"

#define CHIPS KITH_SHARED_DIR "/faces/chips"
enum { MARGIN = 8, TEMPLATE_SIDE = 128, BATCH = 32, BINS = 20000, EVENTS = 3 };

typedef struct face {
    int person;
    float embedding[KITH_DIMENSION];
} face;

static struct {
    face *items;
    size_t count;
    int persons;
} faces;

/* How many pairs of different persons have a score in each ten-thousandth of -1..1. */
static uint64_t histogram[BINS + 1], pairs;

static void *need(void *memory) {
    if (!memory)
        abort();
    return memory;
}

static kith_status chip_from(kith_face *out, const char *path, const float landmarks[2 * KITH_LANDMARKS],
                             const char *arch, int side, kith_error *err) {
    enum { MOST = 1 << 20 };
    static unsigned char bytes[MOST];
    float points[2 * KITH_POINTS], template[2 * KITH_POINTS];
    kith_similarity to_chip;
    kith_picture picture;
    const kith_decode_options options = {.max_pixels = KITH_MAX_PIXELS};
    FILE *file = fopen(path, "rb");
    if (!file)
        return kith_fail(err, KITH_E_IO, 0, path, "cannot be read");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    kith_status status = kith_picture_decode(&picture, bytes, size, &options, path, err);
    if (status != KITH_OK)
        return status;
    kith_template(points, "reid", TEMPLATE_SIDE);
    for (int i = 0; i < 2 * KITH_POINTS; i++)
        points[i] += MARGIN;
    kith_template(template, arch, side);
    kith_similarity_fit(&to_chip, points, template, KITH_POINTS);
    out->chip = need(malloc((size_t)side * (size_t)side * 3));
    status = kith_align(out->chip, side, &to_chip, picture.rgb, picture.width, picture.height, err);
    for (int i = 0; i < 2 * KITH_LANDMARKS; i += 2) {
        kith_similarity_apply(&to_chip, landmarks + i, out->landmarks + i);
        out->landmarks[i] /= (float)side;
        out->landmarks[i + 1] /= (float)side;
    }
    kith_picture_clear(&picture);
    return status;
}

/* `p017/03.jpg,x0,y0,...`: the person's number, or 0 for a line that is not understood. */
static int read_line(char *line, char **name, float landmarks[2 * KITH_LANDMARKS]) {
    char *at = strchr(line, ',');
    if (!at || line[0] != 'p')
        return 0;
    *name = line;
    for (int i = 0; i < 2 * KITH_LANDMARKS && *at == ','; i++) {
        *at = '\0';
        landmarks[i] = strtof(at + 1, &at);
    }
    return (int)strtol(line + 1, NULL, 10);
}

static kith_status embed(kith_embedder *embedder, kith_face *batch, int count, kith_error *err) {
    kith_face *list[BATCH] = {NULL};
    for (int i = 0; i < count; i++)
        list[i] = batch + i;
    kith_status status = kith_embedder_embed(embedder, list, (size_t)count, err);
    for (int i = 0; i < count; i++) {
        face *to = faces.items + faces.count - count + i;
        memcpy(to->embedding, batch[i].embedding, sizeof to->embedding);
        free(batch[i].chip);
        if (status == KITH_OK && !batch[i].embedded)
            status = kith_fail(err, KITH_E_REFUSED, 0, NULL, "a chip gives no embedding");
    }
    return status;
}

static kith_status embed_all(kith_model *model, kith_error *err) {
    char line[4096], path[sizeof CHIPS + sizeof line], *name;
    float landmarks[2 * KITH_LANDMARKS];
    static kith_face batch[BATCH];
    int queued = 0;
    size_t room = 0;
    const char *arch = kith_model_identity(model)->network;
    kith_embedder *embedder = NULL;
    FILE *list = fopen(CHIPS "/landmarks.csv", "r");
    kith_status status = list ? kith_embedder_open(&embedder, model, BATCH, err)
                              : kith_fail(err, KITH_E_IO, 0, CHIPS, "no development chips here");
    while (status == KITH_OK && fgets(line, sizeof line, list)) {
        int person = read_line(line, &name, landmarks);
        if (person % 2 == 0)
            continue;
        if (faces.count == room)
            faces.items = need(realloc(faces.items, (room = 2 * room + BATCH) * sizeof *faces.items));
        faces.persons += faces.count == 0 || faces.items[faces.count - 1].person != person;
        faces.items[faces.count++].person = person;
        snprintf(path, sizeof path, CHIPS "/%s", name);
        batch[queued] = (kith_face){0};
        status = chip_from(batch + queued++, path, landmarks, arch, kith_model_side(model), err);
        if (queued == BATCH && status == KITH_OK) {
            status = embed(embedder, batch, queued, err);
            queued = 0;
        }
    }
    if (status == KITH_OK && queued > 0)
        status = embed(embedder, batch, queued, err);
    if (list)
        fclose(list);
    kith_embedder_close(&embedder);
    return status;
}

__attribute__((target_clones("default", "arch=haswell"))) static float dot(const float *restrict a,
                                                                           const float *restrict b) {
    float sums[16] = {0}, sum = 0;
    for (int i = 0; i < KITH_DIMENSION; i += 16)
        for (int k = 0; k < 16; k++)
            sums[k] += a[i + k] * b[i + k];
    for (int k = 0; k < 16; k++)
        sum += sums[k];
    return sum;
}

/* In blocks that stay in the cache. */
static void compare_all(void) {
    enum { BLOCK = 64 };
    for (size_t from = 0; from < faces.count; from += BLOCK) {
        size_t to = from + BLOCK < faces.count ? from + BLOCK : faces.count;
        for (size_t j = 0; j < to; j++) {
            for (size_t i = from > j + 1 ? from : j + 1; i < to; i++) {
                if (faces.items[i].person == faces.items[j].person)
                    continue;
                double score = dot(faces.items[i].embedding, faces.items[j].embedding);
                histogram[(int)((fmin(fmax(score, -1), 1) + 1) / 2 * BINS)]++;
                pairs++;
            }
        }
    }
}

/* The lowest threshold, in ten-thousandths, that at most a share `fmr` of the pairs reaches. */
static double threshold_at(double fmr) {
    uint64_t above = 0;
    int bin = BINS;
    while (bin >= 0 && (double)(above + histogram[bin]) <= fmr * (double)pairs)
        above += histogram[bin--];
    return (bin + 1) / (BINS / 2.0) - 1;
}

/* 0.1, 0.03, 0.01, ... as far as at least EVENTS pairs lie above the threshold. */
static json_t *table(void) {
    json_t *fmrs = json_array(), *thresholds = json_array();
    for (int step = 2; step < 20; step++) {
        int decade = step / 2; /* step 2: 0.1, 3: 0.03 */
        double fmr = pow(10, -decade) * (step % 2 ? 0.3 : 1);
        if (fmr * (double)pairs < EVENTS)
            break;
        char text[32];
        snprintf(text, sizeof text, "%.0e", fmr);
        json_array_append_new(fmrs, json_real(strtod(text, NULL)));
        snprintf(text, sizeof text, "%.4f", threshold_at(fmr));
        json_array_append_new(thresholds, json_real(strtod(text, NULL)));
    }
    return json_pack("{s:b, s:s, s:I, s:i, s:i, s:o, s:o, s:f}", "provisional", 1, "data",
                     "pairs of different persons, half A of the development chips", "pairs",
                     (json_int_t)pairs, "persons", faces.persons, "faces", (int)faces.count, "fmr", fmrs,
                     "threshold", thresholds, "margin", 0.05);
}

static kith_status write_table(const char *path, const char *text, kith_error *err) {
    static const char *const key = "kith.calibration";
    kith_tensors *tensors = NULL;
    kith_status status = kith_tensors_read(&tensors, path, false, err);
    if (status != KITH_OK)
        return status;
    kith_tensors changed = *tensors;
    changed.metadata = need(calloc(tensors->metadata_count + 1, sizeof *changed.metadata));
    changed.metadata_count = 0;
    for (size_t i = 0; i < tensors->metadata_count; i++) {
        if (strcmp(tensors->metadata[i].key, key) != 0)
            changed.metadata[changed.metadata_count++] = tensors->metadata[i];
    }
    changed.metadata[changed.metadata_count++] = (kith_metadata){key, text};
    status = kith_tensors_write(path, &changed, true, err);
    free(changed.metadata);
    kith_tensors_free(&tensors);
    return status;
}

int main(int argc, char **argv) {
    if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "--write") != 0)) {
        fprintf(stderr, "usage: bench-impostors WEIGHTS [--write]\n");
        return 2;
    }
    const kith_model_options options = {.weights = argv[1]};
    kith_model *model = NULL;
    kith_error err = {0};
    kith_status status = kith_model_open(&model, &options, &err);
    if (status == KITH_OK)
        status = embed_all(model, &err);
    kith_model_close(&model);
    if (status == KITH_OK) {
        compare_all();
        json_t *json = table();
        char *text = need(json_dumps(json, JSON_REAL_PRECISION(6)));
        puts(text);
        if (argc == 3)
            status = write_table(argv[1], text, &err);
        free(text);
        json_decref(json);
    }
    free(faces.items);
    if (status != KITH_OK)
        fprintf(stderr, "%s: %s\n", err.where, err.text);
    return kith_exit_code(&err);
}
