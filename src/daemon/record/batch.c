/* A batch. It holds lines until they are durable, and mails until they have left. */
#include "daemon/record/batch.h"

#include "core/event/event.h"
#include "core/event/spoolline.h"

#include <time.h>

#define MAILS_MAX  64
#define BYTES_MAX  ((gsize)4 * 1024 * 1024)
#define LINE_BYTES 2048 /* more than most events take */

struct batch {
    GQueue mails; /* struct letter *, whose events are in lines */
    GString *lines;
    uint64_t n_lines;
};

struct batch *
batch_new (void)
{
    struct batch *batch = g_new0 (struct batch, 1);

    g_queue_init (&batch->mails);
    batch->lines = g_string_sized_new ((gsize)MAILS_MAX * LINE_BYTES);
    return batch;
}

void
batch_free (struct batch *batch)
{
    if (!batch)
        return;
    g_queue_clear (&batch->mails);
    g_string_free (batch->lines, TRUE);
    g_free (batch);
}

static void
format_now (char text[32])
{
    struct timespec now;
    struct tm tm;
    size_t n;

    (void)clock_gettime (CLOCK_REALTIME, &now);
    (void)gmtime_r (&now.tv_sec, &tm);
    n = strftime (text, 32, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)g_snprintf (text + n, 32 - n, ".%03dZ", (int)(now.tv_nsec / 1000000));
}

void
batch_add (struct batch *batch, struct letter *mail, uint64_t next)
{
    const size_t n = dsn_event_count (mail->report);
    char now[32];
    struct dsn_event_context context = {
        .mail_id = mail->id,
        .time = now,
        .ruleset = mail->ruleset,
        .mailbox = maildir_name (mail->mailbox),
        .file = mail->clean_name,
        .size_bytes = mail->file.size_bytes,
        .ino = mail->file.ino,
        .mtime_ns = mail->file.mtime_ns,
    };

    format_now (now);
    for (size_t i = 0; i < n; i++) {
        const gsize start = batch->lines->len;
        context.seq = next + batch->n_lines++;
        dsn_event_append_json (batch->lines, mail->report, i, &context);
        dsn_spoolline_finish (batch->lines, start);
    }
    g_queue_push_tail (&batch->mails, mail);
}

bool
batch_is_full (const struct batch *batch)
{
    return batch->mails.length >= MAILS_MAX || batch->lines->len >= BYTES_MAX;
}

bool
batch_is_empty (const struct batch *batch)
{
    return batch->mails.length == 0;
}

struct dsn_bytes
batch_lines (const struct batch *batch)
{
    return (struct dsn_bytes){ batch->lines->str, batch->lines->len };
}

uint64_t
batch_count (const struct batch *batch)
{
    return batch->n_lines;
}

void
batch_clear_lines (struct batch *batch)
{
    /* a mail with very many events leaves a large buffer, which isn't kept */
    if (batch->lines->allocated_len > 2 * BYTES_MAX) {
        g_string_free (batch->lines, TRUE);
        batch->lines = g_string_sized_new ((gsize)MAILS_MAX * LINE_BYTES);
    }
    g_string_truncate (batch->lines, 0);
    batch->n_lines = 0;
}

struct letter *
batch_take (struct batch *batch)
{
    return g_queue_pop_head (&batch->mails);
}
