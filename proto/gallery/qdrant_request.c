/* SPDX-License-Identifier: MIT
 *
 * What the server's answers mean, and how long to go on asking. Statuses and texts: qdrant/qdrant
 * src/actix/helpers.rs; a body that is too large is 400 there and 413 from a proxy (qdrant#2537); a full disk
 * may come as 500 (Azure-Samples/qdrant-azure#35); without "completed" a write may still be dropped
 * (qdrant#9039).
 */
#include "proto/gallery/qdrant.h"

#include <errno.h>

#include "proto/stop.h"

enum { ODD_TRIES = 5, ANSWER_MOST = 64 << 20 /* bytes */ };
static const double FIRST_DELAY = 0.1, LONGEST_DELAY = 5, LONGEST_RETRY_AFTER = 60, GRACE = 5; /* seconds */

double kith_qdrant_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

kith_status kith_qdrant_no_memory(const kith_qdrant *qdrant, kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, qdrant->where, "no memory for the gallery");
}

kith_status kith_qdrant_may_write(const kith_qdrant *qdrant, kith_error *err) {
    if (!qdrant->base.writable)
        return kith_fail(err, KITH_E_IO, EROFS, qdrant->where, "opened for reading only");
    if (qdrant->walks > 0)
        return kith_fail(err, KITH_E_USAGE, 0, qdrant->where, "written to during a walk through it");
    return KITH_OK;
}

kith_status kith_qdrant_strange(const kith_qdrant *qdrant, const char *what, kith_error *err) {
    return kith_fail(err, KITH_E_SERVER, 0, qdrant->where, "an answer that kith does not understand: %s",
                     what);
}

/* Qdrant answers in JSON, and a refused key in plain text: a page is of something else. */
static bool is_page(const kith_http_call *call) {
    const char *answer = call->answer ? call->answer : "";
    return answer[strspn(answer, " \t\r\n\xef\xbb\xbf")] == '<';
}

/* The server's own words about a failure. *json: the answer, kept alive by the caller. */
static const char *server_text(const json_t *json, const kith_http_call *call) {
    const char *text = json_string_value(json_object_get(json_object_get(json, "status"), "error"));
    if (text)
        return text;
    if (call->answer && call->answer_size < 300 && call->answer[0] && call->answer[0] != '{' &&
        !is_page(call))
        return call->answer;
    return "it says no more";
}

static bool is_confirmed(const json_t *result) {
    const char *status = json_string_value(json_object_get(result, "status"));
    if (json_is_array(result)) { /* of a batch of operations */
        for (size_t i = 0; i < json_array_size(result); i++)
            if (!is_confirmed(json_array_get(result, i)))
                return false;
        return json_array_size(result) > 0;
    }
    return status && strcmp(status, "completed") == 0;
}

static kith_verdict judge_success(kith_qdrant *qdrant, const kith_http_call *call, const json_t *json,
                                  bool confirmed, json_t **result, kith_error *err) {
    json_t *found = json_object_get(json, "result");
    bool root = json && json_object_get(json, "version"); /* GET / has no envelope */
    if (!found && !root) {
        kith_fail(err, KITH_E_SERVER, (int)call->status, qdrant->where,
                  "something answers that is not Qdrant, or the answer is damaged (check the address)");
        return KITH_VERDICT_ODD;
    }
    if (confirmed && !is_confirmed(found)) {
        kith_fail(err, KITH_E_SERVER, (int)call->status, qdrant->where,
                  "it took what was sent but did not store it yet");
        return KITH_VERDICT_AGAIN;
    }
    if (result)
        *result = json_incref(root ? (json_t *)(uintptr_t)json : found);
    qdrant->last_answer = kith_qdrant_clock();
    return KITH_VERDICT_DONE;
}

/* A body that is too large for the server or a proxy, or has more points than strict mode takes at once:
 * upsert_max_batchsize, or a rate limit that the batch is over all by itself (lib/collection/src/operations).
 */
