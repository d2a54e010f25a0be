/* SPDX-License-Identifier: MIT
 *
 * kith-index verify: do disk, ledger and gallery say the same? Differences are printed and nothing else, so
 * that no output means no difference. --repair gives up places that are gone, takes faces away that belong to
 * other bytes, and embeds the rest again by an `add` of those files.
 */
#include <inttypes.h>

#include "indexer/commands.h"
#include "indexer/files/path.h"
#include "indexer/options.h"
#include "indexer/store/compare.h"
#include "indexer/store/places.h"
#include "indexer/store/plural.h"
#include "indexer/store/points.h"
#include "indexer/store/texts.h"
#include "proto/command/program.h"
#include "proto/stop.h"

enum { ID_LENGTH = KITH_ID_SIZE - 1 };

typedef struct repair_choice {
    bool repair, json;
    int which; /* 0: by whether a photo has a name; else kith_which + 1 */
    kith_list exclude;
} repair_choice;

typedef struct verify_choice {
    kith_gallery_choice gallery;
    repair_choice repair;
    kith_model_choice model;
    kith_finding_choice finding;
    kith_work_choice work;
} verify_choice;

typedef struct verify_run {
    const verify_choice *choice;
    kith_opened opened;
    kith_texts roots;                   /* what the command line names */
    uint64_t places, differences, left; /* left: those that no repair mends */
    kith_texts damaged;                 /* what the gallery calls them */
    kith_texts named;                   /* of `damaged`: the id, and behind it the person */
    kith_texts gone, again;             /* again: to be embedded */
    kith_texts missing;                 /* of `again`: lost faces, which get their photo's name back */
    kith_texts stale; /* the digest of other bytes, and behind it the place that they leave */
} verify_run;

static json_t *difference_json(const kith_difference *difference) {
    const char *kind = kith_difference_name(difference->kind);
    const kith_damage *damage = difference->damage;
    if (damage)
        return json_pack("{s:s, s:s, s:s}", "kind", kind, "id", damage->name, "reason", damage->why);
    json_t *json = json_pack("{s:s, s:I, s:I}", "kind", kind, "ledger", (json_int_t)difference->known,
                             "gallery", (json_int_t)difference->holds);
    int bad = !json || kith_path_members(json, "path", "path_raw", difference->path);
    if (difference->sha256)
        bad |= json_object_set_new(json, "sha256", json_string(difference->sha256));
    if (!bad)
        return json;
    json_decref(json);
    return NULL;
}

static kith_status print_text(const kith_difference *difference, kith_error *err) {
    const kith_damage *damage = difference->damage;
    if (damage) {
        printf("%s: %s (%s)\n", kith_difference_name(difference->kind), damage->name, damage->why);
        return KITH_OK;
    }
    size_t room = 4 * strlen(difference->path) + 1;
    char *path = malloc(room);
    if (!path)
        return kith_fail(err, KITH_E_MEMORY, 0, difference->path, "no memory for its line");
    printf("%s: %s", kith_difference_name(difference->kind),
           kith_printable(path, room, difference->path, SIZE_MAX));
    if (difference->known != difference->holds)
        printf(" (faces: %" PRIu64 " in the ledger, %" PRIu64 " in the gallery)", difference->known,
               difference->holds);
    putchar('\n');
    free(path);
    return KITH_OK;
}

static kith_status note_stale(verify_run *run, const kith_difference *difference, kith_error *err) {
    char *both = NULL;
    if (asprintf(&both, "%s%s", difference->sha256, difference->path) < 0)
        return kith_fail(err, KITH_E_MEMORY, 0, difference->path, "no memory");
    kith_status status = kith_texts_add(&run->stale, both, err);
    free(both);
    return status;
}

