/* Recorded mails that are still in new/, by letter_key(). */
#include "daemon/intake/known.h"

#include "daemon/spool/spool.h"

#include "core/event/event.h"

#include <string.h>

struct known {
    GHashTable *fates; /* key -> fate + 1 */
};

struct known *
known_new (void)
{
    struct known *known = g_new (struct known, 1);

    known->fates = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    return known;
}

void
known_free (struct known *known)
{
    if (!known)
        return;
    g_hash_table_unref (known->fates);
    g_free (known);
}

/* The file name behind @json, the inside of a JSON string. NULL if bytes of the name were lost
 * when it was made clean, or it has escapes that our writer rarely makes. */
static char *
unescape (const char *json)
{
    GString *out = g_string_new (NULL);

    for (const char *p = json; *p; p++) {
        if (*p == '\\' && (p[1] == '"' || p[1] == '\\')) {
            p++;
        } else if (*p == '\\' || *p == '?' || g_str_has_prefix (p, "\xef\xbf\xbd")) {
            g_string_free (out, TRUE);
            return NULL;
        }
        g_string_append_c (out, *p);
    }
    return g_string_free (out, FALSE);
}

static enum maildir_fate
fate_of (const char *kind)
{
    return letter_fate (
        (enum dsn_kind)dsn_name_lookup (dsn_kind_names, _DSN_KIND_N, dsn_bytes_str (kind)));
}

static struct maildir *
find_mailbox (const GPtrArray *mailboxes, const char *name)
{
    for (unsigned i = 0; i < mailboxes->len; i++)
        if (strcmp (maildir_name (g_ptr_array_index (mailboxes, i)), name) == 0)
            return g_ptr_array_index (mailboxes, i);
    return NULL;
}

/* Whether the mail was moved away just now. */
static bool
recover_one (struct known *known, const struct spool_recorded *r, const GPtrArray *mailboxes)
{
    const struct maildir_mail file = { .size_bytes = r->size_bytes,
                                       .ino = r->ino,
                                       .mtime_ns = r->mtime_ns };
    struct maildir *mailbox = find_mailbox (mailboxes, r->mailbox);
    g_autofree char *name = unescape (r->file);
    const enum maildir_fate fate = fate_of (r->kind);
    struct maildir_mail now;

    if (mailbox && name) {
        /* a look-up by name is sure, unlike a scan */
        if (!maildir_stat (mailbox, name, &now) || now.ino != r->ino ||
            now.size_bytes != r->size_bytes || now.mtime_ns != r->mtime_ns)
            return false;
        if (maildir_retire (mailbox, name, fate))
            return true;
    }
    g_hash_table_replace (known->fates, letter_key (r->mailbox, r->file, &file),
                          GINT_TO_POINTER ((int)fate + 1));
    return false;
}

unsigned
known_recover (struct known *known, const GPtrArray *recorded, const GPtrArray *mailboxes)
{
    unsigned n = 0;

    for (unsigned i = 0; i < recorded->len; i++)
        n += recover_one (known, g_ptr_array_index (recorded, i), mailboxes);
    return n;
}

static char *
key_of (const struct letter *mail)
{
    g_autoptr (GString) json = g_string_new (NULL);

    dsn_json_append_string (json, dsn_bytes_str (mail->clean_name));
    g_string_truncate (json, json->len - 1);
    return letter_key (maildir_name (mail->mailbox), json->str + 1, &mail->file);
}

void
known_add (struct known *known, const struct letter *mail, enum maildir_fate fate)
{
    g_hash_table_replace (known->fates, key_of (mail), GINT_TO_POINTER ((int)fate + 1));
}

bool
known_find (const struct known *known, const struct letter *mail, enum maildir_fate *ret_fate)
{
    g_autofree char *key = NULL;
    int fate;

    if (g_hash_table_size (known->fates) == 0)
        return false;
    key = key_of (mail);
    fate = GPOINTER_TO_INT (g_hash_table_lookup (known->fates, key));
    if (fate)
        *ret_fate = (enum maildir_fate) (fate - 1);
    return fate != 0;
}

void
known_remove (struct known *known, const struct letter *mail)
{
    g_autofree char *key = key_of (mail);

    (void)g_hash_table_remove (known->fates, key);
}

unsigned
known_count (const struct known *known)
{
    return g_hash_table_size (known->fates);
}
