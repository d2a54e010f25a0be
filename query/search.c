/* SPDX-License-Identifier: MIT
 *
 * kith-query search: every photo that shows this face, or this person.
 */
#include <inttypes.h>
#include <unistd.h>

#include "proto/array.h"
#include "query/ask.h"
#include "query/columns.h"
#include "query/commands.h"

typedef struct search_choice {
    kith_gallery_choice gallery;
    kith_model_choice model;
    kith_finding_choice finding;
    kith_deciding_choice deciding;
    kith_output_choice output;
    const char *person, *filter;
    long top;
    int which;
    bool nul;
} search_choice;

static const search_choice defaults = {.gallery = KITH_GALLERY_CHOICE,
                                       .model = KITH_MODEL_DEFAULTS,
                                       .finding = KITH_FINDING_DEFAULTS,
                                       .deciding = KITH_DECIDING_DEFAULTS};

static const kith_option rows[] = {
    {.name = "person",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(search_choice, person),
     .value = "NAME",
     .help = "Every photo of a person, instead of PHOTO",
     .only_here = true},
    {.name = "which",
     .type = KITH_OPTION_CHOICE,
     .offset = offsetof(search_choice, which),
     .value = "largest|centre|only",
     .help = "Which face of PHOTO is looked for",
     .only_here = true},
    {.name = "top",
     .type = KITH_OPTION_INTEGER,
     .offset = offsetof(search_choice, top),
     .value = "N",
     .low = 1,
     .high = 1e9,
     .at_least = true,
     .help = "At most so many faces, the most alike first; all when not given",
     .only_here = true},
    {.name = "filter",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(search_choice, filter),
     .value = "CONDITIONS",
     .help = "Look only at faces that meet them, as person=,taken>=2024-05,path^=/photos/2024",
     .only_here = true},
    {.name = "null",
     .letter = '0',
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(search_choice, nul),
     .help = "Only the paths, each once and ended by a zero byte, for xargs -0",
     .only_here = true},
};

static const kith_option_group groups[] = {
    {"Searching", rows, sizeof rows / sizeof rows[0], 0},
    KITH_DECIDING_GROUP(offsetof(search_choice, deciding)),
    KITH_GALLERY_GROUP(offsetof(search_choice, gallery)),
    KITH_FINDING_GROUP(offsetof(search_choice, finding)),
    KITH_MODEL_GROUP(offsetof(search_choice, model)),
    KITH_OUTPUT_GROUP(offsetof(search_choice, output)),
    KITH_SERVER_GROUP(offsetof(search_choice, gallery)),
};

/* The faces that reach T, at most `most`. The gallery gives the best so many: more are asked for until one is
 * too far away.
 */
static kith_status above(kith_hits *out, kith_asking *asking, const float *probe, const kith_filter *filter,
                         double threshold, size_t most, kith_error *err) {
    for (size_t limit = most < 256 ? most : 256;; limit = limit < most / 4 ? limit * 4 : most) {
        kith_status status = kith_gallery_search(asking->gallery, probe, filter, limit, out, err);
        if (status != KITH_OK)
            return status;
        size_t kept = out->count;
        while (kept > 0 && !((double)out->items[kept - 1].score >= threshold))
            kith_point_clear(&out->items[--kept].point);
        bool all = kept < out->count || out->count < limit || limit == most;
        out->count = kept;
        if (all)
            return KITH_OK;
        kith_hits_clear(out);
    }
}

static kith_status search_photo(kith_hits *out, const search_choice *choice, const kith_filter *filter,
                                const char *path, kith_error *err) {
    kith_asking asking;
    kith_photo photo = {0};
    kith_probe probe;
    kith_threshold threshold;
    uint64_t faces = 0;
    kith_status status =
        kith_asking_open(&asking, &choice->gallery, &choice->model, &choice->finding, &choice->deciding, err);
    if (status == KITH_OK)
        status = kith_photo_open(&photo, asking.prober, path, err);
    if (status == KITH_OK)
        status = kith_probe_one(&probe, asking.prober, &photo, (kith_which)choice->which, err);
    if (status == KITH_OK)
        status = kith_gallery_count(asking.gallery, filter, &faces, err);
    if (status == KITH_OK && faces == 0)
        kith_say(choice->filter ? "%s: the filter leaves no face" : "%s: holds no face yet (kith-index add)",
                 kith_gallery_uri(asking.gallery));
    else if (status == KITH_OK) {
        kith_certainty_at(&threshold, &asking.certainty, faces);
        kith_say_threshold(&threshold);
        status = above(out, &asking, probe.vector, filter, threshold.value,
                       choice->top > 0 ? (size_t)choice->top : SIZE_MAX, err);
    }
    kith_photo_clear(&photo);
    kith_asking_close(&asking);
    return status;
}