static kith_status note_damaged(verify_run *run, const kith_damage *damage, kith_error *err) {
    char *both = NULL;
    kith_status status = kith_texts_add(&run->damaged, damage->name, err);
    if (status != KITH_OK || strlen(damage->name) != ID_LENGTH || !damage->person ||
        kith_person_check(damage->person, NULL) != KITH_OK)
        return status;
    if (asprintf(&both, "%s%s", damage->name, damage->person) < 0)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the name of face %s", damage->name);
    status = kith_texts_add(&run->named, both, err);
    free(both);
    return status;
}

static kith_status note(verify_run *run, const kith_difference *difference, kith_error *err) {
    const char *path = difference->path;
    kith_status status = KITH_OK;
    switch (difference->kind) {
    case KITH_DIFFERENCE_UNCLEAR:
        run->left++;
        return KITH_OK;
    case KITH_DIFFERENCE_GONE:
        if (run->roots.count > 0 || kith_place_folder_lives(path))
            return kith_texts_add(&run->gone, path, err);
        run->left++;
        return KITH_OK;
    case KITH_DIFFERENCE_STALE:
        return note_stale(run, difference, err);
    case KITH_DIFFERENCE_DAMAGED:
        return note_damaged(run, difference->damage, err);
    case KITH_DIFFERENCE_MISSING:
        status = kith_texts_add(&run->missing, path, err);
        break;
    default:
        break;
    }
    return status == KITH_OK ? kith_texts_add(&run->again, path, err) : status;
}

static kith_status take(void *context, const kith_difference *difference, kith_error *err) {
    verify_run *run = context;
    run->differences++;
    kith_status status = run->choice->repair.json
                             ? kith_print_json(difference_json(difference), KITH_JSON, err)
                             : print_text(difference, err);
    return status == KITH_OK ? note(run, difference, err) : status;
}

static kith_status leave_stale(verify_run *run, const char *text, kith_error *err) {
    char sha256[KITH_DIGEST_SIZE];
    const char *path = text + KITH_DIGEST_SIZE - 1;
    kith_points points = {0};
    snprintf(sha256, sizeof sha256, "%s", text);
    kith_status status = kith_points_of_digest(&points, run->opened.gallery, sha256, err);
    if (status == KITH_OK)
        status = kith_points_leave_path(&points, run->opened.gallery, path, NULL, err);
    kith_points_clear(&points);
    return status;
}

/* What needs no photo. Damaged faces first: whatever reads one of them fails. */
static kith_status clean(verify_run *run, kith_error *err) {
    kith_status status = kith_gallery_discard(run->opened.gallery, (const char *const *)run->damaged.items,
                                              run->damaged.count, err);
    for (size_t i = 0; i < run->gone.count && status == KITH_OK; i++) {
        uint64_t faces = 0;
        status = kith_stop_error(err);
        if (status == KITH_OK)
            status = kith_place_leave(&run->opened, run->gone.items[i], &faces, err);
    }
    for (size_t i = 0; i < run->stale.count && status == KITH_OK; i++) {
        status = kith_stop_error(err);
        if (status == KITH_OK)
            status = leave_stale(run, run->stale.items[i], err);
    }
    return status;
}

static int by_text(const void *a, const void *b) {
    return strcmp(a, *(char *const *)b);
}

static int by_id(const void *a, const void *b) {
    return strncmp(a, *(char *const *)b, ID_LENGTH);
}

/* A face that was damaged keeps the name that could be read. */
static kith_status keep_damaged_names(const kith_texts *named, kith_point *points, size_t count,
                                      kith_error *err) {
    kith_status status = KITH_OK;
    for (size_t i = 0; i < count && named->count > 0 && status == KITH_OK; i++) {
        char *const *found = bsearch(points[i].id, named->items, named->count, sizeof *named->items, by_id);
        if (found && !points[i].person)
            status = kith_point_set_person(&points[i], *found + ID_LENGTH, err);
    }
    return status;
}

/* A kith_carry_over: what the ledger says that a photo was named goes on; a face that was lost gets the name
 * back when it is the only one. Faces that are there keep the names that they have.
 */
