/* SPDX-License-Identifier: MIT
 *
 * kith-query compare: do two photos show the same person? No gallery is needed.
 */
#include <unistd.h>

#include "proto/vector.h"
#include "query/ask.h"
#include "query/columns.h"
#include "query/commands.h"

typedef struct compare_choice {
    kith_model_choice model;
    kith_finding_choice finding;
    kith_deciding_choice deciding;
    kith_output_choice output;
    int which;
} compare_choice;

static const compare_choice defaults = {
    .model = KITH_MODEL_DEFAULTS, .finding = KITH_FINDING_DEFAULTS, .deciding = KITH_DECIDING_DEFAULTS};

static const kith_option rows[] = {
    {.name = "which",
     .type = KITH_OPTION_CHOICE,
     .offset = offsetof(compare_choice, which),
     .value = KITH_WHICH_WORDS,
     .help = "Which face of each photo is compared; all: every one, and the two most alike decide",
     .only_here = true},
};

static const kith_option_group groups[] = {
    {"Comparing", rows, 1, 0},
    KITH_DECIDING_GROUP(offsetof(compare_choice, deciding)),
    KITH_FINDING_GROUP(offsetof(compare_choice, finding)),
    KITH_MODEL_GROUP(offsetof(compare_choice, model)),
    KITH_OUTPUT_GROUP(offsetof(compare_choice, output)),
};

/* The faces of a photo that take part. */
typedef struct side {
    kith_photo photo;
    kith_probe *probes;
    size_t count;
} side;

static void side_clear(side *s) {
    kith_photo_clear(&s->photo);
    free(s->probes);
}

static kith_status all_usable(side *out, kith_prober *prober, kith_error *err) {
    for (size_t i = 0; i < out->photo.faces.count; i++) {
        kith_status status = kith_probe_make(&out->probes[out->count], prober, &out->photo, i, err);
        if (status != KITH_OK)
            return status;
        out->count += out->probes[out->count].vector != NULL;
    }
    if (out->count == 0)
        return kith_fail(err, KITH_E_FORMAT, 0, out->photo.path, "none of its %zu faces is usable",
                         out->photo.faces.count);
    return KITH_OK;
}

static kith_status side_open(side *out, kith_prober *prober, const char *path, kith_which which,
                             kith_error *err) {
    kith_status status = kith_photo_open(&out->photo, prober, path, err);
    if (status != KITH_OK)
        return status;
    out->probes = calloc(out->photo.faces.count + 1, sizeof *out->probes);
    if (!out->probes)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory for its faces");
    if (which == KITH_WHICH_ALL && out->photo.named_face < 0 && out->photo.faces.count > 0)
        return all_usable(out, prober, err);
    out->count = 1;
    return kith_probe_one(out->probes, prober, &out->photo, which, err);
}

/* The two faces that are most alike, and how much. */
typedef struct pair {
    const char *photo[2];
    int face[2];
    double score; /* -2: there is none */
} pair;

static pair most_alike(const side *a, const side *b) {
    pair best = {.photo = {a->photo.path, b->photo.path}, .score = -2};
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++) {
            double score = kith_cosine(kith_dot(a->probes[i].vector, b->probes[k].vector));
            if (score > best.score) {
                best.face[0] = a->probes[i].point.face;
                best.face[1] = b->probes[k].point.face;
                best.score = score;
            }
        }
    return best;
}

static json_t *face_json(const pair *best, int number) {
    json_t *face = json_object();
    if (kith_path_members(face, "photo", "photo_raw", best->photo[number]) == 0 &&
        json_object_set_new(face, "face", json_integer(best->face[number])) == 0)
        return face;
    json_decref(face);
    return NULL;
}

static kith_status print_object(const pair *best, bool same, const kith_threshold *t, kith_error *err) {
    return kith_print_json(json_pack("{s:b, s:f, s:o, s:o, s:o}", "same", same, "score", best->score, "a",
                                     face_json(best, 0), "b", face_json(best, 1), "threshold",
                                     kith_threshold_json(t)),
                           KITH_JSON, err);
}

