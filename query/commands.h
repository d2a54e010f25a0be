/* SPDX-License-Identifier: MIT
 *
 * The commands of kith-query, one file each; main.c makes the program of them.
 */
#ifndef KITH_QUERY_COMMANDS_H
#define KITH_QUERY_COMMANDS_H

#include "proto/command/option.h"

extern const kith_command kith_identify_command;
extern const kith_command kith_search_command;
extern const kith_command kith_compare_command;
extern const kith_command kith_people_command;
extern const kith_command kith_stats_command;

#endif