static kith_status keep_names(void *context, const kith_task *task, kith_point *points, size_t count,
                              const char **claim, kith_error *err) {
    const verify_run *run = context;
    const kith_texts *missing = &run->missing;
    bool same = strcmp(task->recorded_sha256, task->sha256) == 0;
    *claim = same ? task->recorded_person : NULL;
    kith_status status = keep_damaged_names(&run->named, points, count, err);
    if (status != KITH_OK || !*claim || count != 1 || points[0].person || missing->count == 0 ||
        !bsearch(task->path, missing->items, missing->count, sizeof *missing->items, by_text))
        return status;
    return kith_point_set_person(&points[0], *claim, err);
}

static int embed_again(verify_run *run) {
    const verify_choice *choice = run->choice;
    kith_work_choice work = choice->work;
    work.force = true;
    work.json = choice->repair.json;
    kith_texts_unique(&run->named);
    kith_texts_unique(&run->missing);
    kith_texts_unique(&run->again);
    kith_run_settings settings = {
        .command = "repairing",
        .gallery = &choice->gallery,
        .walk = {.operands = (const char *const *)run->again.items, .operand_count = run->again.count},
        .which = choice->repair.which - 1,
        .model = &choice->model,
        .finding = &choice->finding,
        .work = &work,
        .carry = keep_names,
        .carry_context = run};
    return run->again.count > 0 ? kith_run_bulk(&settings) : KITH_EXIT_OK;
}

/* A path sorts before what lies below it. */
static void drop_nested(kith_texts *roots) {
    size_t kept = 0;
    for (size_t i = 0; i < roots->count; i++) {
        size_t above = 0;
        while (above < kept && !kith_path_is_under(roots->items[i], roots->items[above]))
            above++;
        if (above == kept)
            roots->items[kept++] = roots->items[i];
        else
            free(roots->items[i]);
    }
    roots->count = kept;
}

/* The operands as absolute paths, none below another. */
static kith_status find_roots(kith_texts *out, const kith_arguments *arguments, bool repair,
                              kith_error *err) {
    kith_path_resolver resolver = {0};
    kith_status status = KITH_OK;
    for (size_t i = 0; i < arguments->operand_count && status == KITH_OK; i++) {
        char *root = NULL;
        status = kith_path_absolute(&root, &resolver, arguments->operands[i], err);
        if (status == KITH_OK && repair)
            status =
                kith_place_check_root(root, "kith-index prune --missing-root when it is really gone", err);
        if (status == KITH_OK)
            status = kith_texts_add(out, root, err);
        free(root);
    }
    kith_path_resolver_clear(&resolver);
    kith_texts_unique(out);
    drop_nested(out);
    return status;
}

static void tell(const verify_run *run) {
    fflush(stdout); /* the differences first; what cannot be written shows at the end */
    kith_say("%" PRIu64 " place%s compared, %" PRIu64 " difference%s%s", run->places,
             kith_plural(run->places), run->differences, kith_plural(run->differences),
             run->differences > 0 && !run->choice->repair.repair ? " (--repair mends what can be mended)"
                                                                 : "");
    if (run->left > 0 && run->choice->repair.repair)
        kith_say("%" PRIu64 " left as they are: files that cannot be looked at, or whose folders are gone or "
                 "empty as well (a disk that is not mounted? if not: kith-index verify --repair FOLDER, or "
                 "kith-index prune)",
                 run->left);
}

