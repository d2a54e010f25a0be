/* SPDX-License-Identifier: MIT
 *
 * The Qdrant gallery: its address, its key, and the table of its functions.
 */
#include "proto/gallery/qdrant.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_MOST = 4096, NAME_MOST = 255 };

/* What Qdrant has in no name of a collection, and what would end the path of a URL. */
static bool is_name(const char *name) {
    size_t length = strlen(name);
    if (length == 0 || length > NAME_MOST || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)name[i] < ' ' || strchr("<>:\"/\\|?*", name[i]))
            return false;
    return true;
}

struct address {
    char *host, *port, *name;
    char *origin; /* scheme://host:port */
};

static void clear_address(struct address *address) {
    curl_free(address->host);
    curl_free(address->port);
    free(address->name);
    free(address->origin);
}

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the gallery");
}

/* What may be written in several ways is written in one. */
static void normalise(char *host, char *path) {
    for (char *letter = host; *letter; letter++)
        if (*letter >= 'A' && *letter <= 'Z')
            *letter = (char)(*letter - 'A' + 'a');
    for (size_t length = strlen(path); length > 1 && path[length - 1] == '/';)
        path[--length] = 0;
}

/* Takes the parts of a URL; false: it is not scheme://HOST[:PORT]/COLLECTION and nothing else. */
static bool take_parts(struct address *out, char **path, CURLU *url, const char *text) {
    char *more = NULL;
    bool good = curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
                curl_url_get(url, CURLUPART_HOST, &out->host, 0) == CURLUE_OK &&
                curl_url_get(url, CURLUPART_PATH, path, CURLU_URLDECODE) == CURLUE_OK &&
                curl_url_get(url, CURLUPART_QUERY, &more, 0) != CURLUE_OK &&
                curl_url_get(url, CURLUPART_FRAGMENT, &more, 0) != CURLUE_OK;
    curl_free(more);
    if (good)
        normalise(out->host, *path);
    return good && is_name(*path + 1);
}

/* `rest` is "//HOST[:PORT]/COLLECTION". A password in it would end up in messages: refused, unprinted. */
static kith_status parse_address(struct address *out, const char *scheme, const char *rest, kith_error *err) {
    char *text = NULL, *path = NULL;
    if (strchr(rest, '@'))
        return kith_fail(err, KITH_E_USAGE, 0, NULL,
                         "an address of a gallery has no user and no password ($QDRANT_API_KEY, or "
                         "--api-key-file)");
    if (asprintf(&text, "qdrant+%s:%s", scheme, rest) < 0)
        return no_memory(err);
    CURLU *url = curl_url();
    kith_status status = KITH_OK;
    if (!url) {
        status = no_memory(err);
    } else if (!take_parts(out, &path, url, text + strlen("qdrant+"))) {
        status = kith_fail(err, KITH_E_USAGE, 0, text,
                           "no gallery's address (qdrant+%s://HOST:6333/COLLECTION)", scheme);
    } else {
        bool has_port = curl_url_get(url, CURLUPART_PORT, &out->port, 0) == CURLUE_OK;
        if (asprintf(&out->origin, "%s://%s:%s", scheme, out->host, has_port ? out->port : "6333") < 0)
            out->origin = NULL;
        if (!(out->name = strdup(path + 1)) || !out->origin)
            status = no_memory(err);
    }
    curl_free(path);
    curl_url_cleanup(url);
    free(text);
    return status;
}

static kith_status server_of(char **out, const char *scheme, const char *rest, kith_error *err) {
    struct address address = {0};
    kith_status status = parse_address(&address, scheme, rest, err);
    *out = address.origin;
    address.origin = NULL;
    clear_address(&address);
    return status;
}

static kith_status server_http(char **out, const char *address, kith_error *err) {
    return server_of(out, "http", address, err);
}

static kith_status server_https(char **out, const char *address, kith_error *err) {
    return server_of(out, "https", address, err);
}

static kith_status no_key(const char *path, const char *why, kith_error *err) {
    return kith_fail(err, KITH_E_USAGE, 0, path,
                     "%s (a file whose first line is the API key is wanted, or the key in $QDRANT_API_KEY)",
                     why);
}

/* The first line of a file, without its end. A pipe could be read only once, and be waited for for ever. */
static kith_status read_key(char out[KEY_MOST], const char *path, kith_error *err) {
    struct stat kind;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &kind) != 0) {
        int native = errno;
        if (fd >= 0)
            close(fd);
        return kith_fail(err, KITH_E_IO, native, path, "no API key in it: %s", strerror(native));
    }
    ssize_t size = S_ISREG(kind.st_mode) ? read(fd, out, KEY_MOST - 1) : 0;
    int native = size < 0 ? errno : 0;
    close(fd);
    if (!S_ISREG(kind.st_mode))
        return no_key(path, "no regular file", err);
    if (size <= 0)
        return kith_fail(err, KITH_E_IO, native, path, "no API key in it: %s",
                         native ? strerror(native) : "it is empty");
    out[size] = 0;
    size_t length = strcspn(out, "\r\n");
    if (length == 0 && out[0])
        return no_key(path, "its first line is empty", err);
    if (length == KEY_MOST - 1)
        return no_key(path, "its first line is too long for an API key", err);
    if (length < (size_t)size && !out[length])
        return no_key(path, "its first line has a zero byte", err);
    out[length] = 0;
    return KITH_OK;
}

