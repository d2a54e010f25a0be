/* SPDX-License-Identifier: MIT
 *
 * kith-index import: what `export --vectors` wrote. A line is taken as a whole or not at all, and one that is
 * not taken is named by its number; the others are taken.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include "indexer/commands.h"
#include "indexer/options.h"
#include "indexer/store/batch.h"
#include "indexer/store/plural.h"
#include "model/options.h"
#include "proto/command/program.h"
#include "proto/lines.h"
#include "proto/stop.h"
#include "proto/vector.h"

enum { LINE_MOST = 64 << 20, WAIT_FOREVER = -1 };

typedef struct import_choice {
    kith_gallery_choice gallery;
    kith_model_choice model;
} import_choice;

typedef struct import_run {
    const import_choice *choice;
    kith_gallery *gallery;
    kith_identity identity; /* the gallery's; a new one takes the model's */
    bool bound;             /* the gallery is there and has it */
    kith_batch batch;
    uint64_t taken, refused;
} import_run;

/* A new gallery takes the identity of the model that is here, so that it never holds what nobody can ask. */
static kith_status adopt(import_run *import, kith_error *err) {
    kith_model *model = NULL;
    kith_model_options options = kith_model_options_of(&import->choice->model);
    kith_status status = kith_model_open(&model, &options, err);
    if (status == KITH_OK)
        import->identity = *kith_model_identity(model);
    kith_model_close(&model);
    return status;
}

/* A gallery that is not there is made with the first face, so that nothing is left of a refused import. */
static kith_status open_gallery(import_run *import, kith_error *err) {
    kith_error why = {0};
    kith_status status =
        kith_gallery_open_choice(&import->gallery, &import->choice->gallery, KITH_GALLERY_WRITE, &why);
    if (status == KITH_E_IO && why.native == ENOENT)
        return adopt(import, err);
    if (status != KITH_OK) {
        *err = why;
        return status;
    }
    status = kith_gallery_identity(import->gallery, &import->identity, err);
    import->bound = import->identity.pipeline[0] != 0;
    return status == KITH_OK && !import->bound ? adopt(import, err) : status;
}

static kith_status bind_gallery(import_run *import, kith_error *err) {
    kith_status status = KITH_OK;
    if (!import->gallery)
        status =
            kith_gallery_open_choice(&import->gallery, &import->choice->gallery, KITH_GALLERY_CREATE, err);
    if (status == KITH_OK && !import->bound)
        status = kith_gallery_bind(import->gallery, &import->identity, err);
    import->bound = status == KITH_OK;
    return status;
}

/* One line's point and vector. KITH_E_REFUSED: it has no vector. */
static kith_status parse(kith_point *point, float *vector, const import_run *import,
                         const kith_lines_item *line, const char *where, kith_error *err) {
    json_error_t cause;
    if (line->state == KITH_LINES_LONG)
        return kith_fail(err, KITH_E_LIMIT, 0, where, "is longer than %d MiB", LINE_MOST >> 20);
    json_t *json = json_loadb(line->text, line->length, JSON_REJECT_DUPLICATES, &cause);
    if (!json)
        return kith_fail(err, KITH_E_FORMAT, 0, where, "is no JSON: %s", cause.text);
    kith_status status = KITH_OK;
    const json_t *numbers = json_object_get(json, "vector");
    if (!numbers)
        status = kith_fail(err, KITH_E_REFUSED, 0, where, "has no \"vector\" (kith-index export --vectors)");
    else if (!kith_floats_from_json(vector, KITH_DIMENSION, numbers))
        status = kith_fail(err, KITH_E_FORMAT, 0, where, "\"vector\" is not %d numbers", KITH_DIMENSION);
    else if (!kith_is_unit(vector))
        status = kith_fail(err, KITH_E_FORMAT, 0, where, "its vector has the length %.6g, not 1",
                           sqrt(kith_dot(vector, vector)));
    if (status == KITH_OK)
        status = kith_point_from_json(point, json, where, err);
    if (status == KITH_OK && strcmp(point->pipeline, import->identity.pipeline) != 0)
        status = kith_fail(err, KITH_E_FORMAT, 0, where, "is of pipeline %s, the gallery of %s",
                           point->pipeline, import->identity.pipeline);
    json_decref(json);
    return status;
}

