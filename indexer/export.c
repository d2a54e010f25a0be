/* SPDX-License-Identifier: MIT
 *
 * kith-index export: every point as one JSON line, in the order of ids.
 */
#include "indexer/commands.h"
#include "indexer/options.h"
#include "proto/command/program.h"
#include "proto/gallery.h"
#include "proto/stop.h"

typedef struct vector_choice {
    bool vectors;
} vector_choice;

typedef struct export_choice {
    kith_gallery_choice gallery;
    vector_choice vector;
} export_choice;

static kith_status write_point(void *context, const kith_point *point, const float *vector, kith_error *err) {
    (void)context;
    json_t *line = kith_point_json(point);
    if (line && vector &&
        json_object_set_new(line, "vector", kith_floats_json(vector, KITH_DIMENSION)) != 0) {
        json_decref(line);
        line = NULL;
    }
    kith_status status = kith_print_json(line, KITH_JSON, err);
    if (status != KITH_OK)
        return status;
    if (ferror(stdout))
        return kith_output_flush(err);
    return kith_stop_error(err);
}

static int run_export(const kith_arguments *arguments) {
    const export_choice *choice = arguments->values;
    kith_gallery *gallery = NULL;
    kith_error err = {0};
    kith_status status = kith_gallery_open_choice(&gallery, &choice->gallery, KITH_GALLERY_READ, &err);
    if (status == KITH_OK)
        status = kith_gallery_each(gallery, NULL, choice->vector.vectors, write_point, NULL, &err);
    if (status == KITH_OK)
        status = kith_output_flush(&err);
    kith_gallery_close(&gallery);
    return status == KITH_OK ? KITH_EXIT_OK : kith_die(&err);
}

static const kith_option vector_rows[] = {
    {.name = "vectors",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(vector_choice, vectors),
     .help = "With vectors, as import needs them",
     .only_here = true},
};

static const kith_option_group groups[] = {
    KITH_GALLERY_GROUP(offsetof(export_choice, gallery)),
    {"Content", vector_rows, COUNT_OF(vector_rows), offsetof(export_choice, vector)},
    KITH_SERVER_GROUP(offsetof(export_choice, gallery)),
};

static const export_choice defaults = {.gallery = KITH_GALLERY_CHOICE};

static const kith_example examples[] = {
    {"kith-index export --vectors > faces.jsonl", "everything that import needs"},
    {"kith-index export | jq -r 'select(.person == null) | .paths[]'", "photos with unnamed faces"},
};

const kith_command kith_export_command = {
    .name = "export",
    .operands = "",
    .summary = "Print the gallery as JSON lines",
    .text = "One line for each face, in the order of their ids, after proto/schema/point.schema.json; with "
            "--vectors also \"vector\", 256 numbers, exact.",
    .groups = groups,
    .group_count = COUNT_OF(groups),
    .size = sizeof(export_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .run = run_export,
};