/* What kith_gallery_each() adds to. */
typedef struct gathered {
    kith_hits *hits;
    size_t room;
} gathered;

static kith_status gather(void *context, const kith_point *point, const float *vector, kith_error *err) {
    gathered *to = context;
    (void)vector;
    kith_hit *items = kith_array_grow(to->hits->items, to->hits->count, &to->room, sizeof *items);
    if (!items)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu faces", to->hits->count + 1);
    to->hits->items = items;
    kith_hit *hit = &items[to->hits->count];
    *hit = (kith_hit){0};
    kith_status status = kith_point_copy(&hit->point, point, err);
    to->hits->count += status == KITH_OK;
    return status;
}

static const char *first_path(const kith_point *point) {
    return point->path_count > 0 ? point->paths[0] : "";
}

static int by_path(const void *a, const void *b) {
    const kith_point *x = &((const kith_hit *)a)->point, *y = &((const kith_hit *)b)->point;
    int order = strcmp(first_path(x), first_path(y));
    return order ? order : (x->face > y->face) - (x->face < y->face);
}

static kith_status search_person(kith_hits *out, const search_choice *choice, kith_filter *filter,
                                 kith_error *err) {
    kith_gallery *gallery = NULL;
    gathered to = {.hits = out};
    kith_status status = kith_filter_text(filter, KITH_FIELD_PERSON, KITH_EQUAL, choice->person, err);
    if (status == KITH_OK)
        status = kith_gallery_open_choice(&gallery, &choice->gallery, KITH_GALLERY_READ, err);
    if (status == KITH_OK)
        status = kith_gallery_each(gallery, filter, false, gather, &to, err);
    if (out->count > 0)
        qsort(out->items, out->count, sizeof *out->items, by_path);
    kith_gallery_close(&gallery);
    return status;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Every path of every face, each once. */
static kith_status print_paths(const kith_hits *hits, kith_error *err) {
    size_t count = 0, used = 0;
    for (size_t i = 0; i < hits->count; i++)
        count += hits->items[i].point.path_count;
    const char **paths = calloc(count ? count : 1, sizeof *paths);
    if (!paths)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu paths", count);
    for (size_t i = 0; i < hits->count; i++)
        for (size_t k = 0; k < hits->items[i].point.path_count; k++)
            paths[used++] = hits->items[i].point.paths[k];
    qsort(paths, count, sizeof *paths, by_text);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(paths[i], paths[i - 1]) != 0)
            fwrite(paths[i], 1, strlen(paths[i]) + 1, stdout);
    free(paths);
    return KITH_OK;
}

static kith_status print_lines(const kith_hits *hits, bool scored, kith_error *err) {
    kith_status status = KITH_OK;
    for (size_t i = 0; i < hits->count && status == KITH_OK; i++) {
        const kith_hit *hit = &hits->items[i];
        json_t *point = kith_point_json(&hit->point);
        status = kith_print_json(scored ? json_pack("{s:f, s:o}", "score", (double)hit->score, "point", point)
                                        : json_pack("{s:o}", "point", point),
                                 KITH_JSON, err);
    }
    return status;
}

