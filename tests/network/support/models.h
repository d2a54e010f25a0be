/* SPDX-License-Identifier: MIT
 *
 * Model files and networks for tests. Anything that goes wrong fails the test with the error's text.
 */
#ifndef KITH_TESTS_NETWORK_MODELS_H
#define KITH_TESTS_NETWORK_MODELS_H

#include "model/network/network.h"

/* cmocka.h wants these before it, and every test wants cmocka.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define SHIPPED(NAME) KITH_SOURCE_DIR "/model/weights/" NAME ".safetensors"
#define SHARED_WEIGHTS(NAME) KITH_SHARED_DIR "/weights/" NAME ".f32.safetensors"
#define SHARED_GOLDEN(NAME) KITH_SHARED_DIR "/weights/golden/" NAME ".safetensors"

/* Fails the test with the error's text. */
void must(kith_status status, const kith_error *err);

/* Reads what is there; NULL, said loudly, when a file of KITH_SHARED_DIR is missing. */
kith_tensors *tensors_of(const char *path);
kith_tensors *tensors_of_bytes(const char *path); /* U8 allowed */

kith_network *network_of(const kith_tensors *tensors);
kith_session *session_of(const kith_network *network, int width, int height, int batch);
void run_session(kith_session *session, int count);

/* Random tensors for a table, of sizes that keep activations near 1; like those from a file. Free with
 * kith_tensors_free(). The same seed gives the same values.
 */
kith_tensors *random_tensors(const char *arch, unsigned seed);
float *values_of(kith_tensors *tensors, const char *name); /* to change them */

/* Bytes that look like noise, the same for the same seed. */
void random_bytes(unsigned char *out, size_t count, unsigned seed);

double cosine_of(const float *a, const float *b, size_t count);

/* A path in an own folder, for files that a test writes. */
const char *temporary(const char *name);

#endif
