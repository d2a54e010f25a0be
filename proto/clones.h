/* SPDX-License-Identifier: MIT
 *
 * KITH_CLONES before a hot function compiles it several times and picks by the processor when the program
 * starts. By features: names of processors (arch=haswell) are matched with Intel's own models by GCC 12, so
 * that others run the plain clone. Sanitizers cannot run before the picking; they take the plain code. So
 * does Clang, whose version 14 leaves a cloned function without the name that other files call.
 *
 * KITH_CLONES_FUSED also lets products and sums be one instruction where the processor has it: twice as fast
 * where sums fill its time, but the last digit depends on the processor.
 */
#ifndef KITH_PROTO_CLONES_H
#define KITH_PROTO_CLONES_H

#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&    \
    !defined(__SANITIZE_THREAD__)
#define KITH_CLONES __attribute__((target_clones("default", "avx2", "avx512f")))
#define KITH_CLONES_FUSED __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define KITH_CLONES
#define KITH_CLONES_FUSED
#endif

#endif
