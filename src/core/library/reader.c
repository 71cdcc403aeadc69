/* Reading mails for a program: what <dsn/reader.h> declares.
 */
#include <dsn/reader.h>

#include "core/event/event.h"
#include "core/explain/explain.h"
#include "core/library/events.h"
#include "core/library/libsettings.h"
#include "core/library/signkeys.h"
#include "core/parse.h"

struct dsn_reader {
    struct dsn_settings *settings;
    struct dsn_rules *rules;
    struct dsn_options options; /* borrowed from settings */
};

static bool
load_rules (struct dsn_reader *reader, struct dsn_rules_error *ret_error)
{
    const struct dsn_settings *s = reader->settings;

    if (!dsn_rules_add_builtin (reader->rules, ret_error))
        return false;
    for (guint i = 0; i < s->rules->len; i++) {
        gsize n;
        const char *text = g_bytes_get_data (s->rules->pdata[i], &n);

        if (!dsn_rules_add (reader->rules, s->rules_names->pdata[i], (struct dsn_bytes){ text, n },
                            ret_error))
            return false;
    }
    return dsn_rules_finish (reader->rules, ret_error);
}

/* The strings of @array as a NULL-terminated list; NULL for none. (borrowed) */
static const char *const *
list_of (GPtrArray *array)
{
    if (!array->len)
        return NULL;
    if (array->pdata[array->len - 1])
        g_ptr_array_add (array, NULL);
    return (const char *const *)array->pdata;
}

struct dsn_reader *
dsn_reader_new (const struct dsn_settings *settings, char **ret_error)
{
    struct dsn_reader *reader = g_new0 (struct dsn_reader, 1);
    struct dsn_settings *s = settings ? libsettings_copy (settings) : dsn_settings_new ();
    struct dsn_rules_error error = { 0 };

    reader->settings = s;
    reader->rules = dsn_rules_new ();
    reader->options = (struct dsn_options){ .limits = s->limits,
                                            .original_headers = list_of (s->original_headers),
                                            .envelope_headers = list_of (s->envelope_headers),
                                            .envelope_templates = list_of (s->envelope_templates),
                                            .want_evidence = s->want_evidence,
                                            .structure = s->structure };
    if (load_rules (reader, &error))
        return reader;
    if (ret_error)
        *ret_error =
            g_strdup_printf ("%s:%u:%u: %s", error.file, error.line, error.column, error.message);
    dsn_rules_error_clear (&error);
    dsn_reader_free (reader);
    return NULL;
}

void
dsn_reader_free (struct dsn_reader *reader)
{
    if (!reader)
        return;
    dsn_rules_free (reader->rules);
    dsn_settings_free (reader->settings);
    g_free (reader);
}

const char *
dsn_reader_ruleset (const struct dsn_reader *reader)
{
    return dsn_rules_version (reader->rules);
}

struct dsn_events *
dsn_reader_read (const struct dsn_reader *reader, struct dsn_bytes mail, uint32_t today)
{
    const struct dsn_keys *keys = reader->settings->keys;
    const struct dsn_bytes start = dsn_bytes_sub (mail, 0, reader->options.limits.mail_bytes);
    struct dsn_report *report = dsn_parse (start, mail.n, reader->rules, &reader->options);
    g_autofree char *id = dsn_mail_id (start, mail.n);

    dsn_report_apply_trust (report, keys ? &keys->keys : NULL, today);
    return events_new (report, id, dsn_reader_ruleset (reader), mail.n);
}

char *
dsn_reader_read_json (const struct dsn_reader *reader, struct dsn_bytes mail, uint32_t today)
{
    struct dsn_events *events = dsn_reader_read (reader, mail, today);
    GString *out = g_string_new (NULL);

    for (size_t i = 0; i < dsn_events_count (events); i++) {
        g_autofree char *line = dsn_events_json (events, i);

        g_string_append (out, line);
        g_string_append_c (out, '\n');
    }
    dsn_events_free (events);
    return g_string_free (out, FALSE);
}

char *
dsn_reader_explain_json (const struct dsn_reader *reader, struct dsn_bytes text)
{
    struct dsn_explanation *explanation = dsn_explain (reader->rules, text);
    GString *out;

    if (!explanation)
        explanation = dsn_explain_text (reader->rules, text);
    if (!explanation)
        return NULL;
    out = g_string_new (NULL);
    dsn_explanation_append_json (out, explanation);
    dsn_explanation_free (explanation);
    return g_string_free (out, FALSE);
}
