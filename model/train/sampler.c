/* SPDX-License-Identifier: MIT */
#include "model/train/sampler.h"

#include "model/statistics/random.h"

/* Units are what is shuffled: faces or triplets, and for groups the faces person by person. An epoch's order
 * is made when its first step is asked for, always from the units as they were collected.
 */
struct kith_sampler {
    kith_sampler_options options;
    uint32_t *units;
    size_t unit_count;
    uint32_t *starts; /* groups: where each person's faces begin among units, and end */
    size_t person_count;
    uint32_t *work;  /* room for one person's faces */
    uint32_t *order; /* units, or for groups options.each faces of one person after the other */
    size_t order_count;
    size_t epoch; /* that `order` is of; SIZE_MAX: none yet */
};

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the order of the pictures");
}

static const char *side_name(const kith_sampler_options *options) {
    return options->validation ? "validation" : "training";
}

/* ---- units ---- */

static size_t collect_triplets(kith_sampler *sampler) {
    const kith_triplets *triplets = sampler->options.triplets;
    size_t count = 0;
    for (size_t i = 0; i < triplets->count; i++)
        if (triplets->items[i].validation == sampler->options.validation)
            sampler->units[count++] = (uint32_t)i;
    return count;
}

/* Faces of persons with two or more, person by person. `work` counts how many each has got. */
static size_t collect_groups(kith_sampler *sampler) {
    const kith_face_set *set = sampler->options.set;
    size_t count = 0;
    for (size_t p = 0; p < set->person_count; p++) {
        sampler->starts[p] = (uint32_t)count;
        if (set->persons[p].count > 1 && set->persons[p].validation == sampler->options.validation) {
            count += set->persons[p].count;
            sampler->person_count++;
        }
    }
    sampler->starts[set->person_count] = (uint32_t)count;
    for (size_t i = 0; i < set->count; i++) {
        int p = set->faces[i].person;
        if (p >= 0 && sampler->starts[p] < sampler->starts[p + 1])
            sampler->units[sampler->starts[p] + sampler->work[p]++] = (uint32_t)i;
    }
    return count;
}

static kith_status check(const kith_sampler *sampler, kith_error *err) {
    const kith_sampler_options *options = &sampler->options;
    if (options->sampling == KITH_SAMPLE_PERSONS && sampler->person_count < 2)
        return kith_fail(err, KITH_E_REFUSED, 0, NULL,
                         "%zu person%s with two pictures for %s, which needs two (a folder for each person)",
                         sampler->person_count, sampler->person_count == 1 ? "" : "s", side_name(options));
    const char *what = options->sampling == KITH_SAMPLE_TRIPLETS ? "triplets" : "pictures";
    size_t least = options->validation ? 1 : options->batch;
    if (sampler->unit_count < least)
        return kith_fail(err, KITH_E_REFUSED, 0, NULL,
                         "%zu %s for %s, which are too few for batches of %zu (--batch makes smaller ones)",
                         sampler->unit_count, what, side_name(options), options->batch);
    return KITH_OK;
}

static size_t collect(kith_sampler *sampler) {
    switch (sampler->options.sampling) {
    case KITH_SAMPLE_TRIPLETS:
        return collect_triplets(sampler);
    case KITH_SAMPLE_PERSONS:
        return collect_groups(sampler);
    default:
        return kith_face_set_side(sampler->options.set, sampler->options.validation, sampler->units);
    }
}

static void make_order(kith_sampler *sampler, size_t epoch);

kith_status kith_sampler_open(kith_sampler **out, const kith_sampler_options *options, kith_error *err) {
    kith_sampler *sampler = *out = calloc(1, sizeof *sampler);
    if (!sampler)
        return no_memory(err);
    const kith_face_set *set = options->set;
    size_t units = options->triplets ? options->triplets->count : set->count;
    size_t filled = options->sampling == KITH_SAMPLE_PERSONS ? set->person_count * options->each : 0;
    sampler->options = *options;
    sampler->units = calloc(units + 1, sizeof *sampler->units);
    sampler->work = calloc(set->count + set->person_count + 1, sizeof *sampler->work);
    sampler->order = calloc(units + filled + 1, sizeof *sampler->order);
    sampler->starts = calloc(set->person_count + 1, sizeof *sampler->starts);
    if (!sampler->units || !sampler->order || !sampler->starts || !sampler->work) {
        kith_sampler_close(out);
        return no_memory(err);
    }
    sampler->unit_count = collect(sampler);
    kith_status status = check(sampler, err);
    if (status == KITH_OK)
        make_order(sampler, 0);
    else
        kith_sampler_close(out);
    return status;
}

void kith_sampler_close(kith_sampler **sampler) {
    if (*sampler) {
        free((*sampler)->units);
        free((*sampler)->order);
        free((*sampler)->starts);
        free((*sampler)->work);
    }
    free(*sampler);
    *sampler = NULL;
}

/* ---- the order of an epoch ---- */

