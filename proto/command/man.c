/* SPDX-License-Identifier: MIT
 *
 * The man page of a program, in mdoc (mdoc(7)); the same bytes from the same table, wherever and whenever.
 * Option groups that several commands share with the same defaults are told once, in OPTIONS.
 */
#include <ctype.h>

#include "proto/command/table.h"

static const char released[] = "November 26, 2026"; /* of this KITH_VERSION */

static const char *const family[] = {"kith-index", "kith-model", "kith-query"};

/* One word of running text. roff's own characters are escaped; a dash stays a dash (and no hyphen) where it
 * belongs to an option.
 */
static void put_word(FILE *out, const char *word, size_t length, bool line_start) {
    if (line_start && (word[0] == '.' || word[0] == '\''))
        fputs("\\&", out);
    for (size_t i = 0; i < length; i++) {
        bool dash = word[i] == '-' && (i == 0 || word[0] == '-' || !isalnum((unsigned char)word[i - 1]));
        if (word[i] == '\\')
            fputs("\\e", out);
        else if (dash)
            fputs("\\-", out);
        else
            fputc(word[i], out);
    }
}

static bool ends_sentence(const char *word, size_t length) {
    while (length > 0 && strchr(")\"'", word[length - 1]))
        length--;
    return length > 0 && strchr(".!?", word[length - 1]);
}

/* Running text: each sentence begins a line, blank lines part paragraphs. The line is left open. */
static void put_text(FILE *out, const char *text) {
    size_t column = 0;
    while (*(text += strspn(text, " "))) {
        if (strncmp(text, "\n\n", 2) == 0) {
            fputs("\n.Pp", out);
            column = 999;
        }
        text += strspn(text, " \n");
        size_t length = strcspn(text, " \n");
        if (length == 0)
            return;
        bool fresh = column == 0 || column + 1 + length > 78;
        if (column > 0)
            fputc(fresh ? '\n' : ' ', out);
        put_word(out, text, length, fresh);
        column = ends_sentence(text, length) ? 999 : fresh ? length : column + 1 + length;
        text += length;
    }
}

/* A phrase of the table, with an optional note in brackets, as a sentence. */
static void put_sentence(FILE *out, const char *text, const char *note) {
    char sentence[1024];
    snprintf(sentence, sizeof sentence, "%s%s%s%s.", text, note[0] ? " (" : "", note, note[0] ? ")" : "");
    sentence[0] = (char)toupper((unsigned char)sentence[0]);
    put_text(out, sentence);
    fputc('\n', out);
}

/* Text that a person may copy: every dash is a dash. */
static void put_exact(FILE *out, const char *text) {
    for (; *text; text++)
        if (*text == '-' || *text == '\\')
            fputs(*text == '-' ? "\\-" : "\\e", out);
        else
            fputc(*text, out);
}

static void put_head(FILE *out, const kith_program *program) {
    fprintf(out, ".\\\" Made by `%s --man` from the program's option tables.\n.Dd %s\n.Dt ", program->name,
            released);
    for (const char *c = program->name; *c; c++)
        fputc(toupper((unsigned char)*c), out);
    fprintf(out, " 1\n.Os\n.Sh NAME\n.Nm %s\n.Nd ", program->name);
    put_text(out, program->summary);
    fputs("\n.Sh SYNOPSIS\n", out);
    for (size_t i = 0; i < program->command_count; i++) {
        const kith_command *command = &program->commands[i];
        fprintf(out, ".Nm\n.Cm %s\n.Op Ar option ...\n", command->name);
        if (command->operands[0])
            fprintf(out, ".Ar \\&%s\n", command->operands);
    }
    fputs(".Sh DESCRIPTION\n", out);
    put_text(out, program->text);
    fputc('\n', out);
}

static const void *preset_of(const kith_command *command, const kith_option_group *group, size_t i) {
    return (const char *)command->defaults + group->offset + group->options[i].offset;
}

