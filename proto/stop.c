/* SPDX-License-Identifier: MIT */
#include "proto/stop.h"

#include <signal.h>

static volatile sig_atomic_t asked;

static void on_signal(int number) {
    if (asked) {
        signal(number, SIG_DFL);
        raise(number); /* delivered when this handler returns */
    }
    asked = number;
}

/* System calls are not restarted after a handler, so that a program that waits for its input notices. */
void kith_stop_install(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction old, action = {.sa_handler = on_signal};
        sigemptyset(&action.sa_mask);
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) /* nohup stays in force */
            sigaction(numbers[i], &action, NULL);
    }
}

int kith_stop_signal(void) {
    return asked;
}

kith_status kith_stop_error(kith_error *err) {
    int number = asked;
    if (number == 0)
        return KITH_OK;
    return kith_fail(err, KITH_E_STOPPED, number, NULL, "stopped by SIG%s", sigabbrev_np(number));
}
