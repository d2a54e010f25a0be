/* SPDX-License-Identifier: MIT
 *
 * kith-index cluster: faces without a name that show the same person.
 */
#include <inttypes.h>

#include "indexer/cluster_report.h"
#include "indexer/commands.h"
#include "indexer/network_calibration.h"
#include "indexer/options.h"
#include "indexer/store/group_file.h"
#include "indexer/store/plural.h"
#include "proto/command/program.h"
#include "proto/processors.h"
#include "proto/result.h"

typedef struct grouping_choice {
    double threshold, chance;
    long least, top;
    const char *filter, *html;
    bool json;
} grouping_choice;

typedef struct cluster_choice {
    kith_gallery_choice gallery;
    kith_model_choice model;
    grouping_choice grouping;
} cluster_choice;

#define NO_THRESHOLD (-2)
static const cluster_choice defaults = {
    .gallery = KITH_GALLERY_CHOICE,
    .model = KITH_MODEL_DEFAULTS,
    .grouping = {.threshold = NO_THRESHOLD, .chance = 0.1, .least = 2, .top = 50}};

static const kith_option rows[] = {
    {.name = "chance",
     .type = KITH_OPTION_NUMBER,
     .offset = offsetof(grouping_choice, chance),
     .value = "CHANCE",
     .low = 1e-6,
     .high = 0.9,
     .help =
         "Accepted chance that a face finds a stranger's among all others that is alike enough to join it "
         "(0.1: one face in ten); less makes smaller, surer groups",
     .only_here = true},
    {.name = "threshold",
     .type = KITH_OPTION_NUMBER,
     .offset = offsetof(grouping_choice, threshold),
     .value = "COSINE",
     .low = -1,
     .high = 1,
     .help = "How alike two groups must be to become one; from --chance when not given",
     .only_here = true},
    {.name = "least",
     .type = KITH_OPTION_INTEGER,
     .offset = offsetof(grouping_choice, least),
     .value = "FACES",
     .low = 2,
     .high = 1e9,
     .at_least = true,
     .help = "Leave out groups of fewer faces",
     .only_here = true},
    {.name = "filter",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(grouping_choice, filter),
     .value = "CONDITIONS",
     .help = "Only faces that meet them, as path^=/photos/2024,eyes>=30",
     .only_here = true},
    {.name = "top",
     .type = KITH_OPTION_INTEGER,
     .offset = offsetof(grouping_choice, top),
     .value = "N",
     .low = 0,
     .high = 1e9,
     .at_least = true,
     .help = "List at most so many groups, the largest first",
     .only_here = true},
    {.name = "json",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(grouping_choice, json),
     .help = "All groups as JSON lines instead of a list",
     .only_here = true},
    {.name = "html",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(grouping_choice, html),
     .value = "FILE",
     .help = "Write a page with the groups' faces side by side as well",
     .only_here = true},
};

/* Everything that a run holds. */
typedef struct clustering {
    const grouping_choice *choice;
    kith_gallery *gallery;
    kith_face_list list;
    kith_grouping groups;
    double threshold;
} clustering;

/* Faces too small to be told apart would join anybody. */
static kith_status load(clustering *run, kith_error *err) {
    kith_filter filter = {0};
    char *texts = NULL;
    kith_status status =
        run->choice->filter ? kith_filter_parse(&filter, &texts, run->choice->filter, err) : KITH_OK;
    if (status == KITH_OK)
        status =
            kith_filter_number(&filter, KITH_FIELD_EYES, KITH_GREATER_EQUAL, (double)KITH_GATE_EYES, err);
    if (status == KITH_OK)
        status = kith_face_list_load(&run->list, run->gallery, &filter, err);
    free(texts);
    return status;
}

static kith_status choose_threshold(clustering *run, const kith_model_choice *model, kith_error *err) {
    const grouping_choice *choice = run->choice;
    kith_calibration network;
    bool extrapolated;
    run->threshold = choice->threshold;
    if (choice->threshold >= -1)
        return KITH_OK;
    kith_status status = kith_network_calibration(&network, run->gallery, model, err);
    if (status != KITH_OK)
        return status;
    run->threshold = kith_rate_table_threshold(
        &network.table, kith_rate_of_one(choice->chance, (double)run->list.count), &extrapolated);
    kith_say("threshold %.3f: about %g in 100 faces find a stranger's that is so alike among %zu face%s%s",
             run->threshold, 100 * choice->chance, run->list.count, kith_plural(run->list.count),
             extrapolated ? " (an estimate beyond what was measured)" : "");
    return KITH_OK;
}

