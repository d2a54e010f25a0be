/* SPDX-License-Identifier: MIT
 *
 * How many processors this process may really use.
 */
#ifndef KITH_PROTO_PROCESSORS_H
#define KITH_PROTO_PROCESSORS_H

/* The smaller of the affinity mask and the quotas of the process' control groups (versions 1 and 2), a
 * started processor counting as one; at least 1.
 */
int kith_processors_usable(void);

#endif
