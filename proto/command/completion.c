/* SPDX-License-Identifier: MIT
 *
 * Completion scripts of a program for bash and zsh, written out from its table: nothing of the program runs
 * when the tabulator key is pressed.
 */
#include "proto/command/table.h"

/* An identifier of a shell for the program: kith_index. */
static void function_name(char out[64], const char *program) {
    snprintf(out, 64, "_%s", program);
    for (char *c = out; *c; c++)
        if (*c == '-')
            *c = '_';
}

static void put_choices(FILE *out, const char *choices) {
    const char *word, *rest = choices;
    size_t length;
    for (int i = 0; (length = kith_choice_next(&word, &rest)) > 0; i++)
        fprintf(out, "%s%.*s", i > 0 ? " " : "", (int)length, word);
}

/* True when a flag is on by default, so that only --no-NAME changes something. */
static bool is_on(const kith_command *command, const kith_option *option, size_t offset) {
    return option->type == KITH_OPTION_FLAG && *((const char *)command->defaults + offset);
}

/* What may follow an option that takes a value: "--which) words=...". */
static void bash_value(FILE *out, const kith_option *option) {
    if (option->type == KITH_OPTION_FLAG)
        return;
    fputs("        ", out);
    if (option->letter)
        fprintf(out, "-%c | ", option->letter);
    fprintf(out, "--%s)", option->name);
    if (option->type == KITH_OPTION_CHOICE) {
        fputs(" words='", out);
        put_choices(out, option->value);
        fputs("' ;;\n", out);
    } else if (kith_means_files(kith_option_placeholder(option)))
        fputs(" files=yes ;;\n", out);
    else
        fputs(" return ;;\n", out);
}

static void bash_command(FILE *out, const kith_command *command) {
    const kith_option *option;
    size_t offset;
    fprintf(out, "    %s)\n        case $previous in\n", command->name);
    for (size_t i = 0; (option = kith_command_option(command, i, NULL)); i++)
        bash_value(out, option);
    fputs("        *)\n            words='--help", out);
    for (size_t i = 0; (option = kith_command_option(command, i, &offset)); i++)
        fprintf(out, " --%s%s", is_on(command, option, offset) ? "no-" : "", option->name);
    fprintf(out, "'\n            %s ;;\n        esac\n        ;;\n",
            kith_means_files(command->operands) ? "[[ $current == -* ]] || files=yes"
                                                : "[[ $current == -* ]] || return");
}

void kith_completion_bash(FILE *out, const kith_program *program) {
    char name[64];
    function_name(name, program->name);
    fprintf(
        out,
        "# bash completion of %s, made by `%s --completion bash`.\n%s() {\n"
        "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words= files=\n"
        "    # bash parts --name=value at the equals sign\n"
        "    if [[ $current == = ]]; then\n        current=\n"
        "    elif [[ $previous == = ]]; then\n        previous=${COMP_WORDS[COMP_CWORD - 2]}\n    fi\n"
        "    COMPREPLY=()\n"
        "    case $((COMP_CWORD > 1)):${COMP_WORDS[1]} in\n    0:*) words='",
        program->name, program->name, name);
    for (size_t c = 0; c < program->command_count; c++)
        fprintf(out, "%s ", program->commands[c].name);
    fputs("--help --version --man --completion' ;;\n    1:--completion) words='bash zsh' ;;\n    esac\n"
          "    ((COMP_CWORD > 1)) && case ${COMP_WORDS[1]} in\n",
          out);
    for (size_t c = 0; c < program->command_count; c++)
        bash_command(out, &program->commands[c]);
    fprintf(out,
            "    esac\n"
            "    if [[ $files ]]; then\n"
            "        compopt -o filenames 2>/dev/null\n"
            "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
            "    else\n"
            "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
            "    fi\n}\ncomplete -F %s %s\n",
            name, program->name);
}

/* Text inside a single-quoted specification of _arguments. */
static void zsh_text(FILE *out, const char *text) {
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else if (strchr("[]:\\", *text))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
}

/* ":FILE:_files", ":WORD:(a b)", ":N: " */
static void zsh_argument(FILE *out, const char *placeholder, const char *choices) {
    fputc(':', out);
    zsh_text(out, placeholder);
    fputc(':', out);
    if (choices) {
        fputc('(', out);
        put_choices(out, choices);
        fputc(')', out);
    } else
        fputs(kith_means_files(placeholder) ? "_files" : " ", out);
}

static void zsh_option(FILE *out, const kith_option *option, bool on) {
    const char *value = kith_option_placeholder(option), *no = on ? "no-" : "";
    bool list = option->type == KITH_OPTION_LIST;
    fputs("            ", out);
    if (list)
        fputs("'*'", out);
    else if (option->letter)
        fprintf(out, "'(-%c --%s%s)'", option->letter, no, option->name);
    if (option->letter)
        fprintf(out, "{-%c%s,--%s%s%s}'[", option->letter, value ? "+" : "", no, option->name,
                value ? "=" : "");
    else
        fprintf(out, "'--%s%s%s[", no, option->name, value ? "=" : "");
    zsh_text(out, option->help);
    fputc(']', out);
    if (value)
        zsh_argument(out, value, option->type == KITH_OPTION_CHOICE ? option->value : NULL);
    fputs("' \\\n", out);
}

static void zsh_command(FILE *out, const kith_command *command) {
    const kith_option *option;
    size_t offset;
    fprintf(out, "    %s)\n        _arguments -s -S \\\n", command->name);
    for (size_t i = 0; (option = kith_command_option(command, i, &offset)); i++)
        zsh_option(out, option, is_on(command, option, offset));
    fputs("            '(- *)'{-h,--help}'[Print a short help]'", out);
    if (command->most > 0) {
        fputs(" \\\n            '*", out);
        zsh_argument(out, command->operands, NULL);
        fputc('\'', out);
    }
    fputs("\n        ;;\n", out);
}

void kith_completion_zsh(FILE *out, const kith_program *program) {
    fprintf(out,
            "#compdef %s\n# zsh completion of %s, made by `%s --completion zsh`.\n_%s() {\n"
            "    local -a commands=(\n",
            program->name, program->name, program->name, program->name);
    for (size_t c = 0; c < program->command_count; c++) {
        fprintf(out, "        '%s:", program->commands[c].name);
        zsh_text(out, program->commands[c].summary);
        fputs("'\n", out);
    }
    fputs(
        "    )\n"
        "    if ((CURRENT == 2)); then\n"
        "        _describe -t commands command commands\n"
        "        _arguments '--help[Print a short help]' '--version[Print the version]' \\\n"
        "            '--man[Print the man page]' '--completion[Print a completion script]:SHELL:(bash zsh)'\n"
        "        return\n"
        "    fi\n"
        "    local command=$words[2]\n"
        "    shift words\n"
        "    ((CURRENT--))\n"
        "    case $command in\n",
        out);
    for (size_t c = 0; c < program->command_count; c++)
        zsh_command(out, &program->commands[c]);
    fprintf(out,
            "    esac\n}\n"
            "if [[ $funcstack[1] == _%s ]]; then\n    _%s \"$@\"\nelse\n    compdef _%s %s\nfi\n",
            program->name, program->name, program->name, program->name);
}