static bool wants_less(int status, const char *text) {
    return status == 413 || (status == 400 && strstr(text, "larger than allowed")) ||
           strstr(text, "\"upsert limit\"") || (status == 429 && strstr(text, "split your request"));
}

/* What strict mode does not allow, whatever the points are: 403 before 1.15, 400 since. Its words end with a
 * way out, those about a collection that is full do not.
 */
static bool is_forbidden_by_limits(int status, const char *text) {
    return (status == 400 || status == 403) && (strstr(text, ". Help: ") || strstr(text, " reached!"));
}

static kith_verdict judge_failure(const kith_qdrant *qdrant, const kith_http_call *call, const char *text,
                                  kith_error *err) {
    int status = (int)call->status;
    if (status == 507 || strstr(text, "No space left") || strstr(text, "no space left")) {
        kith_fail(err, KITH_E_SERVER, status, qdrant->where,
                  "the server's disk is full (make room there, then run the same command again: what is "
                  "stored stays)");
        return KITH_VERDICT_STOP;
    }
    if (wants_less(status, text)) {
        kith_fail(err, KITH_E_SERVER, status, qdrant->where, "too much at once for the server: %s", text);
        return KITH_VERDICT_SMALLER;
    }
    if (is_forbidden_by_limits(status, text)) {
        kith_fail(
            err, KITH_E_SERVER, status, qdrant->where,
            "the collection's strict mode does not allow this: %s (its limits are set on the server, in "
            "strict_mode_config)",
            text);
        return KITH_VERDICT_STOP;
    }
    if (is_page(call) &&
        status >= 400) /* it says nothing about the collection, so that its status is no Qdrant's */
        kith_fail(
            err, KITH_E_SERVER, 0, qdrant->where,
            "a web page with HTTP %d, not of Qdrant (check address and port, or the proxy in front of it)",
            status);
    else if (status == 401)
        kith_fail(err, KITH_E_SERVER, status, qdrant->where,
                  "the server wants another API key: %s ($QDRANT_API_KEY, or --api-key-file)", text);
    else if (status == 403)
        kith_fail(err, KITH_E_SERVER, status, qdrant->where,
                  "the server does not allow this: %s (with an API key that may only read, galleries can be "
                  "asked but not changed)",
                  text);
    else if (status >= 300 && status < 400)
        kith_fail(err, KITH_E_SERVER, status, qdrant->where,
                  "the server sends elsewhere (HTTP %d), which is not followed (name its own address)",
                  status);
    else
        kith_fail(err, KITH_E_SERVER, status, qdrant->where, "the server answers HTTP %d: %s", status, text);
    if (status == 408 || status == 429 || status >= 500)
        return KITH_VERDICT_AGAIN;
    return (status == 400 || status == 422) && !is_page(call) ? KITH_VERDICT_BAD : KITH_VERDICT_STOP;
}

/* A number that needs more than 63 bits, perhaps. */
static bool is_large(const char *number, size_t length) {
    return length >= 19 && !memchr(number, '.', length) && !memchr(number, 'e', length) &&
           !memchr(number, 'E', length);
}

/* Other people's points may have what jansson does not take: large numbers, also as ids, and zero bytes. The
 * numbers become texts, the zero bytes U+FFFD. False: no memory.
 */
static bool tame(kith_buffer *out, const char *text, size_t size) {
    bool good = true, quoted = false;
    for (size_t i = 0, taken; good && i < size; i += taken) {
        bool zero = quoted && strncmp(text + i, "\\u0000", 6) == 0, large = false;
        if (zero) {
            taken = 6;
        } else if (quoted && text[i] == '\\' && i + 1 < size) {
            taken = 2;
        } else if (!quoted && (taken = strspn(text + i, "+-.eE0123456789")) > 0) {
            large = is_large(text + i, taken);
        } else {
            taken = 1;
            quoted ^= text[i] == '"';
        }
        good = (!large || kith_buffer_append(out, "\"", 1)) &&
               kith_buffer_append(out, zero ? "\\ufffd" : text + i, taken) &&
               (!large || kith_buffer_append(out, "\"", 1));
    }
    return good;
}

