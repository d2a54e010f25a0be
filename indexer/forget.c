/* SPDX-License-Identifier: MIT
 *
 * kith-index forget: no trace of a person, of a photo, or of anything is left in the gallery's bytes, neither
 * as points nor in the ledger. So the ledger cannot remember what was forgotten: the next `add` of a folder
 * takes its photos again, and the command says so.
 */
#include <inttypes.h>

#include "indexer/commands.h"
#include "indexer/files/path.h"
#include "indexer/options.h"
#include "indexer/store/opened.h"
#include "indexer/store/plural.h"
#include "indexer/store/records.h"
#include "indexer/store/removal.h"
#include "indexer/store/texts.h"
#include "proto/command/program.h"

typedef struct what_choice {
    const char *person, *photo;
    bool all, yes;
} what_choice;

typedef struct forget_choice {
    kith_gallery_choice gallery;
    what_choice what;
} forget_choice;

typedef struct forgotten {
    kith_removal removal;
    uint64_t photos, kept, persons; /* kept: photos that have other faces, so that they stay known */
    uint64_t before, after;         /* faces of the gallery */
    bool on_server;
} forgotten;

static kith_status collect_digest(void *context, const kith_point *point, const float *vector,
                                  kith_error *err) {
    (void)vector;
    return kith_texts_add(context, point->sha256, err);
}

/* The photos that a filter's points are from. */
static kith_status digests_of(kith_texts *out, kith_gallery *gallery, const kith_filter *filter,
                              kith_error *err) {
    kith_status status = kith_gallery_each(gallery, filter, false, collect_digest, out, err);
    kith_texts_unique(out);
    return status;
}

static kith_status count_people(uint64_t *out, kith_gallery *gallery, kith_error *err) {
    kith_people people = {0};
    kith_status status = kith_gallery_people(gallery, &people, err);
    *out = people.count;
    kith_people_clear(&people);
    return status;
}

static kith_status drop_records(kith_ledger *ledger, const char *sha256, kith_error *err) {
    kith_records same = {0};
    kith_status status = kith_records_of_digest(&same, ledger, sha256, err);
    for (size_t i = 0; i < same.count && status == KITH_OK; i++)
        status = kith_ledger_drop(ledger, same.items[i].path, err);
    kith_records_clear(&same);
    return status;
}

static kith_status count_faces(uint64_t *out, kith_gallery *gallery, const char *sha256, kith_error *err) {
    kith_filter filter = {0};
    kith_status status = kith_filter_text(&filter, KITH_FIELD_SHA256, KITH_EQUAL, sha256, err);
    return status == KITH_OK ? kith_gallery_count(gallery, &filter, out, err) : status;
}

/* The records of a photo that lost faces: they go with the last one, else they count those that are left. */
static kith_status settle_records(kith_opened *opened, const char *sha256, forgotten *out, kith_error *err) {
    kith_records same = {0};
    uint64_t faces = 0;
    kith_status status = count_faces(&faces, opened->gallery, sha256, err);
    if (status == KITH_OK && faces == 0)
        return drop_records(opened->ledger, sha256, err);
    out->kept++;
    if (status == KITH_OK)
        status = kith_records_of_digest(&same, opened->ledger, sha256, err);
    for (size_t i = 0; i < same.count; i++)
        if (same.items[i].outcome == KITH_INDEXED)
            same.items[i].faces = (int)faces;
    if (status == KITH_OK)
        status = kith_ledger_put(opened->ledger, same.items, same.count, err);
    kith_records_clear(&same);
    return status;
}

typedef struct named_search {
    const char *person;
    kith_records found;
} named_search;

static kith_status collect_named(void *context, const kith_record *record, kith_error *err) {
    named_search *search = context;
    bool named = record->person && strcmp(record->person, search->person) == 0;
    return named ? kith_records_add(&search->found, record, err) : KITH_OK;
}

/* A record that names the person: loses the name while its photo has other faces, else goes, with those of
 * the same bytes, whose reasons may speak of it.
 */
static kith_status forget_record(kith_opened *opened, const kith_record *record, kith_error *err) {
    uint64_t faces = 0;
    kith_status status = KITH_OK;
    if (record->outcome == KITH_INDEXED && record->sha256[0])
        status = count_faces(&faces, opened->gallery, record->sha256, err);
    if (status != KITH_OK)
        return status;
    if (faces > 0) {
        kith_record nameless = *record;
        nameless.person = NULL;
        return kith_ledger_put(opened->ledger, &nameless, 1, err);
    }
    if (record->sha256[0])
        status = drop_records(opened->ledger, record->sha256, err);
    return status == KITH_OK ? kith_ledger_drop(opened->ledger, record->path, err) : status;
}

