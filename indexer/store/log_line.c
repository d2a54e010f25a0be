/* SPDX-License-Identifier: MIT */
#include "indexer/store/log_line.h"

#include <errno.h>

static int set_text(json_t *line, const char *name, const char *text) {
    return text && *text ? json_object_set_new(line, name, json_string(text)) : 0;
}

bool kith_log_line(FILE *log, const kith_record *record, const char *reason) {
    json_t *line = json_object();
    int bad = kith_path_members(line, "path", "path_raw", record->path);
    bad |= set_text(line, "outcome", kith_outcome_name(record->outcome));
    bad |= set_text(line, "sha256", record->sha256);
    bad |= set_text(line, "person", record->person);
    bad |= set_text(line, "reason", reason);
    if (record->outcome == KITH_INDEXED)
        bad |= json_object_set_new(line, "faces", json_integer(record->faces));
    bad |= set_text(line, "run", record->run);
    errno = bad ? ENOMEM : 0;
    if (!bad)
        bad = json_dumpf(line, log, KITH_JSON) != 0 || putc('\n', log) == EOF || fflush(log) != 0;
    json_decref(line);
    return !bad;
}
