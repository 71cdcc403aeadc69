/* Reports as bytes: u8 field number from 1 in the table of dsn_event_fields(), then its value;
 * number 0 ends the report's own fields, and those of each recipient. Numbers: u32.
 * Strings: u32 length, bytes. Lists and pairs: u32 count, strings.
 */
#include "daemon/workers/wire.h"

#include "core/event/event.h"

#include <string.h>

#define LIST_MAX      1024           /* elements of a list, pairs of a map */
#define WARNING_BYTES ((size_t)4096) /* kept free for the warning about recipients left out */

static const char too_large[] = "recipients left out: the report is larger than 4 MiB";

static void
put_number (GString *out, uint32_t value)
{
    g_string_append_len (out, (const char *)&value, sizeof value);
}

static void
put_string (GString *out, const char *text)
{
    const size_t n = strlen (text);

    put_number (out, (uint32_t)n);
    g_string_append_len (out, text, (gssize)n);
}

static void
put_list (GString *out, unsigned number, const char **list)
{
    uint32_t n = 0;

    while (list && list[n])
        n++;
    n = MIN (n, LIST_MAX);
    if (n == 0)
        return;
    g_string_append_c (out, (char)number);
    put_number (out, n);
    for (uint32_t i = 0; i < n; i++)
        put_string (out, list[i]);
}

/* Of pairs with the same name the first counts. */
static bool
is_repeated (const struct dsn_pair *pairs, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp (pairs[k].name, pairs[i].name) == 0)
            return true;
    return false;
}

static void
put_pairs (GString *out, unsigned number, const struct dsn_pair *pairs, size_t n)
{
    uint32_t n_put = 0;
    gsize count_at;

    n = MIN (n, LIST_MAX);
    if (n == 0)
        return;
    g_string_append_c (out, (char)number);
    count_at = out->len;
    put_number (out, 0);
    for (size_t i = 0; i < n; i++) {
        if (is_repeated (pairs, i))
            continue;
        n_put++;
        put_string (out, pairs[i].name);
        put_string (out, pairs[i].value ? pairs[i].value : "");
    }
    memcpy (out->str + count_at, &n_put, sizeof n_put);
}

/* Appends what's stated of one field of the structure at @base. */
static void
put_field (GString *out, unsigned number, const struct dsn_field *field, const char *base)
{
    const void *at = base + field->offset;
    const char *text;
    unsigned value;

    switch (field->type) {
    case DSN_FIELD_STRING:
        text = *(const char *const *)at;
        if (!text)
            return;
        g_string_append_c (out, (char)number);
        put_string (out, text);
        return;
    case DSN_FIELD_NAME:
    case DSN_FIELD_REPLY:
    case DSN_FIELD_PERCENT:
    case DSN_FIELD_CATEGORY:
        value = *(const unsigned *)at;
        if (!value)
            return;
        g_string_append_c (out, (char)number);
        put_number (out, value);
        return;
    case DSN_FIELD_LIST:
        put_list (out, number, *(const char ***)at);
        return;
    case DSN_FIELD_PAIRS:
        put_pairs (out, number, *(struct dsn_pair *const *)at,
                   *(const size_t *)(base + field->offset + sizeof (struct dsn_pair *)));
        return;
    }
}

static void
put_scope (GString *out, enum dsn_field_scope scope, const void *base)
{
    size_t n;
    const struct dsn_field *fields = dsn_event_fields (&n);

    for (size_t i = 0; i < n; i++)
        if (fields[i].scope == scope)
            put_field (out, (unsigned)i + 1, &fields[i], base);
    g_string_append_c (out, '\0');
}

void
wire_encode (GString *out, struct dsn_report *report)
{
    g_autoptr (GString) recipients = g_string_new (NULL);
    const size_t n = report->n_recipients;
    uint32_t n_sent = 0;
    size_t before;

    before = out->len;
    put_scope (out, DSN_SCOPE_REPORT, report);
    before = out->len - before;
    for (; n_sent < n; n_sent++) {
        const gsize end = recipients->len;
        put_scope (recipients, DSN_SCOPE_RECIPIENT, &report->recipients[n_sent]);
        if (before + recipients->len + WARNING_BYTES > WIRE_REPORT_MAX_BYTES) {
            g_string_truncate (recipients, end);
            break;
        }
    }
    if (n_sent < n) {
        dsn_report_warn (report, too_large);
        g_string_truncate (out, out->len - before);
        put_scope (out, DSN_SCOPE_REPORT, report);
    }
    put_number (out, n_sent);
    g_string_append_len (out, recipients->str, (gssize)recipients->len);
}

struct reader {
    struct dsn_bytes in;
    size_t at;
    const struct dsn_limits *limits;
    struct dsn_report *report;
};

static bool
get_byte (struct reader *r, unsigned *ret)
{
    if (r->at >= r->in.n)
        return false;
    *ret = (unsigned char)r->in.p[r->at++];
    return true;
}

static bool
get_number (struct reader *r, uint32_t *ret)
{
    if (r->in.n - r->at < sizeof *ret)
        return false;
    memcpy (ret, r->in.p + r->at, sizeof *ret);
    r->at += sizeof *ret;
    return true;
}

