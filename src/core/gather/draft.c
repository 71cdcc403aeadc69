/* Drafts: plain records with owned strings.
 */
#include "core/gather/draft.h"

#include "core/bytes/address.h"
#include "core/bytes/text.h"

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
    g_free (d->last_attempt);
    g_free (d->will_retry_until);
    g_free (d);
}

GString *
draft_told (const struct draft *d)
{
    GString *told = g_string_new_len (d->text->str, (gssize)d->text->len);

    g_strdelimit (told->str, "\n", ' ');
    return told;
}

void
draft_append_normal (const struct draft *d, struct normal_text *out)
{
    struct dsn_bytes rest = text_of (d->text), line;

    while (text_next_line (&rest, &line))
        normal_text_append (out, line);
}

/* The name that stands for the draft, and whether it's sure. */
static struct dsn_bytes
best_name (const struct draft *d, bool *ret_is_sure)
{
    const struct {
        const GString *name;
        bool is_unsure;
    } all[] = { { d->original, d->is_original_unsure },
                { d->final, d->is_final_unsure },
                { d->address, d->is_address_unsure } };

    *ret_is_sure = false;
    for (unsigned unsure = 0; unsure <= 1; unsure++)
        for (size_t i = 0; i < G_N_ELEMENTS (all); i++)
            if (all[i].is_unsure == unsure && memchr (all[i].name->str, '@', all[i].name->len)) {
                *ret_is_sure = !unsure;
                return text_of (all[i].name);
            }
    for (size_t i = G_N_ELEMENTS (all); i > 0; i--)
        if (all[i - 1].name->len)
            return text_of (all[i - 1].name);
    return (struct dsn_bytes){ 0 };
}

struct dsn_bytes
draft_address (const struct draft *d)
{
    bool is_sure;

    return best_name (d, &is_sure);
}

bool
draft_is_sure (const struct draft *d)
{
    bool is_sure;

    (void)best_name (d, &is_sure);
    return is_sure;
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
