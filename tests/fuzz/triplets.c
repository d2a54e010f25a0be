/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a file of triplets: its rows are read or told, and every augmentation that is taken can be
 * applied and written again.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/train/triplets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static kith_chip chip;

static void apply(const kith_augmentation *augmentation) {
    static unsigned char rgb[112 * 112 * 3];
    float landmarks[2 * KITH_LANDMARKS];
    char text[KITH_AUGMENTATION_TEXT];
    kith_augmentation again;
    kith_frame frame;
    kith_error err = {0};
    kith_augmentation_text(text, augmentation);
    assert(kith_augmentation_parse(&again, text));
    assert(kith_frame_of(&frame, "siamese", 112));
    assert(kith_augment(rgb, landmarks, &frame, &chip, augmentation, &err) == KITH_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    kith_triplets *triplets = NULL;
    kith_error err = {0};
    int fd = memfd_create("triplets", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        return 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    kith_status status = kith_triplets_read(&triplets, path, NULL, NULL, &err);
    assert(status == KITH_OK || err.text[0]);
    for (size_t i = 0; triplets && i < triplets->count && i < 4; i++)
        for (int role = 0; role < KITH_TRIPLET; role++)
            apply(&triplets->items[i].augmentation[role]);
    kith_triplets_free(&triplets);
    close(fd);
    return 0;
}
