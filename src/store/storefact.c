/* From an event's JSON. */
#include "store/storefact.h"

#include <string.h>

#define DIAGNOSTIC_MAX_BYTES 500

static const char *
text_of (const json_t *object, const char *key)
{
    const char *text = json_string_value (json_object_get (object, key));

    return text ? text : "";
}

/* States are written as words with spaces between: a word may hold none. */
static void
copy_word (const json_t *object, const char *key, char word[STORE_WORD_BYTES])
{
    (void)g_strlcpy (word, text_of (object, key), STORE_WORD_BYTES);
    for (char *p = word; *p; p++)
        if (!g_ascii_isgraph (*p))
            *p = '_';
}

static int64_t
seconds_of (const char *date)
{
    g_autoptr (GDateTime) time = *date ? g_date_time_new_from_iso8601 (date, NULL) : NULL;

    return time ? MAX (g_date_time_to_unix (time), 0) : 0;
}

/* A date in the future would outlast every later one. Never 0, which says that there's none. */
static int64_t
when (const json_t *event)
{
    const int64_t recorded = seconds_of (text_of (event, "time"));
    const int64_t written = seconds_of (text_of (json_object_get (event, "report"), "date"));

    return written > 0 && (recorded == 0 || written <= recorded) ? written : MAX (recorded, 1);
}

static char *
cut_diagnostic (const char *text)
{
    g_autofree char *cut = g_strndup (text, DIAGNOSTIC_MAX_BYTES);

    return *text ? g_utf8_make_valid (cut, -1) : NULL;
}

struct store_fact *
store_fact_read (const json_t *event)
{
    g_autoptr (store_fact_t) fact = g_new0 (struct store_fact, 1);
    const json_t *confidence = json_object_get (event, "confidence");
    const char *recipient = text_of (event, "recipient");

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
    copy_word (json_object_get (event, "report"), "feedback_type", fact->feedback);
    fact->confidence = json_is_integer (confidence) ? (int)json_integer_value (confidence) : -1;
    fact->recipient = *recipient ? g_strdup (recipient) : NULL;
    fact->diagnostic = cut_diagnostic (text_of (event, "diagnostic"));
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
