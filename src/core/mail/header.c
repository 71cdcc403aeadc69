/* Header fields as slices of the raw bytes.
 */
#include "core/mail/header.h"

#include "core/bytes/text.h"

bool
header_is_field (struct dsn_bytes line, struct dsn_bytes *ret_name)
{
    size_t n = 0;

    while (n < line.n && line.p[n] > ' ' && line.p[n] < 0x7f && line.p[n] != ':')
        n++;
    if (n == 0)
        return false;
    *ret_name = dsn_bytes_sub (line, 0, n);
    /* "Subject :" is wrong but real */
    while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
        n++;
    return n < line.n && line.p[n] == ':';
}

/* Lets the value of the last field go on to the end of @line. */
static void
extend_last (GArray *fields, struct dsn_bytes line)
{
    struct header_field *last;

    if (!fields->len)
        return;
    last = &g_array_index (fields, struct header_field, fields->len - 1);
    last->value.n = (size_t)(line.p + line.n - last->value.p);
}

size_t
header_read (struct dsn_bytes in, size_t max, GArray *fields)
{
    struct dsn_bytes rest = in, line, name;
    bool is_open = false;
    guint first = fields->len;

    while (text_next_line (&rest, &line)) {
        if (!line.n)
            break;
        if (line.p[0] == ' ' || line.p[0] == '\t') {
            if (is_open)
                extend_last (fields, line);
        } else if (header_is_field (line, &name)) {
            const char *colon = memchr (name.p + name.n, ':', line.n - name.n);
            struct header_field field = { name, { colon + 1, 0 } };

            is_open = fields->len - first < max;
            if (!is_open)
                continue;
            field.value.n = (size_t)(line.p + line.n - field.value.p);
            g_array_append_val (fields, field);
        } else
            is_open = false;
    }
    for (guint i = first; i < fields->len; i++) {
        struct header_field *field = &g_array_index (fields, struct header_field, i);
        field->value = text_trim (field->value);
    }
    return in.n - rest.n;
}

struct dsn_bytes
header_get (const GArray *fields, const char *name)
{
    for (guint i = 0; i < fields->len; i++) {
        const struct header_field *field = &g_array_index (fields, struct header_field, i);
        if (text_equal (field->name, name))
            return field->value;
    }
    return (struct dsn_bytes){ 0 };
}

struct dsn_bytes
header_get_last (const GArray *fields, const char *name)
{
    for (guint i = fields->len; i > 0; i--) {
        const struct header_field *field = &g_array_index (fields, struct header_field, i - 1);
        if (text_equal (field->name, name))
            return field->value;
    }
    return (struct dsn_bytes){ 0 };
}

bool
header_has (const GArray *fields, const char *name)
{
    for (guint i = 0; i < fields->len; i++)
        if (text_equal (g_array_index (fields, struct header_field, i).name, name))
            return true;
    return false;
}
