/* From an event's JSON. */
#include "store/storefact.h"

#include <string.h>

#define DIAGNOSTIC_MAX_BYTES 500

/* States are written as words with spaces between: a word may hold none. */
static void
copy_text (const char *text, char word[STORE_WORD_BYTES])
{
    (void)g_strlcpy (word, text, STORE_WORD_BYTES);
    for (char *p = word; *p; p++)
        if (!g_ascii_isgraph (*p))
            *p = '_';
}

static void
copy_word (const struct dsn_eventview *event, const char *key, char word[STORE_WORD_BYTES])
{
    copy_text (dsn_eventview_text (event, "", key), word);
}

static int64_t
seconds_of (const char *date)
{
    g_autoptr (GDateTime) time = *date ? g_date_time_new_from_iso8601 (date, NULL) : NULL;

    return time ? MAX (g_date_time_to_unix (time), 0) : 0;
}

/* A date in the future would outlast every later one. Never 0, which says that there's none. */
static int64_t
when (const struct dsn_eventview *event)
{
    const int64_t recorded = seconds_of (dsn_eventview_text (event, "", "time"));
    const int64_t written = seconds_of (dsn_eventview_text (event, "report", "date"));

    return written > 0 && (recorded == 0 || written <= recorded) ? written : MAX (recorded, 1);
}

static char *
cut_diagnostic (const char *text)
{
    g_autofree char *cut = g_strndup (text, DIAGNOSTIC_MAX_BYTES);

    return *text ? g_utf8_make_valid (cut, -1) : NULL;
}

struct store_fact *
store_fact_read (const struct dsn_eventview *event)
{
    g_autoptr (store_fact_t) fact = g_new0 (struct store_fact, 1);
    const int64_t confidence = dsn_eventview_number (event, "", "confidence", -1);
    const char *recipient = dsn_eventview_text (event, "", "recipient");

    copy_word (event, "id", fact->id);
    if (!*fact->id)
        return NULL;
    copy_word (event, "kind", fact->kind);
    copy_word (event, "action", fact->action);
    copy_word (event, "category", fact->category);
    copy_word (event, "class", fact->class);
    copy_word (event, "fault", fact->fault);
    copy_word (event, "advice", fact->advice);
    copy_word (event, "trust", fact->trust);
    copy_word (event, "rule", fact->rule);
    copy_text (dsn_eventview_text (event, "report", "feedback_type"), fact->feedback);
    fact->confidence = confidence >= 0 && confidence <= 100 ? (int)confidence : -1;
    fact->recipient = *recipient ? g_strdup (recipient) : NULL;
    fact->diagnostic = cut_diagnostic (dsn_eventview_text (event, "", "diagnostic"));
    fact->at = when (event);
    return g_steal_pointer (&fact);
}

void
store_fact_free (struct store_fact *fact)
{
    if (!fact)
        return;
    g_free (fact->recipient);
    g_free (fact->diagnostic);
    g_free (fact);
}
