#include "store/ledger/pgcolumns.h"

void
pgcolumns_init (struct pgcolumns *c, unsigned n)
{
    c->n = n;
    for (unsigned i = 0; i < n; i++)
        c->texts[i] = g_string_new ("{");
}

void
pgcolumns_clear (struct pgcolumns *c)
{
    for (unsigned i = 0; i < c->n; i++)
        (void)g_string_free (c->texts[i], TRUE);
}

void
pgcolumns_add_text (struct pgcolumns *c, unsigned i, const char *text)
{
    GString *out = c->texts[i];

    g_string_append (out, out->len > 1 ? ",\"" : "\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            g_string_append_c (out, '\\');
        g_string_append_c (out, *text);
    }
    g_string_append_c (out, '"');
}

void
pgcolumns_add_number (struct pgcolumns *c, unsigned i, int64_t number)
{
    g_string_append_printf (c->texts[i], "%s%" G_GINT64_FORMAT, c->texts[i]->len > 1 ? "," : "",
                            number);
}

void
pgcolumns_finish (struct pgcolumns *c, const char **ret)
{
    for (unsigned i = 0; i < c->n; i++)
        ret[i] = g_string_append_c (c->texts[i], '}')->str;
}
