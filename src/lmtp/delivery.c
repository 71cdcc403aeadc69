/* The envelope stands in two fields before the mail's own, as Postfix writes them: Return-Path and
 * X-Original-To.
 */
#include "lmtp/delivery.h"

#include <errno.h>

struct delivery {
    struct maildrop *drop;
    struct maildrop_mail mails[SESSION_RECIPIENTS_MAX];
    unsigned n_mails;
};

struct delivery *
delivery_new (struct maildrop *drop)
{
    struct delivery *d = g_new0 (struct delivery, 1);

    d->drop = drop;
    return d;
}

static void
end (void *data)
{
    struct delivery *d = data;

    for (unsigned i = 0; i < d->n_mails; i++)
        maildrop_drop (d->drop, &d->mails[i]);
    d->n_mails = 0;
}

void
delivery_free (struct delivery *d)
{
    if (!d)
        return;
    end (d);
    g_free (d);
}

static bool
write_all (void *data, struct dsn_bytes text)
{
    struct delivery *d = data;

    for (unsigned i = 0; i < d->n_mails; i++)
        if (!maildrop_write (&d->mails[i], text))
            return false;
    return true;
}

static bool
begin (void *data, const char *sender, const GPtrArray *recipients)
{
    struct delivery *d = data;

    d->n_mails = 0;
    for (unsigned i = 0; i < recipients->len; i++) {
        g_autofree char *envelope =
            g_strdup_printf ("Return-Path: <%s>\nX-Original-To: %s\n", sender,
                             (const char *)g_ptr_array_index (recipients, i));
        struct maildrop_mail *mail = &d->mails[i];
        if (!maildrop_begin (d->drop, mail))
            return false;
        d->n_mails++;
        if (!maildrop_write (mail, dsn_bytes_str (envelope)))
            return false;
    }
    return true;
}

static bool
commit (void *data, unsigned i)
{
    struct delivery *d = data;

    return maildrop_commit (d->drop, &d->mails[i]);
}

const struct session_handler delivery_handler = {
    .begin = begin, .write = write_all, .commit = commit, .end = end
};
