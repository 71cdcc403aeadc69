/* The nodes of a mail's view.
 */
#include "core/mail/mailtree.h"

static void
part_free (void *p)
{
    struct mail_part *part = p;

    mailtree_message_free (part->message);
    g_free (part->type);
    g_free (part->charset);
    g_free (part->file_name);
    g_free (part);
}

struct mail_message *
mailtree_message_new (void)
{
    struct mail_message *m = g_new0 (struct mail_message, 1);

    m->fields = g_array_sized_new (FALSE, FALSE, sizeof (struct header_field), 32);
    m->parts = g_ptr_array_new_with_free_func (part_free);
    return m;
}

void
mailtree_message_free (struct mail_message *m)
{
    if (!m)
        return;
    g_array_unref (m->fields);
    g_ptr_array_unref (m->parts);
    g_free (m->type);
    g_free (m->report_type);
    g_free (m);
}

static enum part_role
role_of (const char *type)
{
    static const struct {
        const char *type;
        enum part_role role;
    } roles[] = {
        { "text/plain", PART_TEXT },
        { "text/html", PART_HTML },
        { "message/delivery-status", PART_STATUS },
        { "message/global-delivery-status", PART_STATUS },
        { "message/xdelivery-status", PART_STATUS },
        { "text/delivery-status", PART_STATUS },
        { "message/feedback-report", PART_FEEDBACK },
        { "message/disposition-notification", PART_DISPOSITION },
        { "message/global-disposition-notification", PART_DISPOSITION },
        { "text/rfc822-headers", PART_HEADERS },
        { "text/rfc822-header", PART_HEADERS },
        { "message/rfc822-headers", PART_HEADERS },
        { "message/global-headers", PART_HEADERS },
        { "message/partial", PART_HEADERS },
        { "message/rfc822", PART_MESSAGE },
        { "message/global", PART_MESSAGE },
        { "text/rfc822", PART_MESSAGE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS (roles); i++)
        if (strcmp (type, roles[i].type) == 0)
            return roles[i].role;
    return g_str_has_prefix (type, "text/") ? PART_TEXT : PART_OTHER;
}

struct mail_part *
mailtree_add_part (struct mail_message *m, char *type)
{
    struct mail_part *part = g_new0 (struct mail_part, 1);

    part->role = role_of (type);
    part->type = type;
    g_ptr_array_add (m->parts, part);
    return part;
}
