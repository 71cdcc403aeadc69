#include "core/explain/codename.h"

struct dsn_bytes
codename_strip (struct dsn_bytes in)
{
    static const char wrapping[] = " \t\r\n#()<>[]{}\"'`.,;:!?-";

    while (in.n && memchr (wrapping, in.p[0], sizeof wrapping - 1))
        in = dsn_bytes_sub (in, 1, in.n);
    while (in.n && memchr (wrapping, in.p[in.n - 1], sizeof wrapping - 1))
        in.n--;
    return in;
}

/* A number of 1 to 3 digits at *@at, which is moved behind it. */
static bool
read_number (struct dsn_bytes in, size_t *at, unsigned *ret_value)
{
    unsigned value = 0;
    size_t start = *at;

    while (*at < in.n && *at - start < 3 && g_ascii_isdigit (in.p[*at]))
        value = value * 10 + (unsigned)(in.p[(*at)++] - '0');
    *ret_value = value;
    return *at > start;
}

static bool
is_any (char c)
{
    return c == 'x' || c == 'X' || c == '*';
}

/* "5xx" or "5.x.x". */
static bool
is_class (struct dsn_bytes in)
{
    if (in.n == 3)
        return is_any (in.p[1]) && is_any (in.p[2]);
    return in.n == 5 && in.p[1] == '.' && is_any (in.p[2]) && in.p[3] == '.' && is_any (in.p[4]);
}

/* ".SUBJECT.DETAIL" behind the class; the detail may be x, for the subject as a whole. */
static bool
read_status (struct dsn_bytes in, struct codename *code)
{
    size_t at = 2;

    if (in.p[1] != '.' || !read_number (in, &at, &code->subject) || at + 1 >= in.n ||
        in.p[at++] != '.')
        return false;
    if (at + 1 == in.n && is_any (in.p[at]))
        return true;
    return read_number (in, &at, &code->detail) && at == in.n;
}

bool
codename_read (struct dsn_bytes in, struct codename *ret_code)
{
    struct codename code = { 0 };

    in = codename_strip (in);
    if (in.n < 3 || in.p[0] == '0' || !(g_ascii_isdigit (in.p[0]) || is_any (in.p[0])))
        return false;
    code.cls = is_any (in.p[0]) ? 0 : (unsigned)(in.p[0] - '0');
    if (code.cls && is_class (in)) {
        code.kind = DSN_EXPLAIN_CLASS;
    } else if (code.cls && in.n == 3 && g_ascii_isdigit (in.p[1]) && g_ascii_isdigit (in.p[2])) {
        code.kind = DSN_EXPLAIN_REPLY;
        code.subject = (unsigned)(in.p[1] - '0');
        code.detail = (unsigned)(in.p[2] - '0');
    } else {
        code.kind = DSN_EXPLAIN_STATUS;
        if (!read_status (in, &code))
            return false;
    }
    *ret_code = code;
    return true;
}

char *
codename_format (const struct codename *code)
{
    char cls = code->cls ? (char)('0' + code->cls) : 'x';

    if (code->kind == DSN_EXPLAIN_CLASS)
        return g_strdup_printf ("%cxx", cls);
    if (code->kind == DSN_EXPLAIN_REPLY)
        return g_strdup_printf ("%c%u%u", cls, code->subject, code->detail);
    return g_strdup_printf ("%c.%u.%u", cls, code->subject, code->detail);
}

unsigned
codename_distance (struct dsn_bytes a, struct dsn_bytes b, unsigned limit)
{
    unsigned row[64];

    if (a.n >= G_N_ELEMENTS (row) || b.n >= G_N_ELEMENTS (row))
        return limit;
    for (unsigned i = 0; i <= b.n; i++)
        row[i] = i;
    for (size_t k = 0; k < a.n; k++) {
        unsigned diagonal = row[0]++;
        for (size_t i = 1; i <= b.n; i++) {
            unsigned replace =
                diagonal + (g_ascii_tolower (a.p[k]) != g_ascii_tolower (b.p[i - 1]));
            diagonal = row[i];
            row[i] = MIN (replace, MIN (row[i], row[i - 1]) + 1);
        }
    }
    return MIN (row[b.n], limit);
}
