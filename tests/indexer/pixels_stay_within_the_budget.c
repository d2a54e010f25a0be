/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "indexer/stages/budget.h"

enum { WHOLE = 1000, THREADS = 8, TURNS = 200 };

static kith_budget budget;
static atomic_size_t held, most;

static void *take_turns(void *argument) {
    unsigned seed = (unsigned)(uintptr_t)argument;
    for (int i = 0; i < TURNS; i++) {
        kith_error err = {0};
        size_t bytes = (size_t)rand_r(&seed) % WHOLE + 1;
        if (kith_budget_take(&budget, bytes, "photo", &err) != KITH_OK)
            return "refused";
        size_t now = atomic_fetch_add(&held, bytes) + bytes, before = most;
        while (now > before && !atomic_compare_exchange_weak(&most, &before, now))
            ;
        nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
        atomic_fetch_sub(&held, bytes);
        kith_budget_give(&budget, bytes);
    }
    return NULL;
}

static void never_more_and_never_stuck(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    kith_budget_init(&budget, WHOLE);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_turns, (void *)i), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *failure;
        assert_int_equal(pthread_join(threads[i], &failure), 0);
        assert_null(failure);
    }
    assert_true(most > WHOLE / 2 && most <= WHOLE);
    assert_int_equal(budget.left, WHOLE);
    kith_budget_release(&budget);
}

static void what_never_fits_is_refused(void **state) {
    (void)state;
    kith_error err = {0};
    kith_budget_init(&budget, WHOLE);
    assert_int_equal(kith_budget_take(&budget, WHOLE, "photo", &err), KITH_OK);
    assert_int_equal(kith_budget_take(&budget, WHOLE + 1, "photo", &err), KITH_E_LIMIT);
    assert_string_equal(err.where, "photo");
    kith_budget_release(&budget);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_more_and_never_stuck),
        cmocka_unit_test(what_never_fits_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
