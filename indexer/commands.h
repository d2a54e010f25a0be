/* SPDX-License-Identifier: MIT
 *
 * The commands of kith-index, one file each.
 */
#ifndef KITH_INDEXER_COMMANDS_H
#define KITH_INDEXER_COMMANDS_H

#include "proto/command/option.h"

extern const kith_command kith_add_command, kith_forget_command, kith_prune_command, kith_label_command,
    kith_rename_command, kith_reindex_command, kith_export_command, kith_import_command, kith_verify_command,
    kith_copy_command, kith_calibrate_command, kith_cluster_command;

#endif
