/* SPDX-License-Identifier: MIT */
#include "model/network/kernels.h"

#include <math.h>

const kith_kernels *kith_kernels_best(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        return &kith_kernels_v4;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        return &kith_kernels_v3;
#endif
    return &kith_kernels_v2;
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
