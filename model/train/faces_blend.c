/* SPDX-License-Identifier: MIT
 *
 * Averages of two aligned faces. They look like a person who does not exist, and a teacher says where that
 * one belongs: more faces to learn from than there are photos.
 */
#include "model/statistics/random.h"
#include "model/train/faces_parts.h"
#include "model/train/scratch.h"
#include "proto/stop.h"

enum { LEAST = 30, MOST = 70 }; /* percent of one face: with less, the average is the other one */

/* What a blend is made of. */
typedef struct parents {
    const kith_set_face *one, *other;
    int percent; /* of `one` */
} parents;

static bool differ(const kith_set_face *one, const kith_set_face *other) {
    return one != other && (one->person < 0 || one->person != other->person);
}

/* Whether any two of the faces are of different persons. */
static bool have_two(const kith_face_set *set, const uint32_t *faces, size_t count) {
    for (size_t i = 1; i < count; i++)
        if (differ(&set->faces[faces[0]], &set->faces[faces[i]]))
            return true;
    return false;
}

static parents draw(const kith_face_set *set, const uint32_t *faces, size_t count, uint64_t seed) {
    kith_random random = {seed};
    parents p = {.percent = LEAST + (int)kith_random_below(&random, MOST - LEAST + 1)};
    do {
        p.one = &set->faces[faces[kith_random_below(&random, count)]];
        p.other = &set->faces[faces[kith_random_below(&random, count)]];
    } while (!differ(p.one, p.other));
    return p;
}

static void mix(kith_chip *out, const parents *p) {
    const kith_chip *one = p->one->chip, *other = p->other->chip;
    int rest = 100 - p->percent;
    for (size_t i = 0; i < sizeof out->rgb; i++)
        out->rgb[i] = (unsigned char)((one->rgb[i] * p->percent + other->rgb[i] * rest + 50) / 100);
    for (int i = 0; i < 2 * KITH_LANDMARKS; i++)
        out->landmarks[i] = (one->landmarks[i] * (float)p->percent + other->landmarks[i] * (float)rest) / 100;
}

/* Blend `i` goes into the record behind those of the files, and the face behind those of the set. */
static kith_status add(kith_face_set *set, size_t i, const parents *p, kith_error *err) {
    struct kith_set_store *store = set->store;
    size_t record = store->files.count + i;
    kith_chip chip;
    char *name;
    if (asprintf(&name, "blend %zu: %d %% %s, %d %% %s", i + 1, p->percent, p->one->name, 100 - p->percent,
                 p->other->name) < 0)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the names of blends");
    store->blends[i] = name;
    mix(&chip, p);
    set->faces[set->count++] =
        (kith_set_face){.path = name, .name = name, .chip = &store->chips[record], .person = -1};
    set->blends++;
    return kith_set_keep(store->fd, &chip, record, err);
}

static kith_status take_room(const struct kith_set_store *store, size_t blends, kith_error *err) {
    size_t each = sizeof(kith_chip);
    int failure = kith_scratch_reserve(store->fd, store->files.count * each, blends * each);
    return failure == 0
               ? KITH_OK
               : kith_fail(err, KITH_E_IO, failure, NULL,
                           "%s, for %zu MiB of blends (fewer of them, or TMPDIR names another folder)",
                           strerror(failure), (blends * each) >> 20);
}

kith_status kith_set_blend(kith_face_set *set, const kith_set_options *options, kith_error *err) {
    if (options->blends == 0)
        return KITH_OK;
    uint32_t *faces = malloc((set->count + 1) * sizeof *faces);
    set->store->blends = calloc(options->blends, sizeof *set->store->blends);
    if (!faces || !set->store->blends) {
        free(faces);
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for blends");
    }
    kith_status status = KITH_OK;
    size_t count = kith_face_set_side(set, false, faces);
    if (!have_two(set, faces, count))
        status = kith_fail(err, KITH_E_REFUSED, 0, NULL,
                           "blends are made of two persons, and there is one to be trained on");
    else
        status = take_room(set->store, options->blends, err);
    for (size_t i = 0; i < options->blends && status == KITH_OK; i++) {
        parents p = draw(set, faces, count, kith_random_mix(kith_random_mix(options->seed, 2), i));
        status = kith_stop_error(err); /* they may be millions */
        if (status == KITH_OK)
            status = add(set, i, &p, err);
    }
    free(faces);
    return status;
}
