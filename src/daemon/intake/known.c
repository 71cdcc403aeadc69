/* Recorded mails that are still in new/, by letter_key(). */
#include "daemon/intake/known.h"

#include "core/event/event.h"
#include "daemon/base/sys.h"
#include "daemon/spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define NAME           "stuck"
#define LIST_BYTES_MAX ((size_t)4 * 1024 * 1024)

static const char *const fate_names[] = {
    [MAILDIR_DONE] = "done", [MAILDIR_OTHER] = "other", [MAILDIR_UNPROCESSABLE] = "unprocessable"
};

struct entry {
    enum maildir_fate fate;
    /* of one that was seen in new/ */
    struct maildir *mailbox; /* (borrowed) NULL: it wasn't seen */
    char *name;
    struct maildir_mail file;
};

struct known {
    const GPtrArray *mailboxes;
    GHashTable *entries; /* key -> struct entry */
    unsigned n_stuck;
    bool is_changed;
};

static void
entry_free (gpointer data)
{
    struct entry *entry = data;

    g_free (entry->name);
    g_free (entry);
}

struct known *
known_new (const GPtrArray *mailboxes)
{
    struct known *known = g_new0 (struct known, 1);

    known->mailboxes = mailboxes;
    known->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
    return known;
}

void
known_free (struct known *known)
{
    if (!known)
        return;
    g_hash_table_unref (known->entries);
    g_free (known);
}

static struct maildir *
find_mailbox (const struct known *known, const char *name)
{
    for (unsigned i = 0; i < known->mailboxes->len; i++)
        if (strcmp (maildir_name (g_ptr_array_index (known->mailboxes, i)), name) == 0)
            return g_ptr_array_index (known->mailboxes, i);
    return NULL;
}

static char *
key_of (const struct maildir *mailbox, const char *name, const struct maildir_mail *file)
{
    g_autofree char *clean = letter_clean_name (name);
    g_autoptr (GString) json = g_string_new (NULL);

    dsn_json_append_string (json, dsn_bytes_str (clean));
    g_string_truncate (json, json->len - 1);
    return letter_key (maildir_name (mailbox), json->str + 1, file);
}

static void
forget (struct known *known, const char *key)
{
    const struct entry *entry = g_hash_table_lookup (known->entries, key);

    if (!entry)
        return;
    known->n_stuck -= entry->mailbox != NULL;
    known->is_changed |= entry->mailbox != NULL;
    (void)g_hash_table_remove (known->entries, key);
}

/* The mail @name was seen, and couldn't be moved. */
static void
remember_stuck (struct known *known, struct maildir *mailbox, const char *name,
                const struct maildir_mail *file, enum maildir_fate fate)
{
    char *key = key_of (mailbox, name, file);
    const struct entry *old = g_hash_table_lookup (known->entries, key);
    struct entry *entry = g_new (struct entry, 1);

    *entry =
        (struct entry){ .fate = fate, .mailbox = mailbox, .name = g_strdup (name), .file = *file };
    if (!old || !old->mailbox) {
        known->n_stuck++;
        known->is_changed = true;
    }
    g_hash_table_replace (known->entries, key, entry);
}

/* --- after a start --------------------------------------------------------------------------- */

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

/* Whether the mail was moved away just now. */
static bool
recover_one (struct known *known, const struct spool_recorded *r)
{
    const struct maildir_mail file = {
        .fd = -1, .size_bytes = r->size_bytes, .ino = r->ino, .mtime_ns = r->mtime_ns
    };
    struct maildir *mailbox = find_mailbox (known, r->mailbox);
    g_autofree char *name = unescape (r->file);
    char *key;

    if (mailbox && name) {
        /* a look-up by name is sure, unlike a scan */
        if (!maildir_has (mailbox, name, &file))
            return false;
        if (maildir_retire (mailbox, name, &file, fate_of (r->kind)))
            return true;
        remember_stuck (known, mailbox, name, &file, fate_of (r->kind));
        return false;
    }
    /* it's known only when it's seen, if it's there at all; the list may tell that it was */
    key = letter_key (r->mailbox, r->file, &file);
    if (!g_hash_table_contains (known->entries, key)) {
        struct entry *entry = g_new0 (struct entry, 1);
        entry->fate = fate_of (r->kind);
        g_hash_table_insert (known->entries, g_steal_pointer (&key), entry);
    }
    g_free (key);
    return false;
}