static json_t *read_answer(const kith_http_call *call) {
    json_error_t why;
    if (!call->answer)
        return NULL;
    json_t *json = json_loadb(call->answer, call->answer_size, 0, &why);
    enum json_error_code code = json_error_code(&why);
    if (json || (code != json_error_numeric_overflow && code != json_error_null_character &&
                 code != json_error_null_byte_in_key))
        return json;
    kith_buffer tamed = {0};
    if (tame(&tamed, call->answer, call->answer_size))
        json = json_loadb(tamed.bytes, tamed.size, 0, NULL);
    free(tamed.bytes);
    return json;
}

kith_verdict kith_qdrant_judge(kith_qdrant *qdrant, const kith_http_call *call, bool confirmed,
                               json_t **result, kith_error *err) {
    if (result)
        *result = NULL;
    if (call->status == 0) {
        kith_fail_with(err, &call->error);
        return call->lost ? KITH_VERDICT_AGAIN : KITH_VERDICT_STOP;
    }
    json_t *json = read_answer(call);
    kith_verdict verdict = call->status >= 200 && call->status < 300
                               ? judge_success(qdrant, call, json, confirmed, result, err)
                               : judge_failure(qdrant, call, server_text(json, call), err);
    json_decref(json);
    return verdict;
}

/* Back-off doubles; jitter (half to one and a half) keeps several clients from coming back together. */
static double next_delay(kith_qdrant *qdrant, const kith_http_call *call, int tries) {
    double delay = FIRST_DELAY;
    for (int i = 1; i < tries && delay < LONGEST_DELAY; i++)
        delay *= 2;
    if (delay > LONGEST_DELAY)
        delay = LONGEST_DELAY;
    /* xorshift64 (Marsaglia, Journal of Statistical Software 8(14), 2003) */
    qdrant->chances ^= qdrant->chances << 13;
    qdrant->chances ^= qdrant->chances >> 7;
    qdrant->chances ^= qdrant->chances << 17;
    double chance = (double)(qdrant->chances >> 11) / (double)(1UL << 53);
    double asked = (double)call->retry_after;
    if (asked > LONGEST_RETRY_AFTER)
        asked = LONGEST_RETRY_AFTER;
    return asked > 0 ? asked + delay * chance : delay * (0.5 + chance);
}

bool kith_qdrant_patience(kith_qdrant *qdrant, kith_verdict verdict, const kith_http_call *call, int tries,
                          double since, double *delay, const kith_error *cause, kith_error *err) {
    double last = qdrant->last_answer > since ? qdrant->last_answer : since;
    bool again = verdict == KITH_VERDICT_AGAIN || (verdict == KITH_VERDICT_ODD && tries < ODD_TRIES);
    *delay = next_delay(qdrant, call, tries);
    if (kith_stop_error(err) != KITH_OK)
        return false;
    /* At the very start a server that cannot be reached is a mistake, not a moment. */
    if (!again || (qdrant->last_answer == 0 && call->status == 0)) {
        kith_fail_with(err, cause);
        return false;
    }
    if (kith_qdrant_clock() + *delay <= last + qdrant->wait_server)
        return true;
    kith_fail(err, cause->code, cause->native, cause->where,
              "%s; waited for %.0f s (run the same command again: what is stored stays)", cause->text,
              kith_qdrant_clock() - last);
    return false;
}

bool kith_qdrant_hangs(kith_qdrant *qdrant) {
    if (!kith_stop_signal())
        return false;
    if (qdrant->stopped == 0)
        qdrant->stopped = kith_qdrant_clock();
    double last = qdrant->last_answer > qdrant->stopped ? qdrant->last_answer : qdrant->stopped;
    return kith_qdrant_clock() > last + GRACE;
}

