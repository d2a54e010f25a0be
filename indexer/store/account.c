/* SPDX-License-Identifier: MIT */
#include "indexer/store/account.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "indexer/store/log_line.h"
#include "indexer/store/plural.h"
#include "proto/command/program.h"
#include "proto/timestamp.h"

enum { TOLD_ON_TERMINAL = 20 };

/* Whether a log may be written there: what is no log (a gallery, a photo, the list of files) would be lost.
 */
static bool may_be_log(const char *path) {
    static const char begin[] = "{\"path\":";
    char seen[sizeof begin] = "";
    struct stat there;
    if (stat(path, &there) != 0 || !S_ISREG(there.st_mode) || there.st_size == 0)
        return true;
    FILE *file = fopen(path, "re");
    size_t got = file ? fread(seen, 1, sizeof begin - 1, file) : 0;
    if (file)
        fclose(file);
    return !file || (got == sizeof begin - 1 && memcmp(seen, begin, got) == 0);
}

kith_status kith_account_open(kith_account *account, const char *log, const char *run, bool dry_run,
                              kith_error *err) {
    *account =
        (struct kith_account){.run = run, .dry_run = dry_run, .started = kith_seconds(), .log_path = log};
    account->terminal = isatty(STDERR_FILENO) == 1;
    if (!log)
        return KITH_OK;
    if (!may_be_log(log))
        return kith_fail(err, KITH_E_USAGE, 0, log, "exists and is no log (--log would replace it)");
    account->log = fopen(log, "we");
    return account->log ? KITH_OK : kith_fail(err, KITH_E_IO, errno, log, "%s", strerror(errno));
}

static void log_failed(kith_account *account) {
    kith_fail(&account->log_error, KITH_E_IO, errno, account->log_path, "the log ends here: %s",
              strerror(errno));
    kith_say_error(&account->log_error);
    if (account->log)
        fclose(account->log);
    account->log = NULL;
}

void kith_account_end_log(kith_account *account) {
    if (!account->log)
        return;
    FILE *log = account->log;
    account->log = NULL;
    if (fclose(log) != 0)
        log_failed(account);
}

void kith_account_close(kith_account *account) {
    kith_account_end_log(account);
    kith_texts_clear(&account->copies);
}

static void write_log(kith_account *account, const kith_record *record, const char *reason) {
    if (account->log && !kith_log_line(account->log, record, reason))
        log_failed(account);
}

static void tell(kith_account *account, const kith_error *err) {
    account->told++;
    if (!account->terminal || account->told <= TOLD_ON_TERMINAL)
        kith_say_error(err);
}

void kith_account_add(kith_account *account, const kith_record *record, const char *reason,
                      const kith_error *err) {
    switch (record->outcome) {
    case KITH_INDEXED:
        account->indexed++;
        account->faces += (uint64_t)record->faces;
        break;
    case KITH_UNCHANGED:
        account->unchanged++;
        break;
    case KITH_NO_FACE:
        account->no_face++;
        break;
    case KITH_IGNORED:
        account->ignored++;
        break;
    case KITH_FAILED:
        account->failed++;
        account->unreadable += err->code == KITH_E_IO;
        tell(account, err);
        reason = err->text;
        break;
    }
    write_log(account, record, reason);
}

static void forget_copy(kith_texts *copies, const char *path) {
    for (size_t i = 0; i < copies->count; i++)
        if (strcmp(copies->items[i], path) == 0) {
            free(copies->items[i]);
            copies->items[i] = copies->items[--copies->count];
            return;
        }
}

void kith_account_withdraw(kith_account *account, const kith_record *was, const kith_error *err) {
    kith_record failed = *was;
    failed.outcome = KITH_FAILED;
    if (strcmp(was->run, account->run) != 0)
        account->withdrawn++;
    else {
        account->failed++;
        forget_copy(&account->copies, was->path);
        account->indexed -= was->outcome == KITH_INDEXED;
        account->faces -= (uint64_t)was->faces;
        account->no_face -= was->outcome == KITH_NO_FACE;
    }
    tell(account, err);
    write_log(account, &failed, err->text);
}

void kith_account_not_met(kith_account *account, const char *path) {
    kith_error err = {0};
    kith_fail(&err, KITH_E_FORMAT, 0, path, "is named by the CSV file, but was not among the photos");
    account->not_met++;
    tell(account, &err);
}

bool kith_account_balances(const kith_account *account) {
    return account->seen ==
           account->indexed + account->unchanged + account->no_face + account->failed + account->ignored;
}

static kith_status print_json(const kith_account *a, kith_error *err) {
    json_t *json = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:f, s:s}", "seen",
        (json_int_t)a->seen, "indexed", (json_int_t)a->indexed, "unchanged", (json_int_t)a->unchanged,
        "without_face", (json_int_t)a->no_face, "failed", (json_int_t)a->failed, "ignored",
        (json_int_t)a->ignored, "faces", (json_int_t)a->faces, "copies", (json_int_t)a->copies.count,
        "renamed", (json_int_t)a->renamed, "withdrawn", (json_int_t)a->withdrawn, "rows_not_met",
        (json_int_t)a->not_met, "not_reached", (json_int_t)a->not_reached, "more_not_reached",
        a->more_not_reached, "dry_run", a->dry_run, "seconds", kith_seconds() - a->started, "run", a->run);
    kith_status status = kith_print_json(json, KITH_JSON, err);
    return status == KITH_OK ? kith_output_flush(err) : status;
}

static void print_words(const kith_account *a) {
    double seconds = kith_seconds() - a->started;
    uint64_t worked = a->indexed + a->no_face;
    bool whole = a->not_reached == 0 && !a->more_not_reached;
    printf("%" PRIu64 " file%s seen: %" PRIu64 " %sindexed (%" PRIu64 " face%s), %" PRIu64
           " unchanged, %" PRIu64 " without a face, %" PRIu64 " failed, %" PRIu64 " ignored\n",
           a->seen, kith_plural(a->seen), a->indexed, a->dry_run ? "would be " : "", a->faces,
           kith_plural(a->faces), a->unchanged, a->no_face, a->failed, a->ignored);
    if (worked > 0)
        printf("%.1f seconds, %.1f photos per second\n", seconds, (double)worked / seconds);
    if (a->copies.count > 0)
        printf("%zu of the indexed %s: the gallery holds such faces once\n", a->copies.count,
               a->copies.count == 1 ? "is a copy" : "are copies");
    if (a->renamed > 0)
        printf("%" PRIu64 " face%s %s named differently before\n", a->renamed, kith_plural(a->renamed),
               a->renamed == 1 ? "was" : "were");
    if (a->withdrawn > 0)
        printf("%" PRIu64 " of earlier runs failed now: the same bytes lie under another person's name\n",
               a->withdrawn);
    if (a->not_met > 0)
        printf("%" PRIu64 " row%s of the CSV file met no photo\n", a->not_met, kith_plural(a->not_met));
    if (!whole)
        printf("ended early: %s%" PRIu64 " file%s not reached (the same command goes on)\n",
               a->more_not_reached ? "at least " : "", a->not_reached, kith_plural(a->not_reached));
    else if (a->seen == 0)
        puts("no files there");
    else if (a->seen == a->ignored)
        puts("no photos there");
}

kith_status kith_account_print(const kith_account *account, bool json, kith_error *err) {
    if (account->terminal && account->told > TOLD_ON_TERMINAL)
        kith_say("... and %" PRIu64 " more failed (--log FILE lists all)", account->told - TOLD_ON_TERMINAL);
    if (json)
        return print_json(account, err);
    print_words(account);
    return kith_output_flush(err);
}
