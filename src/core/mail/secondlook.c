/* The sample, and what counts as a difference.
 */
#include "core/mail/secondlook.h"

#include <stdint.h>
#include <string.h>

#define ONE_OF      1000
#define SAMPLE_SIZE 1024 /* bytes: a mail's trace and ids stand in them */
#define MULTIPLIER                                                                                 \
    UINT64_C (0x9e3779b97f4a7c15) /* 2^64 over the golden ratio: spreads all bits                  \
                                   */

static uint64_t
mix (uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * MULTIPLIER;
    return hash ^ (hash >> 32);
}

bool
secondlook_is_due (struct dsn_bytes in)
{
    const size_t n = MIN (in.n, SAMPLE_SIZE);
    uint64_t hash = in.n;

    for (size_t i = 0; i < n; i += sizeof (uint64_t)) {
        uint64_t word = 0;
        memcpy (&word, in.p + i, MIN (n - i, sizeof word));
        hash = mix (hash, GUINT64_FROM_LE (word));
    }
    return mix (hash, 0) % ONE_OF == 0;
}

static bool
is_same (struct dsn_bytes a, struct dsn_bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp (a.p, b.p, a.n) == 0);
}

static bool
do_fields_differ (const GArray *a, const GArray *b)
{
    for (guint i = 0; i < a->len && i < b->len; i++) {
        const struct header_field *x = &g_array_index (a, struct header_field, i);
        const struct header_field *y = &g_array_index (b, struct header_field, i);
        if (!is_same (x->name, y->name) || !is_same (x->value, y->value))
            return true;
    }
    return a->len != b->len;
}

static bool
do_parts_differ (const struct mail_part *a, const struct mail_part *b)
{
    if (a->role != b->role || a->encoding != b->encoding || a->is_attachment != b->is_attachment ||
        g_strcmp0 (a->type, b->type) != 0 || g_strcmp0 (a->charset, b->charset) != 0 ||
        g_strcmp0 (a->file_name, b->file_name) != 0 || !is_same (a->body, b->body))
        return true;
    if (!a->message || !b->message)
        return a->message != b->message;
    return secondlook_differ (a->message, b->message);
}

bool
secondlook_differ (const struct mail_message *a, const struct mail_message *b)
{
    if (g_strcmp0 (a->type, b->type) != 0 || g_strcmp0 (a->report_type, b->report_type) != 0 ||
        do_fields_differ (a->fields, b->fields) || a->parts->len != b->parts->len)
        return true;
    for (guint i = 0; i < a->parts->len; i++)
        if (do_parts_differ (a->parts->pdata[i], b->parts->pdata[i]))
            return true;
    return false;
}

struct mail *
secondlook_choose (struct mail *plain, struct mail *by_gmime)
{
    const bool is_different = secondlook_differ (plain->message, by_gmime->message);
    struct mail *chosen = is_different ? by_gmime : plain;

    mail_free (is_different ? plain : by_gmime);
    chosen->split = is_different ? DSN_SPLIT_DIFFERENT : DSN_SPLIT_SAME;
    return chosen;
}

struct mail *
secondlook_read (struct dsn_bytes in, const struct dsn_options *options)
{
    struct mail *mail = mail_read_as (in, options);

    if (mail->split != DSN_SPLIT_PLAIN || !secondlook_is_due (in))
        return mail;
    return secondlook_choose (mail, mail_read_by_gmime (in, &options->limits));
}
