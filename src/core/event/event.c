/* Reports as JSON lines: keys in the order of the field table, with the context's keys between.
 * A line never passes LINE_MAX_BYTES: one that would is written again with shorter values. So is
 * one of very many, as each repeats what the mail says of itself: a mail of 100 KB could fill 30
 * MB.
 */
#include "core/event/event.h"

#include <stddef.h>

/* Readers may rely on 512 KiB; the spool adds its checksum, a few more bytes. */
#define LINE_MAX_BYTES    (512 * 1024 - 64)
#define MAIL_MAX_BYTES    ((size_t)8 * 1024 * 1024) /* of all events of a mail, roughly */
#define TRIM_WARNINGS_MAX 12

/* How much of the values goes out. The row before the last can't pass LINE_MAX_BYTES: some 60
 * values of at most 1 KiB, of which each byte may become 6. The last is for the many events of
 * one mail, and leaves an address whole (RFC 5321 s.4.5.3.1: 320). */
static const struct trim {
    size_t value_bytes;
    size_t list_count; /* elements of a list, pairs of a map */
} trims[] = {
    { SIZE_MAX, SIZE_MAX },
    { 4096, 12 },
    { 1024, 4 },
    { 320, 2 },
};

struct writer {
    GString *out;
    const struct trim *trim;
    gsize end;         /* past this much of @out the event is too long, and the rest is of no use */
    const char *group; /* the object that is open, NULL: the event itself */
    bool needs_comma;
};

static struct dsn_bytes
trim_value (const struct writer *w, const char *value)
{
    struct dsn_bytes text = dsn_bytes_str (value);
    size_t n = w->trim->value_bytes;

    if (text.n <= n)
        return text;
    while (n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    return dsn_bytes_sub (text, 0, n);
}

static void
append_comma (struct writer *w)
{
    if (w->needs_comma)
        g_string_append_c (w->out, ',');
    w->needs_comma = true;
}

/* Closes the open object and opens @group, unless it's the one that is open. */
static void
enter_group (struct writer *w, const char *group)
{
    if (g_strcmp0 (w->group, group) == 0)
        return;
    if (w->group) {
        g_string_append_c (w->out, '}');
        w->needs_comma = true;
    }
    w->group = group;
    if (!group)
        return;
    append_comma (w);
    g_string_append_c (w->out, '"');
    g_string_append (w->out, group);
    g_string_append (w->out, "\":{");
    w->needs_comma = false;
}

/* Keys are our own: nothing in them needs an escape. */
static void
append_key (struct writer *w, const char *group, const char *key)
{
    enter_group (w, group);
    append_comma (w);
    g_string_append_c (w->out, '"');
    g_string_append (w->out, key);
    g_string_append (w->out, "\":");
}

static void
append_string (struct writer *w, const char *group, const char *key, const char *value)
{
    if (!value)
        return;
    append_key (w, group, key);
    dsn_json_append_string (w->out, trim_value (w, value));
}

/* The decimal digits of @value, at least @width of them. */
static void
append_digits (GString *out, uint64_t value, size_t width)
{
    char digits[20]; /* of 2^64 */
    size_t n = 0;

    do
        digits[sizeof digits - ++n] = (char)('0' + value % 10);
    while ((value /= 10) || n < width);
    g_string_append_len (out, digits + sizeof digits - n, (gssize)n);
}

static void
append_number (struct writer *w, const char *group, const char *key, uint64_t value)
{
    if (value == 0)
        return;
    append_key (w, group, key);
    append_digits (w->out, value, 1);
}

static void
append_list (struct writer *w, const struct dsn_field *f, const char **values)
{
    if (!values || !values[0])
        return;
    append_key (w, f->group, f->key);
    for (size_t i = 0; values[i] && i < w->trim->list_count && w->out->len <= w->end; i++) {
        g_string_append_c (w->out, i ? ',' : '[');
        dsn_json_append_string (w->out, trim_value (w, values[i]));
    }
    g_string_append_c (w->out, ']');
}

static bool
is_repeated (const struct dsn_pair *pairs, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp (pairs[k].name, pairs[i].name) == 0)
            return true;
    return false;
}

/* A key may stand in an object once: of pairs with the same name the first counts. */
static void
append_pairs (struct writer *w, const struct dsn_field *f, const struct dsn_pair *pairs, size_t n)
{
    bool is_first = true;

    if (n == 0)
        return;
    append_key (w, f->group, f->key);
    g_string_append_c (w->out, '{');
    for (size_t i = 0; i < n && i < w->trim->list_count && w->out->len <= w->end; i++) {
        if (!pairs[i].value || is_repeated (pairs, i))
            continue;
        if (!is_first)
            g_string_append_c (w->out, ',');
        is_first = false;
        dsn_json_append_string (w->out, trim_value (w, pairs[i].name));
        g_string_append_c (w->out, ':');
        dsn_json_append_string (w->out, trim_value (w, pairs[i].value));
    }
    g_string_append_c (w->out, '}');
}