/* One row; false: no memory. */
static bool row(kith_columns *table, const kith_hit *hit, bool scored, bool printing) {
    char score[16] = "", copies[40] = "";
    size_t count = hit->point.path_count;
    char *name = kith_face_name(first_path(&hit->point), hit->point.face);
    if (!name)
        return false;
    if (scored)
        snprintf(score, sizeof score, "%.3f", (double)hit->score);
    if (count > 1)
        snprintf(copies, sizeof copies, "and %zu cop%s", count - 1, count == 2 ? "y" : "ies");
    const kith_cell cells[] = {
        {.text = score}, {.text = hit->point.person}, {.text = name}, {copies, KITH_FAINT}};
    if (printing)
        kith_columns_row(table, cells + !scored);
    else
        kith_columns_fit(table, cells + !scored);
    free(name);
    return true;
}

static kith_status print_table(const kith_hits *hits, bool scored, bool color, kith_error *err) {
    static const kith_column columns[] = {{.title = "SCORE", .number = true},
                                          {.title = "PERSON"},
                                          {.title = "FACE", .share = 2},
                                          {.title = ""}};
    kith_columns table;
    kith_columns_start(&table, stdout, columns + !scored, scored ? 4 : 3, color);
    for (int printing = 0; printing <= 1; printing++) {
        if (printing)
            kith_columns_head(&table);
        for (size_t i = 0; i < hits->count; i++)
            if (!row(&table, &hits->items[i], scored, printing))
                return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a table");
    }
    return KITH_OK;
}

static kith_status print_hits(const kith_hits *hits, const search_choice *choice, kith_error *err) {
    bool scored = choice->person == NULL;
    if (choice->nul)
        return print_paths(hits, err);
    if (choice->output.json)
        return print_lines(hits, scored, err);
    if (hits->count == 0)
        return KITH_OK;
    return print_table(hits, scored, kith_use_color((kith_color)choice->output.color, STDOUT_FILENO), err);
}

static int run_search(const kith_arguments *arguments) {
    const search_choice *choice = arguments->values;
    kith_filter filter = {0};
    char *texts = NULL;
    kith_hits hits = {0};
    kith_error err = {0};
    kith_status status = KITH_OK;
    if ((choice->person != NULL) == (arguments->operand_count == 1))
        status = kith_fail(&err, KITH_E_USAGE, 0, NULL, "give either PHOTO or --person NAME");
    if (status == KITH_OK && choice->filter)
        status = kith_filter_parse(&filter, &texts, choice->filter, &err);
    if (status == KITH_OK && choice->person)
        status = search_person(&hits, choice, &filter, &err);
    else if (status == KITH_OK)
        status = search_photo(&hits, choice, &filter, arguments->operands[0], &err);
    if (status == KITH_OK)
        status = print_hits(&hits, choice, &err);
    if (status == KITH_OK && hits.count == 0)
        kith_say(choice->person ? "%s: no face has this name (kith-query people lists the names)"
                                : "%s: no face of the gallery is alike enough",
                 choice->person ? choice->person : arguments->operands[0]);
    int code = status != KITH_OK ? kith_die(&err) : hits.count > 0 ? KITH_EXIT_OK : KITH_EXIT_NOTHING;
    kith_hits_clear(&hits);
    free(texts);
    return code;
}

static const kith_example examples[] = {
    {"kith-query search face.jpg", "Every photo that shows this face, the most alike first."},
    {"kith-query search 'party.jpg#2' -0 | xargs -0 cp -t found",
     "Copies the photos of one face of a group."},
    {"kith-query search --person 'Ann Lee'", "Every photo of a person, without asking about a face."},
};

const kith_command kith_search_command = {
    .name = "search",
    .operands = "[PHOTO]",
    .most = 1,
    .summary = "Every photo that shows this face, or this person",
    .text =
        "Lists the faces of the gallery, with or without a name, that are alike enough to the face of "
        "PHOTO; PHOTO#NUMBER is one of its faces (the topmost is 0), - standard input. With --person, "
        "the faces that have that name. How alike is alike enough follows from --fpir as for identify, over "
        "all faces that are looked at.\n\n" KITH_FILTER_TEXT "\n\n"
        "Exits with 0 when something was found, 1 when nothing was, 4 when PHOTO has no usable face.",
    .groups = groups,
    .group_count = sizeof groups / sizeof groups[0],
    .size = sizeof(search_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = sizeof examples / sizeof examples[0],
    .run = run_search,
};
