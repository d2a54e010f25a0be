/* SPDX-License-Identifier: MIT */
#include "proto/gallery/exact_search.h"

#include "proto/array.h"
#include "proto/clones.h"

/* Eight sums side by side: one register of AVX2, two of SSE, in the same order. (From arrays of floats GCC 12
 * makes code of half the speed, as it does of 16 lanes in one value without AVX-512.)
 */
typedef float lanes __attribute__((vector_size(32), aligned(4)));

/* One row after the other, as they lie in memory: four at a time shares loads of the probe, but the processor
 * then fetches ahead so badly that a pass takes half as long again (measured on 100 MB).
 */
KITH_CLONES void kith_exact_scores(float *out, const float *vectors, size_t count, const float *probe) {
    for (size_t row = 0; row < count; row++, vectors += KITH_DIMENSION) {
        lanes even = {0}, odd = {0};
        for (size_t i = 0; i < KITH_DIMENSION; i += 16) {
            const lanes *v = (const lanes *)(vectors + i), *p = (const lanes *)(probe + i);
            even += v[0] * p[0];
            odd += v[1] * p[1];
        }
        lanes s = even + odd;
        out[row] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }
}

static bool better(const kith_ranked *a, const kith_ranked *b) {
    if (a->score != b->score)
        return a->score > b->score;
    if (a->key.id[0] != b->key.id[0])
        return a->key.id[0] < b->key.id[0];
    return a->key.id[1] < b->key.id[1];
}

static int order(const void *a, const void *b) {
    return better(b, a) - better(a, b);
}

/* Moves the root of a heap whose root is its worst item down to where it belongs. */
static void sift_down(kith_ranked *items, size_t count) {
    kith_ranked moved = items[0];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && better(&items[child], &items[child + 1]))
            child++;
        if (!better(&moved, &items[child]))
            break;
        items[at] = items[child];
    }
    items[at] = moved;
}

static void sift_up(kith_ranked *items, size_t at) {
    kith_ranked moved = items[at];
    for (; at > 0 && better(&items[(at - 1) / 2], &moved); at = (at - 1) / 2)
        items[at] = items[(at - 1) / 2];
    items[at] = moved;
}

bool kith_best_add(kith_best *best, const kith_ranked *item) {
    if (best->limit && best->count == best->limit) {
        if (better(item, &best->items[0])) {
            best->items[0] = *item;
            sift_down(best->items, best->count);
        }
        return true;
    }
    kith_ranked *items = kith_array_grow(best->items, best->count, &best->room, sizeof *items);
    if (!items)
        return false;
    best->items = items;
    items[best->count] = *item;
    if (best->limit)
        sift_up(items, best->count);
    best->count++;
    return true;
}

bool kith_best_offer(kith_best *best, const float *scores, const kith_face_key *keys, const char *selected,
                     size_t count) {
    for (size_t i = 0; i < count; i++) {
        bool full = best->limit && best->count == best->limit;
        if ((full && scores[i] < best->items[0].score) || (selected && !selected[i]))
            continue;
        kith_ranked item = {scores[i], keys[i]};
        if (!kith_best_add(best, &item))
            return false;
    }
    return true;
}

void kith_best_sort(kith_best *best) {
    if (best->count > 1)
        qsort(best->items, best->count, sizeof *best->items, order);
}

void kith_best_clear(kith_best *best) {
    free(best->items);
    *best = (kith_best){0};
}

/* What most faces are compared with, small so that it stays in the cache. */
struct kith_leader_slot {
    int64_t person; /* 0: free */
    float score;
    uint32_t item;
};

/* Persons are numbered from 1: multiplying by 2^64 / golden ratio spreads them (Knuth, TAOCP 3, 6.4). */
static struct kith_leader_slot *slot_of(struct kith_leader_slot *slots, size_t room, int64_t person) {
    size_t mask = room - 1, at = (size_t)(((uint64_t)person * 0x9e3779b97f4a7c15U) >> 32) & mask;
    while (slots[at].person != 0 && slots[at].person != person)
        at = (at + 1) & mask;
    return &slots[at];
}

/* The table is at most half full, and has a place among the items for each person that fits into it. */
static bool grow(kith_leaders *leaders) {
    size_t room = leaders->room ? 2 * leaders->room : 256;
    kith_ranked *items = reallocarray(leaders->items, room / 2, sizeof *items);
    if (!items)
        return false;
    leaders->items = items;
    struct kith_leader_slot *slots = room > UINT32_MAX ? NULL : calloc(room, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < leaders->room; i++)
        if (leaders->slots[i].person != 0)
            *slot_of(slots, room, leaders->slots[i].person) = leaders->slots[i];
    free(leaders->slots);
    leaders->slots = slots;
    leaders->room = room;
    return true;
}

bool kith_leaders_offer(kith_leaders *leaders, const float *scores, const kith_face_key *keys,
                        const char *selected, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (keys[i].person == 0 || (selected && !selected[i]))
            continue;
        if (2 * leaders->count >= leaders->room && !grow(leaders))
            return false;
        struct kith_leader_slot *slot = slot_of(leaders->slots, leaders->room, keys[i].person);
        kith_ranked item = {scores[i], keys[i]};
        if (slot->person == 0)
            slot->item = (uint32_t)leaders->count++;
        else if (scores[i] < slot->score || !better(&item, &leaders->items[slot->item]))
            continue;
        slot->person = keys[i].person;
        slot->score = scores[i];
        leaders->items[slot->item] = item;
    }
    return true;
}

void kith_leaders_clear(kith_leaders *leaders) {
    free(leaders->items);
    free(leaders->slots);
    *leaders = (kith_leaders){0};
}
