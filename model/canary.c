/* SPDX-License-Identifier: MIT */
#include "model/canary.h"

/* KITH_CANARY_FILE comes from the build, which also builds this anew when the picture changes. */
__asm__(".section .rodata\n"
        ".local canary_start\n"
        ".local canary_end\n"
        "canary_start: .incbin \"" KITH_CANARY_FILE "\"\n"
        "canary_end:\n"
        ".previous\n");

extern const unsigned char canary_start[], canary_end[];

const unsigned char *kith_canary_picture(size_t *size) {
    *size = (size_t)(canary_end - canary_start);
    return canary_start;
}