/* One person's faces, shuffled and cut into groups; the last one is filled up with the first faces again. */
static void append_person(kith_sampler *sampler, size_t person, kith_random *random) {
    uint32_t begin = sampler->starts[person], count = sampler->starts[person + 1] - begin;
    size_t each = sampler->options.each, groups = (count + each - 1) / each;
    memcpy(sampler->work, sampler->units + begin, count * sizeof *sampler->work);
    kith_random_shuffle(random, sampler->work, count);
    for (size_t i = 0; i < groups * each; i++)
        sampler->order[sampler->order_count++] = sampler->work[i % count];
}

static void swap_groups(uint32_t *a, uint32_t *b, size_t each) {
    for (size_t i = 0; i < each; i++) {
        uint32_t moved = a[i];
        a[i] = b[i];
        b[i] = moved;
    }
}

static void order_groups(kith_sampler *sampler, kith_random *random) {
    size_t each = sampler->options.each;
    for (size_t p = 0; p < sampler->options.set->person_count; p++)
        append_person(sampler, p, random);
    for (size_t left = sampler->order_count / each; left > 1; left--) {
        size_t other = kith_random_below(random, left);
        swap_groups(sampler->order + (left - 1) * each, sampler->order + other * each, each);
    }
}

static void make_order(kith_sampler *sampler, size_t epoch) {
    kith_random random = {kith_random_mix(sampler->options.seed, epoch)};
    sampler->epoch = epoch;
    sampler->order_count = 0;
    if (sampler->options.sampling == KITH_SAMPLE_PERSONS) {
        order_groups(sampler, &random);
        return;
    }
    memcpy(sampler->order, sampler->units, sampler->unit_count * sizeof *sampler->order);
    sampler->order_count = sampler->unit_count;
    kith_random_shuffle(&random, sampler->order, sampler->order_count);
}

/* ---- batches ---- */

size_t kith_sampler_steps(const kith_sampler *sampler) {
    size_t batch = sampler->options.batch;
    return (sampler->order_count + (sampler->options.validation ? batch - 1 : 0)) / batch;
}

size_t kith_sampler_items(const kith_sampler *sampler) {
    return sampler->options.batch * (sampler->options.sampling == KITH_SAMPLE_TRIPLETS ? KITH_TRIPLET : 1);
}

/* Of faces and persons. */
static size_t variants(const kith_sampler *sampler) {
    return sampler->options.validation ? 0 : sampler->options.variants;
}

size_t kith_sampler_keys(const kith_sampler *sampler) {
    if (sampler->options.sampling == KITH_SAMPLE_TRIPLETS)
        return sampler->options.triplets->count * KITH_TRIPLET;
    size_t each = variants(sampler);
    return each == SIZE_MAX ? 0 : sampler->options.set->count * (each > 0 ? each : 1);
}

void kith_sampler_sample(const kith_sampler *sampler, size_t key, kith_sample *out) {
    *out = (kith_sample){.key = key};
    size_t each = variants(sampler);
    if (sampler->options.sampling == KITH_SAMPLE_TRIPLETS) {
        const kith_triplet *triplet = &sampler->options.triplets->items[key / KITH_TRIPLET];
        out->face = triplet->face[key % KITH_TRIPLET];
        out->augmentation = triplet->augmentation[key % KITH_TRIPLET];
    } else if (each == 0) {
        out->face = (uint32_t)key;
    } else {
        out->face = (uint32_t)(key / each);
        kith_augmentation_draw(&out->augmentation, kith_random_mix(~sampler->options.seed, key));
    }
}

/* A face at a place of an epoch's order. */
static void draw(const kith_sampler *sampler, size_t epoch, size_t place, kith_sample *out) {
    uint32_t face = sampler->order[place];
    size_t each = variants(sampler);
    uint64_t chance = kith_random_mix(kith_random_mix(sampler->options.seed, epoch), place + 1);
    if (each != SIZE_MAX) {
        kith_random random = {chance};
        size_t key = each == 0 ? face : face * each + kith_random_below(&random, each);
        kith_sampler_sample(sampler, key, out);
    } else {
        *out = (kith_sample){.face = face};
        kith_augmentation_draw(&out->augmentation, chance);
    }
}

size_t kith_sampler_batch(kith_sampler *sampler, size_t epoch, size_t step, kith_sample *out) {
    size_t batch = sampler->options.batch, first = step * batch;
    size_t left = sampler->order_count - first, count = left < batch ? left : batch;
    epoch = sampler->options.validation ? 0 : epoch;
    if (sampler->epoch != epoch)
        make_order(sampler, epoch);
    for (size_t i = 0; i < batch; i++) {
        size_t place = first + (i < count ? i : count - 1);
        if (sampler->options.sampling != KITH_SAMPLE_TRIPLETS) {
            draw(sampler, epoch, place, &out[i]);
            continue;
        }
        for (size_t role = 0; role < KITH_TRIPLET; role++)
            kith_sampler_sample(sampler, (size_t)sampler->order[place] * KITH_TRIPLET + role,
                                &out[role * batch + i]);
    }
    return count;
}
