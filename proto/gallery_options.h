/* SPDX-License-Identifier: MIT
 *
 * Which gallery; how one on a server is reached, and what a new one there is like: plain data and its rows of
 * the command line, the same in every program.
 */
#ifndef KITH_PROTO_GALLERY_OPTIONS_H
#define KITH_PROTO_GALLERY_OPTIONS_H

#include "proto/command/option.h"
#include "proto/gallery.h"

typedef enum kith_quantize { KITH_QUANTIZE_NONE, KITH_QUANTIZE_INT8 } kith_quantize;

/* Galleries in files need none of it. */
typedef struct kith_gallery_options {
    const char *api_key_file; /* its first line is the API key; "": none; NULL: $QDRANT_API_KEY, else none */
    const char *ca_file;      /* PEM; NULL: the system's certificates */
    bool insecure;            /* an API key may travel over plain http to another host */
    double wait_server;       /* seconds to wait for a server that went away in the middle */
    double server_timeout;    /* seconds that one request may take */
    long shards, replicas;    /* of a new collection; shards 0: the server's default */
    bool on_disk;             /* a new collection's vectors are read from disk */
    int quantize;             /* kith_quantize of a new collection; searches there are not exact */
} kith_gallery_options;

#define KITH_GALLERY_DEFAULTS                                                                                \
    { .wait_server = 120, .server_timeout = 60, .replicas = 1 }

/* What a command line says about its gallery. */
typedef struct kith_gallery_choice {
    const char *gallery; /* a URI of proto/gallery.h, or NULL */
    kith_gallery_options server;
} kith_gallery_choice;

#define KITH_GALLERY_CHOICE                                                                                  \
    { .server = KITH_GALLERY_DEFAULTS }

enum { KITH_GALLERY_ROWS = 1, KITH_SERVER_ROWS = 5, KITH_COLLECTION_ROWS = 4 };
extern const kith_option kith_gallery_rows[KITH_GALLERY_ROWS];
extern const kith_option kith_server_rows[KITH_SERVER_ROWS];
extern const kith_option kith_collection_rows[KITH_COLLECTION_ROWS];

/* What programs with galleries say of variables and files. */
#define KITH_GALLERY_VARIABLE                                                                                \
    { "QDRANT_API_KEY", "The API key of a gallery's server, when --api-key-file is not given." }
#define KITH_GALLERY_FILE                                                                                    \
    { "~/.local/share/kith/gallery.kith", "The gallery, unless another is named." }

/* The option groups; `offset` is that of the kith_gallery_choice in the command's own struct. The last one is
 * for commands that may make a gallery.
 */
#define KITH_GALLERY_GROUP(offset)                                                                           \
    { "Gallery", kith_gallery_rows, KITH_GALLERY_ROWS, (offset) }
#define KITH_SERVER_GROUP(offset)                                                                            \
    { "On a server", kith_server_rows, KITH_SERVER_ROWS, (offset) }
#define KITH_COLLECTION_GROUP(offset)                                                                        \
    { "New, on a server", kith_collection_rows, KITH_COLLECTION_ROWS, (offset) }

/* kith_gallery_open() with options; NULL: the defaults. Nothing is kept of them. */
kith_status kith_gallery_open_with(kith_gallery **out, const char *uri, kith_gallery_mode mode,
                                   const kith_gallery_options *options, kith_error *err);
kith_status kith_gallery_open_choice(kith_gallery **out, const kith_gallery_choice *choice,
                                     kith_gallery_mode mode, kith_error *err);

/* The choice of a command's other gallery, `to`: the first one's options, but a key goes to one server only.
 * key_file: as api_key_file, for `to`; NULL: the first one's key, and when that would be sent to another
 * server than the first one's, KITH_E_USAGE.
 */
kith_status kith_gallery_choose_other(kith_gallery_choice *out, const kith_gallery_choice *first,
                                      const char *to, const char *key_file, kith_error *err);

#endif
