/* SPDX-License-Identifier: MIT */
#include "indexer/files/stamp.h"

kith_stamp kith_stamp_of_file(const struct stat *seen) {
    return (kith_stamp){.device = seen->st_dev,
                        .inode = seen->st_ino,
                        .size = seen->st_size,
                        .modified = (int64_t)seen->st_mtim.tv_sec * 1000000000 + seen->st_mtim.tv_nsec};
}

kith_stamp kith_stamp_of_record(const kith_record *record) {
    return (kith_stamp){record->device, record->inode, record->size, record->modified};
}

bool kith_stamp_same(const kith_stamp *a, const kith_stamp *b) {
    return a->inode == b->inode && a->size == b->size && a->modified == b->modified;
}
