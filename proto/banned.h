/* SPDX-License-Identifier: MIT
 *
 * Functions that do not compile in kith, each for what it has cost others: no bound on what they write,
 * hidden state that threads share, no way to see an error, a shell or a guessable name in between. Included
 * before every C file by the build.
 */
#ifndef KITH_PROTO_BANNED_H
#define KITH_PROTO_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat stpcpy strncpy strncat sprintf vsprintf gets
#pragma GCC poison strtok asctime ctime gmtime localtime
#pragma GCC poison atoi atol atoll atof
#pragma GCC poison system popen tmpnam tempnam mktemp

#endif
