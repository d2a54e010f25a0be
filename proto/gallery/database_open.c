/* SPDX-License-Identifier: MIT
 *
 * Opening a kith file, and making one. A new file is made complete under another name and then linked to its
 * own: whoever sees it sees a whole gallery, and of two who make one at once the second opens the first's.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "proto/directories.h"
#include "proto/gallery/database.h"
#include "proto/stop.h"
#include "proto/timestamp.h"

/* 16 KiB pages hold 15 vectors with 6 % left over (4 KiB: 3 with 25 %). */
static const char pragmas_of_new_file[] = "PRAGMA page_size = 16384;"
                                          "PRAGMA journal_mode = WAL;";

/* Seconds: a purge of a large gallery holds the lock for long; after a signal what is in hand is still saved.
 */
enum { LOCK_WAIT = 30, LOCK_WAIT_STOPPED = 2 };

static kith_status fail_errno(const char *path, const char *what, kith_error *err) {
    int code = errno;
    return kith_fail(err, KITH_E_IO, code, path, "%s: %s", what, strerror(code));
}

/* Each connection's own settings. synchronous FULL: a write that returned survives a power cut. The order of
 * points and ledger would be kept by NORMAL as well, a name given by hand would not. secure_delete: zeroes in
 * place of what was deleted, at once; kith_gallery_purge() sees to the rest.
 */
static const char pragmas[] = "PRAGMA synchronous = FULL;"
                              "PRAGMA foreign_keys = ON;"
                              "PRAGMA secure_delete = ON;"
                              "PRAGMA trusted_schema = OFF;"
                              "PRAGMA cell_size_check = ON;";

static kith_status pragma_number(kith_database *database, const char *sql, int64_t *out, kith_error *err) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    *out = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    kith_status status = code == SQLITE_ROW ? KITH_OK : kith_database_error(database, code, err);
    sqlite3_finalize(statement);
    return status;
}

/* A file beside ours; `suffix` is SQLite's. -1: there is none. */
static off_t size_beside(const kith_database *database, const char *suffix) {
    char *name = NULL;
    struct stat info;
    off_t size = -1;
    if (asprintf(&name, "%s%s", database->path, suffix) >= 0 && stat(name, &info) == 0)
        size = info.st_size;
    free(name);
    return size;
}

/* What SQLite itself would take without a word: a last page that is cut short (the rest would be zeroes;
 * while somebody writes, sizes mean nothing), and a header that asks for a newer SQLite to write.
 */
static kith_status check_damage(kith_database *database, bool can_write, kith_error *err) {
    int64_t page_size;
    struct stat info;
    kith_status status = pragma_number(database, "PRAGMA page_size", &page_size, err);
    if (status != KITH_OK)
        return status;
    if (size_beside(database, "-wal") <= 0 && stat(database->path, &info) == 0 && page_size > 0 &&
        info.st_size % page_size != 0)
        return kith_database_damaged(database, "the file is cut short", err);
    if (can_write && sqlite3_db_readonly(database->handle, "main") != 0)
        return kith_database_damaged(database, "its header", err);
    return KITH_OK;
}

/* Whether the file is ours and of our version. */
static kith_status check_header(kith_database *database, kith_error *err) {
    int64_t application, format;
    kith_status status = pragma_number(database, "PRAGMA application_id", &application, err);
    if (status == KITH_OK)
        status = pragma_number(database, "PRAGMA user_version", &format, err);
    if (status != KITH_OK)
        return status;
    if (application != KITH_APPLICATION_ID)
        return kith_fail(err, KITH_E_REFUSED, 0, database->path, "not a kith gallery (name another file)");
    if (format != KITH_FORMAT_VERSION)
        return kith_fail(err, KITH_E_REFUSED, 0, database->path,
                         "a gallery of format %lld; this kith reads format %d (use the kith that made it)",
                         (long long)format, KITH_FORMAT_VERSION);
    return KITH_OK;
}

/* SQLite's question whether to try again when another program has the lock; it has tried `tries` times. */
static int wait_for_lock(void *context, int tries) {
    kith_database *database = context;
    const struct timespec step = {.tv_nsec = 50000000};
    if (tries == 0)
        database->waits_since = kith_seconds();
    int most = kith_stop_signal() ? LOCK_WAIT_STOPPED : LOCK_WAIT;
    if (kith_seconds() - database->waits_since >= most)
        return 0;
    nanosleep(&step, NULL); /* ends early on a signal */
    return 1;
}

