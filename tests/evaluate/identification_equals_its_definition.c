/* SPDX-License-Identifier: MIT
 *
 * Galleries are what was asked for, probes everything else; scores, ranks, FNIR at FPIR and groups are those
 * of a naive computation from the embeddings.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/evaluate/draw_gallery.h"
#include "tests/evaluate/support/made.h"

#define assert_near(a, b, within) assert_true(fabs((double)(a) - (double)(b)) <= (within))

enum { PERSONS = 60, MOST = 7, STRANGER = -1, PROBE = 0, ENROLLED = 1 };

/* What each photo is in a draw, found from what was answered: a person is in the gallery when asked about. */
typedef struct roles {
    bool in_gallery[PERSONS];
    int enrolled[PERSONS];
    int *of_photo;
} roles;

static void find_roles(roles *out, const kith_study *study, const kith_drawn *drawn) {
    *out = (roles){.of_photo = calloc(study->names.count, sizeof *out->of_photo)};
    for (size_t i = 0; i < drawn->mated_count; i++)
        out->in_gallery[study->photos[drawn->mated[i].photo].person] = true;
    for (size_t i = 0; i < study->names.count; i++)
        out->of_photo[i] = out->in_gallery[study->photos[i].person] ? ENROLLED : STRANGER;
    for (size_t i = 0; i < drawn->mated_count; i++)
        out->of_photo[drawn->mated[i].photo] = PROBE;
    for (size_t i = 0; i < study->names.count; i++)
        if (study->photos[i].state != KITH_STUDY_FAILED && out->of_photo[i] == ENROLLED)
            out->enrolled[study->photos[i].person]++;
}

/* The best score with a person's enrolled photos. */
static double best_with(const kith_study *study, const roles *r, size_t probe, uint32_t person,
                        uint32_t *near) {
    double best = -INFINITY;
    for (uint32_t i = 0; i < study->names.count; i++) {
        if (study->photos[i].person != person || r->of_photo[i] != ENROLLED ||
            study->photos[i].state != KITH_STUDY_FACE)
            continue;
        double score = made_score(study, probe, i);
        if (score > best) {
            best = score;
            *near = i;
        }
    }
    return best;
}

static void check_mated(const kith_study *study, const roles *r, const kith_probe_result *got) {
    uint32_t near = UINT32_MAX, person = study->photos[got->photo].person, unused, rank = 1;
    if (study->photos[got->photo].state == KITH_STUDY_FACELESS) {
        assert_true(isinf(got->score) && got->rank > 1 && got->near == UINT32_MAX);
        return;
    }
    double own = best_with(study, r, got->photo, person, &near);
    for (uint32_t p = 0; p < PERSONS; p++)
        rank += p != person && r->in_gallery[p] && best_with(study, r, got->photo, p, &unused) >= own;
    if (isinf(own))
        assert_true(isinf(got->score));
    else
        assert_near(got->score, own, 1e-5);
    assert_int_equal(got->near, near);
    assert_int_equal(got->rank, rank);
}

static void check_stranger(const kith_study *study, const roles *r, const kith_probe_result *got) {
    double best = -INFINITY;
    uint32_t near = UINT32_MAX;
    assert_int_equal(study->photos[got->photo].state, KITH_STUDY_FACE);
    assert_false(r->in_gallery[study->photos[got->photo].person]);
    for (uint32_t p = 0; p < PERSONS; p++) {
        uint32_t at = UINT32_MAX;
        double score = best_with(study, r, got->photo, p, &at);
        if (score > best) {
            best = score;
            near = at;
        }
    }
    assert_near(got->score, best, 1e-5);
    assert_int_equal(got->near, near);
    assert_int_equal(got->rank, 0);
}

static void galleries_are_drawn_and_asked(void **state) {
    (void)state;
    kith_study study;
    kith_albums albums;
    for (uint64_t seed = 0; seed < 12; seed++) {
        kith_drawn drawn;
        roles r;
        size_t persons = 5 + seed, enrolled = 1 + seed % 3, in_gallery = 0, faces = 0, strangers = 0;
        made_study(&study, PERSONS, MOST, seed);
        assert_true(kith_albums_make(&albums, &study));
        const kith_identify_options options = {.enrolled = enrolled};
        kith_error err = {0};
        assert_int_equal(kith_gallery_draw(&drawn, &study, &albums, persons, &options, seed, &err), KITH_OK);
        assert_true(isnan(drawn.thresholds[KITH_ASKED_NETWORK][0]));
        find_roles(&r, &study, &drawn);
        for (size_t p = 0; p < PERSONS; p++) {
            in_gallery += r.in_gallery[p];
            assert_true(!r.in_gallery[p] || r.enrolled[p] == (int)enrolled);
        }
        assert_int_equal(in_gallery, persons);
        for (size_t i = 0; i < drawn.mated_count; i++)
            check_mated(&study, &r, &drawn.mated[i]);
        for (size_t i = 0; i < drawn.stranger_count; i++)
            check_stranger(&study, &r, &drawn.strangers[i]);
        for (size_t i = 0; i < study.names.count; i++) {
            faces += study.photos[i].state != KITH_STUDY_FAILED && r.of_photo[i] != STRANGER;
            strangers += study.photos[i].state == KITH_STUDY_FACE && r.of_photo[i] == STRANGER;
        }
        assert_int_equal(drawn.mated_count, faces - persons * enrolled);
        assert_int_equal(drawn.stranger_count, strangers);
        free(r.of_photo);
        free(drawn.mated);
        free(drawn.strangers);
        kith_albums_clear(&albums);
        kith_study_clear(&study);
    }
}

