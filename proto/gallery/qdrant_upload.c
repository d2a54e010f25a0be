/* SPDX-License-Identifier: MIT
 *
 * Many items to the server: batches of at most 256 items and 4 MB (facts of use: Qdrant wants 64 to 256
 * points and less than 5 MB), as many in flight in each thread as http allows. A batch that fails for the
 * moment is sent again as it is; one that is refused is halved until the refused item stands alone. All items
 * are stored or named in the error.
 *
 * To write numbers as text costs as much as to send them, and text that one processor wrote is slow to be
 * read by another: of many items, a second thread encodes and sends half, over connections of its own.
 */
#include <pthread.h>

#include "proto/gallery/qdrant.h"
#include "proto/stop.h"

enum {
    BATCH_ITEMS = 256,
    SMALLEST_BATCH = 64 << 10, /* bytes; smaller ones are not tried */
    REFUSED_MOST = 8,          /* so many refused items: it is not the items */
    RANGES_MOST = 64,          /* 2 batches of 256, halved to the end, leave less than 2 x 8 */
};

bool kith_buffer_reserve(kith_buffer *buffer, size_t size) {
    if (size <= buffer->room - buffer->size)
        return true;
    size_t room = buffer->room ? buffer->room : 4096;
    while (room - buffer->size < size)
        if (__builtin_mul_overflow(room, 2, &room))
            return false;
    char *larger = realloc(buffer->bytes, room);
    if (!larger)
        return false;
    buffer->bytes = larger;
    buffer->room = room;
    return true;
}

bool kith_buffer_append(kith_buffer *buffer, const char *bytes, size_t size) {
    if (!kith_buffer_reserve(buffer, size))
        return false;
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
    return true;
}

struct range {
    size_t first, last; /* items, last excluded */
};

/* One place in flight. */
struct lane {
    enum { IDLE, FLYING, RESTING } state;
    kith_http_call call;
    kith_buffer *body; /* the handle's, kept for the next upload */
    struct range range;
    int tries;
    double since, wake; /* when first sent; when to send again */
};

/* The part of an upload that one thread sends. */
struct sending {
    kith_qdrant *qdrant; /* of this thread alone */
    const kith_upload *upload;
    const char *path;
    size_t next, end; /* the first item that no batch had yet; behind the last */
    struct range open[RANGES_MOST];
    size_t open_count; /* ranges that wait to be sent after all */
    size_t refused;
    kith_error first_refusal;
    struct lane lanes[KITH_HTTP_IN_FLIGHT];
    kith_error err; /* of the thread */
};

static bool take_range(struct sending *sending, struct range *out) {
    if (sending->open_count > 0) {
        *out = sending->open[--sending->open_count];
        return true;
    }
    if (sending->next == sending->end)
        return false;
    size_t left = sending->end - sending->next;
    *out = (struct range){sending->next, sending->next + (left < BATCH_ITEMS ? left : BATCH_ITEMS)};
    sending->next = out->last;
    return true;
}

/* What does not go into a batch goes back: to the open ranges, or, mostly, to what comes next. */
static void give_back(struct sending *sending, struct range range) {
    if (range.first == range.last)
        return;
    if (range.last == sending->next)
        sending->next = range.first;
    else
        sending->open[sending->open_count++] = range;
}

/* Fills the lane's body with as much of its range as a batch may have. */
static bool encode(struct sending *sending, struct lane *lane) {
    const kith_upload *upload = sending->upload;
    kith_buffer *body = lane->body;
    struct range range = lane->range;
    body->size = 0;
    if (!kith_buffer_append(body, upload->before, strlen(upload->before)))
        return false;
    for (size_t item = range.first; item < range.last; item++) {
        size_t before = body->size;
        if ((item > range.first && !kith_buffer_append(body, ",", 1)) ||
            !upload->append(body, upload->context, item))
            return false;
        if (item > range.first && body->size > sending->qdrant->batch_bytes) {
            body->size = before;
            lane->range.last = item;
            give_back(sending, (struct range){item, range.last});
            break;
        }
    }
    return kith_buffer_append(body, upload->after, strlen(upload->after));
}

