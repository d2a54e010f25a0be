/* SPDX-License-Identifier: MIT
 *
 * The command line as one table. A program is a list of commands, a command a list of option groups, an
 * option one row; parsing, --help, the man page and the completions of bash and zsh are read from the same
 * rows, and a test compares them with the committed text (the idea: git's parse-options.h).
 *
 * Values beat each other in this order: command line, environment (KITH_DETECT_SIZE for --detect-size), the
 * file $XDG_CONFIG_HOME/kith/kith.conf (default ~/.config; lines `detect-size = 640`), the defaults in the
 * table. A list that one of them gives replaces the lists of the others.
 */
#ifndef KITH_PROTO_COMMAND_OPTION_H
#define KITH_PROTO_COMMAND_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/status.h"

typedef enum kith_option_type {
    KITH_OPTION_FLAG,    /* bool; --name sets it, --no-name clears it; yes or no in environment and file */
    KITH_OPTION_TEXT,    /* const char *, NULL when not given */
    KITH_OPTION_LIST,    /* kith_list: may be repeated */
    KITH_OPTION_INTEGER, /* long, within low..high */
    KITH_OPTION_NUMBER,  /* double, within low..high */
    KITH_OPTION_BYTES,   /* size_t: a number with K, M, G (powers of 1,024), within low..high */
    KITH_OPTION_CHOICE,  /* int: the index of the word in `value`, words separated by | */
} kith_option_type;

/* Texts of a repeated option, in order; the items live as long as the parse result. */
typedef struct kith_list {
    const char **items;
    size_t count;
} kith_list;

typedef struct kith_option {
    const char *name; /* without the dashes */
    char letter;      /* -j, or 0 */
    bool only_here;   /* not settable by environment or file (--force, --all, ...) */
    bool at_least;    /* `high` is only technical: the help speaks of `low` alone */
    kith_option_type type;
    size_t offset;     /* of the value in the group's struct */
    const char *value; /* placeholder in the help ("FILE"), or the choices "largest|centre|only|all" */
    double low, high;  /* bounds, both inclusive, for the three number types; equal: none */
    const char *help;  /* one sentence without a full stop; choices, bounds and the default are added, but no
                          default that lies outside of the bounds: say what happens then */
} kith_option;

/* Options that go together, shared by commands: "Gallery", "Model", "Finding faces". Their struct lies at
 * `offset` of the command's own struct.
 */
typedef struct kith_option_group {
    const char *title;
    const kith_option *options;
    size_t count;
    size_t offset;
} kith_option_group;

/* What a command receives. `values` is its struct, filled; operands are what was not an option. */
typedef struct kith_arguments {
    void *values;
    const char *const *operands; /* borrowed from argv */
    size_t operand_count;
    const struct kith_command *command;
    char *file; /* the configuration file's text, which values point into */
} kith_arguments;

typedef struct kith_example {
    const char *line; /* a complete command line */
    const char *what; /* what it does, one sentence */
} kith_example;

typedef struct kith_command {
    const char *name;     /* "add" */
    const char *operands; /* "PATH..." as the synopsis shows it; "" for none */
    size_t least, most;   /* number of operands; most (size_t)-1: no limit */
    const char *summary;  /* one line, no full stop */
    const char *text;     /* the description: paragraphs separated by blank lines */
    const kith_option_group *groups;
    size_t group_count;
    size_t size;          /* of the command's struct */
    const void *defaults; /* such a struct */
    const kith_example *examples;
    size_t example_count;
    int (*run)(const kith_arguments *arguments); /* returns the exit code */
} kith_command;

/* A file, or a variable of the environment that stands for no option, and what it is for. */
typedef struct kith_man_item {
    const char *name, *text;
} kith_man_item;

typedef struct kith_program {
    const char *name;    /* "kith-index" */
    const char *summary; /* one line */
    const char *text;    /* description for the man page */
    const kith_command *commands;
    size_t command_count;
    const kith_man_item *variables,
        *files; /* beside those of every program; the last has no name. NULL: none */
} kith_program;

/* Runs a program: `NAME COMMAND [OPTION...] [OPERAND...]`. Options and operands may be mixed, `--` ends
 * options, `--name=value` and `--name value` are the same, single letters may be joined. Knows by itself:
 * --help and -h (program or command), --version, --man (prints the man page in mdoc), --completion bash|zsh.
 * Unknown words are exit 2 with one line that names the word and the nearest known one. Sets up what every
 * program needs: SIGPIPE quiet, UTF-8 text with locale-independent numbers, signal handlers of
 * proto/command/program.h. Returns the exit code for main() to return; output that could not be written (full
 * disk) is exit 5, a reader that went away is quiet (128 + SIGPIPE).
 */
int kith_program_run(const kith_program *program, int argc, char **argv);

/* The same parser without the process around it, for tests: the words after the command's name, environment,
 * and file. Values and operands point into argv and the environment. *out is released by
 * kith_arguments_release(), also after an error.
 */
kith_status kith_arguments_parse(kith_arguments *out, const kith_command *command, int argc,
                                 const char *const *argv, kith_error *err);
void kith_arguments_release(kith_arguments *arguments);

#endif