static kith_status connect(kith_database *database, const char *name, int flags, kith_error *err) {
    flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(name, &database->handle, flags, NULL);
    if (code != SQLITE_OK)
        return kith_database_error(database, code, err);
    sqlite3_busy_handler(database->handle, wait_for_lock, database);
    return kith_database_run(database, pragmas, err);
}

/* The URI of a file that SQLite shall take as unchanging: no locks, no files beside it. */
static char *immutable_uri(const char *path) {
    char *uri = malloc(3 * strlen(path) + sizeof "file:?immutable=1"), *to = uri;
    if (!uri)
        return NULL;
    to = mempcpy(to, "file:", 5);
    for (; *path; path++) {
        if (strchr("%?#", *path))
            to += snprintf(to, 4, "%%%02x", (unsigned char)*path);
        else
            *to++ = *path;
    }
    memcpy(to, "?immutable=1", sizeof "?immutable=1");
    return uri;
}

static bool folder_is_writable(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = strndup(path, slash > path ? (size_t)(slash - path) : 1);
    bool writable = folder && access(folder, W_OK | X_OK) == 0;
    free(folder);
    return writable;
}

/* Reading where nothing can be written. Without a write-ahead log the file is complete, and nothing beside it
 * is needed; with one, SQLite needs the index that its writer keeps beside it.
 */
static kith_status connect_to_read(kith_database *database, kith_error *err) {
    if (size_beside(database, "-wal") > 0) {
        kith_status status = connect(database, database->path, SQLITE_OPEN_READONLY, NULL);
        if (status == KITH_OK && check_header(database, NULL) == KITH_OK)
            return KITH_OK;
        return kith_fail(
            err, KITH_E_IO, EACCES, database->path,
            "has changes in its -wal file that cannot be read here (open it once where it can be "
            "written, or wait until its writer is done)");
    }
    char *uri = immutable_uri(database->path);
    if (!uri)
        return kith_fail(err, KITH_E_MEMORY, 0, database->path, "no memory");
    database->immutable = true;
    kith_status status = stat(database->path, &database->seen) == 0
                             ? connect(database, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err)
                             : fail_errno(database->path, "cannot be looked at", err);
    free(uri);
    return status;
}

static kith_status connect_by_mode(kith_database *database, kith_gallery_mode mode, bool *can_write,
                                   kith_error *err) {
    *can_write = access(database->path, R_OK | W_OK) == 0 && folder_is_writable(database->path);
    int code = errno;
    database->writable = mode != KITH_GALLERY_READ;
    if (database->writable && !*can_write)
        return kith_fail(err, KITH_E_IO, code, database->path,
                         "cannot be written: %s (check the owner and the folder)", strerror(code));
    if (!*can_write)
        return connect_to_read(database, err);
    kith_status status = connect(database, database->path, SQLITE_OPEN_READWRITE, err);
    if (status == KITH_OK && !database->writable)
        status = kith_database_run(database, "PRAGMA query_only = ON", err);
    return status;
}

static kith_status open_existing(kith_database *database, kith_gallery_mode mode, kith_error *err) {
    struct stat info;
    if (stat(database->path, &info) != 0)
        return fail_errno(database->path, "cannot be opened", err);
    if (!S_ISREG(info.st_mode))
        return kith_fail(err, KITH_E_IO, S_ISDIR(info.st_mode) ? EISDIR : EINVAL, database->path,
                         "%s, not a gallery file", S_ISDIR(info.st_mode) ? "a folder" : "not a file");
    bool can_write;
    kith_status status = connect_by_mode(database, mode, &can_write, err);
    if (status == KITH_OK)
        status = check_header(database, err);
    return status == KITH_OK ? check_damage(database, can_write, err) : status;
}