static void
append_field (struct writer *w, const struct dsn_field *f, const char *base,
              const struct dsn_recipient *recipient)
{
    const void *p = base + f->offset;
    unsigned value;

    switch (f->type) {
    case DSN_FIELD_STRING:
        append_string (w, f->group, f->key, *(const char *const *)p);
        return;
    case DSN_FIELD_NAME:
        value = *(const unsigned *)p;
        append_string (w, f->group, f->key, value < f->n_names ? f->names[value] : NULL);
        return;
    case DSN_FIELD_CATEGORY:
        append_string (w, f->group, f->key, dsn_category_get (*(const unsigned *)p)->name);
        return;
    case DSN_FIELD_REPLY:
        value = *(const unsigned *)p;
        if (value) {
            append_key (w, f->group, f->key);
            g_string_append_c (w->out, '"');
            append_digits (w->out, value, 3);
            g_string_append_c (w->out, '"');
        }
        return;
    case DSN_FIELD_PERCENT: /* without a verdict there's nothing to be confident of */
        if (recipient && recipient->category) {
            append_key (w, f->group, f->key);
            append_digits (w->out, *(const unsigned *)p, 1);
        }
        return;
    case DSN_FIELD_LIST:
        append_list (w, f, *(const char ***)p);
        return;
    case DSN_FIELD_PAIRS:
        append_pairs (w, f, *(struct dsn_pair *const *)p,
                      *(const size_t *)(base + f->offset + sizeof (struct dsn_pair *)));
        return;
    }
}

static void
append_envelope (struct writer *w, const struct dsn_event_context *context, size_t i, size_t n)
{
    append_number (w, NULL, "v", DSN_EVENT_SCHEMA_VERSION);
    append_number (w, NULL, "seq", context->seq);
    if (context->mail_id) {
        append_key (w, NULL, "id");
        g_string_append_c (w->out, '"');
        g_string_append (w->out, context->mail_id);
        g_string_append_c (w->out, '-');
        append_digits (w->out, i + 1, 1);
        g_string_append_c (w->out, '"');
    }
    append_key (w, NULL, "part");
    g_string_append_c (w->out, '[');
    append_digits (w->out, i + 1, 1);
    g_string_append_c (w->out, ',');
    append_digits (w->out, n, 1);
    g_string_append_c (w->out, ']');
    append_string (w, NULL, "time", context->time);
}

static void
append_source (struct writer *w, const struct dsn_event_context *context)
{
    append_string (w, "source", "mailbox", context->mailbox);
    append_string (w, "source", "file", context->file);
    append_number (w, "source", "size", context->size_bytes);
    append_number (w, "source", "ino", context->ino);
    if (context->mtime_ns) {
        append_key (w, "source", "mtime_ns");
        g_string_append_printf (w->out, "%" G_GINT64_FORMAT, context->mtime_ns);
    }
}

/* What stands between the fields: the reader's own keys, each at its place. */
static void
append_context_before (struct writer *w, const struct dsn_field *f,
                       const struct dsn_event_context *context)
{
    if (f->scope == DSN_SCOPE_RECIPIENT && f->offset == offsetof (struct dsn_recipient, block_list))
        append_string (w, NULL, "ruleset", context->ruleset);
    else if (f->scope == DSN_SCOPE_REPORT && f->offset == offsetof (struct dsn_report, warnings))
        append_source (w, context);
}

static void
append_event (GString *out, const struct dsn_report *report, size_t i,
              const struct dsn_event_context *context, const struct trim *trim, gsize end)
{
    const struct dsn_recipient *recipient =
        i < report->n_recipients ? &report->recipients[i] : NULL;
    struct writer w = { .out = out, .trim = trim, .end = end };
    struct dsn_report facts = *report;
    size_t n;
    const struct dsn_field *fields = dsn_event_fields (&n);

    facts.kind = dsn_report_event_kind (report, i);
    g_string_append_c (out, '{');
    append_envelope (&w, context, i, dsn_event_count (report));
    for (const struct dsn_field *f = fields; f < fields + n; f++) {
        append_context_before (&w, f, context);
        if (f->scope == DSN_SCOPE_REPORT)
            append_field (&w, f, (const char *)&facts, recipient);
        else if (recipient)
            append_field (&w, f, (const char *)recipient, recipient);
    }
    enter_group (&w, NULL);
    g_string_append_c (out, '}');
}

size_t
dsn_event_count (const struct dsn_report *report)
{
    return report->n_recipients ? report->n_recipients : 1;
}

/* @ret_warnings: that the event is trimmed, then as many of the report's as there's room for. */
static void
warn_of_trim (const struct dsn_report *report, const char *ret_warnings[TRIM_WARNINGS_MAX + 1])
{
    size_t n = 0;

    ret_warnings[n++] = "event trimmed to the size of a line";
    for (size_t i = 0; report->warnings && report->warnings[i] && n < TRIM_WARNINGS_MAX; i++)
        ret_warnings[n++] = report->warnings[i];
    ret_warnings[n] = NULL;
}

void
dsn_event_append_json (GString *out, const struct dsn_report *report, size_t i,
                       const struct dsn_event_context *context)
{
    const gsize start = out->len;
    const size_t n_max = MIN (LINE_MAX_BYTES, MAIL_MAX_BYTES / dsn_event_count (report));
    const char *warnings[TRIM_WARNINGS_MAX + 1];
    struct dsn_report shorter = *report;

    append_event (out, report, i, context, &trims[0], start + n_max);
    for (size_t t = 1; t < G_N_ELEMENTS (trims) && out->len - start > n_max; t++) {
        warn_of_trim (report, warnings);
        shorter.warnings = warnings;
        g_string_truncate (out, start);
        append_event (out, &shorter, i, context, &trims[t],
                      t + 1 < G_N_ELEMENTS (trims) ? start + n_max : G_MAXSIZE);
    }
}
