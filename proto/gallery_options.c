/* SPDX-License-Identifier: MIT */
#include "proto/gallery_options.h"

const kith_option kith_gallery_rows[KITH_GALLERY_ROWS] = {
    {.name = "gallery",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(kith_gallery_choice, gallery),
     .value = "GALLERY",
     .help = "The gallery: a file, or qdrant+http://HOST:6333/COLLECTION (or qdrant+https) on a server; "
             "kith/gallery.kith in the user's data folder when not given"},
};

const kith_option kith_server_rows[KITH_SERVER_ROWS] = {
    {.name = "api-key-file",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(kith_gallery_choice, server.api_key_file),
     .value = "FILE",
     .help = "File whose first line is Qdrant's API key, '' for none; $QDRANT_API_KEY when not given"},
    {.name = "ca-file",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(kith_gallery_choice, server.ca_file),
     .value = "FILE",
     .help = "Certificates (PEM) that are trusted instead of the system's"},
    {.name = "insecure",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(kith_gallery_choice, server.insecure),
     .help = "Send the API key over plain http to another host, too",
     .only_here = true},
    {.name = "wait-server",
     .type = KITH_OPTION_NUMBER,
     .offset = offsetof(kith_gallery_choice, server.wait_server),
     .value = "SECONDS",
     .low = 0,
     .high = 86400,
     .help = "How long to wait for a server that goes away in the middle of the work"},
    {.name = "server-timeout",
     .type = KITH_OPTION_NUMBER,
     .offset = offsetof(kith_gallery_choice, server.server_timeout),
     .value = "SECONDS",
     .low = 0.1,
     .high = 3600,
     .help = "How long one request may take"},
};

const kith_option kith_collection_rows[KITH_COLLECTION_ROWS] = {
    {.name = "shards",
     .type = KITH_OPTION_INTEGER,
     .offset = offsetof(kith_gallery_choice, server.shards),
     .value = "NUMBER",
     .low = 1,
     .high = 1024,
     .help = "Shards of a new Qdrant collection; the server decides when not given"},
    {.name = "replicas",
     .type = KITH_OPTION_INTEGER,
     .offset = offsetof(kith_gallery_choice, server.replicas),
     .value = "NUMBER",
     .low = 1,
     .high = 64,
     .help = "Copies of each shard of a new Qdrant collection"},
    {.name = "on-disk",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(kith_gallery_choice, server.on_disk),
     .help = "A new Qdrant collection keeps its vectors on disk and not in memory"},
    {.name = "quantize",
     .type = KITH_OPTION_CHOICE,
     .offset = offsetof(kith_gallery_choice, server.quantize),
     .value = "none|int8",
     .help = "A new Qdrant collection is searched by vectors of bytes, the best are scored again by the "
             "originals; faster and smaller, and a face may be missed"},
};

static bool has_key(const kith_gallery_options *options) {
    const char *given = options->api_key_file ? options->api_key_file : getenv("QDRANT_API_KEY");
    return given && *given;
}

kith_status kith_gallery_choose_other(kith_gallery_choice *out, const kith_gallery_choice *first,
                                      const char *to, const char *key_file, kith_error *err) {
    char *one = NULL, *other = NULL;
    *out = (kith_gallery_choice){.gallery = to, .server = first->server};
    if (key_file)
        out->server.api_key_file = key_file;
    if (key_file || !has_key(&first->server))
        return KITH_OK;
    kith_status status = kith_gallery_server(&one, first->gallery, err);
    if (status == KITH_OK)
        status = kith_gallery_server(&other, to, err);
    if (status == KITH_OK && one && other && strcmp(one, other) != 0)
        status =
            kith_fail(err, KITH_E_USAGE, 0, to,
                      "is on another server than %s, which alone gets the API key (--to-api-key-file FILE "
                      "for this one; '' when it has none)",
                      one);
    free(one);
    free(other);
    return status;
}

kith_status kith_gallery_open_choice(kith_gallery **out, const kith_gallery_choice *choice,
                                     kith_gallery_mode mode, kith_error *err) {
    return kith_gallery_open_with(out, choice->gallery, mode, &choice->server, err);
}
