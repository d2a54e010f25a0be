/* SPDX-License-Identifier: MIT */
#include "tests/network/support/allocations.h"

#include <stddef.h>

atomic_int allocation_calls;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *memory);

/* A sanitizer's library wants to see them. */
#pragma GCC visibility push(default)
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *memory);
#pragma GCC visibility pop

void *__wrap_malloc(size_t size) {
    allocation_calls++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    allocation_calls++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size) {
    allocation_calls++;
    return __real_realloc(memory, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    allocation_calls++;
    return __real_aligned_alloc(alignment, size);
}

void __wrap_free(void *memory) {
    allocation_calls++;
    __real_free(memory);
}
