/* SPDX-License-Identifier: MIT */
#include "indexer/stages/run.h"

#include "indexer/files/remaining.h"
#include "indexer/stages/crew.h"
#include "proto/command/program.h"
#include "proto/processors.h"
#include "proto/stop.h"

enum {
    WALK_TURN = 64, /* files that are looked at between looks at what is finished */
    WAIT = 100,     /* milliseconds for a finished file, before signals and age are looked at */
};

typedef struct bulk_run {
    const kith_run_settings *settings;
    kith_model *model;
    kith_store *store;
    kith_crew *crew;
    kith_walk *walk;
    kith_remaining *total; /* how many files there are, for the time left */
    kith_account account;
    kith_progress *progress;
    char id[KITH_ID_SIZE];
    bool walked; /* to the end */
} bulk_run;

static bool wants_name_change(const char *wanted, const char *recorded) {
    return wanted && (!recorded || strcmp(wanted, recorded) != 0);
}

static bool is_unchanged(const bulk_run *run, const kith_record *record, const kith_stamp *now,
                         const char *person) {
    kith_stamp then = kith_stamp_of_record(record);
    bool settled = record->outcome == KITH_INDEXED || record->outcome == KITH_NO_FACE;
    return settled && !run->settings->work->force && kith_stamp_same(now, &then) &&
           strcmp(record->pipeline, kith_model_identity(run->model)->pipeline) == 0 &&
           !wants_name_change(person, record->person);
}

/* A file that ends here: unchanged, ignored, or failed in the walk. */
static void end_here(bulk_run *run, const kith_walk_entry *entry, kith_outcome outcome,
                     const kith_record *known) {
    kith_record record = known ? *known : (kith_record){.path = entry->path};
    record.outcome = outcome;
    snprintf(record.run, sizeof record.run, "%s", run->id);
    kith_account_add(&run->account, &record, entry->reason, outcome == KITH_FAILED ? &entry->err : NULL);
}

/* A regular file: unchanged, or a task for the crew. */
static kith_status take_file(bulk_run *run, kith_walk_entry *entry, kith_error *err) {
    kith_record record;
    bool found;
    const char *person = NULL;
    if (run->settings->naming &&
        kith_naming_of(run->settings->naming, entry->path, &person, &entry->err) != KITH_OK) {
        if (entry->err.code == KITH_E_MEMORY)
            return kith_fail(err, KITH_E_MEMORY, 0, entry->path, "%s", entry->err.text);
        end_here(run, entry, KITH_FAILED, NULL);
        return KITH_OK;
    }
    kith_status status = kith_store_find(run->store, entry->path, &record, &found, err);
    if (status != KITH_OK)
        return status;
    if (found && is_unchanged(run, &record, &entry->stamp, person)) {
        end_here(run, entry, KITH_UNCHANGED, &record);
        return KITH_OK;
    }
    kith_task *task = kith_task_new(entry->path, &entry->stamp, person, found ? &record : NULL);
    if (!task)
        return kith_fail(err, KITH_E_MEMORY, 0, entry->path, "no memory");
    kith_crew_put(run->crew, task);
    return KITH_OK;
}

/* Files that were seen and will not be settled. */
static void not_reached(bulk_run *run, uint64_t count) {
    run->account.seen -= count;
    run->account.not_reached += count;
}

/* Walks on while the crew has room, for a while. *idle: the list has nothing at the moment, or all is walked.
 */
static kith_status feed(bulk_run *run, bool *idle, kith_error *err) {
    kith_status status = KITH_OK;
    *idle = run->walked;
    for (int i = 0; i < WALK_TURN && status == KITH_OK && !*idle && kith_crew_room(run->crew) > 0; i++) {
        kith_walk_entry entry;
        status = kith_walk_next(run->walk, &entry, err);
        if (status != KITH_OK)
            break;
        run->walked = entry.kind == KITH_WALK_END;
        *idle = run->walked || entry.kind == KITH_WALK_LATER;
        run->account.seen += !*idle;
        if (entry.kind == KITH_WALK_FILE) {
            status = take_file(run, &entry, err);
            if (status != KITH_OK)
                not_reached(run, 1);
        } else if (entry.kind == KITH_WALK_FAILED)
            end_here(run, &entry, KITH_FAILED, NULL);
        else if (entry.kind == KITH_WALK_OTHER)
            end_here(run, &entry, KITH_IGNORED, NULL);
    }
    return status;
}

