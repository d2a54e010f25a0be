/* SPDX-License-Identifier: MIT */
#include "model/train/checkpoint.h"

#include <errno.h>
#include <math.h>

#include "proto/digest.h"

static const char format_key[] = "kith.checkpoint", format[] = "2", recipe_key[] = "recipe",
                  digest_key[] = "digest";

void kith_tally_add(kith_tally *tally, double value) {
    if (isnan(value))
        return;
    tally->sum += value;
    tally->count++;
}

double kith_tally_mean(const kith_tally *tally) {
    return tally->count > 0 ? tally->sum / (double)tally->count : NAN;
}

/* A number of the state, as metadata: doubles in hex, so that none of their bits is lost. */
typedef struct counter {
    const char *name;
    bool whole;
    size_t offset;
} counter;

#define TALLY(field)                                                                                         \
    {#field ".sum", false, offsetof(kith_state, tallies.field.sum)},                                         \
        {#field ".count", true, offsetof(kith_state, tallies.field.count)},

static const counter counters[] = {{"epoch", true, offsetof(kith_state, epoch)},
                                   {"step", true, offsetof(kith_state, step)},
                                   {"epoch_step", true, offsetof(kith_state, epoch_step)},
                                   {"rate", false, offsetof(kith_state, rate)},
                                   {"seconds", false, offsetof(kith_state, seconds)},
                                   {"best", false, offsetof(kith_state, best)},
                                   {"best_accuracy", false, offsetof(kith_state, best_accuracy)},
                                   {"best_epoch", true, offsetof(kith_state, best_epoch)},
                                   TALLY(loss) TALLY(s_ap) TALLY(s_an) TALLY(to_target)};
enum { COUNTERS = sizeof counters / sizeof counters[0], NUMBER = 40, METADATA = COUNTERS + 3 };

/* An array of the state in the file: one tensor for each parameter, or one for the classes. */
typedef struct array {
    const char *prefix;
    float *values; /* NULL: not in the file */
    bool only_trained;
} array;

enum { ARRAYS = 4, CLASS_ARRAYS = 3 };

static void arrays_of(array out[ARRAYS], const kith_state *state) {
    out[0] = (array){"values", state->parameters->values, false};
    out[1] = (array){"first", state->first, true};
    out[2] = (array){"second", state->second, true};
    out[3] = (array){"average", state->average, false};
}

static void classes_of(array out[CLASS_ARRAYS], const kith_state *state) {
    out[0] = (array){"values", state->classes, false};
    out[1] = (array){"first", state->classes_first, false};
    out[2] = (array){"second", state->classes_second, false};
}

/* Calls visit for every tensor of a checkpoint with the place where its values are. */
typedef kith_status visit_tensor(void *context, const kith_tensor *tensor, kith_error *err);

static kith_status each_tensor(const kith_state *state, visit_tensor *visit, void *context, kith_error *err) {
    array arrays[ARRAYS], classes[CLASS_ARRAYS];
    char name[96];
    kith_status status = KITH_OK;
    arrays_of(arrays, state);
    classes_of(classes, state);
    for (int a = 0; a < ARRAYS; a++)
        for (int p = 0; status == KITH_OK && arrays[a].values && p < state->parameters->count; p++) {
            const kith_parameter *parameter = &state->parameters->list[p];
            kith_tensor tensor = {.name = name,
                                  .rank = parameter->tensor.rank,
                                  .count = parameter->tensor.count,
                                  .values = arrays[a].values + parameter->offset};
            memcpy(tensor.shape, parameter->tensor.shape, sizeof tensor.shape);
            snprintf(name, sizeof name, "%s/%s", arrays[a].prefix, parameter->tensor.name);
            if (parameter->trained || !arrays[a].only_trained)
                status = visit(context, &tensor, err);
        }
    for (int a = 0; status == KITH_OK && state->classes && a < CLASS_ARRAYS; a++) {
        kith_tensor tensor = {.name = name,
                              .rank = 2,
                              .shape = {state->labels, state->width},
                              .count = (size_t)state->labels * (size_t)state->width,
                              .values = classes[a].values};
        snprintf(name, sizeof name, "%s/classes", classes[a].prefix);
        status = visit(context, &tensor, err);
    }
    return status;
}

static kith_status count_tensor(void *context, const kith_tensor *tensor, kith_error *err) {
    (void)tensor;
    (void)err;
    ++*(size_t *)context;
    return KITH_OK;
}

/* A view of the state for writing; the values stay where they are. */
static kith_status add_tensor(void *context, const kith_tensor *tensor, kith_error *err) {
    kith_tensors *to = context;
    char *name = strdup(tensor->name);
    if (!name)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a checkpoint");
    to->items[to->count] = *tensor;
    to->items[to->count++].name = name;
    return KITH_OK;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const kith_tensor *)a)->name, ((const kith_tensor *)b)->name);
}

