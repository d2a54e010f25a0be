/* SPDX-License-Identifier: MIT
 *
 * For tests: sessions that keep every activation.
 */
#ifndef KITH_MODEL_NETWORK_SESSION_H
#define KITH_MODEL_NETWORK_SESSION_H

#include "model/network/network.h"

/* Like kith_session_open() with a batch of 1, but no activation is overwritten during a run. */
kith_status kith_session_open_keeping(kith_session **out, const kith_network *network, int width, int height,
                                      kith_error *err);

/* The activation of the layer called `name` after a run, channels first, into out (room for `room` floats);
 * returns how many there are, 0: no such layer.
 */
size_t kith_session_activation(const kith_session *session, const char *name, float *out, size_t room);

#endif
