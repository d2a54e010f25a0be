/* SPDX-License-Identifier: MIT
 *
 * A set of faces from its files: list, decode, number the persons, split, tell.
 */
#include "model/train/faces.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/statistics/random.h"
#include "model/train/faces_parts.h"
#include "model/train/scratch.h"
#include "proto/digest.h"

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the faces");
}

/* ---- the temporary file ---- */

static kith_status open_scratch(int *out, const kith_set_options *options, kith_error *err) {
    const char *environment = getenv("TMPDIR");
    const char *folder = options->scratch                     ? options->scratch
                         : environment && environment[0] != 0 ? environment
                                                              : "/var/tmp";
    *out = kith_scratch_open(folder);
    return *out >= 0 ? KITH_OK
                     : kith_fail(err, KITH_E_IO, errno, folder,
                                 "%s, for the decoded faces (TMPDIR names another folder)", strerror(errno));
}

static kith_status map(struct kith_set_store *store, size_t blends, kith_error *err) {
    size_t size = (store->files.count + blends) * sizeof *store->chips;
    if (size == 0)
        return KITH_OK;
    if (ftruncate(store->fd, (off_t)size) != 0) /* the last files may have no face */
        return kith_fail(err, KITH_E_IO, errno, NULL, "%s, for the decoded faces", strerror(errno));
    void *at = mmap(NULL, size, PROT_READ, MAP_SHARED, store->fd, 0);
    if (at == MAP_FAILED)
        return kith_fail(err, KITH_E_MEMORY, errno, NULL, "no room to map %zu MiB of decoded faces",
                         size >> 20);
    store->chips = at;
    store->mapped = size;
    return KITH_OK;
}

static kith_status fill(struct kith_set_store *store, const kith_set_options *options, kith_error *err) {
    set_landmarks *landmarks = NULL;
    bool chips = options->kind != KITH_SET_LOOK;
    kith_status status = kith_set_list(&store->files, options, err);
    if (status == KITH_OK && options->kind == KITH_SET_CHIPS && options->landmarks)
        status = kith_set_landmarks_find(&landmarks, &store->files, err);
    if (status == KITH_OK && chips)
        status = open_scratch(&store->fd, options, err);
    if (status == KITH_OK)
        status = kith_set_decode(&store->files, store->fd, options, err);
    if (status == KITH_OK && chips)
        status = map(store, options->blends, err);
    kith_set_landmarks_free(&landmarks);
    return status;
}

/* ---- faces and persons ---- */

