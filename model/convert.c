/* SPDX-License-Identifier: MIT
 *
 * kith-model convert: a model file in the other number format.
 */
#include "model/commands.h"
#include "model/network/network.h"
#include "proto/command/program.h"

enum { TO_F16, TO_F32 };

typedef struct convert_choice {
    int to;
} convert_choice;

static const convert_choice defaults = {TO_F16};

static const kith_option options[] = {
    {.name = "to",
     .type = KITH_OPTION_CHOICE,
     .offset = offsetof(convert_choice, to),
     .value = "f16|f32",
     .help = "The format to write; f16 is half the size and changes vectors by less than anything measurable",
     .only_here = true},
};

static const kith_option_group groups[] = {
    {.title = "Conversion", .options = options, .count = sizeof options / sizeof options[0]},
};

static kith_status convert(const char *from, const char *to, bool half, kith_error *err) {
    kith_tensors *tensors = NULL;
    kith_network *network = NULL; /* opened only to refuse what no network could use */
    kith_status status = kith_tensors_read(&tensors, from, false, err);
    if (status == KITH_OK)
        status = kith_network_open(&network, tensors, from, err);
    if (status == KITH_OK)
        status = kith_tensors_write(to, tensors, half, err);
    kith_network_close(&network);
    kith_tensors_free(&tensors);
    return status;
}

static int run(const kith_arguments *arguments) {
    const convert_choice *choice = arguments->values;
    kith_error err = {0};
    if (convert(arguments->operands[0], arguments->operands[1], choice->to == TO_F16, &err) != KITH_OK)
        return kith_die(&err);
    return KITH_EXIT_OK;
}

static const kith_example examples[] = {
    {"kith-model convert trained.safetensors small.safetensors --to f16", "Halves a model file."},
};

const kith_command kith_convert_command = {
    .name = "convert",
    .operands = "IN OUT",
    .least = 2,
    .most = 2,
    .summary = "Write a model file as F16 or F32",
    .text =
        "Reads the model file IN, checks it and writes it to OUT with the same tensors and metadata. Numbers "
        "that F16 cannot hold are refused by name. From F16 to F32 nothing is lost and the digest stays the "
        "same.",
    .groups = groups,
    .group_count = sizeof groups / sizeof groups[0],
    .size = sizeof(convert_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = sizeof examples / sizeof examples[0],
    .run = run,
};
