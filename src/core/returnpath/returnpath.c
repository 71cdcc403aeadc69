/* The envelope recipient of the report, decoded: SRS (an address rewritten by a forwarder), BATV
 * (prvs=), a token, VERP (the recipient folded into the local part).
 */
#include "core/returnpath/returnpath.h"

#include "core/bytes/address.h"
#include "core/mail/mail.h"
#include "core/returnpath/srs.h"
#include "core/bytes/text.h"
#include "core/returnpath/wrapping.h"
#include "core/returnpath/token.h"
#include "core/returnpath/verp.h"

#define ADDRESS_BYTES 1024

/* What one envelope address says. */
struct decoded {
    enum dsn_scheme scheme;
    GString *recipient; /* "" if it doesn't say */
    struct dsn_bytes tag;
    GString *bare; /* what the slices point into */
};

static bool
decode_token (struct decoded *d, struct dsn_bytes local)
{
    struct token_shape shape;

    if (token_find (local, &shape) != TOKEN_WHOLE)
        return false;
    if (shape.user.n)
        wrapping_put_address (d->recipient, shape.user, shape.domain);
    if (d->recipient->len && !address_is (text_of (d->recipient))) {
        g_string_truncate (d->recipient, 0);
        return false;
    }
    d->scheme = DSN_SCHEME_TOKEN;
    d->tag = shape.tag;
    return true;
}

static bool
decode_verp (struct decoded *d, struct dsn_bytes local, const char *const *templates)
{
    struct verp verp;

    for (; *templates; templates++) {
        if (!verp_read (*templates, local, &verp))
            continue;
        if (verp.user.n) {
            wrapping_put_address (d->recipient, verp.user, verp.domain);
            if (!memchr (verp.domain.p, '.', verp.domain.n) ||
                !address_is (text_of (d->recipient))) {
                g_string_truncate (d->recipient, 0);
                continue;
            }
        }
        d->scheme = DSN_SCHEME_VERP;
        d->tag = verp.tag;
        return true;
    }
    return false;
}

static void
decode (struct decoded *d, struct dsn_bytes address, const struct dsn_options *options)
{
    const char *const *templates =
        options->envelope_templates ? options->envelope_templates : verp_default_templates;
    struct dsn_bytes local;

    d->scheme = wrapping_unwrap (address, d->bare);
    local = wrapping_local (text_of (d->bare));
    if (decode_token (d, local) || decode_verp (d, local, templates) || !d->scheme)
        return;
    /* a wrapping alone tells the sender that was wrapped */
    g_string_append_len (d->recipient, d->bare->str, (gssize)d->bare->len);
}

static void
take (struct dsn_report *report, struct dsn_bytes address, const struct decoded *d)
{
    report->return_path.address = dsn_report_string (report, address);
    report->return_path.scheme = d->scheme;
    report->return_path.recipient = dsn_report_string (report, text_of (d->recipient));
    report->return_path.tag = dsn_report_string (report, d->tag);
}

/* Of the addresses the first that decodes counts, else the first. */
static void
consider (struct dsn_report *report, struct dsn_bytes address, const struct dsn_options *options)
{
    struct decoded d = { .recipient = g_string_new (NULL), .bare = g_string_new (NULL) };
    const char *before = report->return_path.address;
    const enum dsn_scheme scheme = report->return_path.scheme;

    decode (&d, address, options);
    if (!before || (d.scheme && !scheme) ||
        (d.scheme == DSN_SCHEME_TOKEN && scheme != DSN_SCHEME_TOKEN))
        take (report, address, &d);
    else if (d.scheme == DSN_SCHEME_TOKEN && !address_equal (dsn_bytes_str (before), address))
        report->trust = DSN_TRUST_SUSPECT;
    g_string_free (d.recipient, TRUE);
    g_string_free (d.bare, TRUE);
}

static const char *
kept (struct dsn_report *report, const char *address, const char *told)
{
    return !address && g_strcmp0 (told, report->return_path.recipient) != 0 ? told : address;
}

void
returnpath_take_recipient (struct dsn_report *report)
{
    const bool is_wish = report->kind == DSN_KIND_COMPLAINT || report->kind == DSN_KIND_UNSUBSCRIBE;
    struct dsn_recipient *r;

    if (!report->return_path.recipient || report->n_recipients > 1 ||
        report->kind == DSN_KIND_OTHER || report->kind == DSN_KIND_UNPROCESSABLE)
        return;
    if (!report->n_recipients) {
        r = dsn_report_add_recipient (report);
        r->cls = DSN_CLASS_NEITHER;
        r->advice = is_wish ? DSN_ADVICE_SUPPRESS : DSN_ADVICE_NOTHING;
    }
    r = &report->recipients[0];
    if (r->recipient_source == DSN_RECIPIENT_SOURCE_ORIGINAL)
        r->original_recipient = kept (report, r->original_recipient, r->recipient);
    else if (r->recipient_source != DSN_RECIPIENT_SOURCE_RETURN_PATH)
        r->final_recipient = kept (report, r->final_recipient, r->recipient);
    r->recipient = report->return_path.recipient;
    r->recipient_source = DSN_RECIPIENT_SOURCE_RETURN_PATH;
}

void
returnpath_read (const GArray *fields, const struct dsn_options *options, struct dsn_report *report)
{
    for (size_t h = 0; options->envelope_headers && options->envelope_headers[h]; h++)
        for (guint i = 0; i < fields->len; i++) {
            const struct header_field *field = &g_array_index (fields, struct header_field, i);
            g_autoptr (GString) address = g_string_new (NULL);

            if (!text_equal (field->name, options->envelope_headers[h]))
                continue;
            (void)mail_append_mailbox (address, field->value, ADDRESS_BYTES);
            if (address->len)
                consider (report, text_of (address), options);
        }
    if (report->return_path.scheme == DSN_SCHEME_VERP ||
        report->return_path.scheme == DSN_SCHEME_TOKEN)
        returnpath_take_recipient (report);
}