/* Sleeps; a signal cuts it short, and the next look at it ends the request. */
static void rest(kith_qdrant *qdrant, double seconds) {
    double until = kith_qdrant_clock() + seconds, left;
    while ((left = until - kith_qdrant_clock()) > 0 && !kith_stop_signal())
        kith_http_wait(qdrant->http, left > 0.2 ? 200 : (int)(left * 1000) + 1);
}

static kith_status perform(kith_qdrant *qdrant, kith_http_call *call, bool confirmed, json_t **result,
                           kith_error *err) {
    double since = kith_qdrant_clock(), delay;
    for (int tries = 1;; tries++) {
        kith_error cause = {0};
        kith_status status = kith_http_begin(qdrant->http, call, err);
        if (status != KITH_OK)
            return status;
        while (kith_http_wait(qdrant->http, 500) != call)
            if (kith_qdrant_hangs(qdrant))
                return kith_stop_error(err);
        kith_verdict verdict = kith_qdrant_judge(qdrant, call, confirmed, result, &cause);
        if (verdict == KITH_VERDICT_DONE)
            return KITH_OK;
        kith_error end = {0};
        if (!kith_qdrant_patience(qdrant, verdict, call, tries, since, &delay, &cause, &end))
            return kith_fail_with(err, &end);
        rest(qdrant, delay);
    }
}

/* text: taken; NULL for GET, else it means no memory. */
static kith_status request(kith_qdrant *qdrant, const char *method, const char *path, char *text, size_t most,
                           bool confirmed, json_t **out, kith_error *err) {
    if (!text && strcmp(method, "GET") != 0)
        return kith_qdrant_no_memory(qdrant, err);
    kith_http_call call = {
        .method = method, .path = path, .body = text, .body_size = text ? strlen(text) : 0, .most = most};
    kith_status status = perform(qdrant, &call, confirmed, out, err);
    kith_http_clear(qdrant->http, &call);
    free(text);
    return status;
}

static char *text_of(json_t *body) {
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    return text;
}

static kith_status inside(kith_qdrant *qdrant, const char *method, const char *path, char *text, size_t most,
                          bool confirmed, json_t **out, kith_error *err) {
    char *whole = NULL;
    if (asprintf(&whole, "%s%s", qdrant->path, path) < 0) {
        free(text);
        return kith_qdrant_no_memory(qdrant, err);
    }
    kith_status status = request(qdrant, method, whole, text, most, confirmed, out, err);
    free(whole);
    return status;
}

kith_status kith_qdrant_ask(kith_qdrant *qdrant, const char *method, const char *path, json_t *body,
                            json_t **out, kith_error *err) {
    return inside(qdrant, method, path, text_of(body), ANSWER_MOST, false, out, err);
}

kith_status kith_qdrant_ask_much(kith_qdrant *qdrant, const char *path, json_t *body, size_t most,
                                 json_t **out, kith_error *err) {
    return inside(qdrant, "POST", path, text_of(body), most, false, out, err);
}

kith_status kith_qdrant_write(kith_qdrant *qdrant, const char *method, const char *path, json_t *body,
                              kith_error *err) {
    return inside(qdrant, method, path, text_of(body), ANSWER_MOST, true, NULL, err);
}

kith_status kith_qdrant_send(kith_qdrant *qdrant, const char *path, char *text, bool confirmed, json_t **out,
                             kith_error *err) {
    return inside(qdrant, "POST", path, text, ANSWER_MOST, confirmed, out, err);
}

kith_status kith_qdrant_ask_server(kith_qdrant *qdrant, const char *method, const char *path, json_t *body,
                                   json_t **out, kith_error *err) {
    return request(qdrant, method, path, text_of(body), ANSWER_MOST, false, out, err);
}
