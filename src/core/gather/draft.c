/* Drafts: plain records with owned strings.
 */
#include "core/gather/draft.h"

#include "core/bytes/address.h"

#include <dsn/bytes.h>

struct draft *
draft_new (void)
{
    struct draft *d = g_new0 (struct draft, 1);

    d->address = g_string_new (NULL);
    d->original = g_string_new (NULL);
    d->final = g_string_new (NULL);
    d->status_text = g_string_new (NULL);
    d->diagnostic = g_string_new (NULL);
    d->text = g_string_new (NULL);
    return d;
}

void
draft_free (void *p)
{
    struct draft *d = p;

    if (!d)
        return;
    g_string_free (d->address, TRUE);
    g_string_free (d->original, TRUE);
    g_string_free (d->final, TRUE);
    g_string_free (d->status_text, TRUE);
    g_string_free (d->diagnostic, TRUE);
    g_string_free (d->text, TRUE);
    g_free (d->diagnostic_type);
    g_free (d->remote_mta);
    g_free (d->remote_ip);
    g_free (d->last_attempt);
    g_free (d->will_retry_until);
    g_free (d);
}

struct dsn_bytes
draft_address (const struct draft *d)
{
    const GString *all[] = { d->original, d->final, d->address };

    for (size_t i = 0; i < G_N_ELEMENTS (all); i++)
        if (memchr (all[i]->str, '@', all[i]->len))
            return (struct dsn_bytes){ all[i]->str, all[i]->len };
    for (size_t i = G_N_ELEMENTS (all); i > 0; i--)
        if (all[i - 1]->len)
            return (struct dsn_bytes){ all[i - 1]->str, all[i - 1]->len };
    return (struct dsn_bytes){ 0 };
}

bool
draft_goes_by (const struct draft *d, struct dsn_bytes address)
{
    const GString *names[] = { d->final, d->original, d->address };

    for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
        if (address_equal ((struct dsn_bytes){ names[i]->str, names[i]->len }, address))
            return true;
    return false;
}
