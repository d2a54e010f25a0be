/* SPDX-License-Identifier: MIT
 *
 * Filters as SQL over the table face, called f. Condition i has the parameters ?(2 i + 1) and ?(2 i + 2); the
 * second one only where a value is a range (times).
 */
#include "proto/digest.h"
#include "proto/gallery/sqlite.h"
#include "proto/timestamp.h"

static const char *const signs[] = {
    [KITH_EQUAL] = "=",   [KITH_NOT_EQUAL] = "<>",     [KITH_LESS] = "<",   [KITH_LESS_EQUAL] = "<=",
    [KITH_GREATER] = ">", [KITH_GREATER_EQUAL] = ">=", [KITH_UNDER] = NULL, /* paths only, which have their
                                                                               own words */
};

static const char *const columns_of_detail[] = {
    [KITH_FIELD_SHA256] = "sha256", [KITH_FIELD_RUN] = "run",     [KITH_FIELD_SCORE] = "score",
    [KITH_FIELD_EYES] = "eyes",     [KITH_FIELD_FACE] = "number",
};

/* A time is a range [from, to): equal means inside, less means before it, and so on. */
static void append_taken(sqlite3_str *sql, kith_comparison comparison, int from) {
    int to = from + 1;
    sqlite3_str_appendall(sql, "f.id IN (SELECT face FROM detail WHERE ");
    if (comparison == KITH_EQUAL)
        sqlite3_str_appendf(sql, "taken_at >= ?%d AND taken_at < ?%d)", from, to);
    else if (comparison == KITH_NOT_EQUAL)
        sqlite3_str_appendf(sql, "taken_at < ?%d OR taken_at >= ?%d)", from, to);
    else if (comparison == KITH_LESS || comparison == KITH_LESS_EQUAL)
        sqlite3_str_appendf(sql, "taken_at < ?%d)", comparison == KITH_LESS ? from : to);
    else
        sqlite3_str_appendf(sql, "taken_at >= ?%d)", comparison == KITH_GREATER ? to : from);
}

static void append_path(sqlite3_str *sql, kith_comparison comparison, int parameter) {
    char p[16];
    snprintf(p, sizeof p, "?%d", parameter);
    if (comparison == KITH_UNDER)
        sqlite3_str_appendf(sql, "f.id IN (SELECT face FROM path WHERE " KITH_UNDER_SQL("bytes", "%s") ")", p,
                            p, p, p);
    else
        sqlite3_str_appendf(sql, "f.id %s (SELECT face FROM path WHERE bytes = %s)",
                            comparison == KITH_EQUAL ? "IN" : "NOT IN", p);
}

static void append_condition(sqlite3_str *sql, const kith_condition *condition, int parameter) {
    const char *sign = signs[condition->comparison];
    const char *is = condition->comparison == KITH_EQUAL ? "IS" : "IS NOT";
    switch (condition->field) {
    case KITH_FIELD_ID:
        sqlite3_str_appendf(sql, "f.uuid %s ?%d", sign, parameter);
        return;
    case KITH_FIELD_PERSON: /* -1 is nobody's number: a name that nobody has equals nothing */
        if (condition->text)
            sqlite3_str_appendf(sql, "f.person %s (SELECT ifnull(max(id), -1) FROM person WHERE name = ?%d)",
                                is, parameter);
        else
            sqlite3_str_appendf(sql, "f.person %s NULL", is);
        return;
    case KITH_FIELD_PATH:
        append_path(sql, condition->comparison, parameter);
        return;
    case KITH_FIELD_PIPELINE: /* all points of a gallery have its pipeline */
        sqlite3_str_appendf(sql, "(SELECT pipeline FROM header) %s ?%d", sign, parameter);
        return;
    case KITH_FIELD_TAKEN:
        append_taken(sql, condition->comparison, parameter);
        return;
    default:
        sqlite3_str_appendf(sql, "f.id IN (SELECT face FROM detail WHERE %s %s ?%d)",
                            columns_of_detail[condition->field], sign, parameter);
    }
}

int kith_bind_path(sqlite3_stmt *statement, int parameter, const char *path) {
    size_t length = strlen(path);
    while (length > 0 && path[length - 1] == '/')
        length--;
    return sqlite3_bind_blob64(statement, parameter, path, length, SQLITE_STATIC);
}

/* A UUID or a digest as its bytes. */
static int bind_bytes(sqlite3_stmt *statement, int parameter, const char *text, bool uuid) {
    unsigned char bytes[32];
    bool good = uuid ? kith_id_bytes(bytes, text) : kith_hex_bytes(bytes, sizeof bytes, text);
    return good ? sqlite3_bind_blob(statement, parameter, bytes, uuid ? 16 : 32, SQLITE_TRANSIENT)
                : SQLITE_MISUSE;
}

static int bind_taken(sqlite3_stmt *statement, int parameter, const char *text) {
    int64_t from, to;
    if (!kith_time_range(&from, &to, text))
        return SQLITE_MISUSE;
    int bound = sqlite3_bind_int64(statement, parameter, from);
    if (parameter < sqlite3_bind_parameter_count(statement)) /* the last condition may not use its second */
        bound |= sqlite3_bind_int64(statement, parameter + 1, to);
    return bound;
}

static int bind_condition(sqlite3_stmt *statement, const kith_condition *condition, int parameter) {
    switch (condition->field) {
    case KITH_FIELD_ID:
    case KITH_FIELD_RUN:
        return bind_bytes(statement, parameter, condition->text, true);
    case KITH_FIELD_SHA256:
        return bind_bytes(statement, parameter, condition->text, false);
    case KITH_FIELD_PATH:
        return kith_bind_path(statement, parameter, condition->text);
    case KITH_FIELD_TAKEN:
        return bind_taken(statement, parameter, condition->text);
    case KITH_FIELD_PERSON:
    case KITH_FIELD_PIPELINE:
        return condition->text ? sqlite3_bind_text(statement, parameter, condition->text, -1, SQLITE_STATIC)
                               : SQLITE_OK;
    default: /* stored as floats, so compared as floats */
        return sqlite3_bind_double(statement, parameter, (double)(float)condition->number);
    }
}

kith_status kith_sqlite_filtered(kith_database *database, sqlite3_stmt **out, const char *before,
                                 const kith_filter *filter, const char *after, kith_error *err) {
    sqlite3_str *sql = sqlite3_str_new(database->handle);
    size_t count = filter ? filter->count : 0;
    *out = NULL;
    sqlite3_str_appendf(sql, "%s WHERE 1", before);
    for (size_t i = 0; i < count; i++) {
        sqlite3_str_appendall(sql, " AND ");
        append_condition(sql, &filter->conditions[i], 2 * (int)i + 1);
    }
    sqlite3_str_appendf(sql, " %s", after);
    char *text = sqlite3_str_finish(sql);
    if (!text)
        return kith_database_error(database, SQLITE_NOMEM, err);
    int code = sqlite3_prepare_v2(database->handle, text, -1, out, NULL);
    sqlite3_free(text);
    for (size_t i = 0; code == SQLITE_OK && i < count; i++)
        code = bind_condition(*out, &filter->conditions[i], 2 * (int)i + 1);
    if (code == SQLITE_OK)
        return KITH_OK;
    kith_status status = kith_database_error(database, code, err);
    sqlite3_finalize(*out);
    *out = NULL;
    return status;
}