/* Takes one finished file to the store; may_repeat: or back to a worker. */
static kith_status settle(bulk_run *run, kith_task *task, bool may_repeat, kith_error *err) {
    float canary[KITH_DIMENSION];
    kith_status status = KITH_OK;
    bool again = false;
    if (task->fatal) {
        *err = task->err;
        status = err->code;
    }
    if (status == KITH_OK && kith_crew_canary(run->crew, canary))
        status = kith_store_canary(run->store, canary, err);
    if (status == KITH_OK)
        status = kith_store_settle(run->store, task, &again, err);
    if (status == KITH_OK && again && may_repeat) {
        task->anew = true;
        task->known = false;
        kith_crew_put(run->crew, task); /* there is room where it was taken from */
        return KITH_OK;
    }
    if (status != KITH_OK || again)
        not_reached(run, 1);
    kith_task_free(task);
    return status;
}

/* Settles what is finished; waits for the first when there is nothing else to do. */
static kith_status collect(bulk_run *run, bool may_wait, kith_error *err) {
    kith_status status = KITH_OK;
    kith_task *task = kith_crew_busy(run->crew) > 0 ? kith_crew_take(run->crew, may_wait ? WAIT : 0) : NULL;
    while (task && status == KITH_OK) {
        status = settle(run, task, true, err);
        task = status == KITH_OK ? kith_crew_take(run->crew, 0) : NULL;
    }
    return status == KITH_OK ? kith_store_flush_due(run->store, err) : status;
}

static void show_progress(bulk_run *run) {
    char note[64] = "";
    if (run->account.failed > 0)
        snprintf(note, sizeof note, "%llu failed", (unsigned long long)run->account.failed);
    uint64_t done = run->account.seen - kith_crew_busy(run->crew);
    kith_progress_update(run->progress, done, kith_remaining_total(run->total), note);
}

/* After a stop or an error: what has not begun never will; what is in hand is finished, and saved when
 * possible.
 */
static kith_status wind_up(bulk_run *run, bool save, kith_error *err) {
    kith_status status = KITH_OK;
    not_reached(run, kith_crew_cancel(run->crew));
    while (kith_crew_busy(run->crew) > 0) {
        kith_task *task = kith_crew_take(run->crew, -1);
        if (save && status == KITH_OK)
            status = settle(run, task, false, err);
        else {
            not_reached(run, 1);
            kith_task_free(task);
        }
    }
    if (save && status == KITH_OK)
        status = kith_store_flush(run->store, err);
    not_reached(run, kith_store_unsaved(run->store));
    return status;
}

/* The run itself. */
static kith_status go(bulk_run *run, kith_error *err) {
    kith_status status = KITH_OK;
    kith_error ignored = {0};
    bool idle = false, stopped = false;
    while (status == KITH_OK && !stopped && (!run->walked || kith_crew_busy(run->crew) > 0)) {
        status = feed(run, &idle, err);
        stopped = status == KITH_E_STOPPED || kith_stop_signal() != 0;
        if (status == KITH_OK && !stopped)
            status = collect(run, idle || kith_crew_room(run->crew) == 0, err);
        show_progress(run);
    }
    if (stopped) {
        kith_error_clear(err);
        status = wind_up(run, true, err);
        if (status == KITH_OK)
            status = kith_stop_error(err);
    } else if (status == KITH_OK)
        status = kith_store_flush(run->store, err);
    if (status != KITH_OK && !stopped) /* what is already settled may be saved even so */
        wind_up(run, status != KITH_E_IO, &ignored);
    if (!run->walked)
        run->account.more_not_reached = !kith_remaining_count(run->walk, &run->account.not_reached);
    return status;
}

