/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a list of pairs and as a list of groups: read, or refused with a reason.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/evaluate/groups.h"
#include "model/evaluate/pairs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_groups(const kith_study *study, const char *path) {
    kith_groups groups;
    kith_error err = {0};
    kith_status status = kith_groups_read(&groups, study, path, &err);
    assert(status == KITH_OK || err.text[0]);
    for (size_t g = 0; g < groups.names.count; g++)
        for (uint32_t i = 0; i < study->names.count; i++)
            (void)kith_groups_has(&groups, g, i);
    kith_groups_clear(&groups);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    kith_pair_list list;
    kith_study study = {.folder = "photos"};
    kith_error err = {0};
    int fd = memfd_create("pairs", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        return 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    kith_status status = kith_pair_list_read(&list, &study, path, &err);
    assert(status == KITH_OK || err.text[0]);
    for (size_t i = 0; i < list.count; i++) {
        const kith_pair *pair = &list.items[i];
        assert(pair->a < study.names.count && pair->b < study.names.count && pair->a != pair->b);
        assert(pair->fold >= 0 && (pair->fold < list.folds || list.folds < 2));
        assert(pair->same == (study.photos[pair->a].person == study.photos[pair->b].person) || pair->same);
    }
    if (status == KITH_OK)
        read_groups(&study, path);
    kith_pair_list_clear(&list);
    kith_study_clear(&study);
    close(fd);
    return 0;
}
