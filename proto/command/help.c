/* SPDX-License-Identifier: MIT
 *
 * --help of a program and of a command: two columns, wrapped to the terminal.
 */
#include <ctype.h>

#include "proto/command/table.h"

enum { LEFT_MOST = 28 }; /* a left column that is wider gets a line of its own */

typedef struct page {
    FILE *out;
    int width;  /* of the terminal */
    int indent; /* of wrapped lines */
    int column; /* where the next character goes */
} page;

/* Columns of a text: characters, not bytes. */
static int columns(const char *text, size_t length) {
    int count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

static void new_line(page *to) {
    fputc('\n', to->out);
    to->column = 0;
}

static void move_to(page *to, int column) {
    if (to->column < column)
        fprintf(to->out, "%*s", column - to->column, "");
    to->column = column;
}

/* One word, on the next line when it does not fit on this. */
static void put_word(page *to, const char *word, size_t length) {
    int wide = columns(word, length);
    if (to->column > to->indent && to->column + 1 + wide > to->width)
        new_line(to);
    if (to->column <= to->indent)
        move_to(to, to->indent);
    else
        move_to(to, to->column + 1);
    fwrite(word, 1, length, to->out);
    to->column += wide;
}

/* Words of a text; blank lines between paragraphs stay. */
static void put_text(page *to, const char *text) {
    while (*(text += strspn(text, " "))) {
        if (strncmp(text, "\n\n", 2) == 0) {
            new_line(to);
            new_line(to);
        }
        text += strspn(text, " \n");
        size_t length = strcspn(text, " \n");
        if (length > 0)
            put_word(to, text, length);
        text += length;
    }
}

static void put_paragraph(page *to, int indent, const char *text) {
    to->indent = indent;
    put_text(to, text);
    new_line(to);
}

/* The left column of an option whose default lies at `slot`. */
static void option_left(char *out, size_t size, const kith_option *option, const void *slot) {
    char letter[8] = "    ";
    const char *value = kith_option_placeholder(option);
    bool on = option->type == KITH_OPTION_FLAG && *(const bool *)slot;
    if (option->letter)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(out, size, "%s--%s%s%s%s", letter, on ? "[no-]" : "", option->name, value ? " " : "",
             value ? value : "");
}

/* Two columns: left at 2, right at `right`. */
static void put_row(page *to, const char *left, int right, const char *text, const char *note) {
    move_to(to, 2);
    fputs(left, to->out);
    to->column += columns(left, strlen(left));
    if (to->column > right - 2)
        new_line(to);
    move_to(to, right);
    to->indent = right;
    put_text(to, text);
    if (note[0]) {
        char bracketed[600];
        snprintf(bracketed, sizeof bracketed, "(%s)", note);
        put_text(to, bracketed);
    }
    new_line(to);
}

static const void *preset_of(const kith_command *command, const kith_option_group *group,
                             const kith_option *option) {
    return (const char *)command->defaults + group->offset + option->offset;
}

/* Where the right column of a command's options begins. */
static int right_column(const kith_command *command) {
    int widest = 10;
    const kith_option *option;
    size_t offset;
    for (size_t i = 0; (option = kith_command_option(command, i, &offset)); i++) {
        char left[200];
        option_left(left, sizeof left, option, (const char *)command->defaults + offset);
        int wide = columns(left, strlen(left));
        if (wide > widest && wide <= LEFT_MOST)
            widest = wide;
    }
    return 2 + widest + 2;
}

static void put_group(page *to, const kith_command *command, const kith_option_group *group, int right) {
    fprintf(to->out, "\n%s\n", group->title);
    for (size_t i = 0; i < group->count; i++) {
        const kith_option *option = &group->options[i];
        const void *preset = preset_of(command, group, option);
        char left[200], note[512];
        option_left(left, sizeof left, option, preset);
        kith_option_note(note, sizeof note, option, preset);
        put_row(to, left, right, option->help, note);
    }
}

static void put_examples(page *to, const kith_command *command) {
    if (command->example_count > 0)
        fputs("\nExamples\n", to->out);
    for (size_t i = 0; i < command->example_count; i++) {
        fprintf(to->out, "  %s\n", command->examples[i].line);
        put_paragraph(to, 6, command->examples[i].what);
    }
}

static void put_exit_line(page *to) {
    to->indent = 0;
    put_text(to, "Exit status:");
    for (const kith_exit_text *row = kith_exit_texts; row->code; row++) {
        char piece[80]; /* kept together on a line */
        snprintf(piece, sizeof piece, "%s %s%s", row->code, row->brief, row[1].code ? "," : "");
        put_word(to, piece, strlen(piece));
    }
    new_line(to);
}

/* The variable of the first option that has one, as an example; "" when none has. */
static void example_variable(char out[KITH_VARIABLE_SIZE], const kith_command *command) {
    const kith_option *option;
    out[0] = 0;
    for (size_t i = 0; out[0] == 0 && (option = kith_command_option(command, i, NULL)); i++)
        if (!option->only_here)
            kith_option_variable(out, option->name);
}

static void put_end(page *to, const kith_program *program, const kith_command *command) {
    char variable[KITH_VARIABLE_SIZE], line[300];
    fputc('\n', to->out);
    example_variable(variable, command);
    if (variable[0]) {
        snprintf(line, sizeof line,
                 "Options may also be set by environment (%s=...) and in ~/.config/kith/kith.conf.",
                 variable);
        put_paragraph(to, 0, line);
    }
    put_exit_line(to);
    fprintf(to->out, "More: man %s\n", program->name);
}

void kith_help_command(FILE *out, const kith_program *program, const kith_command *command, int width) {
    page to = {.out = out, .width = width};
    fprintf(out, "Usage: %s %s [OPTION...]%s%s\n\n", program->name, command->name,
            command->operands[0] ? " " : "", command->operands);
    fprintf(out, "%c%s.\n\n", toupper((unsigned char)command->summary[0]), command->summary + 1);
    put_paragraph(&to, 0, command->text);
    int right = right_column(command);
    for (size_t g = 0; g < command->group_count; g++)
        put_group(&to, command, &command->groups[g], right);
    fputs("\nHelp\n", out);
    put_row(&to, "-h, --help", right, "Print this text", "");
    put_examples(&to, command);
    put_end(&to, program, command);
}

static void put_commands(page *to, const kith_program *program) {
    int widest = 0;
    for (int pass = 0; pass < 2; pass++) /* measure, then print */
        for (size_t i = 0; i < program->command_count; i++) {
            const kith_command *command = &program->commands[i];
            char left[200];
            snprintf(left, sizeof left, "%s %s", command->name, command->operands);
            int wide = columns(left, strlen(left));
            if (pass == 1)
                put_row(to, left, 4 + widest, command->summary, "");
            else if (wide > widest && wide <= LEFT_MOST)
                widest = wide;
        }
}

void kith_help_program(FILE *out, const kith_program *program, int width) {
    page to = {.out = out, .width = width};
    fprintf(out, "Usage: %s COMMAND [OPTION...] [OPERAND...]\n\n", program->name);
    fprintf(out, "%c%s.\n\nCommands\n", toupper((unsigned char)program->summary[0]), program->summary + 1);
    put_commands(&to, program);
    fputs("\nOptions\n", out);
    put_row(&to, "-h, --help", 28, "Print this text; after a command, what it takes", "");
    put_row(&to, "    --version", 28, "Print the version", "");
    put_row(&to, "    --man", 28, "Print the man page, in mdoc", "");
    put_row(&to, "    --completion SHELL", 28, "Print a completion script", "bash, zsh");
    fputs("\nExit status\n", out);
    for (const kith_exit_text *row = kith_exit_texts; row->code; row++)
        put_row(&to, row->code, 11, row->text, "");
    fprintf(out, "\nMore: %s COMMAND --help, man %s\n", program->name, program->name);
}