static kith_status forget_person(kith_opened *opened, const char *person, forgotten *out, kith_error *err) {
    kith_filter filter = {0};
    kith_texts digests = {0};
    named_search named = {.person = person};
    kith_status status = kith_filter_text(&filter, KITH_FIELD_PERSON, KITH_EQUAL, person, err);
    if (status == KITH_OK)
        status = digests_of(&digests, opened->gallery, &filter, err);
    if (status == KITH_OK)
        status = kith_removal_remove(&out->removal, opened->gallery, &filter, err);
    for (size_t i = 0; i < digests.count && status == KITH_OK; i++)
        status = settle_records(opened, digests.items[i], out, err);
    if (status == KITH_OK)
        status = kith_ledger_under(opened->ledger, NULL, collect_named, &named, err);
    for (size_t i = 0; i < named.found.count && status == KITH_OK; i++)
        status = forget_record(opened, &named.found.items[i], err);
    out->photos = digests.count;
    kith_records_clear(&named.found);
    kith_texts_clear(&digests);
    return status;
}

static void tell_copies(const kith_records *same, const char *path) {
    for (size_t i = 0; i < same->count; i++)
        if (strcmp(same->items[i].path, path) != 0)
            kith_say("%s: is a copy of it, and forgotten with it", same->items[i].path);
}

/* The bytes that were at a path, with all their places. */
static kith_status forget_digest(kith_opened *opened, const char *sha256, const char *path, forgotten *out,
                                 kith_error *err) {
    kith_filter filter = {0};
    kith_records same = {0};
    kith_status status = kith_filter_text(&filter, KITH_FIELD_SHA256, KITH_EQUAL, sha256, err);
    if (status == KITH_OK)
        status = kith_records_of_digest(&same, opened->ledger, sha256, err);
    if (status == KITH_OK)
        status = kith_removal_remove(&out->removal, opened->gallery, &filter, err);
    if (status == KITH_OK) {
        tell_copies(&same, path);
        status = drop_records(opened->ledger, sha256, err);
    }
    out->photos++;
    kith_records_clear(&same);
    return status;
}

static kith_status forget_photo(kith_opened *opened, const char *photo, forgotten *out, kith_error *err) {
    kith_path_resolver resolver = {0};
    char *path = NULL;
    kith_filter filter = {0};
    kith_texts digests = {0};
    kith_record record;
    bool found = false;
    kith_status status = kith_path_absolute(&path, &resolver, photo, err);
    if (status == KITH_OK)
        status = kith_filter_text(&filter, KITH_FIELD_PATH, KITH_EQUAL, path, err);
    if (status == KITH_OK)
        status = digests_of(&digests, opened->gallery, &filter, err);
    if (status == KITH_OK)
        status = kith_ledger_find(opened->ledger, path, &record, &found, err);
    if (status == KITH_OK && found && record.sha256[0])
        status = kith_texts_add(&digests, record.sha256, err);
    kith_texts_unique(&digests);
    for (size_t i = 0; i < digests.count && status == KITH_OK; i++)
        status = forget_digest(opened, digests.items[i], path, out, err);
    if (status == KITH_OK && found) {
        status = kith_ledger_drop(opened->ledger, path, err);
        out->photos += digests.count == 0;
    }
    kith_texts_clear(&digests);
    kith_path_resolver_clear(&resolver);
    free(path);
    return status;
}

static kith_status forget_all(kith_opened *opened, forgotten *out, kith_error *err) {
    kith_texts digests = {0};
    kith_status status = digests_of(&digests, opened->gallery, NULL, err);
    out->photos = digests.count;
    kith_texts_clear(&digests);
    if (status == KITH_OK)
        status = kith_removal_remove(&out->removal, opened->gallery, NULL, err);
    return status == KITH_OK ? kith_ledger_drop(opened->ledger, NULL, err) : status;
}

static kith_status forget(kith_opened *opened, const what_choice *what, forgotten *out, kith_error *err) {
    uint64_t before, after = 0;
    kith_status status = count_people(&before, opened->gallery, err);
    if (status == KITH_OK)
        status = kith_gallery_count(opened->gallery, NULL, &out->before, err);
    if (status == KITH_OK)
        status = what->all      ? forget_all(opened, out, err)
                 : what->person ? forget_person(opened, what->person, out, err)
                                : forget_photo(opened, what->photo, out, err);
    if (status == KITH_OK)
        status = kith_removal_search(&out->removal, opened->gallery, err);
    if (status == KITH_OK)
        status = kith_gallery_count(opened->gallery, NULL, &out->after, err);
    if (status == KITH_OK)
        status = count_people(&after, opened->gallery, err);
    if (status == KITH_OK)
        status = kith_gallery_purge(opened->gallery, err);
    if (status == KITH_OK)
        status = kith_ledger_purge(opened->ledger, err);
    out->persons = before > after ? before - after : 0; /* others may have added some */
    out->on_server = kith_gallery_on_server(opened->gallery);
    return status;
}

