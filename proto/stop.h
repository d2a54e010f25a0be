/* SPDX-License-Identifier: MIT
 *
 * Asked to stop: SIGINT, SIGTERM, SIGHUP. Work in hand is finished and saved; a second one ends the program
 * at once with the signal's default action. Thread-safe.
 */
#ifndef KITH_PROTO_STOP_H
#define KITH_PROTO_STOP_H

#include "proto/status.h"

/* For programs; libraries only ask. A signal that is ignored (nohup) stays so. A system call that waits in
 * the thread that gets the signal ends with EINTR.
 */
void kith_stop_install(void);

/* The signal's number, or 0: nobody asked. */
int kith_stop_signal(void);

/* KITH_E_STOPPED; KITH_OK when nobody asked. */
kith_status kith_stop_error(kith_error *err);

#endif
