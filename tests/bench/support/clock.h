/* SPDX-License-Identifier: MIT */
#ifndef KITH_TESTS_BENCH_CLOCK_H
#define KITH_TESTS_BENCH_CLOCK_H

#include <stddef.h>

double seconds_now(void);
double median(double *values, size_t count); /* sorts them; count > 0 */
double peak_megabytes(void);                 /* resident, of this process so far */

#endif