static kith_status send_lane(struct sending *sending, struct lane *lane, kith_error *err) {
    lane->call.method = sending->upload->method;
    lane->call.path = sending->path;
    lane->call.body = lane->body->bytes;
    lane->call.body_size = lane->body->size;
    lane->call.most = 1 << 20;
    lane->state = FLYING;
    return kith_http_begin(sending->qdrant->http, &lane->call, err);
}

/* Gives every free lane something to do; *busy: whether any has. */
static kith_status start_lanes(struct sending *sending, bool *busy, kith_error *err) {
    double now = kith_qdrant_clock();
    kith_status status = KITH_OK;
    *busy = false;
    for (size_t i = 0; i < KITH_HTTP_IN_FLIGHT && status == KITH_OK; i++) {
        struct lane *lane = &sending->lanes[i];
        if (lane->state == RESTING && lane->wake <= now)
            status = send_lane(sending, lane, err);
        if (lane->state == IDLE && take_range(sending, &lane->range)) {
            if (!encode(sending, lane))
                return kith_qdrant_no_memory(sending->qdrant, err);
            lane->tries = 0;
            lane->since = now;
            status = send_lane(sending, lane, err);
        }
        *busy = *busy || lane->state != IDLE;
    }
    return status;
}

/* One item that the server does not take: remembered, the others go on. */
static kith_status refuse_item(struct sending *sending, const struct lane *lane, const kith_error *cause,
                               kith_error *err) {
    const kith_point *point = sending->upload->point(sending->upload->context, lane->range.first);
    sending->refused++;
    kith_fail(&sending->first_refusal, KITH_E_REFUSED, cause->native, sending->qdrant->where,
              "does not take face %s of %s: %s", point->id, point->paths[0], cause->text);
    if (sending->refused < REFUSED_MOST)
        return KITH_OK;
    return kith_fail(err, KITH_E_REFUSED, cause->native, sending->first_refusal.where, "%s (and %zu more)",
                     sending->first_refusal.text, sending->refused - 1);
}

static kith_status halve(struct sending *sending, struct lane *lane, kith_verdict verdict,
                         const kith_error *cause, kith_error *err) {
    struct range range = lane->range;
    lane->state = IDLE;
    if (verdict == KITH_VERDICT_SMALLER && lane->body->size / 2 >= SMALLEST_BATCH)
        sending->qdrant->batch_bytes = lane->body->size / 2;
    if (range.last - range.first == 1)
        return refuse_item(sending, lane, cause, err);
    size_t middle = range.first + (range.last - range.first) / 2;
    if (sending->open_count + 2 > RANGES_MOST)
        return kith_fail_with(err, cause);
    sending->open[sending->open_count++] = (struct range){middle, range.last};
    sending->open[sending->open_count++] = (struct range){range.first, middle};
    return KITH_OK;
}

static kith_status land(struct sending *sending, struct lane *lane, kith_error *err) {
    kith_error cause = {0}, end = {0};
    double delay;
    kith_verdict verdict = kith_qdrant_judge(sending->qdrant, &lane->call, true, NULL, &cause);
    if (verdict == KITH_VERDICT_DONE) {
        lane->state = IDLE;
        return KITH_OK;
    }
    if (verdict == KITH_VERDICT_BAD || verdict == KITH_VERDICT_SMALLER)
        return halve(sending, lane, verdict, &cause, err);
    lane->tries++;
    if (!kith_qdrant_patience(sending->qdrant, verdict, &lane->call, lane->tries, lane->since, &delay, &cause,
                              &end))
        return kith_fail_with(err, &end);
    lane->state = RESTING;
    lane->wake = kith_qdrant_clock() + delay;
    return KITH_OK;
}