/* Whether the text is what the core promises: UTF-8, no C0 or C1 control, no DEL. */
static bool
is_clean (struct dsn_bytes text)
{
    bool is_ascii = true;

    for (size_t i = 0; i < text.n; i++) {
        const unsigned char c = (unsigned char)text.p[i];
        if (c < 0x20 || c == 0x7f)
            return false;
        if (c == 0xc2 && i + 1 < text.n && (unsigned char)text.p[i + 1] < 0xa0)
            return false;
        is_ascii &= c < 0x80;
    }
    return is_ascii || g_utf8_validate_len (text.p, text.n, NULL);
}

static bool
get_string (struct reader *r, const char **ret)
{
    struct dsn_bytes text;
    uint32_t n;
    char *copy;

    if (!get_number (r, &n) || n > r->limits->value_bytes || n > r->in.n - r->at)
        return false;
    text = dsn_bytes_sub (r->in, r->at, r->at + n);
    r->at += n;
    if (!is_clean (text))
        return false;
    copy = dsn_report_alloc (r->report, text.n + 1);
    if (n)
        memcpy (copy, text.p, n);
    *ret = copy;
    return true;
}

static bool
get_list (struct reader *r, const char ***to)
{
    const char **list;
    uint32_t n;

    if (*to || !get_number (r, &n) || n == 0 || n > LIST_MAX ||
        n > (r->in.n - r->at) / sizeof (uint32_t))
        return false;
    list = dsn_report_alloc (r->report, (n + 1) * sizeof *list);
    for (uint32_t i = 0; i < n; i++)
        if (!get_string (r, &list[i]))
            return false;
    *to = list;
    return true;
}

static bool
get_pairs (struct reader *r, char *base, size_t offset)
{
    struct dsn_pair **to = (struct dsn_pair **)(void *)(base + offset);
    size_t *n_to = (size_t *)(void *)(base + offset + sizeof *to);
    struct dsn_pair *pairs;
    uint32_t n;

    if (*to || !get_number (r, &n) || n == 0 || n > LIST_MAX ||
        n > (r->in.n - r->at) / (2 * sizeof (uint32_t)))
        return false;
    pairs = dsn_report_alloc (r->report, n * sizeof *pairs);
    for (uint32_t i = 0; i < n; i++)
        if (!get_string (r, &pairs[i].name) || !get_string (r, &pairs[i].value) ||
            is_repeated (pairs, i))
            return false;
    *to = pairs;
    *n_to = n;
    return true;
}

static bool
is_in_range (const struct dsn_field *field, uint32_t value)
{
    if (field->type == DSN_FIELD_NAME)
        return value < field->n_names;
    if (field->type == DSN_FIELD_CATEGORY)
        return value < dsn_category_count ();
    if (field->type == DSN_FIELD_REPLY)
        return value >= 200 && value <= 599;
    return value <= 100;
}

static bool
get_field (struct reader *r, const struct dsn_field *field, char *base)
{
    void *at = base + field->offset;
    uint32_t value;

    switch (field->type) {
    case DSN_FIELD_STRING:
        return !*(const char **)at && get_string (r, at);
    case DSN_FIELD_NAME:
    case DSN_FIELD_REPLY:
    case DSN_FIELD_PERCENT:
    case DSN_FIELD_CATEGORY:
        if (!get_number (r, &value) || value == 0 || !is_in_range (field, value))
            return false;
        *(unsigned *)at = value;
        return true;
    case DSN_FIELD_LIST:
        return get_list (r, at);
    case DSN_FIELD_PAIRS:
        return get_pairs (r, base, field->offset);
    }
    return false;
}

/* Reads fields up to the end mark, each in the order of the table and thus once. */
static bool
get_scope (struct reader *r, enum dsn_field_scope scope, void *base)
{
    size_t n;
    const struct dsn_field *fields = dsn_event_fields (&n);
    unsigned last = 0;
    unsigned number;

    for (;;) {
        if (!get_byte (r, &number))
            return false;
        if (number == 0)
            return true;
        if (number <= last || number > n || fields[number - 1].scope != scope ||
            !get_field (r, &fields[number - 1], base))
            return false;
        last = number;
    }
}

struct dsn_report *
wire_decode (struct dsn_bytes in, const struct dsn_limits *limits)
{
    struct dsn_report *report = dsn_report_new ();
    struct reader r = { .in = in, .limits = limits, .report = report };
    uint32_t n = 0;
    bool is_ok;

    is_ok = in.n <= WIRE_REPORT_MAX_BYTES && get_scope (&r, DSN_SCOPE_REPORT, report) &&
            report->kind != DSN_KIND_NONE && get_number (&r, &n) && n <= limits->recipients_count;
    for (uint32_t i = 0; is_ok && i < n; i++)
        is_ok = get_scope (&r, DSN_SCOPE_RECIPIENT, dsn_report_add_recipient (report));
    if (is_ok && r.at == in.n)
        return report;
    dsn_report_free (report);
    return NULL;
}
