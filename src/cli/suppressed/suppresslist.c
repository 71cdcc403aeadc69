/* CSV (RFC 4180) and JSON lines. */
#include "cli/suppressed/suppresslist.h"

#include <jansson.h>
#include <string.h>

/* Takes the row of CSV at the start of *@in off it: its fields, unquoted. */
static GPtrArray *
take_row (struct dsn_bytes *in)
{
    GPtrArray *fields = g_ptr_array_new_with_free_func (g_free);
    GString *field = g_string_new (NULL);
    bool is_quoted = false, is_over = false;
    size_t i = 0;

    for (; i < in->n && !is_over; i++) {
        const char c = in->p[i];
        if (c == '"' && is_quoted && i + 1 < in->n && in->p[i + 1] == '"')
            g_string_append_c (field, in->p[++i]);
        else if (c == '"' && (is_quoted || field->len == 0))
            is_quoted = !is_quoted;
        else if (!is_quoted && c == '\n')
            is_over = true;
        else if (!is_quoted && c == ',') {
            g_ptr_array_add (fields, g_strstrip (g_string_free (field, FALSE)));
            field = g_string_new (NULL);
        } else if (c != '\0') {
            g_string_append_c (field, c);
        }
    }
    g_ptr_array_add (fields, g_strstrip (g_string_free (field, FALSE)));
    *in = dsn_bytes_sub (*in, i, in->n);
    return fields;
}

static const char *
get (const GPtrArray *fields, int i)
{
    return i >= 0 && (unsigned)i < fields->len ? g_ptr_array_index (fields, i) : "";
}

/* The column with the first of the names that the header has; -1 if it has none. */
static int
find_column (const GPtrArray *header, const char *const *names)
{
    for (const char *const *name = names; *name; name++)
        for (unsigned i = 0; i < header->len; i++)
            if (g_ascii_strcasecmp (g_ptr_array_index (header, i), *name) == 0)
                return (int)i;
    return -1;
}

static void
take_json (const char *line, suppresslist_fn *take, void *data)
{
    static const char *const names[] = { "emailAddress", "email", "EmailAddress", "address" };
    json_t *row = json_loads (line, 0, NULL);
    const char *address = NULL, *reason;

    for (size_t i = 0; i < G_N_ELEMENTS (names) && !address; i++)
        address = json_string_value (json_object_get (row, names[i]));
    reason = json_string_value (json_object_get (row, "reason"));
    if (address && strchr (address, '@'))
        take (address, reason ? reason : "", data);
    json_decref (row);
}

static void
read_json (struct dsn_bytes text, suppresslist_fn *take, void *data)
{
    g_autofree char *copy = g_strndup (text.p, text.n);
    g_auto (GStrv) lines = g_strsplit (copy, "\n", -1);

    for (char **line = lines; *line; line++)
        take_json (*line, take, data);
}

void
suppresslist_read (struct dsn_bytes text, suppresslist_fn *take, void *data)
{
    static const char *const addresses[] = { "address",      "email",         "recipient",
                                             "emailaddress", "email_address", NULL };
    static const char *const reasons[] = { "reason", "error", "description", "status", NULL };
    int address = -1, reason = 1;

    if (text.n >= 3 && memcmp (text.p, "\xef\xbb\xbf", 3) == 0)
        text = dsn_bytes_sub (text, 3, text.n);
    if (text.n && text.p[0] == '{') {
        read_json (text, take, data);
        return;
    }
    while (text.n) {
        g_autoptr (GPtrArray) fields = take_row (&text);
        if (address < 0) {
            /* the first row: a header, or an address already */
            address = MAX (find_column (fields, addresses), 0);
            reason = strchr (get (fields, address), '@') ? 1 : find_column (fields, reasons);
        }
        if (strchr (get (fields, address), '@'))
            take (get (fields, address), get (fields, reason), data);
    }
}

bool
suppresslist_form (const char *name, enum suppresslist_form *ret_form)
{
    static const char *const names[] = { "csv", "ses", "sendgrid" };

    for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
        if (strcmp (names[i], name) == 0) {
            *ret_form = (enum suppresslist_form)i;
            return true;
        }
    return false;
}

void
suppresslist_append_header (GString *out, enum suppresslist_form form)
{
    if (form == SUPPRESSLIST_CSV)
        g_string_append (out, "address,reason,since,until\r\n");
    else if (form == SUPPRESSLIST_SENDGRID)
        g_string_append (out, "status,reason,email,created\r\n");
}

static void
append_field (GString *out, const char *text)
{
    if (!strpbrk (text, ",\"\r\n")) {
        g_string_append (out, text);
        return;
    }
    g_string_append_c (out, '"');
    for (; *text; text++)
        g_string_append_printf (out, *text == '"' ? "\"\"" : "%c", *text);
    g_string_append_c (out, '"');
}

static void
append_date (GString *out, int64_t seconds)
{
    g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);
    g_autofree char *text =
        time && seconds ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : NULL;

    if (text)
        g_string_append (out, text);
}

static bool
is_complaint (const char *reason)
{
    return strcmp (reason, "complaint") == 0 || strcmp (reason, "unsubscribe") == 0;
}

void
suppresslist_append (GString *out, enum suppresslist_form form, const char *address,
                     const char *reason, int64_t since, int64_t until)
{
    switch (form) {
    case SUPPRESSLIST_CSV:
        append_field (out, address);
        g_string_append_c (out, ',');
        append_field (out, reason);
        g_string_append_c (out, ',');
        append_date (out, since);
        g_string_append_c (out, ',');
        append_date (out, until);
        break;
    case SUPPRESSLIST_SES:
        append_field (out, address);
        g_string_append (out, is_complaint (reason) ? ",COMPLAINT" : ",BOUNCE");
        break;
    case SUPPRESSLIST_SENDGRID:
        g_string_append_c (out, ',');
        append_field (out, reason);
        g_string_append_c (out, ',');
        append_field (out, address);
        g_string_append_printf (out, ",%" G_GINT64_FORMAT, since);
        break;
    default:
        g_assert_not_reached ();
    }
    g_string_append (out, "\r\n");
}