/* The lowest FNIR of all thresholds that keep to the FPIR. */
static double naive_fnir(const kith_identify_size *size, double fpir) {
    double best = 1;
    for (size_t t = 0; t <= size->stranger_count; t++) {
        double threshold = t == 0 ? -2 : (double)nextafterf(size->strangers[t - 1].score, INFINITY);
        double reached = 0, missed = 0;
        for (size_t i = 0; i < size->stranger_count; i++)
            reached += (double)size->strangers[i].score >= threshold;
        for (size_t i = 0; i < size->mated_count; i++)
            missed += size->mated[i].rank != 1 || !((double)size->mated[i].score >= threshold);
        if (reached <= fpir * (double)size->stranger_count + 1e-9)
            best = fmin(best, missed / (double)size->mated_count);
    }
    return best;
}

static kith_identify_options options_of(const size_t *sizes, size_t count, uint64_t seed) {
    return (kith_identify_options){
        .sizes = sizes, .size_count = count, .enrolled = 1, .draws = 6, .seed = seed, .jobs = 2};
}

static void figures_equal_counting(void **state) {
    (void)state;
    static const size_t sizes[] = {8, 20};
    kith_study study;
    kith_identification got;
    kith_error err = {0};
    made_study(&study, PERSONS, MOST, 3);
    const kith_identify_options options = options_of(sizes, 2, 5);
    assert_int_equal(kith_identify(&got, &study, &options, NULL, &err), KITH_OK);
    for (size_t s = 0; s < 2; s++) {
        const kith_identify_size *size = &got.sizes[s];
        assert_int_equal(size->persons, sizes[s]);
        for (size_t i = 0; i < KITH_FPIRS; i++) {
            if (kith_fpirs[i] * (double)(size->stranger_count / options.draws) < 1) {
                assert_true(isnan(size->fnir[i]) && isnan(size->threshold[i]));
                continue;
            }
            assert_near(size->fnir[i], naive_fnir(size, kith_fpirs[i]), 1e-12);
            assert_true(size->fpir[i] <= kith_fpirs[i] + 1e-12);
            assert_true(size->fnir_interval[i].low <= size->fnir[i] &&
                        size->fnir_interval[i].high >= size->fnir[i]);
        }
        for (uint32_t rank = 1; rank <= KITH_RANKS; rank++) {
            double within = 0;
            for (size_t i = 0; i < size->mated_count; i++)
                within += size->mated[i].rank <= rank && isfinite(size->mated[i].score);
            assert_near(size->ranks[rank - 1], within / (double)size->mated_count, 1e-12);
        }
    }
    assert_true(!isnan(got.sizes[0].fnir[1])); /* something was compared */
    kith_identification_clear(&got);
    kith_study_clear(&study);
}

static void seeds_repeat_and_differ(void **state) {
    (void)state;
    static const size_t one[] = {10}, more[] = {5, 10};
    kith_study study;
    kith_identification once, again, other;
    kith_error err = {0};
    made_study(&study, PERSONS, MOST, 3);
    kith_identify_options options = options_of(one, 1, 5);
    assert_int_equal(kith_identify(&once, &study, &options, NULL, &err), KITH_OK);
    options = options_of(more, 2, 5); /* a size more changes nothing for the other, nor do threads */
    options.jobs = 5;
    assert_int_equal(kith_identify(&again, &study, &options, NULL, &err), KITH_OK);
    options = options_of(one, 1, 6);
    assert_int_equal(kith_identify(&other, &study, &options, NULL, &err), KITH_OK);
    assert_int_equal(once.sizes[0].mated_count, again.sizes[1].mated_count);
    assert_memory_equal(once.sizes[0].mated, again.sizes[1].mated,
                        once.sizes[0].mated_count * sizeof *once.sizes[0].mated);
    assert_true(once.sizes[0].fnir_interval[0].low == again.sizes[1].fnir_interval[0].low);
    assert_true(once.sizes[0].mated_count != other.sizes[0].mated_count ||
                memcmp(once.sizes[0].mated, other.sizes[0].mated,
                       once.sizes[0].mated_count * sizeof *once.sizes[0].mated) != 0);
    kith_identification_clear(&once);
    kith_identification_clear(&again);
    kith_identification_clear(&other);
    kith_study_clear(&study);
}

