/* SPDX-License-Identifier: MIT */
#include "model/train/triplets.h"

#include "model/statistics/random.h"
#include "proto/stop.h"

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for triplets");
}

void kith_triplets_free(kith_triplets **triplets) {
    if (*triplets) {
        for (size_t i = 0; i < (*triplets)->file_count; i++)
            free((*triplets)->files[i]);
        free((*triplets)->files);
        free((*triplets)->items);
    }
    free(*triplets);
    *triplets = NULL;
}

/* ---- making ---- */

/* One side of the split: its named faces, person by person, and those that can be anchors. */
typedef struct side {
    uint32_t *faces;
    uint32_t *starts; /* where each person's faces begin; one more behind the last */
    uint32_t *anchors;
    size_t face_count, person_count, anchor_count;
} side;

static void side_clear(side *s) {
    free(s->faces);
    free(s->starts);
    free(s->anchors);
}

static void count_persons(side *s, const kith_face_set *set, bool validation) {
    size_t at = 0;
    for (size_t p = 0; p < set->person_count; p++) {
        s->starts[p] = (uint32_t)at;
        if (set->persons[p].validation == validation) {
            at += set->persons[p].count;
            s->person_count++;
        }
    }
    s->starts[set->person_count] = (uint32_t)at;
    s->face_count = at;
}

static bool side_fill(side *s, const kith_face_set *set, bool validation) {
    uint32_t *filled = calloc(set->person_count + 1, sizeof *filled);
    s->faces = calloc(set->count + 1, sizeof *s->faces);
    s->starts = calloc(set->person_count + 1, sizeof *s->starts);
    s->anchors = calloc(set->count + 1, sizeof *s->anchors);
    bool good = filled && s->faces && s->starts && s->anchors;
    if (good)
        count_persons(s, set, validation);
    for (size_t i = 0; i < set->count && good; i++) {
        int p = set->faces[i].person;
        if (p < 0 || set->faces[i].validation != validation)
            continue;
        s->faces[s->starts[p] + filled[p]++] = (uint32_t)i;
        if (set->persons[p].count > 1 && s->person_count > 1)
            s->anchors[s->anchor_count++] = (uint32_t)i;
    }
    free(filled);
    return good;
}

/* Another face of the person, and one of all the others': both blocks are known, so nothing is drawn twice.
 */
static void draw(kith_triplet *out, const side *s, const kith_face_set *set, uint32_t anchor, uint64_t seed) {
    kith_random random = {seed};
    int p = set->faces[anchor].person;
    size_t begin = s->starts[p], count = s->starts[p + 1] - begin;
    size_t positive = kith_random_below(&random, count - 1);
    size_t negative = kith_random_below(&random, s->face_count - count);
    if (s->faces[begin + positive] == anchor)
        positive = count - 1;
    *out = (kith_triplet){.validation = set->faces[anchor].validation};
    out->face[KITH_ANCHOR] = anchor;
    out->face[KITH_POSITIVE] = s->faces[begin + positive];
    out->face[KITH_NEGATIVE] = s->faces[negative < begin ? negative : negative + count];
    for (int role = 0; role < KITH_TRIPLET; role++)
        kith_augmentation_draw(&out->augmentation[role], kith_random_next(&random));
}

static void make_side(kith_triplets *out, side *s, const kith_face_set *set, size_t count, uint64_t seed) {
    kith_random order = {kith_random_mix(seed, 0)};
    kith_random_shuffle(&order, s->anchors, s->anchor_count);
    for (size_t i = 0; i < count && s->anchor_count > 0 && !kith_stop_signal(); i++)
        draw(&out->items[out->count++], s, set, s->anchors[i % s->anchor_count],
             kith_random_mix(seed, i + 1));
}

/* Both sides, in proportion to their anchors. */
static kith_status make(kith_triplets *out, side *training, side *validation, const kith_face_set *set,
                        size_t count, uint64_t seed, kith_error *err) {
    if (training->anchor_count == 0)
        return kith_fail(err, KITH_E_REFUSED, 0, NULL,
                         "no triplet can be made of %zu persons (two are needed, one of them with two "
                         "pictures; each has a folder)",
                         training->person_count);
    out->items = calloc(count + 1, sizeof *out->items);
    if (!out->items)
        return no_memory(err);
    out->room = count;
    double share =
        (double)validation->anchor_count / (double)(training->anchor_count + validation->anchor_count);
    size_t last = (size_t)((double)count * share);
    make_side(out, training, set, count - last, kith_random_mix(seed, false));
    make_side(out, validation, set, last, kith_random_mix(seed, true));
    return KITH_OK;
}

kith_status kith_triplets_make(kith_triplets **out, const kith_face_set *set, size_t count, uint64_t seed,
                               kith_error *err) {
    side training = {0}, validation = {0};
    kith_triplets *made = *out = calloc(1, sizeof *made);
    kith_status status;
    if (!made || !side_fill(&training, set, false) || !side_fill(&validation, set, true))
        status = no_memory(err);
    else
        status = make(made, &training, &validation, set, count, seed, err);
    if (status == KITH_OK)
        status = kith_stop_error(err);
    side_clear(&training);
    side_clear(&validation);
    if (status != KITH_OK)
        kith_triplets_free(out);
    return status;
}

/* ---- binding ---- */

/* What became of one file of the list. */
typedef struct lost {
    bool there;
    uint32_t face;
    size_t triplets, line; /* left out because of it; of the first */
} lost;

/* The set's faces come in the order of the files; failed ones are missing. */
static void match(lost *files, const kith_triplets *triplets, const kith_face_set *set) {
    size_t face = 0;
    for (size_t i = 0; i < triplets->file_count && face < set->count; i++) {
        if (strcmp(triplets->files[i], set->faces[face].path) != 0)
            continue;
        files[i].there = true;
        files[i].face = (uint32_t)face++;
    }
}

static bool bind(kith_triplet *triplet, lost *files) {
    for (int role = 0; role < KITH_TRIPLET; role++) {
        lost *file = &files[triplet->face[role]];
        if (!file->there) {
            file->line = file->triplets++ ? file->line : triplet->line;
            return false;
        }
    }
    for (int role = 0; role < KITH_TRIPLET; role++)
        triplet->face[role] = files[triplet->face[role]].face;
    return true;
}

static void tell_lost(const lost *files, const kith_triplets *triplets, kith_triplets_tell *tell,
                      void *context) {
    for (size_t i = 0; i < triplets->file_count; i++) {
        kith_error about = {0};
        if (files[i].triplets == 0)
            continue;
        kith_fail(&about, KITH_E_FORMAT, 0, triplets->files[i],
                  "gives no face; %zu triplet%s with it left out (the first in line %zu)", files[i].triplets,
                  files[i].triplets == 1 ? "" : "s", files[i].line);
        tell(context, &about);
    }
}

kith_status kith_triplets_bind(kith_triplets *triplets, const kith_face_set *set, kith_triplets_tell *tell,
                               void *context, kith_error *err) {
    lost *files = calloc(triplets->file_count + 1, sizeof *files);
    size_t kept = 0;
    if (!files)
        return no_memory(err);
    match(files, triplets, set);
    for (size_t i = 0; i < triplets->count; i++) {
        triplets->items[kept] = triplets->items[i];
        kept += bind(&triplets->items[kept], files);
    }
    triplets->count = kept;
    if (tell)
        tell_lost(files, triplets, tell, context);
    free(files);
    return kept > 0 ? KITH_OK
                    : kith_fail(err, KITH_E_REFUSED, 0, NULL, "no triplet is left whose pictures give faces");
}
