/* SPDX-License-Identifier: MIT
 *
 * What became of every file of a run. It balances: seen = indexed + unchanged + without a face + failed +
 * ignored; `seen` is counted where files are found, the others where they end. Failures are told as they
 * happen (on a terminal the first few), every file is a line of the log. One thread.
 */
#ifndef KITH_INDEXER_STORE_ACCOUNT_H
#define KITH_INDEXER_STORE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "indexer/store/texts.h"
#include "proto/ledger.h"

typedef struct kith_account {
    uint64_t seen, indexed, unchanged, no_face, failed, ignored;
    uint64_t faces;        /* points of the indexed files */
    uint64_t renamed;      /* faces that had another name before */
    kith_texts copies;     /* paths of indexed files whose bytes lie, indexed, at an earlier place, too */
    uint64_t withdrawn;    /* indexed by earlier runs, failed now: the same bytes under another name */
    uint64_t not_met;      /* rows of the CSV file without a photo */
    uint64_t unreadable;   /* of the failed: those that the file system refused */
    uint64_t not_reached;  /* left when the run was stopped */
    bool more_not_reached; /* and others, not counted */
    bool dry_run;
    const char *run; /* id */
    double started;

    uint64_t told; /* failures on standard error */
    bool terminal;
    FILE *log;
    const char *log_path;
    kith_error log_error; /* the first; then the log stays closed */
} kith_account;

/* Opens the log (path NULL: none). KITH_E_IO. */
kith_status kith_account_open(kith_account *account, const char *log, const char *run, bool dry_run,
                              kith_error *err);
void kith_account_end_log(kith_account *account); /* what could not be written is in log_error then */
void kith_account_close(kith_account *account);

/* One file's end: counts, tells, logs. `err`: why it failed; reason: why it was ignored; else NULL. */
void kith_account_add(kith_account *account, const kith_record *record, const char *reason,
                      const kith_error *err);

/* A file that had ended well, in this run or an earlier one, has failed after all; in the log another line
 * follows.
 */
void kith_account_withdraw(kith_account *account, const kith_record *was, const kith_error *err);

/* A row of the CSV file that met no photo. */
void kith_account_not_met(kith_account *account, const char *path);

bool kith_account_balances(const kith_account *account);

/* The account on standard output, in words or as one JSON object. KITH_E_MEMORY, or what could not be
 * written. */
kith_status kith_account_print(const kith_account *account, bool json, kith_error *err);

#endif
