/* The plain grammar: token ["/" token] *(";" name "=" value), blanks and folds between.
 */
#include "core/mail/contenttype.h"

#include "core/bytes/text.h"

static bool
is_token_char (char c)
{
    return c > ' ' && c < 0x7f && !strchr ("()<>@,;:\\\"/[]?=*'%", c);
}

/* A parameter's value may hold more than a token strictly can: real boundaries do. */
static bool
is_value_char (char c)
{
    return is_token_char (c) || (c && strchr (":/?='", c));
}

static void
skip_blanks (struct dsn_bytes *in)
{
    while (in->n && strchr (" \t\r\n", in->p[0]))
        *in = dsn_bytes_sub (*in, 1, in->n);
}

static struct dsn_bytes
take_while (struct dsn_bytes *in, bool (*is_one) (char))
{
    struct dsn_bytes taken;
    size_t n = 0;

    while (n < in->n && is_one (in->p[n]))
        n++;
    taken = dsn_bytes_sub (*in, 0, n);
    *in = dsn_bytes_sub (*in, n, in->n);
    return taken;
}

static bool
take_quoted (struct dsn_bytes *in, struct dsn_bytes *ret)
{
    size_t n = 1;

    while (n < in->n && in->p[n] >= ' ' && in->p[n] < 0x7f && in->p[n] != '"' && in->p[n] != '\\')
        n++;
    if (n >= in->n || in->p[n] != '"' || n == 1)
        return false;
    *ret = dsn_bytes_sub (*in, 1, n);
    *in = dsn_bytes_sub (*in, n + 1, in->n);
    /* GMime trims and decodes: nothing to trim or decode may be there */
    return ret->p[0] != ' ' && ret->p[ret->n - 1] != ' ' && text_find (*ret, "=?") == G_MAXSIZE;
}

/* Where the parameter @name goes; NULL: it isn't one that counts. */
static struct dsn_bytes *
slot_of (struct contenttype *ct, struct dsn_bytes name)
{
    const struct {
        const char *name;
        struct dsn_bytes *slot;
    } slots[] = {
        { "charset", &ct->charset },         { "name", &ct->name },
        { "boundary", &ct->boundary },       { "filename", &ct->filename },
        { "report-type", &ct->report_type },
    };

    for (size_t i = 0; i < G_N_ELEMENTS (slots); i++)
        if (text_equal (name, slots[i].name))
            return slots[i].slot;
    return NULL;
}

static bool
read_parameter (struct dsn_bytes *in, struct contenttype *ct)
{
    struct dsn_bytes name = take_while (in, is_token_char), value, *slot;

    if (!name.n || !in->n || in->p[0] != '=')
        return false;
    *in = dsn_bytes_sub (*in, 1, in->n);
    if (in->n && in->p[0] == '"') {
        if (!take_quoted (in, &value))
            return false;
    } else {
        value = take_while (in, is_value_char);
        if (!value.n || text_find (value, "=?") != G_MAXSIZE)
            return false;
    }
    slot = slot_of (ct, name);
    if (slot && slot->p)
        return false;
    if (slot)
        *slot = value;
    return true;
}

/* A token, or two with a '/' between them. */
static bool
take_type (struct dsn_bytes *in, struct dsn_bytes *ret)
{
    const struct dsn_bytes all = *in;

    *ret = take_while (in, is_token_char);
    if (!ret->n)
        return false;
    if (!in->n || in->p[0] != '/')
        return true;
    *in = dsn_bytes_sub (*in, 1, in->n);
    if (!take_while (in, is_token_char).n)
        return false;
    *ret = dsn_bytes_sub (all, 0, all.n - in->n);
    return true;
}

bool
contenttype_read (struct dsn_bytes value, struct contenttype *ret)
{
    *ret = (struct contenttype){ 0 };
    skip_blanks (&value);
    if (!take_type (&value, &ret->type))
        return false;
    for (;;) {
        skip_blanks (&value);
        if (!value.n)
            return true;
        if (value.p[0] != ';')
            return false;
        value = dsn_bytes_sub (value, 1, value.n);
        skip_blanks (&value);
        /* a ';' at the end is common */
        if (value.n && !read_parameter (&value, ret))
            return false;
    }
}
