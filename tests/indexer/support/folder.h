/* SPDX-License-Identifier: MIT
 *
 * A folder for one test, made of short calls that fail the test when they fail.
 */
#ifndef KITH_TESTS_INDEXER_FOLDER_H
#define KITH_TESTS_INDEXER_FOLDER_H

#include <stddef.h>

/* Makes an empty folder and goes there; its absolute path, to be given back by leave_folder(), which removes
 * it with everything in it.
 */
char *enter_folder(void);
void leave_folder(char *folder);

void write_file(const char *path, const void *bytes, size_t size);
void write_text(const char *path, const char *text);
char *absolute(const char *folder, const char *name); /* newly allocated */

#endif
