/* SPDX-License-Identifier: MIT
 *
 * kith-query stats: what a gallery holds.
 */
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/array.h"
#include "query/ask.h"
#include "query/columns.h"
#include "query/commands.h"

typedef struct stats_choice {
    kith_gallery_choice gallery;
    kith_model_choice model;
    kith_output_choice output;
} stats_choice;

static const stats_choice defaults = {.gallery = KITH_GALLERY_CHOICE, .model = KITH_MODEL_DEFAULTS};

static const kith_option_group groups[] = {
    KITH_GALLERY_GROUP(offsetof(stats_choice, gallery)),
    KITH_MODEL_GROUP(offsetof(stats_choice, model)),
    KITH_OUTPUT_GROUP(offsetof(stats_choice, output)),
    KITH_SERVER_GROUP(offsetof(stats_choice, gallery)),
};

typedef struct stats {
    const char *uri;
    kith_identity identity;
    uint64_t faces, named, persons, photos;
    int64_t bytes; /* on disk; -1: not in a file */
    char calibration[640];
} stats;

/* Different photos are counted by the first 64 bits of their digests: among a million photos two of these are
 * equal with a chance of 3e-8.
 */
typedef struct digests {
    uint64_t *items;
    size_t count, room;
} digests;

static kith_status take_digest(void *context, const kith_point *point, const float *vector, kith_error *err) {
    digests *all = context;
    char head[17] = "";
    (void)vector;
    uint64_t *items = kith_array_grow(all->items, all->count, &all->room, sizeof *items);
    if (!items)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory to count %zu photos", all->count + 1);
    all->items = items;
    memcpy(head, point->sha256, 16);
    all->items[all->count++] = strtoull(head, NULL, 16);
    return KITH_OK;
}

static int by_number(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static kith_status count_photos(uint64_t *out, kith_gallery *gallery, kith_error *err) {
    digests all = {0};
    kith_status status = kith_gallery_each(gallery, NULL, false, take_digest, &all, err);
    if (all.count > 0)
        qsort(all.items, all.count, sizeof *all.items, by_number);
    *out = all.count > 0;
    for (size_t i = 1; i < all.count; i++)
        *out += all.items[i] != all.items[i - 1];
    free(all.items);
    return status;
}

/* The file and what SQLite keeps beside it. */
static int64_t bytes_on_disk(const char *uri) {
    static const char *const endings[] = {"", "-wal", "-shm"};
    if (strncmp(uri, "sqlite:", 7) == 0)
        uri += 7;
    int64_t sum = -1;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char *path = NULL;
        struct stat info;
        if (asprintf(&path, "%s%s", uri, endings[i]) < 0)
            return -1;
        if (stat(path, &info) == 0)
            sum = (sum < 0 ? 0 : sum) + (int64_t)info.st_blocks * 512;
        free(path);
    }
    return sum;
}

/* What a calibration of the gallery says of itself; "" without one. */
static void gallery_words(char out[192], kith_gallery *gallery, uint64_t named) {
    kith_gallery_calibration own;
    kith_error err = {0};
    bool found;
    *out = 0;
    if (kith_gallery_calibration_read(&own, &found, gallery, &err) != KITH_OK)
        snprintf(out, 192, "damaged (kith-index calibrate); ");
    else if (found)
        snprintf(out, 192, "of %.10s, with %" PRIu64 " faces of %" PRIu64 " persons%s; ", own.made, own.faces,
                 own.persons,
                 kith_gallery_calibration_is_old(&own, named) ? ", to be renewed (kith-index calibrate)"
                                                              : "");
}

/* What the model's says; a model that is not there or does not fit is no reason to say nothing else. */
static void model_words(char out[384], const stats *s, const kith_model_choice *choice) {
    kith_model *model = NULL;
    kith_error err = {0};
    kith_calibration table;
    kith_model_choice wanted = *choice;
    if (!wanted.weights && s->identity.network[0])
        wanted.weights = s->identity.network;
    if (strcmp(s->identity.detector, "hog") == 0)
        wanted.detector = KITH_DETECTOR_HOG;
    const kith_model_options options = kith_model_options_of(&wanted);
    const char *json = NULL;
    if (kith_model_open(&model, &options, &err) == KITH_OK)
        json = kith_model_metadata(model, "kith.calibration");
    if (err.code != KITH_OK)
        snprintf(out, 384, "unknown: %.350s", err.text);
    else if (strcmp(kith_model_identity(model)->pipeline, s->identity.pipeline) != 0)
        snprintf(out, 384, "unknown: the model at hand is of another pipeline, %s",
                 kith_model_identity(model)->pipeline);
    else if (!json)
        snprintf(out, 384, "none (give --threshold)");
    else if (kith_calibration_parse(&table, json, s->identity.network, &err) != KITH_OK)
        snprintf(out, 384, "damaged: %.350s", err.text);
    else
        snprintf(out, 384, "%s's, from %" PRIu64 " pairs%s%s%s", s->identity.network, table.pairs,
                 table.data[0] ? " (" : "", table.data, table.data[0] ? ")" : "");
    kith_model_close(&model);
}

