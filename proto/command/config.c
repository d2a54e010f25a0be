/* SPDX-License-Identifier: MIT
 *
 * $XDG_CONFIG_HOME/kith/kith.conf: lines `key = value`, where a key is an option's name. Empty lines and
 * lines that begin with # do not count; a # further right belongs to the value, since paths may hold one.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/command/table.h"
#include "proto/directories.h"

enum { FILE_MOST = 64 * 1024 };

/* Keys that other programs of kith take: written by the build target `documents`, checked by its test. */
static const char *const keys[] = {
#include "proto/command/keys.inc"
    NULL,
};

static kith_status read_text(FILE *file, const char *path, char **text, kith_error *err) {
    char *bytes = malloc(FILE_MOST + 1);
    if (!bytes)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory");
    size_t size = fread(bytes, 1, FILE_MOST + 1, file);
    kith_status status = KITH_OK;
    if (ferror(file))
        status = kith_fail(err, KITH_E_IO, errno, path, "%s", strerror(errno));
    else if (size > FILE_MOST)
        status = kith_fail(err, KITH_E_USAGE, 0, path, "larger than %d bytes", FILE_MOST);
    else if (memchr(bytes, 0, size))
        status = kith_fail(err, KITH_E_USAGE, 0, path, "no text: it contains a zero byte");
    if (status != KITH_OK) {
        free(bytes);
        return status;
    }
    bytes[size] = 0;
    *text = bytes;
    return KITH_OK;
}

kith_status kith_config_read(char *path, size_t size, char **text, kith_error *err) {
    static const char name[] = "/kith.conf";
    *text = NULL;
    if (size < sizeof name ||
        kith_directory(path, size - sizeof name, KITH_DIRECTORY_CONFIG, NULL) != KITH_OK)
        return KITH_OK; /* a process without a home has no configuration */
    memcpy(path + strlen(path), name, sizeof name);
    struct stat seen;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return KITH_OK;
    FILE *file = fd >= 0 && fstat(fd, &seen) == 0 ? fdopen(fd, "r") : NULL;
    kith_status status = KITH_OK;
    if (!file)
        status = kith_fail(err, KITH_E_IO, errno, path, "%s", strerror(errno));
    else if (S_ISFIFO(seen.st_mode)) /* its writer would be waited for, in every command */
        status = kith_fail(err, KITH_E_IO, EINVAL, path, "is a FIFO, not a file");
    else
        status = read_text(file, path, text, err);
    if (file)
        fclose(file);
    else if (fd >= 0)
        close(fd);
    return status;
}

static const char spaces[] = " \t\r";

/* Cuts spaces off both ends, in place. */
static char *trim(char *text) {
    text += strspn(text, spaces);
    size_t length = strlen(text);
    while (length > 0 && strchr(spaces, text[length - 1]))
        length--;
    text[length] = 0;
    return text;
}

static char *take_line(kith_config_line *line) {
    char *start = line->rest;
    size_t length = strcspn(start, "\n");
    line->rest += length + (start[length] == '\n');
    start[length] = 0;
    line->number++;
    return trim(start);
}

kith_status kith_config_next(kith_config_line *line, const char *path, kith_error *err) {
    char *text;
    line->key = NULL;
    do {
        if (*line->rest == 0)
            return KITH_OK;
        text = take_line(line);
    } while (*text == 0 || *text == '#');
    snprintf(line->where, sizeof line->where, "%s:%d", path, line->number);
    char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return kith_fail(err, KITH_E_USAGE, 0, line->where, "not of the form 'key = value'");
    *equals = 0;
    const char *value = trim(equals + 1);
    if (*value == 0)
        return kith_fail(err, KITH_E_USAGE, 0, line->where, "no value");
    if (memcmp(value, "~/", 2) == 0)
        return kith_fail(err, KITH_E_USAGE, 0, line->where, "~ means nothing here (write the folder out)");
    line->key = trim(text);
    line->value = value;
    return KITH_OK;
}

/* Looks a key up among the options of a program's commands, and offers what they take. */
static bool known_here(const kith_program *program, const char *key, kith_nearest *nearest, bool *only_here) {
    const kith_option *option;
    for (size_t c = 0; c < program->command_count; c++)
        for (size_t i = 0; (option = kith_command_option(&program->commands[c], i, NULL)); i++) {
            bool same = strcmp(option->name, key) == 0;
            if (same && !option->only_here)
                return true;
            *only_here = *only_here || same;
            if (!option->only_here)
                kith_nearest_offer(nearest, option->name, strlen(option->name));
        }
    return false;
}

kith_status kith_config_known(const kith_config_line *line, const kith_program *program, kith_error *err) {
    kith_nearest nearest = {.word = line->key};
    bool only_here = false;
    if (program && known_here(program, line->key, &nearest, &only_here))
        return KITH_OK;
    for (size_t i = 0; keys[i]; i++) {
        if (strcmp(keys[i], line->key) == 0)
            return KITH_OK;
        kith_nearest_offer(&nearest, keys[i], strlen(keys[i]));
    }
    if (only_here)
        return kith_fail(err, KITH_E_USAGE, 0, line->where, "'%s' can only be given on the command line",
                         line->key);
    if (nearest.best)
        return kith_fail(err, KITH_E_USAGE, 0, line->where, "no option is named '%s' (did you mean %s?)",
                         line->key, nearest.best);
    return kith_fail(err, KITH_E_USAGE, 0, line->where, "no option is named '%s'", line->key);
}