/* A whole, empty gallery under the name `path`. */
static kith_status fill_new_file(const char *path, kith_error *err) {
    kith_database database = {.path = (char *)path};
    char *sql = NULL;
    if (asprintf(&sql, "BEGIN; %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;",
                 kith_database_schema, KITH_APPLICATION_ID, KITH_FORMAT_VERSION) < 0)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory");
    kith_status status = connect(&database, path, SQLITE_OPEN_READWRITE, err);
    if (status == KITH_OK)
        status = kith_database_run(&database, pragmas_of_new_file, err);
    if (status == KITH_OK)
        status = kith_database_run(&database, sql, err);
    free(sql);
    if (sqlite3_close(database.handle) != SQLITE_OK && status == KITH_OK)
        status = kith_fail(err, KITH_E_IO, 0, path, "cannot be closed");
    return status;
}

/* Gives the new file its name unless somebody else was faster; file systems without hard links: renamed. */
static kith_status link_new_file(const char *made, const char *path, kith_error *err) {
    if (link(made, path) == 0 || errno == EEXIST)
        return KITH_OK;
    if ((errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS) && access(path, F_OK) != 0 &&
        rename(made, path) == 0)
        return KITH_OK;
    return fail_errno(path, "cannot be made", err);
}

/* Readable by its owner alone (mkstemp), and so are SQLite's files beside it: faces are private. */
static kith_status make_file(const char *path, kith_error *err) {
    kith_status status = kith_folders_above(path, err);
    if (status != KITH_OK)
        return status;
    char *made = NULL;
    if (asprintf(&made, "%s.new.XXXXXX", path) < 0)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory");
    int fd = mkstemp(made);
    if (fd < 0) {
        status = fail_errno(path, "cannot be made", err);
    } else {
        close(fd);
        status = fill_new_file(made, err);
        if (status == KITH_OK)
            status = link_new_file(made, path, err);
        unlink(made);
    }
    free(made);
    return status;
}

/* Absolute, and without symbolic links when the file exists: SQLite's files lie beside the true one. */
static char *absolute_path(const char *path) {
    char *resolved = realpath(path, NULL), *out = NULL;
    if (resolved)
        return resolved;
    if (path[0] == '/')
        return strdup(path);
    char *here = getcwd(NULL, 0);
    if (here && asprintf(&out, "%s/%s", here, path) < 0)
        out = NULL;
    free(here);
    return out;
}

kith_status kith_database_open(kith_database **out, const char *path, kith_gallery_mode mode,
                               kith_error *err) {
    *out = NULL;
    kith_status status = KITH_OK;
    kith_database *database = calloc(1, sizeof *database);
    if (!database || !(database->path = absolute_path(path))) {
        kith_database_close(&database);
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory");
    }
    if (access(database->path, F_OK) != 0 && errno == ENOENT) {
        if (mode == KITH_GALLERY_CREATE)
            status = make_file(database->path, err);
        else
            status = kith_fail(err, KITH_E_IO, ENOENT, path, "no such gallery (kith-index add makes one)");
    }
    if (status == KITH_OK)
        status = open_existing(database, mode, err);
    if (status != KITH_OK)
        kith_database_close(&database);
    *out = database;
    return status;
}

static void disconnect(kith_database *database) {
    for (size_t i = 0; i < KITH_STATEMENTS; i++)
        sqlite3_finalize(database->cache[i].statement);
    memset(database->cache, 0, sizeof database->cache);
    sqlite3_close(database->handle);
    database->handle = NULL;
}

void kith_database_close(kith_database **database) {
    if (!*database)
        return;
    disconnect(*database);
    free((*database)->path);
    free(*database);
    *database = NULL;
}

kith_status kith_database_refresh(kith_database *database, kith_error *err) {
    struct stat now;
    if (!database->immutable || database->depth > 0)
        return KITH_OK;
    if (stat(database->path, &now) != 0)
        return fail_errno(database->path, "cannot be looked at", err);
    const struct stat *seen = &database->seen;
    if (now.st_size == seen->st_size && now.st_ino == seen->st_ino && now.st_dev == seen->st_dev &&
        now.st_mtim.tv_sec == seen->st_mtim.tv_sec && now.st_mtim.tv_nsec == seen->st_mtim.tv_nsec &&
        size_beside(database, "-wal") <= 0)
        return KITH_OK;
    disconnect(database);
    database->immutable = false;
    database->version++;
    return open_existing(database, KITH_GALLERY_READ, err);
}