static void calibration_words(stats *out, kith_gallery *gallery, const kith_model_choice *choice) {
    char own[192], model[384];
    gallery_words(own, gallery, out->named);
    model_words(model, out, choice);
    snprintf(out->calibration, sizeof out->calibration, "%s%s", own, model);
}

static kith_status collect(stats *out, kith_gallery *gallery, const stats_choice *choice, kith_error *err) {
    kith_filter named = {0};
    kith_people people = {0};
    *out = (stats){.uri = kith_gallery_uri(gallery)};
    out->bytes = bytes_on_disk(out->uri);
    kith_status status = kith_filter_text(&named, KITH_FIELD_PERSON, KITH_NOT_EQUAL, NULL, err);
    if (status == KITH_OK)
        status = kith_gallery_identity(gallery, &out->identity, err);
    if (status == KITH_OK)
        status = kith_gallery_count(gallery, NULL, &out->faces, err);
    if (status == KITH_OK)
        status = kith_gallery_count(gallery, &named, &out->named, err);
    if (status == KITH_OK)
        status = kith_gallery_people(gallery, &people, err);
    out->persons = people.count;
    kith_people_clear(&people);
    if (status == KITH_OK)
        status = count_photos(&out->photos, gallery, err);
    if (status == KITH_OK)
        calibration_words(out, gallery, &choice->model);
    return status;
}

static kith_status print_object(const stats *s, kith_error *err) {
    const kith_identity *made = &s->identity;
    json_t *json = json_object();
    int bad = kith_path_members(json, "gallery", "gallery_raw", s->uri);
    if (made->pipeline[0])
        bad |= json_object_update_new(json, json_pack("{s:s, s:s, s:s}", "pipeline", made->pipeline,
                                                      "network", made->network, "detector", made->detector));
    bad |= json_object_update_new(json, json_pack("{s:I, s:I, s:I, s:I, s:o}", "faces", (json_int_t)s->faces,
                                                  "named", (json_int_t)s->named, "persons",
                                                  (json_int_t)s->persons, "photos", (json_int_t)s->photos,
                                                  "calibration", kith_path_json(s->calibration, NULL)));
    if (s->bytes >= 0)
        bad |= json_object_set_new(json, "bytes", json_integer(s->bytes));
    if (bad) {
        json_decref(json);
        json = NULL;
    }
    return kith_print_json(json, KITH_JSON, err);
}

static void size_words(char out[32], int64_t bytes) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)bytes;
    size_t unit = 0;
    for (; size >= 1024 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        size /= 1024;
    snprintf(out, 32, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
}

static void print_table(const stats *s, bool color) {
    static const kith_column columns[] = {{.title = ""}, {.title = ""}};
    char faces[24], named[24], persons[24], photos[24], size[32] = "on a server";
    const char *const lines[][2] = {
        {"gallery", s->uri},
        {"pipeline", s->identity.pipeline[0] ? s->identity.pipeline : "none yet"},
        {"network", s->identity.network},
        {"detector", s->identity.detector},
        {"faces", faces},
        {"with a name", named},
        {"persons", persons},
        {"photos", photos},
        {"size", size},
        {"calibration", s->calibration},
    };
    kith_columns table;
    snprintf(faces, sizeof faces, "%" PRIu64, s->faces);
    snprintf(named, sizeof named, "%" PRIu64, s->named);
    snprintf(persons, sizeof persons, "%" PRIu64, s->persons);
    snprintf(photos, sizeof photos, "%" PRIu64, s->photos);
    if (s->bytes >= 0)
        size_words(size, s->bytes);
    kith_columns_start(&table, stdout, columns, 2, color);
    table.widths[0] = (int)strlen("with a name");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const kith_cell cells[] = {{lines[i][0], KITH_FAINT}, {.text = lines[i][1]}};
        kith_columns_row(&table, cells);
    }
}

static int run_stats(const kith_arguments *arguments) {
    const stats_choice *choice = arguments->values;
    kith_gallery *gallery = NULL;
    stats found;
    kith_error err = {0};
    kith_status status = kith_gallery_open_choice(&gallery, &choice->gallery, KITH_GALLERY_READ, &err);
    if (status == KITH_OK)
        status = collect(&found, gallery, choice, &err);
    if (status == KITH_OK && choice->output.json)
        status = print_object(&found, &err);
    else if (status == KITH_OK)
        print_table(&found, kith_use_color((kith_color)choice->output.color, STDOUT_FILENO));
    kith_gallery_close(&gallery);
    return status == KITH_OK ? KITH_EXIT_OK : kith_die(&err);
}

const kith_command kith_stats_command = {
    .name = "stats",
    .operands = "",
    .summary = "What the gallery holds",
    .text =
        "Shows the gallery's place, its pipeline (network and detector that made its faces), how many "
        "faces, names and photos it holds, its size on disk, and where thresholds come from. Only for the "
        "last the model is looked at: the network that made the gallery, unless --weights names another.",
    .groups = groups,
    .group_count = sizeof groups / sizeof groups[0],
    .size = sizeof(stats_choice),
    .defaults = &defaults,
    .run = run_stats,
};
