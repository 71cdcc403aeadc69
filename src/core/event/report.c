/* The report and its arena. Reports are made for every mail, so a typical one costs a single
 * allocation: the report, its store and the strings stand in one chunk, freed together.
 */
#include "core/event/report.h"

#include <glib.h>
#include <stdalign.h>
#include <stddef.h>

/* Enough for the report of one recipient with all its strings. */
#define CHUNK_BYTES (8 * 1024)
/* Bigger requests get a chunk to themselves, so that the rest of the current one isn't wasted. */
#define LARGE_BYTES (CHUNK_BYTES / 4)
/* Warnings are compared one by one: the number must stay small. */
#define WARNINGS_MAX 32

struct chunk {
    struct chunk *next;
    size_t n_used, n_bytes; /* of data */
    alignas (max_align_t) char data[];
};

struct dsn_report_store {
    struct chunk *chunks; /* the first is the one being filled */
    size_t recipients_room;
    size_t n_warnings;
};

static struct chunk *
chunk_new (size_t n_bytes)
{
    struct chunk *c = g_malloc (sizeof *c + n_bytes);

    *c = (struct chunk){ .n_bytes = n_bytes };
    return c;
}

/* Zeroed room in @c, NULL if there isn't enough. */
static void *
chunk_take (struct chunk *c, size_t n, size_t alignment)
{
    size_t start = (c->n_used + alignment - 1) & ~(alignment - 1);

    if (start > c->n_bytes || n > c->n_bytes - start)
        return NULL;
    c->n_used = start + n;
    return memset (c->data + start, 0, n);
}

static void *
store_take (struct dsn_report_store *s, size_t n, size_t alignment)
{
    void *p = chunk_take (s->chunks, n, alignment);
    struct chunk *c;

    if (p)
        return p;
    g_assert (n < G_MAXSIZE / 2);
    c = chunk_new (n > LARGE_BYTES ? n : CHUNK_BYTES);
    if (n > LARGE_BYTES) {
        c->next = s->chunks->next;
        s->chunks->next = c;
    } else {
        c->next = s->chunks;
        s->chunks = c;
    }
    return chunk_take (c, n, alignment);
}

struct dsn_report *
dsn_report_new (void)
{
    struct chunk *c = chunk_new (CHUNK_BYTES);
    struct dsn_report_store *s = chunk_take (c, sizeof *s, alignof (max_align_t));
    struct dsn_report *report;

    s->chunks = c;
    report = store_take (s, sizeof *report, alignof (max_align_t));
    report->store = s;
    return report;
}

void
dsn_report_free (struct dsn_report *report)
{
    struct chunk *next;

    if (!report)
        return;
    /* the report and its store stand in one of the chunks */
    for (struct chunk *c = report->store->chunks; c; c = next) {
        next = c->next;
        g_free (c);
    }
}

const char *
dsn_report_string (struct dsn_report *report, struct dsn_bytes text)
{
    char *copy;

    if (text.n == 0)
        return NULL;
    copy = store_take (report->store, text.n + 1, 1);
    memcpy (copy, text.p, text.n);
    return copy;
}

void *
dsn_report_alloc (struct dsn_report *report, size_t n)
{
    return store_take (report->store, n, alignof (max_align_t));
}

struct dsn_recipient *
dsn_report_add_recipient (struct dsn_report *report)
{
    struct dsn_report_store *s = report->store;

    if (report->n_recipients == s->recipients_room) {
        size_t room = s->recipients_room ? s->recipients_room * 2 : 1;
        struct dsn_recipient *bigger = dsn_report_alloc (report, room * sizeof *bigger);

        if (report->n_recipients)
            memcpy (bigger, report->recipients, report->n_recipients * sizeof *bigger);
        report->recipients = bigger;
        s->recipients_room = room;
    }
    return &report->recipients[report->n_recipients++];
}

void
dsn_report_warn (struct dsn_report *report, const char *warning)
{
    struct dsn_report_store *s = report->store;

    for (size_t i = 0; i < s->n_warnings; i++)
        if (strcmp (report->warnings[i], warning) == 0)
            return;
    if (s->n_warnings == WARNINGS_MAX || !*warning)
        return;
    if (!report->warnings)
        report->warnings = dsn_report_alloc (report, (WARNINGS_MAX + 1) * sizeof *report->warnings);
    if (s->n_warnings == WARNINGS_MAX - 1)
        warning = "more warnings";
    report->warnings[s->n_warnings++] = dsn_report_string (report, dsn_bytes_str (warning));
}

enum dsn_kind
dsn_report_event_kind (const struct dsn_report *report, size_t i)
{
    static const enum dsn_kind by_action[_DSN_ACTION_N] = {
        [DSN_ACTION_FAILED] = DSN_KIND_BOUNCE,       [DSN_ACTION_DELAYED] = DSN_KIND_DELAYED,
        [DSN_ACTION_DELIVERED] = DSN_KIND_DELIVERED, [DSN_ACTION_RELAYED] = DSN_KIND_DELIVERED,
        [DSN_ACTION_EXPANDED] = DSN_KIND_DELIVERED,
    };
    enum dsn_action action;

    if (i >= report->n_recipients ||
        (report->kind != DSN_KIND_BOUNCE && report->kind != DSN_KIND_DELAYED &&
         report->kind != DSN_KIND_DELIVERED))
        return report->kind;
    action = report->recipients[i].action;
    return action == DSN_ACTION_NONE ? report->kind : by_action[action];
}
