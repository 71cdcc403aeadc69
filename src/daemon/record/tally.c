/* Counting, and telling of what operators should report. */
#include "daemon/record/tally.h"

#include "daemon/base/log.h"

#include "core/event/event.h"

#define TELL_AGAIN_US (60 * G_USEC_PER_SEC)

static void
tell_difference (struct tally *t, const struct letter *mail)
{
    const int64_t now_us = g_get_monotonic_time ();

    if (t->told_us && now_us - t->told_us < TELL_AGAIN_US)
        return;
    t->told_us = now_us;
    log_event (LOG_WARNING, "structure-differs",
               "the two ways to split a mail into its parts differ; GMime's is taken. Told once a "
               "minute, status counts all",
               "MAILBOX", maildir_name (mail->mailbox), "FILE", mail->name, NULL);
}

void
tally_add (struct tally *t, const struct letter *mail)
{
    const struct dsn_report *report = mail->report;

    t->mails++;
    t->events += dsn_event_count (report);
    t->kinds[report->kind]++;
    t->trust[report->trust]++;
    g_assert (dsn_category_count () <= TALLY_CATEGORIES_MAX);
    for (size_t i = 0; i < report->n_recipients; i++)
        t->categories[report->recipients[i].category]++;
    /* one that no worker could read was split by nobody */
    t->splits[report->split] += report->kind != DSN_KIND_UNPROCESSABLE;
    if (report->split == DSN_SPLIT_DIFFERENT)
        tell_difference (t, mail);
}