static void put_option(FILE *out, const kith_option *option, const void *preset) {
    const char *value = kith_option_placeholder(option);
    char note[512];
    fputs(".It ", out);
    if (option->letter)
        fprintf(out, "Fl %c , ", option->letter);
    fputs("Fl \\-", out);
    if (option->type == KITH_OPTION_FLAG && *(const bool *)preset)
        fputs("[no\\-]", out);
    put_exact(out, option->name);
    if (value)
        fprintf(out, " Ar \\&%s", value);
    fputc('\n', out);
    kith_option_note(note, sizeof note, option, preset);
    put_sentence(out, option->help, note);
}

static void put_group(FILE *out, const kith_command *command, const kith_option_group *group) {
    fputs(".Bl -tag -width Ds\n", out);
    for (size_t i = 0; i < group->count; i++)
        put_option(out, &group->options[i], preset_of(command, group, i));
    fputs(".El\n", out);
}

static bool same_group(const kith_command *a, const kith_option_group *in_a, const kith_command *b,
                       const kith_option_group *in_b) {
    if (in_a->options != in_b->options || in_a->count != in_b->count)
        return false;
    for (size_t i = 0; i < in_a->count; i++) {
        char one[512], other[512];
        kith_option_note(one, sizeof one, &in_a->options[i], preset_of(a, in_a, i));
        kith_option_note(other, sizeof other, &in_b->options[i], preset_of(b, in_b, i));
        if (strcmp(one, other) != 0)
            return false;
    }
    return true;
}

/* How many commands have the group; *first (may be NULL): whether `command` is the first of them. */
static size_t commands_with(const kith_program *program, const kith_command *command,
                            const kith_option_group *group, bool *first) {
    size_t count = 0;
    for (size_t c = 0; c < program->command_count; c++) {
        const kith_command *other = &program->commands[c];
        for (size_t g = 0; g < other->group_count; g++)
            if (same_group(command, group, other, &other->groups[g])) {
                if (count == 0 && first)
                    *first = other == command;
                count++;
            }
    }
    return count;
}

static void put_command(FILE *out, const kith_program *program, const kith_command *command) {
    fprintf(out, ".Ss %s%s%s\n", command->name, command->operands[0] ? " " : "", command->operands);
    put_sentence(out, command->summary, "");
    fputs(".Pp\n", out);
    put_text(out, command->text);
    fputc('\n', out);
    size_t shared = 0;
    for (size_t g = 0; g < command->group_count; g++) {
        const kith_option_group *group = &command->groups[g];
        if (commands_with(program, command, group, NULL) > 1) {
            shared++;
            continue;
        }
        fprintf(out, ".Pp\n%s:\n", group->title);
        put_group(out, command, group);
    }
    if (shared == 0)
        return;
    fputs(".Pp\nFurther options, told in\n.Sx OPTIONS :\n", out);
    for (size_t g = 0, told = 0; g < command->group_count; g++)
        if (commands_with(program, command, &command->groups[g], NULL) > 1) {
            told++;
            fprintf(out, "%s%s\n", command->groups[g].title,
                    told == shared       ? "."
                    : told + 1 == shared ? " and"
                                         : ",");
        }
}

static void put_commands(FILE *out, const kith_program *program) {
    fputs(".Sh COMMANDS\n", out);
    for (size_t c = 0; c < program->command_count; c++)
        put_command(out, program, &program->commands[c]);
    fputs(".Sh OPTIONS\n", out);
    for (size_t c = 0; c < program->command_count; c++)
        for (size_t g = 0; g < program->commands[c].group_count; g++) {
            const kith_command *command = &program->commands[c];
            bool first = false;
            if (commands_with(program, command, &command->groups[g], &first) > 1 && first) {
                fprintf(out, ".Ss %s\n", command->groups[g].title);
                put_group(out, command, &command->groups[g]);
            }
        }
    fputs(".Ss Help and integration\n.Bl -tag -width Ds\n"
          ".It Fl h , Fl \\-help\nPrint a short help; after a command: what that command takes.\n"
          ".It Fl \\-version\nPrint the version.\n"
          ".It Fl \\-man\nPrint this page, in mdoc.\n"
          ".It Fl \\-completion Cm bash | zsh\nPrint a completion script for a shell.\n.El\n",
          out);
}

