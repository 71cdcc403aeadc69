/* The conversation with a PostgreSQL server: statements, each with patience, and what an error
 * means for the caller.
 */
#ifndef STORE_PGSERVER_H
#define STORE_PGSERVER_H

#include "store/ledger/ledgerkind.h"

#include <libpq-fe.h>

struct pgserver {
    PGconn *pg;
    struct ledger_options options;
};

/* Runs one statement, or several where @n is below 0: then the last one's result, or the first
 * error. (transfer full): PQclear(). NULL with @error, of LEDGER_ERROR. */
PGresult *pgserver_ask (struct pgserver *s, const char *query, int n, const char *const *values,
                        GError **error);

/* As above, where no result is wanted. */
bool pgserver_run (struct pgserver *s, const char *query, int n, const char *const *values,
                   GError **error);

/* A transaction. It is committed if all was well so far, @is_ok, else taken back: then false. */
bool pgserver_begin (struct pgserver *s, GError **error);
bool pgserver_finish (struct pgserver *s, bool is_ok, GError **error);

/* A value of @result. (borrowed until PQclear()) */
const char *pgserver_cell (const PGresult *result, int row, int column);
int64_t pgserver_number (const PGresult *result, int row, int column);

#endif
