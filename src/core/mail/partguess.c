/* Fields of RFC 3464 at a part's start.
 */
#include "core/mail/partguess.h"

#include "core/bytes/text.h"

/* What a report's machine part is hardly longer than, and what of a part is looked at. */
#define PART_BYTES 65536
#define HEAD_BYTES 8192
#define MAX_FIELDS 64

/* Whether the part names a recipient and judges it, by the fields of a report. */
static bool
holds_status (const struct mail_part *part)
{
    g_autoptr (GString) text = NULL;
    g_autoptr (GArray) fields = NULL;
    struct dsn_bytes in;
    size_t n;

    if (!part->body.n || part->body.n > PART_BYTES)
        return false;
    text = g_string_new (NULL);
    fields = g_array_new (FALSE, FALSE, sizeof (struct header_field));
    mail_part_append_status (part, text);
    in = dsn_bytes_sub (text_of (text), 0, HEAD_BYTES);
    while (in.n && fields->len < MAX_FIELDS) {
        n = header_read (in, MAX_FIELDS - fields->len, fields);
        in = dsn_bytes_sub (in, n, in.n);
    }
    return (header_has (fields, "final-recipient") || header_has (fields, "original-recipient")) &&
           (header_has (fields, "action") || header_has (fields, "status"));
}

static bool
has_status (const struct mail_message *m)
{
    for (guint i = 0; i < m->parts->len; i++)
        if (((const struct mail_part *)m->parts->pdata[i])->role == PART_STATUS)
            return true;
    return false;
}

void
partguess_roles (struct mail_message *m)
{
    bool is_told = has_status (m);

    for (guint i = 0; i < m->parts->len; i++) {
        struct mail_part *part = m->parts->pdata[i];

        if (part->message)
            partguess_roles (part->message);
        /* in the first part such fields are read as text, with the words before them */
        else if (i > 0 && !is_told && (part->role == PART_TEXT || part->role == PART_OTHER) &&
                 holds_status (part))
            part->role = PART_STATUS;
    }
}
