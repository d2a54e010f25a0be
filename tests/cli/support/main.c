/* SPDX-License-Identifier: MIT */
#include "tests/cli/support/sample.h"

int main(int argc, char **argv) {
    return kith_program_run(&sample_program, argc, argv);
}