/* True when an earlier option of the program has the same name and may be set by environment and file. */
static bool told_before(const kith_program *program, size_t until_command, size_t until, const char *name) {
    const kith_option *option;
    for (size_t c = 0; c <= until_command; c++)
        for (size_t i = 0; (c < until_command || i < until) &&
                           (option = kith_command_option(&program->commands[c], i, NULL));
             i++)
            if (!option->only_here && strcmp(option->name, name) == 0)
                return true;
    return false;
}

static void put_places(FILE *out, const kith_man_item *places, const char *macro) {
    for (; places && places->name; places++) {
        fprintf(out, ".It %s %s\n", macro, places->name);
        put_text(out, places->text);
        fputc('\n', out);
    }
}

static void put_environment(FILE *out, const kith_program *program) {
    fputs(".Sh ENVIRONMENT\nVariables count where the command line says nothing:\n"
          ".Bl -tag -width Ds -compact\n",
          out);
    for (size_t c = 0; c < program->command_count; c++) {
        const kith_option *option;
        for (size_t i = 0; (option = kith_command_option(&program->commands[c], i, NULL)); i++) {
            if (option->only_here || told_before(program, c, i, option->name))
                continue;
            char variable[KITH_VARIABLE_SIZE];
            kith_option_variable(variable, option->name);
            fprintf(out, ".It Ev %s\nas\n.Fl \\-", variable);
            put_exact(out, option->name);
            fputc('\n', out);
        }
    }
    put_places(out, program->variables, "Ev");
    fputs(".It Ev HOME , XDG_CONFIG_HOME , XDG_DATA_HOME , XDG_STATE_HOME , XDG_CACHE_HOME\n"
          "where the files below lie\n.El\n",
          out);
}

static void put_files(FILE *out, const kith_program *program) {
    fputs(".Sh FILES\n.Bl -tag -width Ds\n"
          ".It Pa ~/.config/kith/kith.conf\n"
          "Options that count where neither the command line nor the environment says anything: lines\n"
          ".Ql name = value ,\n"
          "where the name is that of an option without its dashes.\n"
          "A flag takes yes or no; an option that may be repeated may have several lines.\n"
          "Lines that begin with # are comments.\n",
          out);
    put_places(out, program->files, "Pa");
    fputs(".El\n", out);
}

static void put_exit_status(FILE *out) {
    fputs(".Sh EXIT STATUS\n.Bl -tag -width \"128 + n\"\n", out);
    for (const kith_exit_text *row = kith_exit_texts; row->code; row++) {
        fprintf(out, ".It %s\n", row->code);
        put_sentence(out, row->text, "");
    }
    fputs(".El\n", out);
}

static void put_examples(FILE *out, const kith_program *program) {
    bool any = false;
    for (size_t c = 0; c < program->command_count; c++)
        for (size_t i = 0; i < program->commands[c].example_count; i++) {
            fputs(any ? ".Pp\n" : ".Sh EXAMPLES\n", out);
            put_text(out, program->commands[c].examples[i].what);
            fputs("\n.Bd -literal -offset indent -compact\n", out);
            put_exact(out, program->commands[c].examples[i].line);
            fputs("\n.Ed\n", out);
            any = true;
        }
}

static void put_see_also(FILE *out, const kith_program *program) {
    fputs(".Sh SEE ALSO\n", out);
    bool any = false;
    for (size_t i = 0; i < sizeof family / sizeof family[0]; i++) {
        if (strcmp(family[i], program->name) == 0)
            continue;
        fprintf(out, "%s.Xr %s 1", any ? " ,\n" : "", family[i]);
        any = true;
    }
    fputc('\n', out);
}

void kith_man(FILE *out, const kith_program *program) {
    put_head(out, program);
    put_commands(out, program);
    put_environment(out, program);
    put_files(out, program);
    put_exit_status(out);
    put_examples(out, program);
    put_see_also(out, program);
}