/* Milliseconds to the next lane that wakes, a fifth of a second at most: signals are looked at then. */
static int until_wake(const struct sending *sending) {
    double least = 0.2, now = kith_qdrant_clock();
    for (size_t i = 0; i < KITH_HTTP_IN_FLIGHT; i++)
        if (sending->lanes[i].state == RESTING && sending->lanes[i].wake - now < least)
            least = sending->lanes[i].wake - now;
    return least > 0 ? (int)(least * 1000) + 1 : 0;
}

static struct lane *lane_of(struct sending *sending, const kith_http_call *call) {
    size_t i = 0;
    while (&sending->lanes[i].call != call)
        i++;
    return &sending->lanes[i];
}

static bool all_rest(const struct sending *sending) {
    for (size_t i = 0; i < KITH_HTTP_IN_FLIGHT; i++)
        if (sending->lanes[i].state == FLYING)
            return false;
    return true;
}

static kith_status send_all(struct sending *sending, kith_error *err) {
    bool busy;
    kith_status status = start_lanes(sending, &busy, err);
    while (status == KITH_OK && busy) {
        kith_http_call *call = kith_http_wait(sending->qdrant->http, until_wake(sending));
        if (call)
            status = land(sending, lane_of(sending, call), err);
        else if (all_rest(sending) || kith_qdrant_hangs(sending->qdrant)) /* work in hand is finished */
            status = kith_stop_error(err);
        if (status == KITH_OK)
            status = start_lanes(sending, &busy, err);
    }
    return status;
}

static void *send_part(void *context) {
    struct sending *sending = context;
    for (size_t i = 0; i < KITH_HTTP_IN_FLIGHT; i++)
        sending->lanes[i].body = &sending->qdrant->bodies[i];
    send_all(sending, &sending->err);
    for (size_t i = 0; i < KITH_HTTP_IN_FLIGHT; i++)
        kith_http_clear(sending->qdrant->http, &sending->lanes[i].call);
    return NULL;
}

/* Sends the second half in a thread, if that is worth one, and what is left in this. */
static void send_both(struct sending *first, struct sending *second) {
    kith_qdrant *qdrant = first->qdrant;
    pthread_t thread;
    size_t middle = (first->end / 2 + BATCH_ITEMS - 1) / BATCH_ITEMS * BATCH_ITEMS;
    second->qdrant = qdrant->second;
    second->next = middle;
    second->qdrant->batch_bytes = qdrant->batch_bytes;
    second->qdrant->last_answer = qdrant->last_answer;
    if (middle >= first->end || pthread_create(&thread, NULL, send_part, second) != 0) {
        send_part(first);
        return;
    }
    first->end = middle;
    send_part(first);
    pthread_join(thread, NULL);
    if (second->qdrant->batch_bytes < qdrant->batch_bytes)
        qdrant->batch_bytes = second->qdrant->batch_bytes;
    if (second->qdrant->last_answer > qdrant->last_answer)
        qdrant->last_answer = second->qdrant->last_answer;
}

kith_status kith_qdrant_upload(kith_qdrant *qdrant, const kith_upload *upload, kith_error *err) {
    char *path = NULL;
    if (asprintf(&path, "%s%s", qdrant->path, upload->path) < 0)
        return kith_qdrant_no_memory(qdrant, err);
    struct sending one = {.qdrant = qdrant, .upload = upload, .path = path, .end = upload->count},
                   other = one;
    send_both(&one, &other);
    free(path);
    const kith_error *failed = one.err.code != KITH_OK ? &one.err : &other.err;
    if (failed->code != KITH_OK)
        return kith_fail_with(err, failed);
    const kith_error *first = one.refused > 0 ? &one.first_refusal : &other.first_refusal;
    size_t refused = one.refused + other.refused;
    if (refused == 0)
        return KITH_OK;
    if (refused == 1)
        return kith_fail(err, first->code, first->native, first->where,
                         "%s (all others that were sent with it are stored)", first->text);
    return kith_fail(err, first->code, first->native, first->where,
                     "%s (and %zu more; all others that were sent with them are stored)", first->text,
                     refused - 1);
}
