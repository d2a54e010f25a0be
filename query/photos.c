/* SPDX-License-Identifier: MIT */
#include "query/photos.h"

#include "proto/point.h"
#include "proto/stop.h"

kith_status kith_photos_open(kith_photos *out, const kith_arguments *arguments, const char *list, bool nul,
                             kith_error *err) {
    *out = (kith_photos){.operands = arguments->operands,
                         .left = arguments->operand_count,
                         .where = list && strcmp(list, "-") == 0 ? "standard input" : list};
    size_t standard = list && strcmp(list, "-") == 0;
    for (size_t i = 0; i < out->left; i++)
        standard += strcmp(out->operands[i], "-") == 0;
    if (out->left == 0 && !list)
        return kith_fail(err, KITH_E_USAGE, 0, NULL, "which photo? (PHOTO..., - or --files-from)");
    if (standard > 1)
        return kith_fail(err, KITH_E_USAGE, 0, "-", "standard input can be read only once");
    return list ? kith_lines_open(&out->list, list, nul ? 0 : '\n', KITH_PATH_MOST, err) : KITH_OK;
}

/* The path that a line is. */
static const char *path_of(const kith_photos *photos, const kith_lines_item *line, kith_error *failure) {
    bool whole = line->state == KITH_LINES_LINE;
    if (whole && strlen(line->text) == line->length)
        return strcmp(line->text, "-") == 0 ? "./-" : line->text; /* in a list it is a name like any other */
    kith_fail(failure, KITH_E_FORMAT, 0, photos->where, "line %llu is no path (%s)",
              (unsigned long long)line->number, whole ? "a zero byte in it; say -0" : "too long");
    return photos->where;
}

kith_status kith_photos_next(kith_photos *photos, const char **out, kith_error *failure, kith_error *err) {
    *out = NULL;
    kith_status status = kith_stop_error(err);
    if (photos->left > 0) {
        photos->left--;
        *out = *photos->operands++;
        return status;
    }
    while (photos->list && status == KITH_OK && !*out) {
        kith_lines_item line;
        status = kith_lines_next(photos->list, &line, -1, err);
        if (status == KITH_OK && line.state == KITH_LINES_END)
            break;
        if (status == KITH_OK &&
            (line.length > 0 || line.state == KITH_LINES_LONG)) /* empty ones are passed over */
            *out = path_of(photos, &line, failure);
    }
    return status;
}

void kith_photos_close(kith_photos *photos) {
    kith_lines_close(&photos->list);
    *photos = (kith_photos){0};
}
