/* SPDX-License-Identifier: MIT
 *
 * Words and settings: the first line are the words of a command, at tabs; the rest is a configuration file.
 */
#include <stdint.h>

#include "proto/command/table.h"
#include "tests/cli/support/sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS = 16 };

static int split(char *line, const char *words[WORDS]) {
    int count = 0;
    for (char *word = strsep(&line, "\t"); word && count < WORDS; word = strsep(&line, "\t"))
        words[count++] = word;
    return count;
}

static void read_settings(char *text) {
    kith_config_line line = {.rest = text};
    kith_error err = {0};
    while (kith_config_next(&line, "kith.conf", &err) == KITH_OK && line.key)
        kith_config_known(&line, &sample_program, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = strndup((const char *)data, size), *rest = text;
    if (!text)
        return 0;
    const char *words[WORDS];
    int count = split(strsep(&rest, "\n"), words);
    kith_arguments arguments;
    bool help = false;
    kith_arguments_read(&arguments, &sample_program, &sample_program.commands[0], count, words, &help, NULL);
    kith_arguments_release(&arguments);
    if (rest)
        read_settings(rest);
    free(text);
    return 0;
}