static kith_status count_outcomes(kith_face_set *set, size_t blends, kith_error *err) {
    const set_files *files = &set->store->files;
    set->seen = files->count;
    for (size_t i = 0; i < files->count; i++) {
        set->count += files->items[i].outcome == SET_FACE;
        set->failed += files->items[i].outcome == SET_FAILED;
        set->faceless += files->items[i].outcome == SET_FACELESS;
        set->ignored += files->items[i].outcome == SET_IGNORED;
    }
    if (blends > INT32_MAX || set->count > INT32_MAX - blends) {
        kith_fail(err, KITH_E_LIMIT, 0, NULL, "more than %d faces", INT32_MAX);
        return KITH_E_LIMIT;
    }
    set->faces = calloc(set->count + blends + 1, sizeof *set->faces);
    return set->faces ? KITH_OK : no_memory(err);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int by_person(const void *a, const void *b) {
    return strcmp(((const kith_set_person *)a)->name, ((const kith_set_person *)b)->name);
}

/* The persons of all faces, each once; names are newly allocated. */
static kith_status collect_persons(kith_face_set *set, kith_error *err) {
    const set_files *files = &set->store->files;
    char **names = calloc(set->count + 1, sizeof *names);
    size_t count = 0;
    bool good = names != NULL;
    for (size_t i = 0; i < files->count && good; i++) {
        const set_file *file = &files->items[i];
        if (file->outcome != SET_FACE || file->person == 0)
            continue;
        names[count] = strndup(file->path + file->name, file->person);
        good = names[count] != NULL;
        count += good;
    }
    if (good)
        qsort(names, count, sizeof *names, by_text);
    set->persons = calloc(count + 1, sizeof *set->persons);
    good = good && set->persons;
    for (size_t i = 0; i < count; i++) {
        if (good && (i == 0 || strcmp(names[i], set->persons[set->person_count - 1].name) != 0))
            set->persons[set->person_count++].name = names[i];
        else
            free(names[i]);
    }
    free(names);
    return good ? KITH_OK : no_memory(err);
}

static kith_status fill_faces(kith_face_set *set, kith_error *err) {
    const set_files *files = &set->store->files;
    size_t at = 0;
    for (size_t i = 0; i < files->count; i++) {
        const set_file *file = &files->items[i];
        if (file->outcome != SET_FACE)
            continue;
        kith_set_face *face = &set->faces[at++];
        *face = (kith_set_face){.path = file->path, .name = file->path + file->name, .person = -1};
        face->chip = set->store->chips ? &set->store->chips[i] : NULL;
        if (file->person == 0)
            continue;
        char *name = strndup(face->name, file->person);
        if (!name)
            return no_memory(err);
        const kith_set_person key = {.name = name};
        kith_set_person *person = bsearch(&key, set->persons, set->person_count, sizeof key, by_person);
        free(name);
        face->person = (int)(person - set->persons);
        person->count++;
    }
    return KITH_OK;
}

static int by_name(const void *a, const void *b) {
    const kith_set_face *left = *(kith_set_face *const *)a, *right = *(kith_set_face *const *)b;
    int order = strcmp(left->name, right->name);
    return order != 0 ? order : (left > right) - (left < right);
}

/* Gives the faces of `order` from `first` on that have its name names of their own. */
static bool rename_twins(struct kith_set_store *store, kith_set_face **order, size_t first, size_t end) {
    for (size_t i = first + 1; i < end; i++) {
        char **name = &store->twins[store->twin_count];
        if (asprintf(name, "%s#%zu", order[i]->name, i - first + 1) < 0)
            return false;
        store->twin_count++;
        order[i]->name = *name;
    }
    return true;
}

/* Two folders may have files of one name, which targets could not tell apart. */
static kith_status tell_twins_apart(kith_face_set *set, kith_error *err) {
    kith_set_face **order = calloc(set->count + 1, sizeof(kith_set_face *));
    set->store->twins = calloc(set->count + 1, sizeof *set->store->twins);
    bool good = order && set->store->twins;
    for (size_t i = 0; i < set->count && good; i++)
        order[i] = &set->faces[i];
    if (good)
        qsort(order, set->count, sizeof(kith_set_face *), by_name);
    for (size_t first = 0, end = 0; first < set->count && good; first = end) {
        while (end < set->count && strcmp(order[end]->name, order[first]->name) == 0)
            end++;
        good = rename_twins(set->store, order, first, end);
    }
    free(order);
    return good ? KITH_OK : no_memory(err);
}

/* ---- the split ---- */

/* Whether a side has an anchor, a positive and a negative. */
static bool makes_triplets(const kith_face_set *set, bool validation) {
    size_t persons = 0, pairs = 0;
    for (size_t i = 0; i < set->person_count; i++) {
        persons += set->persons[i].validation == validation;
        pairs += set->persons[i].validation == validation && set->persons[i].count > 1;
    }
    return persons > 1 && pairs > 0;
}

/* Marks the first of `count` in an order of chance. */
static bool draw(bool *marks, size_t count, double share, uint64_t seed) {
    uint32_t *order = malloc((count + 1) * sizeof *order);
    kith_random random = {seed};
    if (!order)
        return false;
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    kith_random_shuffle(&random, order, count);
    for (size_t i = 0; i < count; i++)
        marks[order[i]] = (double)i + 0.5 < share * (double)count;
    free(order);
    return true;
}

static void split_faces(kith_face_set *set, const bool *marks) {
    size_t validation = 0;
    for (size_t i = 0; i < set->count; i++) {
        kith_set_face *face = &set->faces[i];
        face->validation = face->person < 0 ? marks[i] : set->persons[face->person].validation;
        validation += face->validation;
    }
    set->validates = validation > 0 && validation < set->count &&
                     (set->person_count == 0 || (makes_triplets(set, true) && makes_triplets(set, false)));
}

static kith_status split(kith_face_set *set, const kith_set_options *options, kith_error *err) {
    size_t most = set->count + set->person_count; /* persons are no more than faces */
    bool *marks = calloc(most + 1, sizeof *marks);
    bool good = marks && draw(marks, set->person_count, options->validation, options->seed);
    for (size_t i = 0; i < set->person_count && good; i++)
        set->persons[i].validation = marks[i];
    good = good && draw(marks, set->count, options->validation, kith_random_mix(options->seed, 1));
    if (good)
        split_faces(set, marks);
    free(marks);
    for (size_t i = 0; i < set->count && !set->validates; i++)
        set->faces[i].validation = false;
    for (size_t i = 0; i < set->person_count; i++) {
        set->persons[i].validation &= set->validates;
        set->persons[i].label = set->persons[i].validation ? -1 : (int)set->labels++;
    }
    return good ? KITH_OK : no_memory(err);
}

size_t kith_face_set_side(const kith_face_set *set, bool validation, uint32_t *out) {
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (set->faces[i].validation != validation)
            continue;
        if (out)
            out[count] = (uint32_t)i;
        count++;
    }
    return count;
}

