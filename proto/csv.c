/* SPDX-License-Identifier: MIT */
#include "proto/csv.h"

/* Takes the quotes off the field at `text` in place; returns what is behind it, NULL when the quote is open.
 */
static char *unquote(char *text) {
    char *to = text;
    for (char *from = text + 1; *from; from++) {
        if (*from == '"' && from[1] != '"') {
            *to = 0;
            return from + 1;
        }
        from += *from == '"';
        *to++ = *from;
    }
    return NULL;
}

size_t kith_csv_split(char **fields, size_t most, char *line) {
    size_t length = strlen(line);
    if (length > 0 && line[length - 1] == '\r')
        line[length - 1] = 0;
    for (size_t count = 0; count < most; line++) {
        fields[count++] = line;
        line = *line == '"' ? unquote(line) : line + strcspn(line, ",");
        if (!line || (*line != 0 && *line != ','))
            return 0;
        if (*line == 0)
            return count;
        *line = 0;
    }
    return 0;
}

size_t kith_csv_row(char **fields, size_t most, const kith_lines_item *line) {
    bool text = line->state == KITH_LINES_LINE && strlen(line->text) == line->length;
    return text ? kith_csv_split(fields, most, line->text) : 0;
}

void kith_csv_put(FILE *out, const char *field) {
    if (field[strcspn(field, ",\"\r\n")] == 0) {
        fputs(field, out);
        return;
    }
    fputc('"', out);
    for (; *field; field++) {
        if (*field == '"')
            fputc('"', out);
        fputc(*field, out);
    }
    fputc('"', out);
}
