#include "store/ledger/pgserver.h"

#include <errno.h>
#include <poll.h>

/* SQLSTATE classes that don't pass by themselves: authorization, no such database or schema, no
 * such table or right, and data that we must not have sent. */
static bool
is_fatal (const char *state)
{
    static const char *const classes[] = { "28", "3D", "3F", "42", "22", "23" };

    for (size_t i = 0; i < G_N_ELEMENTS (classes); i++)
        if (g_str_has_prefix (state, classes[i]))
            return true;
    return false;
}

static bool
fail (struct pgserver *s, const PGresult *result, GError **error)
{
    const char *state = result ? PQresultErrorField (result, PG_DIAG_SQLSTATE) : NULL;
    g_autofree char *words =
        g_strdup (result ? PQresultErrorMessage (result) : PQerrorMessage (s->pg));

    g_set_error (
        error, LEDGER_ERROR, state && is_fatal (state) ? LEDGER_ERROR_FATAL : LEDGER_ERROR_RETRY,
        "PostgreSQL: %s", *g_strstrip (words) ? words : "no answer within the time allowed");
    return false;
}

/* Waits until the server has answered, as long as patience lasts. */
static bool
await (struct pgserver *s)
{
    const int64_t until_us = g_get_monotonic_time () + (int64_t)s->options.patience_ms * 1000;

    for (;;) {
        const int unsent = PQflush (s->pg);
        struct pollfd fd = { PQsocket (s->pg), (short)(POLLIN | (unsent ? POLLOUT : 0)), 0 };
        const int64_t left_us = until_us - g_get_monotonic_time ();
        if (unsent < 0)
            return false;
        if (!unsent && !PQisBusy (s->pg))
            return true;
        if (left_us <= 0)
            return false;
        if (poll (&fd, 1, (int)(left_us / 1000) + 1) < 0 && errno != EINTR)
            return false;
        if ((fd.revents & (POLLIN | POLLERR | POLLHUP)) && !PQconsumeInput (s->pg))
            return false;
    }
}

PGresult *
pgserver_ask (struct pgserver *s, const char *query, int n, const char *const *values,
              GError **error)
{
    PGresult *result = NULL, *more;
    const bool is_sent = n < 0 ? PQsendQuery (s->pg, query)
                               : PQsendQueryParams (s->pg, query, n, NULL, values, NULL, NULL, 0);
    bool is_ok = is_sent && await (s);

    result = is_ok ? PQgetResult (s->pg) : NULL;
    while (is_ok && (is_ok = await (s)) && (more = PQgetResult (s->pg))) {
        /* several statements: the last one's result, or the first error */
        if (PQresultStatus (result) == PGRES_FATAL_ERROR) {
            PQclear (more);
        } else {
            PQclear (result);
            result = more;
        }
    }
    if (is_ok &&
        (PQresultStatus (result) == PGRES_COMMAND_OK || PQresultStatus (result) == PGRES_TUPLES_OK))
        return result;
    (void)fail (s, is_ok ? result : NULL, error);
    PQclear (result);
    return NULL;
}

bool
pgserver_run (struct pgserver *s, const char *query, int n, const char *const *values,
              GError **error)
{
    PGresult *result = pgserver_ask (s, query, n, values, error);
    const bool is_ok = result != NULL;

    PQclear (result);
    return is_ok;
}

bool
pgserver_begin (struct pgserver *s, GError **error)
{
    return pgserver_run (s, "BEGIN", -1, NULL, error);
}

bool
pgserver_finish (struct pgserver *s, bool is_ok, GError **error)
{
    if (is_ok)
        return pgserver_run (s, "COMMIT", -1, NULL, error);
    (void)pgserver_run (s, "ROLLBACK", -1, NULL, NULL);
    return false;
}

const char *
pgserver_cell (const PGresult *result, int row, int column)
{
    return PQgetvalue (result, row, column);
}

int64_t
pgserver_number (const PGresult *result, int row, int column)
{
    return g_ascii_strtoll (pgserver_cell (result, row, column), NULL, 10);
}
