/* SPDX-License-Identifier: MIT */
#include "proto/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <unistd.h>

/* An answer grows up to its call's `most`; FIRST_ROOM is taken at first. libcurl takes an upload buffer for
 * every request anew: one that malloc maps (from 128 KB) costs more than what it saves
 * (tests/bench/qdrant_upload.c).
 */
enum { FIRST_ROOM = 16 << 10, CONNECT_MS = 10000, UPLOAD_BUFFER = 120 << 10 };

struct slot {
    CURL *easy;
    kith_http_call *call; /* NULL: free */
    size_t room;          /* of call->answer */
    bool too_large, no_memory;
    char detail[CURL_ERROR_SIZE];
};

struct kith_http {
    CURLM *multi;
    struct curl_slist *headers;
    char *origin, *ca_file;
    long timeout_ms;
    bool direct; /* never through a proxy */
    struct slot slots[KITH_HTTP_IN_FLIGHT];
};

/* RFC 6761 reserves localhost, curl resolves it by itself; a name that only begins like an address is none.
 */
static bool is_loopback(const char *host) {
    struct in_addr address;
    if (inet_pton(AF_INET, host, &address) == 1)
        return ntohl(address.s_addr) >> 24 == 127;
    return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
}

static kith_status no_memory(const char *where, kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, where, "no memory for a connection");
}

