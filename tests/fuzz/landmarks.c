/* SPDX-License-Identifier: MIT
 *
 * Files in dlib's format for landmarks: any bytes are refused or give a predictor that stays inside its
 * memory.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/face/landmarks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const unsigned char pixels[4 * 4 * 3] = {200, 10, 30};
    kith_view view = kith_view_of(pixels, 4, 4, 0);
    float shape[2 * KITH_LANDMARKS];
    char path[64];
    kith_landmarks *landmarks = NULL;
    kith_error err = {0};
    int fd = memfd_create("landmarks", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        return 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (kith_landmarks_open(&landmarks, path, &err) == KITH_OK)
        kith_landmarks_run(landmarks, &view, (kith_rectangle){-1, -1, 5, 5}, shape);
    kith_landmarks_close(&landmarks);
    close(fd);
    return 0;
}
