/* SPDX-License-Identifier: MIT
 *
 * kith-model: what is in a model file, and how it comes to be.
 */
#include "model/commands.h"
#include "model/options.h"

int main(int argc, char **argv) {
    const kith_command commands[] = {kith_summary_command, kith_convert_command,  kith_triplets_command,
                                     kith_train_command,   kith_evaluate_command, kith_calibrate_command};
    static const kith_man_item variables[] = {
        KITH_WEIGHTS_VARIABLE,
        {"TMPDIR", "Where train keeps decoded faces while it runs; /var/tmp when not set."},
        {NULL, NULL}};
    static const kith_man_item files[] = {
        {"~/.cache/kith/*.embeddings", "What evaluate and calibrate have embedded already; may be removed."},
        KITH_WEIGHTS_FILE,
        {NULL, NULL}};
    const kith_program program = {
        .name = "kith-model",
        .summary = "Look at, convert, train, measure and calibrate model files",
        .text =
            "Model files hold the weights of the networks that find faces and turn them into vectors. They "
            "are safetensors with metadata of kith.",
        .commands = commands,
        .command_count = sizeof commands / sizeof commands[0],
        .variables = variables,
        .files = files,
    };
    return kith_program_run(&program, argc, argv);
}