unsigned
known_recover (struct known *known, const GPtrArray *recorded)
{
    unsigned n = 0;

    for (unsigned i = 0; i < recorded->len; i++)
        n += recover_one (known, g_ptr_array_index (recorded, i));
    return n;
}

/* --- the list on disk: "FATE INODE SIZE TIME MAILBOX NAME" a line, the name with C's escapes ---
 */

static void
take_line (struct known *known, const char *line)
{
    g_auto (GStrv) words = g_strsplit (line, " ", 6);
    struct maildir_mail file = { .fd = -1 };
    struct maildir *mailbox;
    g_autofree char *name = NULL;

    if (g_strv_length (words) != 6)
        return;
    file.ino = g_ascii_strtoull (words[1], NULL, 10);
    file.size_bytes = g_ascii_strtoull (words[2], NULL, 10);
    file.mtime_ns = g_ascii_strtoll (words[3], NULL, 10);
    mailbox = find_mailbox (known, words[4]);
    name = g_strcompress (words[5]);
    for (int fate = 0; mailbox && fate < (int)G_N_ELEMENTS (fate_names); fate++)
        if (strcmp (words[0], fate_names[fate]) == 0 && maildir_has (mailbox, name, &file))
            remember_stuck (known, mailbox, name, &file, (enum maildir_fate)fate);
}

bool
known_load (struct known *known, int dirfd)
{
    sys_autofd fd = sys_openat (dirfd, NAME, O_RDONLY, 0);
    g_autofree char *text = g_malloc (LIST_BYTES_MAX + 1);
    const ssize_t n = fd < 0 ? -1 : sys_read_full (fd, text, LIST_BYTES_MAX);
    g_auto (GStrv) lines = NULL;

    if (n < 0)
        return errno == ENOENT;
    text[n] = '\0';
    lines = g_strsplit (text, "\n", -1);
    for (char **line = lines; *line; line++)
        take_line (known, *line);
    known->is_changed = true; /* what is no longer there is left out next time */
    return true;
}

bool
known_store (struct known *known, int dirfd)
{
    g_autoptr (GString) text = g_string_new (NULL);
    GHashTableIter iter;
    gpointer value;

    if (!known->is_changed)
        return true;
    g_hash_table_iter_init (&iter, known->entries);
    while (g_hash_table_iter_next (&iter, NULL, &value)) {
        const struct entry *entry = value;
        g_autofree char *name = entry->mailbox ? g_strescape (entry->name, NULL) : NULL;
        if (name)
            g_string_append_printf (
                text, "%s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %s %s\n",
                fate_names[entry->fate], entry->file.ino, entry->file.size_bytes,
                entry->file.mtime_ns, maildir_name (entry->mailbox), name);
    }
    if (!sys_replace (dirfd, NAME, text->str, text->len))
        return false;
    known->is_changed = false;
    return true;
}

/* --- while it runs --------------------------------------------------------------------------- */

void
known_add (struct known *known, const struct letter *mail, enum maildir_fate fate)
{
    remember_stuck (known, mail->mailbox, mail->name, &mail->file, fate);
}

bool
known_find (const struct known *known, const struct letter *mail, enum maildir_fate *ret_fate)
{
    g_autofree char *key = NULL;
    const struct entry *entry;

    if (g_hash_table_size (known->entries) == 0)
        return false;
    key = key_of (mail->mailbox, mail->name, &mail->file);
    entry = g_hash_table_lookup (known->entries, key);
    if (entry)
        *ret_fate = entry->fate;
    return entry != NULL;
}

void
known_remove (struct known *known, const struct letter *mail)
{
    g_autofree char *key = NULL;

    if (g_hash_table_size (known->entries) == 0)
        return;
    key = key_of (mail->mailbox, mail->name, &mail->file);
    forget (known, key);
}

void
known_prune (struct known *known)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init (&iter, known->entries);
    while (g_hash_table_iter_next (&iter, NULL, &value)) {
        const struct entry *entry = value;
        if (!entry->mailbox || maildir_has (entry->mailbox, entry->name, &entry->file))
            continue;
        known->n_stuck--;
        known->is_changed = true;
        g_hash_table_iter_remove (&iter);
    }
}

unsigned
known_stuck (const struct known *known)
{
    return known->n_stuck;
}