static kith_status parse_origin(const char *origin, bool *secure, bool *loopback, kith_error *err) {
    char *scheme = NULL, *host = NULL;
    CURLU *url = curl_url();
    kith_status status = KITH_OK;
    if (!url || curl_url_set(url, CURLUPART_URL, origin, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
        status = kith_fail(err, KITH_E_USAGE, 0, origin, "no address of a server (http://HOST:PORT)");
    } else {
        *secure = strcmp(scheme, "https") == 0;
        *loopback = is_loopback(host);
    }
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(url);
    return status;
}

static bool append_header(kith_http *http, const char *header) {
    struct curl_slist *longer = curl_slist_append(http->headers, header);
    if (longer)
        http->headers = longer;
    return longer != NULL;
}

/* A key is visible ASCII: nothing that could end the header and begin another. */
static kith_status append_key(kith_http *http, const char *key, kith_error *err) {
    size_t length = strlen(key);
    for (size_t i = 0; i < length; i++)
        if (key[i] <= ' ' || key[i] > '~')
            return kith_fail(err, KITH_E_USAGE, 0, http->origin,
                             "the API key has a character that no key has (a space, a line's end?)");
    char header[sizeof "api-key: " + 4096];
    if (length == 0 || length > 4096)
        return kith_fail(err, KITH_E_USAGE, 0, http->origin, "the API key is %s",
                         length ? "too long" : "empty");
    snprintf(header, sizeof header, "api-key: %s", key);
    bool added = append_header(http, header);
    explicit_bzero(header, sizeof header);
    return added ? KITH_OK : no_memory(http->origin, err);
}

static kith_status set_up(kith_http *http, const kith_http_options *options, kith_error *err) {
    bool secure = false, loopback = false;
    kith_status status = parse_origin(options->origin, &secure, &loopback, err);
    if (status != KITH_OK)
        return status;
    if (options->api_key && !secure && !loopback && !options->insecure)
        return kith_fail(err, KITH_E_USAGE, 0, options->origin,
                         "the API key would travel unprotected (use qdrant+https://, or --insecure in a "
                         "network that you trust)");
    if (options->ca_file && access(options->ca_file, R_OK) != 0)
        return kith_fail(err, KITH_E_IO, errno, options->ca_file, "cannot be read: %s", strerror(errno));
    http->direct = loopback || (options->api_key && !secure);
    http->timeout_ms = (long)(options->timeout * 1000);
    if (!(http->origin = strdup(options->origin)) ||
        (options->ca_file && !(http->ca_file = strdup(options->ca_file))) ||
        !(http->multi = curl_multi_init()) || !append_header(http, "Content-Type: application/json") ||
        !append_header(http, "Expect:"))
        return no_memory(options->origin, err);
    return options->api_key ? append_key(http, options->api_key, err) : KITH_OK;
}

kith_status kith_http_open(kith_http **out, const kith_http_options *options, kith_error *err) {
    *out = NULL;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return no_memory(options->origin, err);
    kith_http *http = calloc(1, sizeof *http);
    if (!http) {
        curl_global_cleanup();
        return no_memory(options->origin, err);
    }
    kith_status status = set_up(http, options, err);
    if (status != KITH_OK)
        kith_http_close(&http);
    *out = http;
    return status;
}

static void forget_headers(struct curl_slist *headers) {
    for (struct curl_slist *header = headers; header; header = header->next)
        explicit_bzero(header->data, strlen(header->data));
    curl_slist_free_all(headers);
}

void kith_http_close(kith_http **http) {
    if (!*http)
        return;
    for (size_t i = 0; i < KITH_HTTP_IN_FLIGHT; i++) {
        struct slot *slot = &(*http)->slots[i];
        if (slot->call)
            kith_http_clear(*http, slot->call);
        curl_easy_cleanup(slot->easy);
    }
    curl_multi_cleanup((*http)->multi);
    forget_headers((*http)->headers);
    free((*http)->origin);
    free((*http)->ca_file);
    free(*http);
    *http = NULL;
    curl_global_cleanup();
}

/* Takes a piece of an answer; anything but its size ends the transfer. */
static size_t receive(char *piece, size_t one, size_t size, void *context) {
    struct slot *slot = context;
    kith_http_call *call = slot->call;
    (void)one; /* 1, says curl */
    if (size > call->most - call->answer_size) {
        slot->too_large = true;
        return 0;
    }
    size_t needed = call->answer_size + size + 1;
    if (needed > slot->room) {
        size_t room = slot->room ? slot->room : FIRST_ROOM;
        while (room < needed)
            room *= 2;
        char *larger = realloc(call->answer, room);
        if (!larger) {
            slot->no_memory = true;
            return 0;
        }
        call->answer = larger;
        slot->room = room;
    }
    memcpy(call->answer + call->answer_size, piece, size);
    call->answer_size += size;
    call->answer[call->answer_size] = 0;
    return size;
}

/* What is the same for all requests. */
static bool prepare(kith_http *http, struct slot *slot) {
    CURL *easy = slot->easy = curl_easy_init();
    if (!easy)
        return false;
    unsigned failed =
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") |
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) |
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) | curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) |
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) |
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) |
        curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE) |
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->headers) |
        curl_easy_setopt(easy, CURLOPT_USERAGENT, "kith/" KITH_VERSION) |
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) |
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, http->timeout_ms) |
        curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER) |
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, slot->detail) |
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive) |
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot) | curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
    if (http->ca_file)
        failed |= curl_easy_setopt(easy, CURLOPT_CAINFO, http->ca_file);
    if (http->direct)
        failed |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    if (failed) {
        curl_easy_cleanup(easy);
        slot->easy = NULL;
    }
    return !failed;
}

static bool set_request(kith_http *http, struct slot *slot, const kith_http_call *call) {
    char url[4096];
    CURL *easy = slot->easy;
    int length = snprintf(url, sizeof url, "%s%s", http->origin, call->path);
    if (length < 0 || (size_t)length >= sizeof url)
        return false;
    unsigned failed = curl_easy_setopt(easy, CURLOPT_URL, url);
    if (call->body)
        failed |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_size) |
                  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body);
    else
        failed |= curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
    return !failed;
}

static struct slot *slot_of(kith_http *http, const kith_http_call *call) {
    for (size_t i = 0; i < KITH_HTTP_IN_FLIGHT; i++)
        if (http->slots[i].call == call)
            return &http->slots[i];
    return NULL;
}

