/* SPDX-License-Identifier: MIT
 *
 * The commands of kith-model, one file each; main.c makes the program of them.
 */
#ifndef KITH_MODEL_COMMANDS_H
#define KITH_MODEL_COMMANDS_H

#include "proto/command/option.h"

extern const kith_command kith_summary_command;
extern const kith_command kith_convert_command;
extern const kith_command kith_evaluate_command;
extern const kith_command kith_calibrate_command;
extern const kith_command kith_triplets_command;
extern const kith_command kith_train_command;

#endif
