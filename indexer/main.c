/* SPDX-License-Identifier: MIT
 *
 * kith-index: photos into a gallery, and everything that changes a gallery.
 */
#include "indexer/commands.h"
#include "model/options.h"
#include "proto/gallery_options.h"

int main(int argc, char **argv) {
    const kith_command commands[] = {kith_add_command,     kith_label_command,     kith_rename_command,
                                     kith_forget_command,  kith_prune_command,     kith_verify_command,
                                     kith_reindex_command, kith_export_command,    kith_import_command,
                                     kith_copy_command,    kith_calibrate_command, kith_cluster_command};
    static const kith_man_item variables[] = {KITH_WEIGHTS_VARIABLE, KITH_GALLERY_VARIABLE, {NULL, NULL}};
    static const kith_man_item files[] = {
        KITH_GALLERY_FILE,
        {"~/.local/state/kith/*.ledger",
         "What this machine has seen for a gallery on a server; a gallery in a file holds its own."},
        {"~/.local/state/kith/*.groups", "The groups of the last cluster, which label group:N means."},
        KITH_WEIGHTS_FILE,
        {NULL, NULL}};
    const kith_program program = {
        .name = "kith-index",
        .summary = "put the faces of photos into a gallery",
        .text = "Finds the faces of photos, turns each into a vector and keeps them in a gallery, from which "
                "kith-query answers who a face is and where a person is seen. Everything happens on this "
                "machine; photos are only read.",
        .commands = commands,
        .command_count = sizeof commands / sizeof commands[0],
        .variables = variables,
        .files = files,
    };
    return kith_program_run(&program, argc, argv);
}
