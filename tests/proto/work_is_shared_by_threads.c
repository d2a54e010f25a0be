/* SPDX-License-Identifier: MIT
 *
 * kith_workers_run(): each item is done once, whatever the number of threads and of items that one takes; an
 * error or a signal ends the rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "proto/stop.h"
#include "proto/workers.h"

enum { ITEMS = 1000, MOST = 1000 * 1000 };

typedef struct job {
    atomic_int times[ITEMS];
    atomic_int busy[8]; /* calls that a worker is in */
    atomic_size_t done;
    size_t bad, together; /* bad: the item that fails */
    pthread_t caller;
    size_t told, total;
    bool wrong;
} job;

static kith_status count_items(void *context, int worker, size_t first, size_t count, kith_error *err) {
    job *j = context;
    (void)err;
    if (j->busy[worker]++ > 0 || count == 0 || count > j->together || first + count > ITEMS)
        j->wrong = true;
    for (size_t i = first; i < first + count && i < ITEMS; i++)
        j->times[i]++;
    j->busy[worker]--;
    return KITH_OK;
}

static void hear(void *context, size_t done, size_t total) {
    job *j = context;
    j->wrong |= !pthread_equal(pthread_self(), j->caller) || done < j->told || done > total;
    j->told = done;
    j->total = total;
}

static void each_item_is_done_once(void **state) {
    (void)state;
    static const size_t together[] = {0, 1, 7, ITEMS, 2 * ITEMS};
    for (int jobs = 1; jobs <= 8; jobs++)
        for (size_t t = 0; t < sizeof together / sizeof together[0]; t++) {
            job j = {.together = together[t] ? together[t] : 1, .caller = pthread_self()};
            const kith_workers workers = {.jobs = jobs,
                                          .together = together[t],
                                          .work = count_items,
                                          .context = &j,
                                          .progress = hear,
                                          .progress_context = &j};
            kith_error err = {0};
            assert_int_equal(kith_workers_run(&workers, ITEMS, &err), KITH_OK);
            assert_false(j.wrong);
            for (size_t i = 0; i < ITEMS; i++)
                assert_int_equal(j.times[i], 1);
            assert_true(j.told == 0 || j.total == ITEMS); /* it may have been too quick to be told of */
            assert_int_equal(kith_workers_run(&workers, 0, &err), KITH_OK);
        }
}

static const struct timespec moment = {.tv_nsec = 100 * 1000};

static kith_status fail_one(void *context, int worker, size_t first, size_t count, kith_error *err) {
    job *j = context;
    (void)worker;
    nanosleep(&moment, NULL);
    j->done += count;
    return first == j->bad ? kith_fail(err, KITH_E_FORMAT, 7, "item", "is bad") : KITH_OK;
}

static void an_error_ends_the_work(void **state) {
    (void)state;
    job j = {.bad = 50};
    const kith_workers workers = {.jobs = 4, .work = fail_one, .context = &j};
    kith_error err = {0};
    assert_int_equal(kith_workers_run(&workers, MOST, &err), KITH_E_FORMAT);
    assert_int_equal(err.native, 7);
    assert_string_equal(err.where, "item");
    assert_string_equal(err.text, "is bad");
    assert_true(j.done > 0 && j.done < MOST);
}

static kith_status signal_once(void *context, int worker, size_t first, size_t count, kith_error *err) {
    job *j = context;
    (void)worker;
    (void)err;
    if (first == 50)
        raise(SIGTERM);
    nanosleep(&moment, NULL);
    j->done += count;
    return KITH_OK;
}

/* The last one: the signal stays. */
static void a_signal_ends_the_work(void **state) {
    (void)state;
    job j = {0};
    const kith_workers workers = {.jobs = 2, .work = signal_once, .context = &j};
    kith_error err = {0};
    kith_stop_install();
    assert_int_equal(kith_workers_run(&workers, MOST, &err), KITH_E_STOPPED);
    assert_int_equal(err.native, SIGTERM);
    assert_true(j.done > 0 && j.done < MOST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_item_is_done_once),
        cmocka_unit_test(an_error_ends_the_work),
        cmocka_unit_test(a_signal_ends_the_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