/* What `label group:N` will mean. */
static kith_status remember(const clustering *run, kith_error *err) {
    json_t *groups = json_array();
    int bad = groups == NULL;
    for (size_t g = 0; g < run->groups.count; g++) {
        const kith_group *group = &run->groups.items[g];
        json_t *ids = json_array();
        for (size_t i = 0; i < group->count; i++)
            bad |= json_array_append_new(ids, json_string(run->list.faces[group->faces[i]].id));
        json_t *object = json_pack("{s:o}", "faces", ids);
        if (group->person != UINT32_MAX)
            bad |= json_object_update_new(
                object, json_pack("{s:s, s:f}", "like", run->list.faces[run->list.begins[group->person]].id,
                                  "likeness", group->likeness));
        bad |= json_array_append_new(groups, object);
    }
    kith_status status = bad ? kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the groups")
                             : kith_group_file_write(run->gallery, groups, err);
    json_decref(groups);
    return status;
}

static kith_status cluster(clustering *run, const cluster_choice *choice, kith_error *err) {
    kith_status status = kith_gallery_open_choice(&run->gallery, &choice->gallery, KITH_GALLERY_READ, err);
    if (status == KITH_OK)
        status = load(run, err);
    if (status == KITH_OK)
        status = choose_threshold(run, &choice->model, err);
    if (status == KITH_OK)
        status = kith_grouping_make(&run->groups, &run->list, run->threshold, (size_t)run->choice->least,
                                    kith_processors_usable(), err);
    return status == KITH_OK ? remember(run, err) : status;
}

static void sum_up(const clustering *run) {
    const kith_grouping *groups = &run->groups;
    size_t grouped = 0, unnamed = run->list.count - run->list.named, top = (size_t)run->choice->top;
    for (size_t i = 0; i < groups->count; i++)
        grouped += groups->items[i].count;
    kith_say("%zu of %zu face%s without a name %s in %zu group%s%s", grouped, unnamed, kith_plural(unnamed),
             grouped == 1 ? "is" : "are", groups->count, kith_plural(groups->count),
             groups->count == 0           ? ""
             : groups->count > top && top ? " (--top lists more); kith-index label group:N NAME names one"
                                          : "; kith-index label group:N NAME names one");
}

static int run_cluster(const kith_arguments *arguments) {
    const cluster_choice *choice = arguments->values;
    clustering run = {.choice = &choice->grouping};
    kith_error err = {0};
    size_t top = (size_t)choice->grouping.top;
    kith_status status = cluster(&run, choice, &err);
    if (status == KITH_OK)
        status = choice->grouping.json ? kith_groups_json(&run.list, &run.groups, &err)
                                       : kith_groups_text(&run.list, &run.groups, top, &err);
    if (status == KITH_OK && choice->grouping.html)
        status = kith_groups_html(choice->grouping.html, &run.list, &run.groups, top, &err);
    if (status == KITH_OK)
        sum_up(&run);
    int code = status != KITH_OK ? kith_die(&err) : run.groups.count > 0 ? KITH_EXIT_OK : KITH_EXIT_NOTHING;
    kith_grouping_clear(&run.groups);
    kith_face_list_clear(&run.list);
    kith_gallery_close(&run.gallery);
    return code;
}

static const kith_option_group groups[] = {
    KITH_GALLERY_GROUP(offsetof(cluster_choice, gallery)),
    {"Grouping", rows, COUNT_OF(rows), offsetof(cluster_choice, grouping)},
    KITH_MODEL_GROUP(offsetof(cluster_choice, model)),
    KITH_SERVER_GROUP(offsetof(cluster_choice, gallery)),
};

static const kith_example examples[] = {
    {"kith-index cluster --html groups.html", "who is often on the photos, as a page of faces"},
    {"kith-index label group:1 'Ada Lovelace'", "names all faces of the largest group"},
};

const kith_command kith_cluster_command = {
    .name = "cluster",
    .operands = "",
    .summary = "Put faces without a name into groups, one for each person",
    .text =
        "Faces without a name that show the same person are put together, and the groups listed, the "
        "largest first, each with its best photos; label group:N names all of a group at once. Groups that "
        "are like a person with a name are listed with it: new photos of somebody known.\n\n"
        "The most alike two groups become one, again and again, while they are alike enough: the mean of "
        "all scores between them, divided by how alike the faces of each are among themselves (the "
        "geometric mean of the lengths of their mean vectors), reaches the threshold. Besides, a face of "
        "one must be among the 64 nearest of a face of the other that reach it. The threshold follows from "
        "--chance, the number of faces and the model's calibration. Faces with less than 14 pixels between "
        "the eyes take no part.\n\n"
        "Nothing in the gallery changes: persons with a name stay as they are, never become one, and lose "
        "no face; naming is what label does, to faces that still have no name. The numbers of groups are "
        "those of the last run.\n\n"
        "Exits with 1 when there are no groups.",
    .groups = groups,
    .group_count = COUNT_OF(groups),
    .size = sizeof(cluster_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .run = run_cluster,
};
