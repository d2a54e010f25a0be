/* SPDX-License-Identifier: MIT
 *
 * RFC 3339 times and prefixes of them as ranges of time, so that "2024-05" means the same instants to every
 * backend: microseconds since 1970, UTC; a text without a zone is UTC. And what time it is.
 */
#ifndef KITH_PROTO_TIMESTAMP_H
#define KITH_PROTO_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

/* The instants [*from, *to) that `text` names: a year, month, day, hour, minute, second or fraction of one
 * ("2024", "2024-05", ... "2024-05-03T17:20:31.5+02:00"). False when it is none of these.
 */
bool kith_time_range(int64_t *from, int64_t *to, const char *text);

/* True when `text` is a complete RFC 3339 time: to the second at least, with its zone. */
bool kith_time_complete(const char *text);

/* Now, as RFC 3339 in UTC with seconds. */
enum { KITH_TIME_SIZE = 36 };
void kith_time_now(char out[KITH_TIME_SIZE]);

/* Seconds of a clock that only goes forward, from some time in the past on. */
double kith_seconds(void);

#endif
