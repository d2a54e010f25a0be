/* SPDX-License-Identifier: MIT
 *
 * Requests to one server over libcurl: bounded in time and size, on kept-alive connections, several in
 * flight. Says what came back, or why nothing did; whether to try again is the caller's policy.
 *
 * Secrets: the API key goes to this server only. Redirects are not followed; over plain http a key is refused
 * unless the host is loopback or the caller insists, and then no proxy is asked. It is in no error text.
 * Certificates are always verified. Proxies otherwise as curl's environment says; loopback is reached
 * directly. One thread at a time.
 */
#ifndef KITH_PROTO_HTTP_H
#define KITH_PROTO_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/status.h"

enum { KITH_HTTP_IN_FLIGHT = 2 };

typedef struct kith_http kith_http;

typedef struct kith_http_options {
    const char *origin;  /* "https://host:port", nothing behind it, no user or password */
    const char *api_key; /* sent as the header `api-key`; NULL: none */
    const char *ca_file; /* PEM; certificates that are trusted instead of the system's; NULL: the system's */
    bool insecure;       /* a key may travel over plain http to another host */
    double timeout;      /* seconds that a whole request may take */
} kith_http_options;

/* KITH_E_USAGE: a key that must not be sent, an impossible one. KITH_E_IO: the CA file. Nothing is sent yet.
 */
kith_status kith_http_open(kith_http **out, const kith_http_options *options, kith_error *err);
void kith_http_close(kith_http **http); /* takes NULL, sets NULL; ends what is in flight */

/* One request and its answer. The first part is the caller's and stays alive until the call is finished. */
typedef struct kith_http_call {
    const char *method, *path; /* "PUT"; "/collections/x?wait=true" */
    const char *body;          /* JSON; NULL: none */
    size_t body_size;
    size_t most; /* bytes that an answer may have */
    void *owner; /* the caller's */

    long status;        /* HTTP's; 0: no complete answer came, `error` says why */
    bool lost;          /* status 0, and another try may do better: a connection or the time ran out */
    char *answer;       /* ended by a zero byte */
    size_t answer_size; /* without it */
    long retry_after;   /* seconds that the server asks to wait; 0: it does not say */
    kith_error error;
} kith_http_call;

/* Starts a call. At most KITH_HTTP_IN_FLIGHT at a time. */
kith_status kith_http_begin(kith_http *http, kith_http_call *call, kith_error *err);

/* The next call that is finished, or NULL when none is within `milliseconds`; also sleeps that long when none
 * is in flight. */
kith_http_call *kith_http_wait(kith_http *http, int milliseconds);

/* Frees the answer and makes the second part fresh, for another try. Ends the call when it is in flight. */
void kith_http_clear(kith_http *http, kith_http_call *call);

#endif
