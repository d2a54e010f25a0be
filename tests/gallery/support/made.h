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

/* Puts faces first to first + count - 1, each with the vector of its number; asserts success. */
void made_put(kith_gallery *gallery, unsigned first, unsigned count, const char *person);

/* The URI of a gallery that does not exist yet, in a folder of its own: KITH_TEST_GALLERY (a prefix, for
 * other backends) or a file. Freed and its files removed by made_remove_uri().
 */
char *made_uri(void);
void made_remove_uri(char *uri);

/* Opens (creating) and binds; asserts success. */
kith_gallery *made_gallery(const char *uri);

#endif