/* Even and odd persons: their probes together are all probes. */
static void groups_are_parts_of_the_whole(void **state) {
    (void)state;
    static const size_t sizes[] = {15};
    char text[4096] = "";
    kith_study study;
    kith_groups groups;
    kith_identification got;
    kith_error err = {0};
    made_study(&study, PERSONS, MOST, 3);
    for (size_t p = 0; p < PERSONS; p++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "p%zu,%s\n", p, p % 2 ? "odd" : "even");
    assert_int_equal(kith_groups_read(&groups, &study, made_file("groups", text), &err), KITH_OK);
    const kith_identify_options options = options_of(sizes, 1, 5);
    assert_int_equal(kith_identify(&got, &study, &options, &groups, &err), KITH_OK);
    const kith_identify_size *size = &got.sizes[0];
    const kith_identify_group *even = &got.groups[0], *odd = &got.groups[1];
    assert_int_equal(even->mated + odd->mated, size->mated_count);
    assert_int_equal(even->strangers + odd->strangers, size->stranger_count);
    assert_near(even->fnir[0] * (double)even->mated + odd->fnir[0] * (double)odd->mated,
                size->fnir[0] * (double)size->mated_count, 1e-6);
    assert_near(even->fpir[0] * (double)even->strangers + odd->fpir[0] * (double)odd->strangers,
                size->fpir[0] * (double)size->stranger_count, 1e-6);
    assert_near(even->rank1 * (double)even->mated + odd->rank1 * (double)odd->mated,
                size->ranks[0] * (double)size->mated_count, 1e-6);
    kith_identification_clear(&got);
    kith_groups_clear(&groups);
    kith_study_clear(&study);
}

/* One threshold for all galleries of a size, when all their photos have faces: the one of the table. */
static void asking_takes_the_table(void **state) {
    (void)state;
    static const size_t sizes[] = {10, 25};
    const kith_rate_table table = {
        .count = 3, .rate = {0.1, 1e-2, 1e-4}, .threshold = {0.12, 0.18, 0.24}, .supported = 1e-3};
    kith_study study;
    kith_identification got;
    kith_error err = {0};
    made_study(&study, PERSONS, MOST, 3);
    for (size_t i = 0; i < study.names.count; i++)
        if (study.photos[i].state == KITH_STUDY_FACELESS)
            study.photos[i].state = KITH_STUDY_FAILED;
    kith_identify_options options = options_of(sizes, 2, 5);
    options.network = &table;
    assert_int_equal(kith_identify(&got, &study, &options, NULL, &err), KITH_OK);
    size_t said = 0;
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < KITH_FPIRS; i++) {
            const kith_identify_size *size = &got.sizes[s];
            const kith_asked *asked = &size->asked[KITH_ASKED_NETWORK][i];
            double rate = kith_rate_of_one(kith_fpirs[i], (double)sizes[s]);
            bool extrapolated;
            double threshold = kith_rate_table_threshold(&table, rate, &extrapolated);
            assert_int_equal(asked->draws, options.draws);
            assert_near(asked->threshold, threshold, 1e-12);
            assert_int_equal(asked->extrapolated, extrapolated);
            assert_near(asked->fpir, kith_identify_fpir(size, threshold), 1e-12);
            assert_near(asked->fnir, kith_identify_fnir(size, threshold), 1e-12);
            said += asked->fpir > 0 && asked->fnir > 0;
            asked = &size->asked[KITH_ASKED_GALLERY][i];
            assert_true(asked->draws == 0 || (asked->threshold > -1 && asked->threshold <= 1));
        }
    assert_true(said > 2); /* thresholds between the scores, where counting matters */
    assert_true(got.sizes[1].asked[KITH_ASKED_GALLERY][0].draws > 0);
    kith_identification_clear(&got);
    kith_study_clear(&study);
}

static void too_few_persons_are_counted(void **state) {
    (void)state;
    kith_study study;
    kith_identification got;
    kith_error err = {0};
    made_study(&study, 10, 3, 4);
    size_t eligible = kith_identify_eligible(&study, 1);
    assert_true(eligible > 2 && eligible < 10);
    size_t size = eligible + 1;
    char said[128];
    kith_identify_options options = options_of(&size, 1, 1);
    snprintf(said, sizeof said, "%zu of 10 have them", eligible);
    assert_int_equal(kith_identify(&got, &study, &options, NULL, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, said));
    assert_null(got.sizes);
    kith_study_clear(&study);
    err = (kith_error){0};
    made_study(&study, 4, 1, 4);
    size_t four = 4;
    options = options_of(&four, 1, 1);
    for (size_t i = 0; i < 4; i++) { /* everybody has two, so that all could be in the gallery */
        char name[32];
        uint32_t photo;
        snprintf(name, sizeof name, "p%zu/more.jpg", i);
        assert_int_equal(kith_study_add(&study, name, (uint32_t)i, &photo, &err), KITH_OK);
    }
    for (size_t i = 0; i < study.names.count; i++)
        study.photos[i].state = KITH_STUDY_FACELESS;
    assert_int_equal(kith_identify(&got, &study, &options, NULL, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "leaves no strangers"));
    kith_study_clear(&study);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(galleries_are_drawn_and_asked), cmocka_unit_test(figures_equal_counting),
        cmocka_unit_test(seeds_repeat_and_differ),       cmocka_unit_test(groups_are_parts_of_the_whole),
        cmocka_unit_test(asking_takes_the_table),        cmocka_unit_test(too_few_persons_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
