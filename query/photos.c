/* SPDX-License-Identifier: MIT */
#include "query/photos.h"

#include <errno.h>

#include "proto/program.h"

kith_status kith_photos_open(kith_photos *out, const kith_arguments *arguments, const char *list, bool nul,
                             kith_error *err) {
    *out = (kith_photos){.operands = arguments->operands,
                         .left = arguments->operand_count,
                         .delimiter = nul ? 0 : '\n',
                         .where = list};
    size_t standard = list && strcmp(list, "-") == 0;
    for (size_t i = 0; i < out->left; i++)
        standard += strcmp(out->operands[i], "-") == 0;
    if (out->left == 0 && !list)
        return kith_fail(err, KITH_E_USAGE, 0, NULL, "which photo? (PHOTO..., - or --files-from)");
    if (standard > 1)
        return kith_fail(err, KITH_E_USAGE, 0, "-", "standard input can be read only once");
    if (!list)
        return KITH_OK;
    out->list = strcmp(list, "-") == 0 ? stdin : fopen(list, "re");
    return out->list ? KITH_OK : kith_fail(err, KITH_E_IO, errno, list, "%s", strerror(errno));
}

/* A line of the list without its delimiter; NULL at the end. */
static kith_status next_line(kith_photos *photos, const char **out, kith_error *err) {
    errno = 0;
    ssize_t length = getdelim(&photos->line, &photos->size, photos->delimiter, photos->list);
    if (length < 0 && kith_stop_error(err) != KITH_OK)
        return KITH_E_STOPPED;
    if (length < 0 && ferror(photos->list))
        return kith_fail(err, KITH_E_IO, errno, photos->where, "%s", strerror(errno));
    if (length < 0)
        return KITH_OK;
    if (photos->line[length - 1] == photos->delimiter)
        photos->line[length - 1] = 0;
    *out = strcmp(photos->line, "-") == 0 ? "./-" : photos->line; /* in a list it is a name like any other */
    return KITH_OK;
}

kith_status kith_photos_next(kith_photos *photos, const char **out, kith_error *err) {
    *out = NULL;
    if (photos->left > 0) {
        photos->left--;
        *out = *photos->operands++;
        return kith_stop_error(err);
    }
    kith_status status = KITH_OK;
    while (photos->list) {
        status = next_line(photos, out, err);
        if (status != KITH_OK || !*out || **out) /* empty lines are passed over */
            break;
    }
    return status;
}

void kith_photos_close(kith_photos *photos) {
    if (photos->list && photos->list != stdin)
        fclose(photos->list);
    free(photos->line);
    *photos = (kith_photos){0};
}
