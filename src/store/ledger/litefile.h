/* A SQLite file and the statements that are run on it. */
#ifndef STORE_LITEFILE_H
#define STORE_LITEFILE_H

#include "store/ledger/ledgerkind.h"

#include <sqlite3.h>

enum lite_statement {
    LITE_BEGIN,
    LITE_COMMIT,
    LITE_ROLLBACK,
    LITE_GET_CURSOR,
    LITE_SET_CURSOR,
    LITE_ADD_EVENT,
    LITE_GET_STATE,
    LITE_SET_STATE,
    LITE_EACH_ADDRESS,
    LITE_EACH_EVENT,
    LITE_DROP_ADDRESS,
    LITE_DROP_EVENTS,
    LITE_ADD_FORGOTTEN,
    LITE_GET_FORGOTTEN,
    LITE_EXPIRE,
    LITE_DATA_VERSION,
    LITE_STATEMENT_N
};

struct litefile {
    sqlite3 *db;
    sqlite3_stmt *prepared[LITE_STATEMENT_N]; /* each when it's first used */
    struct ledger_options options;
    char *place;
    uint64_t n_own_changes; /* PRAGMA data_version tells only of others' */
};

/* Sets @error to what SQLite says of @doing, by what the caller should do. Returns false. */
bool litefile_fail (struct litefile *f, const char *doing, GError **error);

/* The statement, prepared; NULL on an error. (borrowed) */
sqlite3_stmt *litefile_get (struct litefile *f, enum lite_statement which);

/* Binds @text, which must last until the statement was run. */
void litefile_bind_text (sqlite3_stmt *s, int i, const char *text);

/* A column of the row as text, "" where it's NULL. (borrowed until the next step) */
const char *litefile_column (sqlite3_stmt *s, int i);

/* Runs a statement that gives no row, and readies it for its next use. */
bool litefile_run (struct litefile *f, enum lite_statement which, GError **error);

/* A transaction; what was done is kept only if all of it was, @is_ok. */
bool litefile_begin (struct litefile *f, GError **error);
bool litefile_finish (struct litefile *f, bool is_ok, GError **error);

#endif
