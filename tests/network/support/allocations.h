/* SPDX-License-Identifier: MIT
 *
 * Calls of malloc(), calloc(), realloc(), aligned_alloc() and free() that kith's own code makes, counted: the
 * linker sends them here when a test is linked with --wrap for each of them (tests/CMakeLists.txt).
 */
#ifndef KITH_TESTS_NETWORK_ALLOCATIONS_H
#define KITH_TESTS_NETWORK_ALLOCATIONS_H

#include <stdatomic.h>

extern atomic_int allocation_calls;

#endif
