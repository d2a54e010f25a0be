/* SPDX-License-Identifier: MIT
 *
 * kith-query: asks a gallery who is on a photo.
 */
#include "model/options.h"
#include "proto/gallery_options.h"
#include "query/commands.h"

int main(int argc, char **argv) {
    const kith_command commands[] = {
        kith_identify_command, kith_search_command, kith_compare_command,
        kith_people_command,   kith_stats_command,
    };
    static const kith_man_item variables[] = {KITH_WEIGHTS_VARIABLE, KITH_GALLERY_VARIABLE, {NULL, NULL}};
    static const kith_man_item files[] = {KITH_GALLERY_FILE, KITH_WEIGHTS_FILE, {NULL, NULL}};
    const kith_program program = {
        .name = "kith-query",
        .summary = "Who is on a photo",
        .text = "Asks a gallery of faces that kith-index has made. Answers go to standard output, everything "
                "else to standard error; --json gives JSON lines for programs.",
        .commands = commands,
        .command_count = sizeof commands / sizeof commands[0],
        .variables = variables,
        .files = files,
    };
    return kith_program_run(&program, argc, argv);
}