static kith_status settings_text(char **out, const kith_run_settings *settings, kith_error *err) {
    const kith_finding_choice *finding = settings->finding;
    json_t *json =
        json_pack("{s:s, s:i, s:f, s:f, s:i, s:b, s:b, s:i}", "version", KITH_VERSION, "detect_size",
                  (int)finding->detect_size, "min_face", finding->min_face, "min_score", finding->min_score,
                  "max_pixels", (int)finding->max_pixels, "accept_damaged", finding->damaged == 1,
                  "try_rotations", finding->try_rotations, "which", settings->which);
    *out = json ? json_dumps(json, KITH_JSON) : NULL;
    json_decref(json);
    return *out ? KITH_OK : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory");
}

static kith_status open_crew(bulk_run *run, kith_error *err) {
    const kith_run_settings *settings = run->settings;
    const kith_work_choice *work = settings->work;
    kith_work_settings made = {.model = run->model,
                               .find = kith_find_options_of(settings->finding),
                               .decode = kith_decode_options_of(settings->finding),
                               .which = settings->which,
                               .gallery = settings->gallery,
                               .ask = kith_store_exists(run->store) && !work->force,
                               .memory = work->memory,
                               .jobs = work->jobs > 0 ? (int)work->jobs : kith_processors_usable()};
    return kith_crew_start(&run->crew, &made, err);
}

static kith_status open_run(bulk_run *run, char *text, kith_error *err) {
    const kith_run_settings *settings = run->settings;
    kith_model_options model = kith_model_options_of(settings->model);
    kith_status status = kith_walk_open(&run->walk, &settings->walk, err);
    if (status == KITH_OK)
        status = kith_model_open(&run->model, &model, err);
    if (status != KITH_OK)
        return status;
    kith_store_settings store = {.gallery = settings->gallery,
                                 .identity = kith_model_identity(run->model),
                                 .text = text,
                                 .which = settings->which < 0 ? KITH_WHICH_ONLY : (kith_which)settings->which,
                                 .dry_run = settings->work->dry_run,
                                 .account = &run->account,
                                 .carry = settings->carry,
                                 .carry_context = settings->carry_context};
    status = kith_store_open(&run->store, &store, err);
    return status == KITH_OK ? open_crew(run, err) : status;
}

static void tell_unmet(bulk_run *run) {
    size_t next = 0;
    const char *path;
    if (!run->settings->naming || !run->walked)
        return;
    while ((path = kith_naming_unmet(run->settings->naming, &next)))
        kith_account_not_met(&run->account, path);
}

static int finish(bulk_run *run, kith_status status, const kith_error *err) {
    kith_error own = {0};
    const kith_account *account = &run->account;
    bool printed = kith_account_print(&run->account, run->settings->work->json, &own) == KITH_OK;
    if (status != KITH_OK)
        return kith_die(err);
    if (!printed)
        return kith_die(&own);
    if (account->log_error.code != KITH_OK)
        return kith_exit_code(&account->log_error);
    if (account->seen > 0 && account->unreadable == account->seen) {
        kith_fail(&own, KITH_E_IO, 0, NULL, "nothing could be read");
        return kith_die(&own);
    }
    return account->failed + account->withdrawn + account->not_met > 0 ? KITH_EXIT_PARTIAL : KITH_EXIT_OK;
}

int kith_run_bulk(const kith_run_settings *settings) {
    bulk_run run = {.settings = settings};
    kith_error err = {0};
    char *text = NULL;
    int code;
    kith_run_id(run.id);
    kith_status status =
        kith_account_open(&run.account, settings->work->log, run.id, settings->work->dry_run, &err);
    if (status == KITH_OK)
        status = settings_text(&text, settings, &err);
    if (status == KITH_OK)
        status = open_run(&run, text, &err);
    if (status == KITH_OK) {
        run.progress = kith_progress_start(settings->command, "photos");
        if (run.progress)
            run.total = kith_remaining_start(&settings->walk);
        status = go(&run, &err);
        kith_remaining_stop(&run.total);
        kith_progress_stop(&run.progress);
        if (status == KITH_OK)
            status = kith_store_check(run.store, &err);
        tell_unmet(&run);
        kith_account_end_log(&run.account);
        code = finish(&run, status, &err);
    } else
        code = kith_die(&err);
    kith_account_close(&run.account);
    kith_crew_stop(&run.crew);
    kith_store_close(&run.store);
    kith_model_close(&run.model);
    kith_walk_close(&run.walk);
    free(text);
    return code;
}
