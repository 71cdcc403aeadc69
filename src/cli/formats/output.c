/* One place decides how events look. */
#include "cli/formats/output.h"

#include "formats/outformat.h"
#include "cli/formats/pretty.h"

#include <string.h>

bool
output_choose (const struct output_arguments *a, const char *verb, struct output *ret_output)
{
    const char *name = a->format;
    struct output o = { .tty = tty_of (stdout) };

    if ((name != NULL) + a->is_json + a->is_pretty > 1) {
        tty_complain ("%s: choose one of --format, --json and --pretty", verb);
        return false;
    }
    o.is_pretty = a->is_pretty || g_strcmp0 (name, "pretty") == 0 ||
                  (!name && !a->is_json && o.tty.is_terminal);
    o.format = name ? outformat_lookup (name) : NULL;
    if (name && !o.format && !o.is_pretty && strcmp (name, "json") != 0) {
        tty_complain ("%s: there's no format '%s': choose json, pretty, sisimai, ses or kumomta",
                      verb, name);
        return false;
    }
    *ret_output = o;
    return true;
}

bool
output_append (const struct output *o, GString *out, struct dsn_bytes json)
{
    g_autoptr (GString) record = o->format ? g_string_new (NULL) : NULL;

    if (o->is_pretty) {
        pretty_append_json (out, json, &o->tty);
        return true;
    }
    if (record && !outformat_append (o->format, record, json))
        return false;
    if (record)
        json = (struct dsn_bytes){ record->str, record->len };
    if (o->tty.is_terminal)
        tty_append_json (out, json);
    else
        g_string_append_len (out, json.p, (gssize)json.n);
    g_string_append_c (out, '\n');
    return true;
}
