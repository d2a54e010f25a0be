/* SPDX-License-Identifier: MIT */
#include "proto/command/table.h"

#include <ctype.h>

const kith_exit_text kith_exit_texts[] = {
    {"0", "done", "done; of a question: somebody was matched, the same person, something was found"},
    {"1", "nothing found", "nobody was matched, the persons differ, nothing was found"},
    {"2", "usage", "the command line or the configuration file was not understood"},
    {"3", "some files failed", "done, but some files failed"},
    {"4", "refused", "gallery, model or data do not fit together or are damaged"},
    {"5", "input/output", "files of this machine could not be read or written"},
    {"6", "server", "a server failed"},
    {"7", "memory", "there was not enough memory"},
    {"128 + n", "signal n", "stopped by signal n"},
    {NULL, NULL, NULL},
};

const kith_option *kith_command_option(const kith_command *command, size_t i, size_t *offset) {
    for (size_t g = 0; g < command->group_count; g++) {
        const kith_option_group *group = &command->groups[g];
        if (i < group->count) {
            if (offset)
                *offset = group->offset + group->options[i].offset;
            return &group->options[i];
        }
        i -= group->count;
    }
    return NULL;
}

void kith_option_variable(char out[KITH_VARIABLE_SIZE], const char *name) {
    snprintf(out, KITH_VARIABLE_SIZE, "KITH_%s", name);
    for (char *c = out; *c; c++)
        *c = (char)(*c == '-' ? '_' : toupper((unsigned char)*c));
}

size_t kith_choice_next(const char **word, const char **rest) {
    size_t length = strcspn(*rest, "|");
    *word = *rest;
    *rest += length + ((*rest)[length] == '|');
    return length;
}

/* Puts text after what is there, with `between` when something is. */
static void add(char *out, size_t size, const char *between, const char *text, size_t length) {
    size_t used = strlen(out);
    snprintf(out + used, size - used, "%s%.*s", used > 0 ? between : "", (int)length, text);
}

static void choice_text(char *out, size_t size, const char *choices, int index) {
    const char *word, *rest = choices;
    size_t length;
    for (int i = 0; (length = kith_choice_next(&word, &rest)) > 0; i++)
        if (i == index)
            add(out, size, "", word, length);
}

void kith_number_text(char *out, size_t size, kith_option_type type, double number) {
    static const char *const units[] = {"", "K", "M", "G"};
    size_t unit = 0;
    if (type == KITH_OPTION_BYTES)
        while (unit < 3 && number >= 1024 && number / 1024 == (double)(size_t)(number / 1024)) {
            number /= 1024;
            unit++;
        }
    snprintf(out, size, "%.15g%s", number, units[unit]);
}

bool kith_option_allows(const kith_option *option, double number) {
    return option->low == option->high || (number >= option->low && number <= option->high);
}

/* The value at `slot` as text; "" when there is nothing to show. */
static void default_text(char *out, size_t size, const kith_option *option, const void *slot) {
    double number = 0;
    out[0] = 0;
    switch (option->type) {
    case KITH_OPTION_FLAG:
        snprintf(out, size, "%s", *(const bool *)slot ? "yes" : "");
        return;
    case KITH_OPTION_TEXT:
        snprintf(out, size, "%s", *(const char *const *)slot ? *(const char *const *)slot : "");
        return;
    case KITH_OPTION_LIST:
        return;
    case KITH_OPTION_CHOICE:
        choice_text(out, size, option->value, *(const int *)slot);
        return;
    case KITH_OPTION_INTEGER:
        number = (double)*(const long *)slot;
        break;
    case KITH_OPTION_NUMBER:
        number = *(const double *)slot;
        break;
    case KITH_OPTION_BYTES:
        number = (double)*(const size_t *)slot;
        break;
    }
    if (kith_option_allows(option, number))
        kith_number_text(out, size, option->type, number);
}

/* The choices, or the bounds. */
static void range_text(char *out, size_t size, const kith_option *option) {
    char low[32], high[32];
    const char *word, *rest = option->value;
    size_t length;
    out[0] = 0;
    if (option->type == KITH_OPTION_CHOICE)
        while ((length = kith_choice_next(&word, &rest)) > 0)
            add(out, size, ", ", word, length);
    else if (option->type == KITH_OPTION_LIST)
        snprintf(out, size, "may be repeated");
    else if (option->low != option->high) {
        kith_number_text(low, sizeof low, option->type, option->low);
        kith_number_text(high, sizeof high, option->type, option->high);
        if (option->at_least)
            snprintf(out, size, "at least %s", low);
        else
            snprintf(out, size, "%s to %s", low, high);
    }
}

void kith_option_note(char *out, size_t size, const kith_option *option, const void *slot) {
    char preset[256];
    range_text(out, size, option);
    default_text(preset, sizeof preset, option, slot);
    if (preset[0] == 0)
        return;
    add(out, size, "; ", "default: ", sizeof "default: ");
    add(out, size, "", preset, sizeof preset);
}

const char *kith_option_placeholder(const kith_option *option) {
    switch (option->type) {
    case KITH_OPTION_FLAG:
        return NULL;
    case KITH_OPTION_CHOICE:
        return "WORD";
    default:
        return option->value ? option->value : "VALUE";
    }
}

bool kith_means_files(const char *placeholder) {
    static const char *const words[] = {"FILE", "PATH",    "PHOTO",   "FOLDER",
                                        "DIR",  "PICTURE", "GALLERY", "URI"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(placeholder, words[i]))
            return true;
    return false;
}