static kith_status flush(import_run *import, kith_error *err) {
    kith_points *made = &import->batch.made;
    if (made->count == 0)
        return KITH_OK;
    kith_status status = bind_gallery(import, err);
    if (status == KITH_OK)
        status = kith_gallery_put(import->gallery, made->items, import->batch.vectors, made->count, err);
    if (status == KITH_OK) {
        import->taken += made->count;
        kith_batch_clear(&import->batch);
    }
    return status;
}

static kith_status take(import_run *import, const kith_lines_item *line, const char *file, kith_error *err) {
    kith_point point = {0};
    float vector[KITH_DIMENSION] = {0};
    char where[300];
    kith_error why = {0};
    kith_status status = KITH_OK;
    snprintf(where, sizeof where, "%s:%" PRIu64, file, line->number);
    kith_status parsed = parse(&point, vector, import, line, where, &why);
    if (parsed == KITH_E_REFUSED && line->number == 1) { /* no line of such an export has one */
        *err = why;
        status = parsed;
    } else if (parsed != KITH_OK) {
        kith_say_error(&why);
        import->refused++;
    } else
        status = kith_batch_put(&import->batch, &point, vector, err);
    kith_point_clear(&point);
    return status == KITH_OK && kith_batch_due(&import->batch) ? flush(import, err) : status;
}

static kith_status import_file(import_run *import, const char *file, kith_error *err) {
    kith_lines *in = NULL;
    kith_lines_item line = {0};
    kith_status status = kith_lines_open(&in, file, '\n', LINE_MOST, err);
    while (status == KITH_OK) {
        status = kith_stop_error(err);
        if (status == KITH_OK)
            status = kith_lines_next(in, &line, WAIT_FOREVER, err);
        if (status != KITH_OK || line.state == KITH_LINES_END)
            break;
        if (!kith_lines_blank(&line))
            status = take(import, &line, strcmp(file, "-") == 0 ? "standard input" : file, err);
    }
    kith_lines_close(&in);
    return status;
}

static int run_import(const kith_arguments *arguments) {
    import_run import = {.choice = arguments->values};
    kith_error err = {0}, flushing = {0};
    kith_status status = open_gallery(&import, &err);
    for (size_t i = 0; i < arguments->operand_count && status == KITH_OK; i++)
        status = import_file(&import, arguments->operands[i], &err);
    bool may_save = status == KITH_OK || status == KITH_E_STOPPED;
    if (may_save && flush(&import, &flushing) != KITH_OK && status == KITH_OK) {
        err = flushing;
        status = err.code;
    }
    kith_batch_clear(&import.batch);
    kith_gallery_close(&import.gallery);
    uint64_t lines = import.taken + import.refused;
    if (status == KITH_OK || lines > 0)
        printf("%" PRIu64 " line%s: %" PRIu64 " taken, %" PRIu64 " refused\n", lines, kith_plural(lines),
               import.taken, import.refused);
    if (status != KITH_OK)
        return kith_die(&err);
    return import.refused > 0 ? KITH_EXIT_PARTIAL : KITH_EXIT_OK;
}

static const kith_option_group groups[] = {
    KITH_GALLERY_GROUP(offsetof(import_choice, gallery)),
    KITH_MODEL_GROUP(offsetof(import_choice, model)),
    KITH_SERVER_GROUP(offsetof(import_choice, gallery)),
    KITH_COLLECTION_GROUP(offsetof(import_choice, gallery)),
};

static const import_choice defaults = {.gallery = KITH_GALLERY_CHOICE, .model = KITH_MODEL_DEFAULTS};

static const kith_example examples[] = {
    {"kith-index import --gallery new.kith faces.jsonl", "what export --vectors wrote"},
};

const kith_command kith_import_command = {
    .name = "import",
    .operands = "FILE...",
    .least = 1,
    .most = (size_t)-1,
    .summary = "Put exported faces into a gallery",
    .text =
        "Takes JSON lines as export --vectors writes them; - is standard input. Each line is checked: every "
        "field, the vector's dimension and length, the pipeline. A line that fails is named by its number "
        "and nothing of it is taken; the others are (exit status 3). A file that begins without a vector is "
        "refused. A face that the gallery has already is replaced.\n\n"
        "A new gallery belongs to the model that the options choose; into an old one only faces of the same "
        "pipeline go.",
    .groups = groups,
    .group_count = COUNT_OF(groups),
    .size = sizeof(import_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .run = run_import,
};
