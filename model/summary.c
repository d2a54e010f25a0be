/* SPDX-License-Identifier: MIT
 *
 * kith-model summary: the layers of a network, and what its file says about itself.
 */
#include <inttypes.h>

#include "model/commands.h"
#include "model/embedder.h"
#include "model/network/network.h"
#include "proto/command/program.h"

typedef struct summary_choice {
    long side;
} summary_choice;

static const summary_choice defaults = {0};

static const kith_option options[] = {
    {.name = "side",
     .type = KITH_OPTION_INTEGER,
     .offset = offsetof(summary_choice, side),
     .value = "PIXELS",
     .low = 0,
     .high = 4096,
     .help = "Width and height of the input that output shapes are for; 0 is the network's own",
     .only_here = true},
};

static const kith_option_group groups[] = {
    {.title = "Summary", .options = options, .count = sizeof options / sizeof options[0]},
};

static void print_metadata(const kith_tensors *tensors) {
    for (size_t i = 0; i < tensors->metadata_count; i++) {
        char key[128], value[1024];
        printf("%s: %s\n", kith_printable(key, sizeof key, tensors->metadata[i].key, SIZE_MAX),
               kith_printable(value, sizeof value, tensors->metadata[i].value, SIZE_MAX));
    }
}

static kith_status print_table(const kith_arch *arch, long side, kith_error *err) {
    int pixels = side > 0 ? (int)side : kith_arch_side(arch);
    return kith_arch_summary(arch, pixels, pixels, stdout, err);
}

/* A file is summed up only when it is a good model: what is printed is what runs. */
static kith_status summarise(const char *weights, long side, kith_error *err) {
    char path[4096], digest[65];
    kith_tensors *tensors = NULL;
    kith_network *network = NULL;
    kith_status status = kith_weights_read(&tensors, path, sizeof path, weights, err);
    if (status == KITH_OK)
        status = kith_network_open(&network, tensors, path, err);
    if (status == KITH_OK)
        status = kith_tensors_digest(digest, tensors, kith_arch_name(kith_network_arch(network)), err);
    if (status == KITH_OK) {
        char shown[4096];
        printf("file: %s\ndigest: %s\n", kith_printable(shown, sizeof shown, path, SIZE_MAX), digest);
        print_metadata(tensors);
        status = print_table(kith_network_arch(network), side, err);
    }
    kith_network_close(&network);
    kith_tensors_free(&tensors);
    return status;
}

/* Without a file: all networks that this kith knows. */
static void list_networks(void) {
    const kith_arch *arch;
    printf("%-12s %8s %12s   %s\n", "network", "input", "parameters", "weights");
    for (size_t i = 0; (arch = kith_arch_at(i)); i++) {
        char path[4096];
        kith_error none = {0};
        const char *name = kith_arch_name(arch);
        bool here = kith_weights_path(path, sizeof path, name, &none) == KITH_OK;
        printf("%-12s %8d %12" PRIu64 "   %s\n", name, kith_arch_side(arch), kith_arch_parameters(arch),
               here ? "shipped" : "not shipped: a model file is needed");
    }
}

static int run(const kith_arguments *arguments) {
    const summary_choice *choice = arguments->values;
    kith_error err = {0};
    if (arguments->operand_count == 0)
        list_networks();
    else if (summarise(arguments->operands[0], choice->side, &err) != KITH_OK)
        return kith_die(&err);
    return KITH_EXIT_OK;
}

static const kith_example examples[] = {
    {"kith-model summary siamese", "Shows the layers of a network that comes with kith."},
    {"kith-model summary ./mine.safetensors", "Checks and shows a model file."},
};

const kith_command kith_summary_command = {
    .name = "summary",
    .operands = "[FILE]",
    .least = 0,
    .most = 1,
    .summary = "Show a network's layers and a file's metadata",
    .text =
        "FILE is a model file, or the name of a network that comes with kith. Every layer is shown with the "
        "shape of its output (channels x height x width) and its parameters, after the file's digest and "
        "metadata. Without FILE the known networks are listed; some come without weights. The digest covers "
        "the weights and nothing else: two files of the same digest give the same vectors.",
    .groups = groups,
    .group_count = sizeof groups / sizeof groups[0],
    .size = sizeof(summary_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = sizeof examples / sizeof examples[0],
    .run = run,
};
