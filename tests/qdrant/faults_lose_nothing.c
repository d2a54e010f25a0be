/* SPDX-License-Identifier: MIT
 *
 * Every fault between a client and a server while points are uploaded: the run ends with every point stored
 * once, or with a clear error and a second run that completes; never a silent loss. Prints a table.
 * KITH_FAULT_POINTS sets how many points (4,000 when not set).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gallery/support/made.h"
#include "tests/qdrant/support/fake.h"

enum { CALL = 2048 }; /* points of one kith_gallery_put() */

static struct {
    unsigned count;
    kith_point *points;
    float *vectors;
} made;

#define UPSERTS "'method': 'PUT', 'match': '/points'"

/* `end` is a part of the first run's error; NULL: it has none. `silent`: the server lies, only a count tells.
 */
static const struct row {
    const char *name, *fault, *option, *value, *end;
    bool silent;
} rows[] = {
    {"none", "{'kind': 'none'}", NULL, NULL, NULL, false},
    {"latency", "{'kind': 'latency', 'seconds': 0.1, 'times': 1000, " UPSERTS "}", NULL, NULL, NULL, false},
    {"429, Retry-After 1",
     "{'kind': 'status', 'status': 429, 'retry_after': 1, 'times': 6, 'skip': 3, " UPSERTS "}", NULL, NULL,
     NULL, false},
    {"429, bare", "{'kind': 'status', 'status': 429, 'times': 12, 'every': 3, " UPSERTS "}", NULL, NULL, NULL,
     false},
    {"408", "{'kind': 'status', 'status': 408, 'times': 8, 'skip': 2, " UPSERTS "}", NULL, NULL, NULL, false},
    {"500", "{'kind': 'status', 'status': 500, 'times': 8, 'skip': 2, " UPSERTS "}", NULL, NULL, NULL, false},
    {"502", "{'kind': 'status', 'status': 502, 'times': 8, 'every': 2, " UPSERTS "}", NULL, NULL, NULL,
     false},
    {"503", "{'kind': 'status', 'status': 503, 'times': 8, 'skip': 2, " UPSERTS "}", NULL, NULL, NULL, false},
    {"dropped before the body", "{'kind': 'drop_before', 'times': 10, 'every': 4, " UPSERTS "}", NULL, NULL,
     NULL, false},
    {"dropped in the body", "{'kind': 'drop_in', 'times': 10, 'every': 4, " UPSERTS "}", NULL, NULL, NULL,
     false},
    {"dropped after the body, not stored", "{'kind': 'drop_unapplied', 'times': 10, 'every': 4, " UPSERTS "}",
     NULL, NULL, NULL, false},
    {"dropped after the body, stored", "{'kind': 'drop_after', 'times': 10, 'every': 4, " UPSERTS "}", NULL,
     NULL, NULL, false},
    {"dropped in the answer", "{'kind': 'drop_in_answer', 'times': 10, 'every': 4, " UPSERTS "}", NULL, NULL,
     NULL, false},
    {"truncated JSON", "{'kind': 'truncated', 'times': 5, 'every': 4, " UPSERTS "}", NULL, NULL, NULL, false},
    {"garbage", "{'kind': 'garbage', 'times': 5, 'every': 4, " UPSERTS "}", NULL, NULL, NULL, false},
    {"an empty answer", "{'kind': 'empty', 'times': 5, 'every': 4, " UPSERTS "}", NULL, NULL, NULL, false},
    {"JSON nested two million deep", "{'kind': 'deep', 'times': 5, 'every': 4, " UPSERTS "}", NULL, NULL,
     NULL, false},
    {"JSON of a gigabyte", "{'kind': 'huge', 'times': 5, 'every': 4, " UPSERTS "}", NULL, NULL, NULL, false},
    {"HTML of something else, 200", "{'kind': 'wrong_type', 'times': 3, 'every': 4, " UPSERTS "}", NULL, NULL,
     NULL, false},
    {"HTML of something else, for good", "{'kind': 'wrong_type', 'times': 100000, 'skip': 4, " UPSERTS "}",
     NULL, NULL, "something answers that is not Qdrant", false},
    {"a byte each 0.2 s", "{'kind': 'drip', 'times': 2, 'every': 9, " UPSERTS "}", NULL, NULL, NULL, false},
    {"401 in plain text", "{'kind': 'unauthorised', 'times': 100000, 'skip': 5, " UPSERTS "}", NULL, NULL,
     "wants another API key", false},
    {"413 in HTML, twice", "{'kind': 'page', 'status': 413, 'times': 2, 'skip': 2, " UPSERTS "}", NULL, NULL,
     NULL, false},
    {"400 payload is larger than allowed", "{'kind': 'none'}", "--max-body", "300000", NULL, false},
    {"strict mode: 100 points at once", "{'kind': 'none'}", "--limits", "{\"upsert_max_batchsize\": 100}",
     NULL, false},
    {"strict mode: 100 points a minute", "{'kind': 'none'}", "--limits", "{\"write_rate_limit\": 100}", NULL,
     false},
    {"strict mode: enough points",
     "{'kind': 'status', 'status': 400, 'text': 'Bad request: Max points count limit of 1000 reached!', "
     "'times': 100000, 'skip': 6, " UPSERTS "}",
     NULL, NULL, "strict mode does not allow this: Bad request: Max points count limit", false},
    {"strict mode: a full disk",
     "{'kind': 'status', 'status': 400, 'text': 'Bad request: Disk usage exceeds the "
     "configured limit. Help: Reduce disk usage', 'times': 100000, 'skip': 6, " UPSERTS "}",
     NULL, NULL, "(its limits are set on the server, in strict_mode_config)", false},
    {"one point is refused", "{'kind': 'bad_point', 'id': '%s'}", NULL, NULL,
     "(all others that were sent with it are stored)", false},
    {"acknowledged only", "{'kind': 'acknowledged', 'times': 8, 'every': 3, " UPSERTS "}", NULL, NULL, NULL,
     false},
    {"\"completed\" but lost", "{'kind': 'lost', 'times': 2, 'skip': 3, " UPSERTS "}", NULL, NULL, NULL,
     true},
    {"507", "{'kind': 'status', 'status': 507, 'times': 100000, 'skip': 6, " UPSERTS "}", NULL, NULL,
     "the server's disk is full (make room there, then run the same command again", false},
    {"500 No space left on device",
     "{'kind': 'status', 'status': 500, 'text': 'No space left on device: WAL buffer size', 'times': 100000, "
     "'skip': "
     "6, " UPSERTS "}",
     NULL, NULL, "the server's disk is full", false},
    {"gone for good", "{'kind': 'drop_before', 'times': 100000, 'skip': 6}", NULL, NULL,
     "(run the same command again: what is stored stays)", false},
};