/* Which photos come back by themselves, and which do not. */
static void tell_photos(const forgotten *gone) {
    uint64_t lost = gone->photos - gone->kept;
    char back[160] = "", stay[160] = "";
    if (lost > 0)
        snprintf(back, sizeof back,
                 "; the next add of %s folder%s takes %" PRIu64
                 " again if still there (move %s, or say --exclude)",
                 lost == 1 ? "its" : "their", kith_plural(lost), lost, lost == 1 ? "it" : "them");
    if (gone->kept > 0)
        snprintf(stay, sizeof stay, "; %" PRIu64 " with other faces only %s, or with add --force", gone->kept,
                 gone->kept == 1 ? "when it changes" : "when they change");
    kith_say("the photos themselves are untouched%s%s", back, stay);
}

static int tell(const what_choice *what, const forgotten *gone) {
    uint64_t faces = gone->removal.faces;
    if (!what->all && faces == 0 && gone->photos == 0) {
        kith_say("%s: not in the gallery", what->person ? what->person : what->photo);
        return KITH_EXIT_NOTHING;
    }
    printf("forgot %" PRIu64 " face%s in %" PRIu64 " photo%s, %" PRIu64 " person%s; %s\n", faces,
           kith_plural(faces), gone->photos, kith_plural(gone->photos), gone->persons,
           kith_plural(gone->persons),
           gone->on_server ? "the server's files lose their bytes when it rewrites them, its snapshots never"
                           : "nothing of that is left in the gallery's file");
    printf("the gallery held %" PRIu64 " face%s and holds %" PRIu64 "%s\n", gone->before,
           kith_plural(gone->before), gone->after,
           faces > 0 ? "; a search with a forgotten face does not find it" : "");
    tell_photos(gone);
    return KITH_EXIT_OK;
}

static kith_status check(const what_choice *what, kith_error *err) {
    if ((what->person != NULL) + (what->photo != NULL) + what->all != 1)
        return kith_fail(err, KITH_E_USAGE, 0, NULL, "forget needs one of --person, --photo and --all");
    if (what->all && !what->yes && !kith_confirm("Forget every face and every photo of this gallery?"))
        return kith_fail(err, KITH_E_USAGE, 0, NULL, "nothing was forgotten (--all needs a yes, or --yes)");
    return KITH_OK;
}

static int run_forget(const kith_arguments *arguments) {
    const forget_choice *choice = arguments->values;
    kith_opened opened = {0};
    forgotten gone = {0};
    kith_error err = {0};
    kith_status status = check(&choice->what, &err);
    if (status == KITH_OK)
        status = kith_opened_open(&opened, &choice->gallery, KITH_GALLERY_WRITE, &err);
    if (status == KITH_OK)
        status = forget(&opened, &choice->what, &gone, &err);
    kith_opened_close(&opened);
    return status == KITH_OK ? tell(&choice->what, &gone) : kith_die(&err);
}

static const kith_option what_rows[] = {
    {.name = "person",
     .letter = 'p',
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(what_choice, person),
     .value = "NAME",
     .help = "All faces with this name",
     .only_here = true},
    {.name = "photo",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(what_choice, photo),
     .value = "PATH",
     .help = "All faces of this photo, whether the file still exists or not, and of its copies",
     .only_here = true},
    {.name = "all",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(what_choice, all),
     .help = "Everything; asks first",
     .only_here = true},
    {.name = "yes",
     .letter = 'y',
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(what_choice, yes),
     .help = "Do not ask",
     .only_here = true},
};

static const kith_option_group groups[] = {
    KITH_GALLERY_GROUP(offsetof(forget_choice, gallery)),
    {"What", what_rows, COUNT_OF(what_rows), offsetof(forget_choice, what)},
    KITH_SERVER_GROUP(offsetof(forget_choice, gallery)),
};

static const forget_choice defaults = {.gallery = KITH_GALLERY_CHOICE};

static const kith_example examples[] = {
    {"kith-index forget --person 'Ada Lovelace'", "her faces, wherever they are"},
    {"kith-index forget --photo party.jpg", "one photo and its copies"},
};

const kith_command kith_forget_command = {
    .name = "forget",
    .operands = "",
    .summary = "Remove faces for good",
    .text =
        "Removes faces and what the ledger knows of their photos, and rewrites the gallery's file, so that "
        "nothing of them is left in its bytes. Says how many faces, photos and persons went, and proves it: "
        "the faces are counted before and after, and a search with a forgotten face must not find it.\n\n"
        "Photos are never touched. Nothing is remembered of one that had no other face: the next add of its "
        "folder takes it again. One that keeps other faces counts as unchanged, until the file changes or "
        "add --force takes all of its faces.\n\n"
        "On a server the faces leave all answers at once; their bytes leave its files when it rewrites them, "
        "in its own time, and its snapshots never.\n\n"
        "Exports, logs and backups that were made earlier are not found by this command.",
    .groups = groups,
    .group_count = COUNT_OF(groups),
    .size = sizeof(forget_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .run = run_forget,
};