static kith_status print_table(const pair *best, bool same, bool color, kith_error *err) {
    static const kith_column columns[] = {{.title = "ANSWER", .least = 9},
                                          {.title = "SCORE", .number = true},
                                          {.title = "FACE", .share = 3},
                                          {.title = "FACE", .share = 3}};
    char score[16];
    snprintf(score, sizeof score, "%.3f", best->score);
    char *a = kith_face_name(best->photo[0], best->face[0]);
    char *b = kith_face_name(best->photo[1], best->face[1]);
    kith_status status = a && b ? KITH_OK : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for an answer");
    const kith_cell cells[] = {{same ? "same" : "different", same ? KITH_GOOD : KITH_NEUTRAL},
                               {.text = score},
                               {.text = a},
                               {.text = b}};
    kith_columns table;
    kith_columns_start(&table, stdout, columns, 4, color);
    if (status == KITH_OK) {
        kith_columns_fit(&table, cells);
        kith_columns_head(&table);
        kith_columns_row(&table, cells);
    }
    free(a);
    free(b);
    return status;
}

static kith_status answer(bool *same, const side *a, const side *b, const kith_certainty *certainty,
                          const kith_output_choice *output, kith_error *err) {
    pair best = most_alike(a, b);
    kith_threshold threshold;
    if (best.score < -1.5) /* no product is a number */
        return kith_fail(err, KITH_E_REFUSED, 0, certainty->network, "gives vectors that cannot be compared");
    kith_certainty_at(&threshold, certainty, a->count * b->count);
    *same = best.score >= threshold.value;
    if (output->json)
        return print_object(&best, *same, &threshold, err);
    kith_say_threshold(&threshold);
    return print_table(&best, *same, kith_use_color((kith_color)output->color, STDOUT_FILENO), err);
}

static int run_compare(const kith_arguments *arguments) {
    const compare_choice *choice = arguments->values;
    const char *const *paths = arguments->operands;
    kith_prober *prober = NULL;
    kith_certainty certainty;
    side a = {0}, b = {0};
    kith_error err = {0};
    bool same = false;
    kith_status status = KITH_OK;
    if (strcmp(paths[0], "-") == 0 && strcmp(paths[1], "-") == 0)
        status = kith_fail(&err, KITH_E_USAGE, 0, "-", "standard input can be read only once");
    if (status == KITH_OK)
        status = kith_prober_open(&prober, &choice->model, &choice->finding, &err);
    if (status == KITH_OK)
        status =
            kith_certainty_open(&certainty, choice->deciding.threshold, choice->deciding.fpir,
                                kith_prober_network(prober), kith_prober_calibration(prober), NULL, &err);
    if (status == KITH_OK)
        status = side_open(&a, prober, paths[0], (kith_which)choice->which, &err);
    if (status == KITH_OK)
        status = side_open(&b, prober, paths[1], (kith_which)choice->which, &err);
    if (status == KITH_OK)
        status = answer(&same, &a, &b, &certainty, &choice->output, &err);
    side_clear(&a);
    side_clear(&b);
    kith_prober_close(&prober);
    return status != KITH_OK ? kith_die(&err) : same ? KITH_EXIT_OK : KITH_EXIT_NOTHING;
}

static const kith_example examples[] = {
    {"kith-query compare a.jpg b.jpg", "Whether two portraits show the same person."},
    {"kith-query compare --which all portrait.jpg party.jpg", "Whether a person is among those on a photo."},
};

const kith_command kith_compare_command = {
    .name = "compare",
    .operands = "PHOTO PHOTO",
    .least = 2,
    .most = 2,
    .summary = "Whether two photos show the same person",
    .text = "Compares a face of one photo with a face of another; no gallery is needed. PHOTO#NUMBER is one "
            "of its faces (the topmost is 0), - standard input. --fpir is the accepted chance that two "
            "different persons are taken for one.\n\n"
            "Exits with 0 when they are the same, 1 when they are not, 4 when a photo has no usable face.",
    .groups = groups,
    .group_count = sizeof groups / sizeof groups[0],
    .size = sizeof(compare_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = sizeof examples / sizeof examples[0],
    .run = run_compare,
};
