/* SPDX-License-Identifier: MIT
 *
 * A program's life around its commands: what the process needs, which command is meant, and whether its
 * output arrived.
 */
#include "proto/command/program.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "proto/command/message.h"
#include "proto/command/option.h"
#include "proto/command/table.h"
#include "proto/stop.h"

/* A program that was started without one of the three streams must not get a gallery in its place. */
static void hold_streams(void) {
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY); /* any use of it still fails */
}

static void prepare(const kith_program *program) {
    kith_program_set_name(program->name);
    hold_streams();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files (ulimit -f) is an error like a full disk */
    setlocale(LC_CTYPE, "C.UTF-8"); /* widths of characters; numbers stay those of the C locale */
    kith_stop_install();
}

/* Columns of the terminal, within reason; 80 when standard output is none. */
static int help_width(void) {
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col < 50 ? 50 : size.ws_col > 100 ? 100 : size.ws_col;
}

static const kith_command *find_command(const kith_program *program, const char *word) {
    for (size_t i = 0; i < program->command_count; i++)
        if (strcmp(program->commands[i].name, word) == 0)
            return &program->commands[i];
    return NULL;
}

static kith_status unknown_word(const kith_program *program, const char *word, kith_error *err) {
    static const char *const options[] = {"--help", "--version", "--man", "--completion"};
    kith_nearest nearest = {.word = word};
    for (size_t i = 0; i < program->command_count; i++)
        kith_nearest_offer(&nearest, program->commands[i].name, strlen(program->commands[i].name));
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        kith_nearest_offer(&nearest, options[i], strlen(options[i]));
    const char *kind = word[0] == '-' ? "option" : "command";
    if (nearest.best)
        return kith_fail(err, KITH_E_USAGE, 0, word, "no such %s (did you mean %s?)", kind, nearest.best);
    return kith_fail(err, KITH_E_USAGE, 0, word, "no such %s (%s --help lists the commands)", kind,
                     program->name);
}

static kith_status complete(const kith_program *program, const char *shell, kith_error *err) {
    if (shell && strcmp(shell, "bash") == 0)
        kith_completion_bash(stdout, program);
    else if (shell && strcmp(shell, "zsh") == 0)
        kith_completion_zsh(stdout, program);
    else
        return kith_fail(err, KITH_E_USAGE, 0, "--completion", "needs the name of a shell: bash or zsh");
    return KITH_OK;
}

/* What a program knows without a command. True: it was one of these, and *status is its end. */
static bool run_alone(const kith_program *program, const char *word, const char *next, kith_status *status,
                      kith_error *err) {
    *status = KITH_OK;
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        kith_help_program(stdout, program, help_width());
    else if (strcmp(word, "--version") == 0)
        printf("%s %s\n", program->name, KITH_VERSION);
    else if (strcmp(word, "--man") == 0)
        kith_man(stdout, program);
    else if (strcmp(word, "--completion") == 0)
        *status = complete(program, next, err);
    else
        return false;
    return true;
}

static int run_command(const kith_program *program, const kith_command *command, int argc, char **argv,
                       kith_error *err) {
    kith_arguments arguments;
    bool help = false;
    int code = 0;
    kith_status status =
        kith_arguments_read(&arguments, program, command, argc, (const char *const *)argv, &help, err);
    if (status == KITH_OK && help)
        kith_help_command(stdout, program, command, help_width());
    else if (status == KITH_OK)
        code = command->run(&arguments);
    kith_arguments_release(&arguments);
    return code;
}

int kith_program_run(const kith_program *program, int argc, char **argv) {
    kith_error err = {0};
    kith_status status;
    int code = 0;
    prepare(program);
    if (argc < 2) {
        kith_fail(&err, KITH_E_USAGE, 0, NULL, "which command? (%s --help lists them)", program->name);
        return kith_die(&err);
    }
    if (!run_alone(program, argv[1], argc > 2 ? argv[2] : NULL, &status, &err)) {
        const kith_command *command = find_command(program, argv[1]);
        if (command)
            code = run_command(program, command, argc - 2, argv + 2, &err);
        else
            unknown_word(program, argv[1], &err);
    }
    if (err.code != KITH_OK)
        return kith_die(&err);
    /* A command that failed has said why; its unwritten output would only repeat it. */
    if (kith_output_flush(&err) != KITH_OK && code <= KITH_EXIT_PARTIAL)
        return kith_die(&err);
    return code;
}
