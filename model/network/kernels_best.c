/* SPDX-License-Identifier: MIT */
#include "model/network/kernels.h"

#include <math.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

int kith_processor_level(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        return 4;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        return 3;
#endif
    return 2;
}

const kith_kernels *kith_kernels_best(void) {
    int level = kith_processor_level();
    return level == 4 ? &kith_kernels_v4 : level == 3 ? &kith_kernels_v3 : &kith_kernels_v2;
}

void kith_unblock(float *out, const float *map, int first, int count, size_t pixels, int block) {
    for (int c = first; c < first + count; c++) {
        const float *from = map + (size_t)(c / block) * pixels * (size_t)block + c % block;
        for (size_t i = 0; i < pixels; i++)
            *out++ = from[i * (size_t)block];
    }
}

void kith_sigmoid(float *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        values[i] = 1 / (1 + expf(-values[i]));
}

unsigned kith_denormals_off(void) {
#if defined(__SSE__)
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040); /* flush to zero, denormals are zero */
    return before;
#else
    return 0;
#endif
}

void kith_denormals_back(unsigned before) {
#if defined(__SSE__)
    _mm_setcsr(before);
#else
    (void)before;
#endif
}