static int run_verify(const kith_arguments *arguments) {
    verify_run run = {.choice = arguments->values};
    const bool repair = run.choice->repair.repair;
    kith_error err = {0};
    int code = KITH_EXIT_OK;
    kith_status status = find_roots(&run.roots, arguments, repair, &err);
    if (status == KITH_OK)
        status = kith_opened_open(&run.opened, &run.choice->gallery,
                                  repair ? KITH_GALLERY_WRITE : KITH_GALLERY_READ, &err);
    if (status == KITH_OK)
        status =
            kith_compare(&run.opened, &run.roots, &run.choice->repair.exclude, take, &run, &run.places, &err);
    if (status == KITH_OK && repair)
        status = clean(&run, &err);
    kith_opened_close(&run.opened);
    if (status == KITH_OK) {
        tell(&run);
        code = repair ? embed_again(&run) : KITH_EXIT_OK;
        if (code == KITH_EXIT_OK && (repair ? run.left : run.differences) > 0)
            code = KITH_EXIT_PARTIAL;
    }
    kith_texts_clear(&run.damaged);
    kith_texts_clear(&run.named);
    kith_texts_clear(&run.gone);
    kith_texts_clear(&run.again);
    kith_texts_clear(&run.missing);
    kith_texts_clear(&run.stale);
    kith_texts_clear(&run.roots);
    return status == KITH_OK ? code : kith_die(&err);
}

static const kith_option repair_rows[] = {
    {.name = "repair",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(repair_choice, repair),
     .help = "Mend the differences: forget places that are gone, remove faces that should not be there, "
             "embed again what is missing, new or changed",
     .only_here = true},
    {.name = "which",
     .type = KITH_OPTION_CHOICE,
     .offset = offsetof(repair_choice, which),
     .value = "auto|" KITH_WHICH_WORDS,
     .help = "Which faces are taken of photos that are embedded again: what add was told",
     .only_here = true},
    {.name = "json",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(repair_choice, json),
     .help = "Print each difference as one JSON object a line",
     .only_here = true},
    EXCLUDE_ROW(repair_choice),
};

static const kith_option_group groups[] = {
    KITH_GALLERY_GROUP(offsetof(verify_choice, gallery)),
    {"Differences", repair_rows, COUNT_OF(repair_rows), offsetof(verify_choice, repair)},
    KITH_MODEL_GROUP(offsetof(verify_choice, model)),
    KITH_FINDING_GROUP(offsetof(verify_choice, finding)),
    {"Work", kith_work_rows, WORK_ROWS_OF_VERIFY, offsetof(verify_choice, work)},
    KITH_SERVER_GROUP(offsetof(verify_choice, gallery)),
};

static const verify_choice defaults = {.gallery = KITH_GALLERY_CHOICE,
                                       .model = KITH_MODEL_DEFAULTS,
                                       .finding = KITH_FINDING_DEFAULTS,
                                       .work = WORK_DEFAULTS};

static const kith_example examples[] = {
    {"kith-index verify", "everything that the gallery knows"},
    {"kith-index verify --repair ~/Pictures", "a folder, new photos included, and mends what differs"},
};

const kith_command kith_verify_command = {
    .name = "verify",
    .operands = "[PATH...]",
    .most = (size_t)-1,
    .summary = "Compare the disk, the ledger and the gallery, and mend differences",
    .text =
        "Prints every difference between the files on the disk, what the ledger says of them, and the "
        "faces in the gallery; nothing when there is none. With PATH only what lies at or below it, and "
        "also photos there that were never indexed; without it everything that is known. The kinds: "
        "gone, unreadable, changed, not indexed, not in the ledger, faces missing, faces too many, faces "
        "of other bytes; and damaged, whatever PATH says: a face that cannot be read, that was changed by "
        "hand or is no face of kith, by its id. --repair removes it, and embeds its photo again when that "
        "is at one of the places meant. To find such faces all are read, with their vectors: of a million "
        "on a server that is gigabytes.\n\n"
        "Photos that are embedded again are read with the options given here, which should be those of "
        "the add that took them; then the account of add follows. Faces that are still there keep their "
        "names, and so do damaged ones whose name can be read; a photo's only face that was lost gets the "
        "name that add gave the photo. When a whole folder is gone or empty, its photos stay in the "
        "gallery, for it may be a disk that is not mounted, unless PATH names it or a folder above it.\n\n"
        "Exit status 3 says that there are differences or, with --repair, that some are left.",
    .groups = groups,
    .group_count = COUNT_OF(groups),
    .size = sizeof(verify_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .run = run_verify,
};
