/* SPDX-License-Identifier: MIT */
#include "indexer/stages/task.h"

#include "indexer/files/stamp.h"

kith_task *kith_task_new(const char *path, const kith_stamp *stamp, const char *person,
                         const kith_record *record) {
    kith_task *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->stamp = *stamp;
    made->path = strdup(path);
    made->person = person ? strdup(person) : NULL;
    if (record) {
        made->recorded = true;
        made->recorded_outcome = record->outcome;
        made->recorded_stamp = kith_stamp_of_record(record);
        memcpy(made->recorded_sha256, record->sha256, sizeof record->sha256);
        made->recorded_person = record->person ? strdup(record->person) : NULL;
    }
    bool complete =
        made->path && (!person || made->person) && (!record || !record->person || made->recorded_person);
    if (!complete) {
        kith_task_free(made);
        return NULL;
    }
    return made;
}

void kith_task_free(kith_task *task) {
    if (!task)
        return;
    kith_faces_clear(&task->faces);
    free(task->path);
    free(task->person);
    free(task->recorded_person);
    free(task);
}
