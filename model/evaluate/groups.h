/* SPDX-License-Identifier: MIT
 *
 * Groups of photos, for tables per group: rows NAME,GROUP of CSV. NAME is a person (the folder) or a photo as
 * the study names it; one NAME may be in several groups (an age, a camera). A first row "name,group" is
 * passed over.
 */
#ifndef KITH_MODEL_EVALUATE_GROUPS_H
#define KITH_MODEL_EVALUATE_GROUPS_H

#include "model/evaluate/study.h"

typedef struct kith_groups {
    kith_names names;
    bool *members; /* [group][photo] */
    size_t photos;
    size_t unknown; /* names that the study does not have */
} kith_groups;

/* KITH_E_IO; KITH_E_REFUSED names the line, or says that no name is known. */
kith_status kith_groups_read(kith_groups *out, const kith_study *study, const char *path, kith_error *err);
bool kith_groups_has(const kith_groups *groups, size_t group, uint32_t photo);
void kith_groups_clear(kith_groups *groups);

#endif