kith_status kith_http_begin(kith_http *http, kith_http_call *call, kith_error *err) {
    kith_http_clear(http, call);
    struct slot *slot = slot_of(http, NULL);
    if (!slot)
        return kith_fail(err, KITH_E_USAGE, 0, http->origin, "more than %d requests at a time",
                         KITH_HTTP_IN_FLIGHT);
    slot->room = 0;
    slot->too_large = slot->no_memory = false;
    slot->detail[0] = 0;
    if ((!slot->easy && !prepare(http, slot)) || !set_request(http, slot, call) ||
        curl_multi_add_handle(http->multi, slot->easy) != CURLM_OK)
        return no_memory(http->origin, err);
    slot->call = call;
    return KITH_OK;
}

/* What a failed transfer means; every text says what to do where there is something. */
static kith_status explain(const kith_http *http, const struct slot *slot, CURLcode code, kith_error *err) {
    const char *detail = slot->detail[0] ? slot->detail : curl_easy_strerror(code);
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return kith_fail(err, KITH_E_SERVER, 0, http->origin, "%s (check the address)", detail);
    case CURLE_COULDNT_CONNECT:
        return kith_fail(err, KITH_E_SERVER, 0, http->origin,
                         "cannot be reached: %s (is the server running there?)", detail);
    case CURLE_OPERATION_TIMEDOUT:
        return kith_fail(err, KITH_E_SERVER, 0, http->origin, "too slow: %s", detail);
    case CURLE_PEER_FAILED_VERIFICATION:
        return kith_fail(err, KITH_E_SERVER, 0, http->origin,
                         "its certificate is not trusted: %s (--ca-file FILE names who signed it)", detail);
    case CURLE_SSL_CACERT_BADFILE:
        return kith_fail(err, KITH_E_IO, 0, http->ca_file, "no certificates in it (a PEM file is wanted)");
    case CURLE_SSL_CONNECT_ERROR:
        return kith_fail(err, KITH_E_SERVER, 0, http->origin,
                         "no secure connection: %s (does it speak https at this port?)", detail);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        return kith_fail(err, KITH_E_SERVER, 0, http->origin, "no HTTP server (another port, or https?)");
    case CURLE_WRITE_ERROR:
        if (slot->no_memory)
            return kith_fail(err, KITH_E_MEMORY, 0, http->origin, "no memory for its answer");
        return kith_fail(err, KITH_E_SERVER, 0, http->origin, "an answer of more than %zu bytes",
                         slot->call->most);
    default:
        return kith_fail(err, KITH_E_SERVER, 0, http->origin, "the connection was lost: %s", detail);
    }
}

/* Failures that have nothing to do with the moment. */
static bool is_final(CURLcode code) {
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
           code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT || code == CURLE_OUT_OF_MEMORY;
}

static kith_http_call *finish(kith_http *http, struct slot *slot, CURLcode code) {
    kith_http_call *call = slot->call;
    curl_off_t wait = 0;
    if (code == CURLE_OK) {
        curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &call->status);
        if (curl_easy_getinfo(slot->easy, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK && wait > 0)
            call->retry_after = wait < 86400 ? (long)wait : 86400;
    } else {
        explain(http, slot, code, &call->error);
        call->lost = !is_final(code) && !slot->no_memory;
    }
    curl_multi_remove_handle(http->multi, slot->easy);
    slot->call = NULL;
    return call;
}

static kith_http_call *take_finished(kith_http *http) {
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(http->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        struct slot *slot = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&slot);
        return finish(http, slot, message->data.result);
    }
    return NULL;
}

kith_http_call *kith_http_wait(kith_http *http, int milliseconds) {
    int running;
    kith_http_call *call = take_finished(http);
    if (call)
        return call;
    curl_multi_perform(http->multi, &running);
    if ((call = take_finished(http)))
        return call;
    curl_multi_poll(http->multi, NULL, 0, milliseconds, NULL);
    curl_multi_perform(http->multi, &running);
    return take_finished(http);
}

void kith_http_clear(kith_http *http, kith_http_call *call) {
    struct slot *slot = slot_of(http, call);
    if (slot) {
        curl_multi_remove_handle(http->multi, slot->easy);
        slot->call = NULL;
    }
    free(call->answer);
    call->answer = NULL;
    call->answer_size = 0;
    call->status = 0;
    call->retry_after = 0;
    call->lost = false;
    kith_error_clear(&call->error);
}
