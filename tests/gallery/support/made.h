/* SPDX-License-Identifier: MIT
 *
 * Made-up faces for tests of galleries: everything follows from one number.
 */
#ifndef KITH_TESTS_GALLERY_MADE_H
#define KITH_TESTS_GALLERY_MADE_H

#include "proto/gallery.h"

#define MADE_PIPELINE "0123456789abcdef"

extern const kith_identity made_identity;

/* Face `number`, alone in the file /photos/NUMBER.jpg; person may be NULL. */
kith_point made_point(unsigned number, const char *person);

/* A unit vector that looks random and is the same for the same seed. */
void made_vector(float out[KITH_DIMENSION], unsigned seed);

/* The same vector within 1e-6: a server may have made its length 1 again. */
void made_assert_vector(const float *a, const float *b);

/* Puts faces first to first + count - 1, each with the vector of its number; asserts success. */
void made_put(kith_gallery *gallery, unsigned first, unsigned count, const char *person);

/* The URI of a gallery that does not exist yet: KITH_TEST_GALLERY with a number behind it (other backends;
 * who set it removes what was made), or a file in a folder of its own. Freed, and its files removed, by
 * made_remove_uri().
 */
char *made_uri(void);
void made_remove_uri(char *uri);

/* Opens (creating) and binds; asserts success. */
kith_gallery *made_gallery(const char *uri);

/* cmocka's fixtures: *state is a new, bound, empty gallery. */
int made_setup(void **state);
int made_teardown(void **state);

/* Asserts that `err` holds no error, showing its text when it does. */
#define assert_no_error(err) assert_string_equal((err).text, "")

uint64_t made_count(kith_gallery *gallery, const kith_filter *filter);

/* The ids' points of a gallery, in the order of kith_gallery_each(). Released by made_list_clear(). */
typedef struct made_list {
    kith_point *points;
    float *vectors;
    size_t count;
} made_list;
made_list made_each(kith_gallery *gallery, const kith_filter *filter);
void made_list_clear(made_list *list);

#endif