/* ---- what the caller is told ---- */

static void tell(const kith_face_set *set, const kith_set_options *options) {
    static const kith_set_event events[] = {
        [SET_FAILED] = KITH_SET_FAILED, [SET_FACELESS] = KITH_SET_FACELESS, [SET_IGNORED] = KITH_SET_IGNORED};
    const set_files *files = &set->store->files;
    if (!options->tell)
        return;
    for (size_t i = 0; i < files->count; i++)
        if (files->items[i].outcome > SET_FACE)
            options->tell(options->context, events[files->items[i].outcome], files->items[i].path,
                          files->items[i].err);
    for (size_t i = 0; i < set->person_count; i++)
        if (set->persons[i].count == 1)
            options->tell(options->context, KITH_SET_SINGLE, set->persons[i].name, NULL);
    if (options->validation > 0 && !set->validates && set->count > 0)
        options->tell(options->context, KITH_SET_UNSPLIT, NULL, NULL);
}

static kith_status digest(kith_face_set *set, kith_error *err) {
    const set_files *files = &set->store->files;
    kith_sha256_stream *stream = kith_sha256_start();
    for (size_t i = 0, at = 0; i < files->count; i++) {
        const set_file *file = &files->items[i];
        if (file->outcome != SET_FACE)
            continue;
        const kith_set_face *face = &set->faces[at++];
        char who[2] = {face->person < 0 ? '-' : '+', face->validation ? 'v' : 't'};
        kith_sha256_update(stream, face->name, strlen(face->name) + 1);
        kith_sha256_update(stream, who, sizeof who);
        kith_sha256_update(stream, file->digest, strlen(file->digest));
    }
    for (size_t i = 0; i < set->blends; i++) /* a blend's name says what it is made of */
        kith_sha256_update(stream, set->store->blends[i], strlen(set->store->blends[i]) + 1);
    return kith_sha256_finish(set->digest, stream, err);
}

/* With the first failure, since callers who only list failures of good sets have not told it. */
static kith_status no_face(const kith_face_set *set, const kith_set_options *options, kith_error *err) {
    const char *folder = options->source_count ? options->sources[0].folder : NULL;
    const set_files *files = &set->store->files;
    for (size_t i = 0; i < files->count; i++) {
        const kith_error *why = files->items[i].err;
        if (why)
            return kith_fail(err, KITH_E_REFUSED, 0, folder, "no face in %zu files (%s: %s)", set->seen,
                             why->where, why->text);
    }
    return kith_fail(err, KITH_E_REFUSED, 0, folder, "no face in %zu files", set->seen);
}

kith_status kith_face_set_open(kith_face_set **out, const kith_set_options *options, kith_error *err) {
    kith_face_set *set = *out = calloc(1, sizeof *set);
    if (!set)
        return no_memory(err);
    set->store = calloc(1, sizeof *set->store);
    if (!set->store) {
        kith_face_set_close(out);
        return no_memory(err);
    }
    set->store->fd = -1;
    kith_status status = fill(set->store, options, err);
    if (status == KITH_OK)
        status = count_outcomes(set, options->blends, err);
    if (status == KITH_OK)
        status = collect_persons(set, err);
    if (status == KITH_OK)
        status = fill_faces(set, err);
    if (status == KITH_OK)
        status = tell_twins_apart(set, err);
    if (status == KITH_OK)
        status = split(set, options, err);
    if (status == KITH_OK)
        tell(set, options);
    if (status == KITH_OK && set->count == 0)
        status = no_face(set, options, err);
    if (status == KITH_OK)
        status = kith_set_blend(set, options, err);
    if (status == KITH_OK)
        status = digest(set, err);
    if (status != KITH_OK)
        kith_face_set_close(out);
    else
        set->has_landmarks = options->landmarks;
    return status;
}

void kith_face_set_close(kith_face_set **set) {
    kith_face_set *old = *set;
    if (!old)
        return;
    for (size_t i = 0; i < old->person_count; i++)
        free((char *)old->persons[i].name);
    free(old->persons);
    free(old->faces);
    if (old->store && old->store->chips)
        munmap(old->store->chips, old->store->mapped);
    if (old->store) {
        for (size_t i = 0; i < old->store->twin_count; i++)
            free(old->store->twins[i]);
        free(old->store->twins);
        for (size_t i = 0; i < old->blends; i++)
            free(old->store->blends[i]);
        free(old->store->blends);
        if (old->store->fd >= 0)
            close(old->store->fd);
        kith_set_files_clear(&old->store->files);
    }
    free(old->store);
    free(old);
    *set = NULL;
}
