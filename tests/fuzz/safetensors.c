/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a model file: read, opened as a network when they are one, or refused with a reason.
 */
#include <assert.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/network/network.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    kith_tensors *tensors;
    kith_network *network = NULL;
    kith_error err = {0};
    int fd = memfd_create("fuzz", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        return 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    kith_status status = kith_tensors_read(&tensors, path, true, &err);
    if (status == KITH_OK)
        status = kith_network_open(&network, tensors, path, &err);
    assert(status == KITH_OK || err.text[0]);
    kith_network_close(&network);
    kith_tensors_free(&tensors);
    close(fd);
    return 0;
}
