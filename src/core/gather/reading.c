/* What the steps of one reading ask of it. */
#include "core/gather/reading.h"

const struct mail_part *
reading_part (const struct mail_message *m, enum part_role role)
{
    for (guint i = 0; i < m->parts->len; i++) {
        const struct mail_part *part = m->parts->pdata[i];
        if (part->role == role)
            return part;
    }
    return NULL;
}

GString *
reading_header (const struct reading *p, const struct mail_message *m, const char *name)
{
    GString *line = g_string_new (NULL);

    mail_append_header (line, header_get (m->fields, name), p->options->limits.value_bytes);
    return line;
}

GString *
reading_mailbox (const struct reading *p, const struct mail_message *m, const char *name)
{
    GString *address = g_string_new (NULL);

    (void)mail_append_mailbox (address, header_get (m->fields, name),
                               p->options->limits.value_bytes);
    return address;
}
