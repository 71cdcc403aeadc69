/* The envelope recipient of the report, decoded: SRS (an address rewritten by a forwarder), BATV
 * (prvs=), VERP (the recipient folded into the local part).
 */
#include "returnpath.h"

#include "address.h"
#include "mail.h"
#include "text.h"

static struct dsn_bytes
local_part (struct dsn_bytes address)
{
    struct dsn_bytes domain = address_domain (address);

    return dsn_bytes_sub (address, 0, address.n - domain.n - (domain.n ? 1 : 0));
}

/* "bounces+user=example.net": the recipient behind the last '+' or '-' that leaves one '='. */
static bool
read_verp (struct dsn_bytes local, struct dsn_report *report)
{
    const char *equals = memrchr (local.p, '=', local.n);
    size_t at = equals ? (size_t)(equals - local.p) : 0, start;
    g_autoptr (GString) out = NULL;

    if (!equals || !memchr (equals, '.', (size_t)(local.p + local.n - equals)))
        return false;
    for (start = at; start > 0 && local.p[start - 1] != '+'; start--)
        ;
    if (!start)
        for (start = at; start > 0 && local.p[start - 1] != '-'; start--)
            ;
    if (!start || start == at)
        return false;
    out = g_string_new_len (local.p + start, (gssize)(at - start));
    g_string_append_c (out, '@');
    g_string_append_len (out, equals + 1, local.p + local.n - equals - 1);
    if (!address_is ((struct dsn_bytes){ out->str, out->len }))
        return false;
    report->return_path.scheme = DSN_SCHEME_VERP;
    report->return_path.recipient =
        dsn_report_string (report, (struct dsn_bytes){ out->str, out->len });
    return true;
}

static void
decode (struct dsn_bytes address, struct dsn_report *report)
{
    struct dsn_bytes local = local_part (address);

    if (text_has_prefix (local, "srs0") || text_has_prefix (local, "srs1"))
        report->return_path.scheme = DSN_SCHEME_SRS;
    else if (text_has_prefix (local, "prvs=") || text_has_prefix (local, "btv1=="))
        report->return_path.scheme = DSN_SCHEME_BATV;
    else
        (void)read_verp (local, report);
}

void
returnpath_read (const GArray *fields, const struct dsn_options *options, struct dsn_report *report)
{
    for (size_t i = 0; options->envelope_headers && options->envelope_headers[i]; i++) {
        g_autoptr (GString) line = g_string_new (NULL);
        g_autoptr (GString) address = g_string_new (NULL);

        mail_append_header (line, header_get (fields, options->envelope_headers[i]), 1024);
        address_append_from_header (address, (struct dsn_bytes){ line->str, line->len });
        if (!address->len)
            continue;
        report->return_path.address =
            dsn_report_string (report, (struct dsn_bytes){ address->str, address->len });
        decode ((struct dsn_bytes){ address->str, address->len }, report);
        return;
    }
}
