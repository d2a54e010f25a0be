/* SPDX-License-Identifier: MIT
 *
 * What messages, progress and program.c share. Inside proto only.
 */
#ifndef KITH_PROTO_COMMAND_MESSAGE_H
#define KITH_PROTO_COMMAND_MESSAGE_H

void kith_program_set_name(const char *program);

/* Replaces the progress line on standard error; "" wipes it. */
void kith_draw(const char *line);

#endif