static int make_points(void **state) {
    const char *given = getenv("KITH_FAULT_POINTS");
    (void)state;
    made.count = given ? (unsigned)strtoul(given, NULL, 10) : 4000;
    made.points = calloc(made.count, sizeof *made.points);
    made.vectors = calloc(made.count, KITH_DIMENSION * sizeof *made.vectors);
    assert_true(made.points && made.vectors);
    for (unsigned i = 0; i < made.count; i++) {
        made.points[i] = made_point(i, i % 3 ? "Ann" : NULL);
        made_vector(made.vectors + (size_t)i * KITH_DIMENSION, i);
    }
    return 0;
}

static int free_points(void **state) {
    (void)state;
    for (unsigned i = 0; i < made.count; i++)
        kith_point_clear(&made.points[i]);
    free(made.points);
    free(made.vectors);
    return 0;
}

/* One run of a program: all points, up to the first error. */
static void run(const fake *server, kith_error *err) {
    kith_gallery_options options = fake_options();
    kith_gallery *gallery = NULL;
    kith_status status = kith_gallery_open_with(&gallery, server->uri, KITH_GALLERY_CREATE, &options, err);
    if (status == KITH_OK)
        status = kith_gallery_bind(gallery, &made_identity, err);
    for (unsigned i = 0; i < made.count && status == KITH_OK; i += CALL) {
        unsigned count = made.count - i < CALL ? made.count - i : CALL;
        status =
            kith_gallery_put(gallery, made.points + i, made.vectors + (size_t)i * KITH_DIMENSION, count, err);
    }
    kith_gallery_close(&gallery);
}

static void check_row(const struct row *row) {
    fake server = {0};
    char fault[512];
    kith_error first = {0}, second = {0};
    fake_start(&server, (const char *[]){row->option, row->value, NULL});
    snprintf(fault, sizeof fault, strchr(row->fault, '%') ? "{'kind': 'bad_point', 'id': '%s'}" : "%s",
             strchr(row->fault, '%') ? made.points[made.count / 2].id : row->fault);
    fake_fault(&server, fault);
    run(&server, &first);
    long fired = fake_number(&server, "faults"), stored = fake_points(&server, "faces");
    fake_clear_faults(&server);
    if (row->end && !strstr(first.text, row->end))
        fail_msg("%s: ended with: %s", row->name, first.text);
    if (!row->end && first.code != KITH_OK)
        fail_msg("%s: %s", row->name, first.text);
    assert_true(row->end || row->silent ? stored < (long)made.count : stored == (long)made.count);
    if (row->end || row->silent)
        run(&server, &second);
    long at_last = fake_points(&server, "faces");
    print_message("| %-36s | %5ld | %5ld | %6ld | %s%s\n", row->name, fired, fake_number(&server, "requests"),
                  stored,
                  row->silent             ? "no error: the count tells; run again: "
                  : first.code == KITH_OK ? "complete"
                                          : first.text,
                  row->end      ? "; run again: complete"
                  : row->silent ? "complete"
                                : "");
    assert_string_equal(second.text, "");
    assert_int_equal(at_last, made.count);
    fake_assert_no_violations(&server);
    fake_stop(&server);
}

static void every_fault(void **state) {
    (void)state;
    print_message("%u points\n| %-36s | fired | asked | stored | first run\n", made.count, "fault");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(&rows[i]);
}

/* Scores that are none never rank. */
static void scores_that_are_none(void **state) {
    static const char *const faults[] = {"{'kind': 'null_scores', 'times': 100, 'match': 'query'}",
                                         "{'kind': 'nan_scores', 'times': 100, 'match': 'query'}"};
    static const char *const ends[] = {"score is no cosine", "damaged"};
    fake server = {0};
    kith_hits hits;
    (void)state;
    fake_start(&server, NULL);
    kith_gallery *gallery = made_gallery(server.uri);
    made_put(gallery, 0, 10, NULL);
    for (size_t i = 0; i < 2; i++) {
        kith_error err = {0};
        fake_fault(&server, faults[i]);
        assert_int_equal(kith_gallery_search(gallery, made.vectors, NULL, 3, &hits, &err), KITH_E_SERVER);
        assert_int_equal(hits.count, 0);
        assert_non_null(strstr(err.text, ends[i]));
        fake_clear_faults(&server);
    }
    kith_gallery_close(&gallery);
    fake_stop(&server);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_fault), cmocka_unit_test(scores_that_are_none)};
    return cmocka_run_group_tests(tests, make_points, free_points);
}
