/* SPDX-License-Identifier: MIT
 *
 * From words, environment and file to a command's struct. The stronger source is read first and marks what it
 * set, so that a weaker one leaves it alone.
 */
#include "proto/command/option.h"

#include <limits.h>
#include <stdint.h>

#include "proto/command/program.h"
#include "proto/command/table.h"

typedef enum source { FROM_NOWHERE, FROM_WORDS, FROM_ENVIRONMENT, FROM_FILE } source;

typedef struct parse {
    kith_arguments *out;
    const kith_program *program;
    const kith_command *command;
    unsigned char *given; /* per option of the command: the source that set it */
    const char **operands;
    const char *const *words;
    int count, next; /* of words */
    bool help;
} parse;

static kith_status append(kith_list *list, const char *text, kith_error *err) {
    const char **items = realloc((void *)list->items, (list->count + 1) * sizeof *items);
    if (!items)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a list of options");
    items[list->count++] = text;
    list->items = items;
    return KITH_OK;
}

/* Sets option i of the command, unless a stronger source did. */
static kith_status set(parse *p, size_t i, source from, const char *text, const char *where,
                       kith_error *err) {
    size_t offset;
    const kith_option *option = kith_command_option(p->command, i, &offset);
    if (p->given[i] != FROM_NOWHERE && p->given[i] != from)
        return KITH_OK;
    void *slot = (char *)p->out->values + offset;
    if (option->type != KITH_OPTION_LIST) {
        p->given[i] = (unsigned char)from;
        return kith_value_read(slot, option, text, where, err);
    }
    if (p->given[i] == FROM_NOWHERE)
        *(kith_list *)slot = (kith_list){0};
    p->given[i] = (unsigned char)from;
    return append(slot, text, err);
}

static bool same_name(const char *name, const char *word, size_t length) {
    return strncmp(name, word, length) == 0 && name[length] == 0;
}

/* The option called `word` (its length: up to a '='); SIZE_MAX: none. */
static size_t find_name(const kith_command *command, const char *word, size_t length) {
    const kith_option *option;
    for (size_t i = 0; (option = kith_command_option(command, i, NULL)); i++)
        if (same_name(option->name, word, length))
            return i;
    return SIZE_MAX;
}

static size_t find_letter(const kith_command *command, char letter) {
    const kith_option *option;
    for (size_t i = 0; (option = kith_command_option(command, i, NULL)); i++)
        if (option->letter == letter)
            return i;
    return SIZE_MAX;
}

static kith_status unknown_name(const parse *p, const char *name, kith_error *err) {
    kith_nearest nearest = {.word = name};
    const kith_option *option;
    for (size_t i = 0; (option = kith_command_option(p->command, i, NULL)); i++)
        kith_nearest_offer(&nearest, option->name, strlen(option->name));
    kith_nearest_offer(&nearest, "help", 4);
    char where[300];
    snprintf(where, sizeof where, "--%s", name);
    if (nearest.best)
        return kith_fail(err, KITH_E_USAGE, 0, where, "no such option (did you mean --%s?)", nearest.best);
    return kith_fail(err, KITH_E_USAGE, 0, where, "no such option (%s %s --help lists them)",
                     kith_program_name(), p->command->name);
}

/* The value of an option: what is joined to it, else the next word. */
static kith_status take_value(parse *p, size_t i, const char *joined, kith_error *err) {
    const kith_option *option = kith_command_option(p->command, i, NULL);
    char where[300];
    snprintf(where, sizeof where, "--%s", option->name);
    if (!joined && p->next == p->count)
        return kith_fail(err, KITH_E_USAGE, 0, where, "needs a value (%s)",
                         option->value ? option->value : "VALUE");
    return set(p, i, FROM_WORDS, joined ? joined : p->words[p->next++], where, err);
}

/* `word` is what follows the two dashes. */
static kith_status take_long(parse *p, const char *word, kith_error *err) {
    char name[256];
    size_t length = strcspn(word, "=");
    const char *joined = word[length] ? word + length + 1 : NULL, *value = "yes";
    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), word);
    size_t i = find_name(p->command, word, length);
    if (i == SIZE_MAX && same_name("help", word, length)) {
        p->help = true;
        return KITH_OK;
    }
    if (i == SIZE_MAX && length > 3 && memcmp(word, "no-", 3) == 0) {
        i = find_name(p->command, word + 3, length - 3);
        value = "no";
        if (i != SIZE_MAX && kith_command_option(p->command, i, NULL)->type != KITH_OPTION_FLAG)
            i = SIZE_MAX;
    }
    if (i == SIZE_MAX)
        return unknown_name(p, name, err);
    if (kith_command_option(p->command, i, NULL)->type != KITH_OPTION_FLAG)
        return take_value(p, i, joined, err);
    char where[300];
    snprintf(where, sizeof where, "--%s", name);
    if (joined)
        return kith_fail(err, KITH_E_USAGE, 0, where, "takes no value");
    return set(p, i, FROM_WORDS, value, where, err);
}

