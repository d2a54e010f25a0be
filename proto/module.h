/* SPDX-License-Identifier: MIT
 *
 * Parts of a program that are loaded when they are first needed, because the libraries behind them would cost
 * every run time. A part is one shared library of ours that shows one table of functions; it stays loaded.
 */
#ifndef KITH_PROTO_MODULE_H
#define KITH_PROTO_MODULE_H

#include "proto/status.h"

/* Loads `library` ("libkith-plot.so"), which lies in the library folder beside the program's bin/, and finds
 * its table. KITH_E_IO says what cannot be done without it (`without`) and which package brings what it
 * needs.
 */
kith_status kith_module_open(const void **table, const char *library, const char *symbol, const char *without,
                             const char *package, kith_error *err);

#endif