static kith_status connect_to(kith_qdrant *qdrant, const struct address *address,
                              const kith_gallery_options *options, kith_error *err) {
    char key[KEY_MOST];
    const char *given = getenv("QDRANT_API_KEY");
    kith_http_options http = {.origin = address->origin,
                              .ca_file = options->ca_file,
                              .insecure = options->insecure,
                              .timeout = options->server_timeout};
    kith_status status = KITH_OK;
    if (options->api_key_file && *options->api_key_file) {
        status = read_key(key, options->api_key_file, err);
        http.api_key = key;
    } else if (!options->api_key_file && given && *given) {
        http.api_key = given;
    }
    if (status == KITH_OK)
        status = kith_http_open(&qdrant->http, &http, err);
    if (status == KITH_OK && qdrant->second)
        status = kith_http_open(&qdrant->second->http, &http, err);
    explicit_bzero(key, sizeof key);
    return status;
}

char *kith_qdrant_path(const char *name) {
    char *escaped = curl_easy_escape(NULL, name, 0), *path = NULL;
    if (!escaped || asprintf(&path, "/collections/%s", escaped) < 0)
        path = NULL;
    curl_free(escaped);
    return path;
}

static bool set_names(kith_qdrant *qdrant, const struct address *address) {
    qdrant->path = kith_qdrant_path(address->name);
    if (asprintf(&qdrant->where, "%s/collections/%s", address->origin, address->name) < 0)
        qdrant->where = NULL;
    return qdrant->path && qdrant->where;
}

/* What both threads of an upload have. */
static void close_half(kith_qdrant *qdrant) {
    kith_http_close(&qdrant->http);
    for (size_t i = 0; i < KITH_HTTP_IN_FLIGHT; i++)
        free(qdrant->bodies[i].bytes);
    free(qdrant);
}

static void close_gallery(kith_gallery *gallery) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    if (qdrant->second)
        close_half(qdrant->second);
    free(qdrant->where);
    free(qdrant->path);
    free(qdrant->target);
    close_half(qdrant);
}

static void draw_chances(kith_qdrant *qdrant) {
    if (getrandom(&qdrant->chances, sizeof qdrant->chances, GRND_NONBLOCK) < 0 || qdrant->chances == 0)
        qdrant->chances = 1;
}

static kith_status add_second(kith_qdrant *qdrant, kith_error *err) {
    if (!(qdrant->second = calloc(1, sizeof *qdrant)))
        return no_memory(err);
    *qdrant->second = *qdrant;
    qdrant->second->second = NULL;
    draw_chances(qdrant->second);
    return KITH_OK;
}

static kith_status open_gallery(kith_gallery **out, const char *scheme, const char *rest,
                                kith_gallery_mode mode, const kith_gallery_options *options,
                                kith_error *err) {
    struct address address = {0};
    kith_qdrant *qdrant = calloc(1, sizeof *qdrant);
    if (!qdrant)
        return no_memory(err);
    kith_status status = parse_address(&address, scheme, rest, err);
    if (status == KITH_OK) {
        qdrant->wait_server = options->wait_server;
        qdrant->batch_bytes = 4 << 20;
        draw_chances(qdrant);
        status = set_names(qdrant, &address) ? KITH_OK : no_memory(err);
    }
    if (status == KITH_OK && mode != KITH_GALLERY_READ)
        status = add_second(qdrant, err);
    if (status == KITH_OK)
        status = connect_to(qdrant, &address, options, err);
    if (status == KITH_OK)
        status = kith_qdrant_collection_open(qdrant, mode, options, err);
    clear_address(&address);
    if (status == KITH_OK)
        *out = &qdrant->base;
    else
        close_gallery(&qdrant->base);
    return status;
}

static kith_status open_http(kith_gallery **out, const char *address, kith_gallery_mode mode,
                             const kith_gallery_options *options, kith_error *err) {
    return open_gallery(out, "http", address, mode, options, err);
}

static kith_status open_https(kith_gallery **out, const char *address, kith_gallery_mode mode,
                              const kith_gallery_options *options, kith_error *err) {
    return open_gallery(out, "https", address, mode, options, err);
}

/* The server's optimizer gives bytes of removed points back in its own time; nothing makes it do so now. */
static kith_status purge(kith_gallery *gallery, kith_error *err) {
    (void)gallery;
    (void)err;
    return KITH_OK;
}

static struct kith_database *database(kith_gallery *gallery) {
    (void)gallery;
    return NULL;
}

#define QDRANT_BACKEND(SCHEME, OPEN, SERVER)                                                                 \
    {                                                                                                        \
        .scheme = (SCHEME), .open = (OPEN), .close = close_gallery, .identity = kith_qdrant_identity,        \
        .adopt = kith_qdrant_adopt, .note = kith_qdrant_note, .set_note = kith_qdrant_set_note,              \
        .notes = kith_qdrant_notes, .put = kith_qdrant_put, .update = kith_qdrant_update,                    \
        .name = kith_qdrant_name, .remove = kith_qdrant_remove, .purge = purge, .count = kith_qdrant_count,  \
        .each = kith_qdrant_each, .discard = kith_qdrant_discard, .search = kith_qdrant_search,              \
        .search_persons = kith_qdrant_search_persons, .people = kith_qdrant_people, .database = database,    \
        .server = (SERVER), .place = kith_qdrant_place, .is_alias = kith_qdrant_is_alias,                    \
        .check_place = kith_qdrant_check_place, .switch_to = kith_qdrant_switch,                             \
    }

const kith_gallery_backend kith_qdrant_http_backend = QDRANT_BACKEND("qdrant+http:", open_http, server_http);
const kith_gallery_backend kith_qdrant_https_backend =
    QDRANT_BACKEND("qdrant+https:", open_https, server_https);
