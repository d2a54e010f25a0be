/* SPDX-License-Identifier: MIT
 *
 * The scripted Qdrant (fake_server.py) as a child of a test, and scripting it. All functions assert success.
 */
#ifndef KITH_TESTS_QDRANT_FAKE_H
#define KITH_TESTS_QDRANT_FAKE_H

#include <sys/types.h>

#include "proto/gallery_options.h"

typedef struct fake {
    pid_t pid;
    int input; /* it ends when this is closed */
    int port;
    char origin[64]; /* http://127.0.0.1:PORT */
    char uri[96];    /* qdrant+http://127.0.0.1:PORT/faces */
    const char
        *ca_file; /* set by the test when the server was started with --tls: origin and uri are https */
} fake;

/* options: of fake_server.py, up to a NULL; the description of the server's API is added where it is there.
 * Keys are taken from the environment, as by the real server.
 */
void fake_start(fake *server, const char *const *options);
void fake_stop(fake *server);
void fake_kill(fake *server); /* as by kill -9 */

/* One scripted fault, as JSON: "{'kind': 'latency'}" (quotes may be single). */
void fake_fault(const fake *server, const char *fault);
void fake_clear_faults(const fake *server);

/* Makes the collection `name` with this configuration, unchecked. */
void fake_collection(const fake *server, const char *name, const char *config);

void fake_alias(const fake *server, const char *alias, const char *collection);

/* GET /_fake/stats: a new reference. */
json_t *fake_stats(const fake *server);
long fake_number(const fake *server, const char *name); /* one of its numbers */
long fake_points(const fake *server, const char *collection);
void fake_assert_no_violations(const fake *server);

/* A self-signed certificate for localhost and 127.0.0.1, made by openssl: PATH.pem and PATH.key. */
void fake_certificate(const char *path);

/* A folder under /tmp that is removed, with its files, at the end of the process. */
const char *fake_folder(void);

/* The defaults, but quick to give up. */
kith_gallery_options fake_options(void);

#endif