static void put_metadata(kith_metadata *out, char numbers[COUNTERS][NUMBER], const kith_state *state,
                         const char *recipe, const char *digest) {
    for (int c = 0; c < COUNTERS; c++) {
        const void *at = (const char *)state + counters[c].offset;
        if (counters[c].whole)
            snprintf(numbers[c], NUMBER, "%ld", *(const long *)at);
        else
            snprintf(numbers[c], NUMBER, "%a", *(const double *)at);
        out[c] = (kith_metadata){counters[c].name, numbers[c]};
    }
    out[COUNTERS] = (kith_metadata){format_key, format};
    out[COUNTERS + 1] = (kith_metadata){recipe_key, recipe};
    out[COUNTERS + 2] = (kith_metadata){digest_key, digest};
}

static void digest_text(kith_sha256_stream *stream, const char *text) {
    kith_sha256_update(stream, text, strlen(text) + 1);
}

/* Of all that a run goes on from, in the order of names: a changed bit would change its end. */
static kith_status digest_of(char out[65], const kith_tensors *tensors, kith_error *err) {
    kith_sha256_stream *stream = kith_sha256_start();
    for (int key = 0; key <= COUNTERS; key++) {
        const char *text = kith_tensors_metadata(tensors, key < COUNTERS ? counters[key].name : recipe_key);
        digest_text(stream, text ? text : "");
    }
    for (size_t i = 0; i < tensors->count; i++) {
        const kith_tensor *tensor = &tensors->items[i];
        digest_text(stream, tensor->name);
        kith_sha256_update(stream, tensor->values, tensor->count * sizeof *tensor->values);
    }
    return kith_sha256_finish(out, stream, err);
}

kith_status kith_checkpoint_write(const char *path, const kith_state *state, const char *recipe,
                                  kith_error *err) {
    char numbers[COUNTERS][NUMBER], digest[65] = "";
    kith_metadata metadata[METADATA];
    kith_tensors all = {.metadata = metadata, .metadata_count = METADATA};
    size_t room = 0;
    each_tensor(state, count_tensor, &room, NULL);
    all.items = calloc(room, sizeof *all.items);
    if (!all.items)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory for a checkpoint");
    kith_status status = each_tensor(state, add_tensor, &all, err);
    if (status == KITH_OK) {
        put_metadata(metadata, numbers, state, recipe, digest);
        qsort(all.items, all.count, sizeof *all.items, by_name);
        status = digest_of(digest, &all, err);
    }
    if (status == KITH_OK)
        status = kith_tensors_write(path, &all, false, err);
    for (size_t i = 0; i < all.count; i++)
        free((char *)all.items[i].name);
    free(all.items);
    return status;
}

/* A file and where it lies, for the visits that read. */
typedef struct source {
    const kith_tensors *tensors;
    const char *path;
} source;

static kith_status take_tensor(void *context, const kith_tensor *tensor, kith_error *err) {
    const source *from = context;
    const kith_tensor *found = kith_tensors_find(from->tensors, tensor->name);
    if (!found || found->rank != tensor->rank ||
        memcmp(found->shape, tensor->shape, (size_t)tensor->rank * sizeof *tensor->shape) != 0)
        return kith_fail(err, KITH_E_REFUSED, 0, from->path,
                         "the checkpoint has no tensor '%s' of that shape", tensor->name);
    memcpy(tensor->values, found->values, tensor->count * sizeof *tensor->values);
    return KITH_OK;
}

