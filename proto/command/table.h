/* SPDX-License-Identifier: MIT
 *
 * What parsing, help, man page and completion read from an option table (proto/command/option.h). Inside
 * proto only.
 */
#ifndef KITH_PROTO_COMMAND_TABLE_H
#define KITH_PROTO_COMMAND_TABLE_H

#include <stdio.h>

#include "proto/command/option.h"

/* The i-th option of all groups of a command, in order; NULL after the last. *offset (may be NULL): of its
 * value in the command's struct.
 */
const kith_option *kith_command_option(const kith_command *command, size_t i, size_t *offset);

/* KITH_DETECT_SIZE for detect-size. */
enum { KITH_VARIABLE_SIZE = 64 };
void kith_option_variable(char out[KITH_VARIABLE_SIZE], const char *name);

/* The next word of "a|b|c": its length, 0 after the last; *rest is moved behind it. */
size_t kith_choice_next(const char **word, const char **rest);

/* What the help says of an option besides its text: "64 to 8192; default: 640", or "". `slot` holds the
 * default.
 */
void kith_option_note(char *out, size_t size, const kith_option *option, const void *slot);

/* The placeholder of an option's value: WORD for a choice; NULL for a flag. */
const char *kith_option_placeholder(const kith_option *option);

/* Whether a number lies within the bounds of its option, if there are any. */
bool kith_option_allows(const kith_option *option, double number);

/* "640", "1.5", "512M": a bound or value as a person would write it. */
void kith_number_text(char *out, size_t size, kith_option_type type, double number);

/* Reads one value into *slot, everything but KITH_OPTION_LIST. `where` names the option, variable or line. */
kith_status kith_value_read(void *slot, const kith_option *option, const char *text, const char *where,
                            kith_error *err);

/* True when a placeholder of an option or operand means files: completion offers them. */
bool kith_means_files(const char *placeholder);

/* The known word nearest to a misspelt one: offer all, then read `best` (NULL: none is near enough). */
typedef struct kith_nearest {
    const char *word;
    const char *best;
    size_t length, distance; /* of best */
} kith_nearest;
void kith_nearest_offer(kith_nearest *nearest, const char *candidate, size_t length);

/* The configuration file: its path, and its text (newly allocated; NULL when there is no file). */
kith_status kith_config_read(char *path, size_t size, char **text, kith_error *err);

/* The next `key = value` of the text, cut out in place; `where` becomes "PATH:LINE". *key NULL: the end. */
typedef struct kith_config_line {
    char *rest; /* starts as the text */
    int number; /* starts as 0 */
    const char *key, *value;
    char where[320];
} kith_config_line;
kith_status kith_config_next(kith_config_line *line, const char *path, kith_error *err);

/* KITH_OK when some command of some program of kith takes the key from files. program may be NULL. */
kith_status kith_config_known(const kith_config_line *line, const kith_program *program, kith_error *err);

/* kith_arguments_parse() for a program; *help: --help was met, nothing else counts then. */
kith_status kith_arguments_read(kith_arguments *out, const kith_program *program, const kith_command *command,
                                int argc, const char *const *argv, bool *help, kith_error *err);

/* The texts of a program, each complete. width: columns to wrap at. */
void kith_help_program(FILE *out, const kith_program *program, int width);
void kith_help_command(FILE *out, const kith_program *program, const kith_command *command, int width);
void kith_man(FILE *out, const kith_program *program);
void kith_completion_bash(FILE *out, const kith_program *program);
void kith_completion_zsh(FILE *out, const kith_program *program);

/* Exit codes and what they mean, in order; code NULL after the last. */
typedef struct kith_exit_text {
    const char *code, *brief, *text;
} kith_exit_text;
extern const kith_exit_text kith_exit_texts[];

#endif