/* `letters` is what follows the one dash: flags, the last one may be an option with a value. */
static kith_status take_letters(parse *p, const char *letters, kith_error *err) {
    kith_status status = KITH_OK;
    for (; *letters && status == KITH_OK && !p->help; letters++) {
        size_t i = find_letter(p->command, *letters);
        char where[8];
        snprintf(where, sizeof where, "-%c", *letters);
        if (i == SIZE_MAX && *letters == 'h')
            p->help = true;
        else if (i == SIZE_MAX)
            return kith_fail(err, KITH_E_USAGE, 0, where,
                             "no such option (%s %s --help lists them; operands with a dash go after --)",
                             kith_program_name(), p->command->name);
        else if (kith_command_option(p->command, i, NULL)->type == KITH_OPTION_FLAG)
            status = set(p, i, FROM_WORDS, "yes", where, err);
        else
            return take_value(p, i, letters[1] ? letters + 1 : NULL, err);
    }
    return status;
}

static kith_status take_words(parse *p, kith_error *err) {
    bool operands_only = false;
    kith_status status = KITH_OK;
    while (p->next < p->count && status == KITH_OK && !p->help) {
        const char *word = p->words[p->next++];
        if (operands_only || word[0] != '-' || word[1] == 0)
            p->operands[p->out->operand_count++] = word;
        else if (strcmp(word, "--") == 0)
            operands_only = true;
        else if (word[1] == '-')
            status = take_long(p, word + 2, err);
        else
            status = take_letters(p, word + 1, err);
    }
    return status;
}

static kith_status take_environment(parse *p, kith_error *err) {
    const kith_option *option;
    kith_status status = KITH_OK;
    for (size_t i = 0; status == KITH_OK && (option = kith_command_option(p->command, i, NULL)); i++) {
        char variable[KITH_VARIABLE_SIZE];
        kith_option_variable(variable, option->name);
        const char *text = option->only_here ? NULL : getenv(variable);
        if (text && *text)
            status = set(p, i, FROM_ENVIRONMENT, text, variable, err);
    }
    return status;
}

static kith_status take_file(parse *p, kith_error *err) {
    char path[PATH_MAX];
    kith_status status = kith_config_read(path, sizeof path, &p->out->file, err);
    if (status != KITH_OK || !p->out->file)
        return status;
    kith_config_line line = {.rest = p->out->file};
    while ((status = kith_config_next(&line, path, err)) == KITH_OK && line.key) {
        size_t i = find_name(p->command, line.key, strlen(line.key));
        if (i == SIZE_MAX || kith_command_option(p->command, i, NULL)->only_here)
            status = kith_config_known(&line, p->program, err);
        else
            status = set(p, i, FROM_FILE, line.value, line.where, err);
        if (status != KITH_OK)
            break;
    }
    return status;
}

static kith_status check_operands(const parse *p, kith_error *err) {
    const kith_command *command = p->command;
    size_t count = p->out->operand_count;
    if (count >= command->least && count <= command->most)
        return KITH_OK;
    if (command->most == 0)
        return kith_fail(err, KITH_E_USAGE, 0, command->name, "takes no operands, but '%s' was given",
                         p->operands[0]);
    return kith_fail(err, KITH_E_USAGE, 0, command->name, "takes %s, not %zu operand%s (%s %s --help)",
                     command->operands, count, count == 1 ? "" : "s", kith_program_name(), command->name);
}

kith_status kith_arguments_read(kith_arguments *out, const kith_program *program, const kith_command *command,
                                int argc, const char *const *argv, bool *help, kith_error *err) {
    *out = (kith_arguments){.command = command};
    size_t options = 0;
    while (kith_command_option(command, options, NULL))
        options++;
    parse p = {.out = out, .program = program, .command = command, .words = argv, .count = argc};
    p.given = calloc(options + 1, 1);
    p.operands = calloc((size_t)argc + 1, sizeof *p.operands);
    out->operands = p.operands;
    out->values = calloc(1, command->size + 1);
    kith_status status;
    if (!p.given || !p.operands || !out->values) {
        status = kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the options");
        goto out;
    }
    if (command->size > 0)
        memcpy(out->values, command->defaults, command->size);
    status = take_words(&p, err);
    if (status == KITH_OK && !p.help)
        status = take_environment(&p, err);
    if (status == KITH_OK && !p.help)
        status = take_file(&p, err);
    if (status == KITH_OK && !p.help)
        status = check_operands(&p, err);
    *help = p.help;
out:
    free(p.given);
    return status;
}

kith_status kith_arguments_parse(kith_arguments *out, const kith_command *command, int argc,
                                 const char *const *argv, kith_error *err) {
    bool help = false;
    return kith_arguments_read(out, NULL, command, argc, argv, &help, err);
}

/* Lists that were given are ours, those of the defaults are not. */
static void release_lists(kith_arguments *arguments) {
    const kith_option *option;
    size_t offset;
    for (size_t i = 0; (option = kith_command_option(arguments->command, i, &offset)); i++) {
        if (option->type != KITH_OPTION_LIST)
            continue;
        kith_list *list = (kith_list *)(void *)((char *)arguments->values + offset);
        const kith_list *preset = (const void *)((const char *)arguments->command->defaults + offset);
        if (list->items != preset->items)
            free((void *)list->items);
    }
}

void kith_arguments_release(kith_arguments *arguments) {
    if (arguments->values)
        release_lists(arguments);
    free(arguments->values);
    free((void *)arguments->operands);
    free(arguments->file);
    *arguments = (kith_arguments){0};
}