static kith_status take_counters(kith_state *state, const source *from, kith_error *err) {
    for (int c = 0; c < COUNTERS; c++) {
        const char *text = kith_tensors_metadata(from->tensors, counters[c].name);
        void *at = (char *)state + counters[c].offset;
        char *end = NULL;
        errno = 0;
        if (text && counters[c].whole)
            *(long *)at = strtol(text, &end, 10);
        else if (text)
            *(double *)at = strtod(text, &end);
        if (!end || end == text || *end || errno != 0 || (counters[c].whole && *(long *)at < 0))
            return kith_fail(err, KITH_E_REFUSED, 0, from->path, "the checkpoint says no good '%s'",
                             counters[c].name);
    }
    return KITH_OK;
}

/* The first line in which the recipes differ; `whole`: neither may have more lines than the other. */
static kith_status compare_recipes(const char *was, const char *now, bool whole, const char *path,
                                   kith_error *err) {
    for (;;) {
        size_t old = strcspn(was, "\n"), new = strcspn(now, "\n");
        if (!now[new] && new == 0 && (!whole || !was[0]))
            return KITH_OK;
        if (old != new || memcmp(was, now, old) != 0)
            return kith_fail(
                err, KITH_E_REFUSED, 0, path,
                "the checkpoint is of another run: it has %.*s, this one %.*s (the same options go "
                "on with it; another --out begins anew)",
                (int)old, was, (int)new, now);
        was += old + (was[old] != 0);
        now += new + (now[new] != 0);
    }
}

static kith_status open_checkpoint(kith_tensors **out, const char *path, const char *recipe, bool whole,
                                   kith_error *err) {
    kith_status status = kith_tensors_read(out, path, false, err);
    if (status != KITH_OK)
        return status;
    const char *made = kith_tensors_metadata(*out, format_key),
               *was = kith_tensors_metadata(*out, recipe_key),
               *written = kith_tensors_metadata(*out, digest_key);
    char digest[65];
    if (!made || strcmp(made, format) != 0 || !was || !written)
        return kith_fail(err, KITH_E_REFUSED, 0, path, "is no checkpoint of this version");
    if ((status = digest_of(digest, *out, err)) != KITH_OK)
        return status;
    if (strcmp(digest, written) != 0)
        return kith_fail(err, KITH_E_REFUSED, 0, path, "the checkpoint was damaged or changed");
    return compare_recipes(was, recipe, whole, path, err);
}

kith_status kith_checkpoint_compare(const char *path, const char *beginning, kith_error *err) {
    kith_tensors *tensors = NULL;
    kith_status status = open_checkpoint(&tensors, path, beginning, false, err);
    kith_tensors_free(&tensors);
    return status;
}

kith_status kith_checkpoint_recipe(char **out, const char *path, kith_error *err) {
    kith_tensors *tensors = NULL;
    kith_status status = kith_tensors_read(&tensors, path, false, err);
    const char *recipe = status == KITH_OK ? kith_tensors_metadata(tensors, recipe_key) : NULL;
    size_t length = 0;
    if (status == KITH_OK && !recipe)
        status = kith_fail(err, KITH_E_REFUSED, 0, path, "is no checkpoint");
    for (const char *line = recipe; line && strncmp(line, "--", 2) == 0;) { /* what else it has are digests */
        length = (size_t)(line - recipe) + strcspn(line, "\n");
        line = recipe[length] ? recipe + length + 1 : NULL;
    }
    if (recipe && !(*out = strndup(recipe, length)))
        status = kith_fail(err, KITH_E_MEMORY, 0, path, "no memory for a recipe");
    kith_tensors_free(&tensors);
    return status;
}

kith_status kith_checkpoint_read(const char *path, kith_state *state, const char *recipe, kith_error *err) {
    kith_tensors *tensors = NULL;
    size_t count = 0;
    kith_status status = open_checkpoint(&tensors, path, recipe, true, err);
    source from = {tensors, path};
    each_tensor(state, count_tensor, &count, NULL);
    if (status == KITH_OK && tensors->count != count)
        status = kith_fail(err, KITH_E_REFUSED, 0, path, "the checkpoint has %zu tensors, not %zu",
                           tensors->count, count);
    if (status == KITH_OK)
        status = take_counters(state, &from, err);
    if (status == KITH_OK)
        status = each_tensor(state, take_tensor, &from, err);
    kith_tensors_free(&tensors);
    return status;
}
