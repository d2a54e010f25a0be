/* SPDX-License-Identifier: MIT
 *
 * kith-model: what is in a model file, and how it comes to be.
 */
#include "model/commands.h"

int main(int argc, char **argv) {
    const kith_command commands[] = {kith_summary_command, kith_convert_command,  kith_triplets_command,
                                     kith_train_command,   kith_evaluate_command, kith_calibrate_command};
    const kith_program program = {
        .name = "kith-model",
        .summary = "Look at, convert, train, measure and calibrate model files",
        .text =
            "Model files hold the weights of the networks that find faces and turn them into vectors. They "
            "are safetensors with metadata of kith.",
        .commands = commands,
        .command_count = sizeof commands / sizeof commands[0],
    };
    return kith_program_run(&program, argc, argv);
}
