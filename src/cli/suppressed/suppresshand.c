/* Decisions enter the store with who made them, when and why: those who come after can ask. */
#include "cli/suppressed/suppresshand.h"

#include "cli/suppressed/suppresslist.h"
#include "cli/terminal/verb.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

/* Who is deciding: a login name, or a number. */
static void
name_user (struct store_hand *hand)
{
    const struct passwd *user = getpwuid (getuid ());

    if (user)
        (void)g_strlcpy (hand->who, user->pw_name, sizeof hand->who);
    else
        (void)g_snprintf (hand->who, sizeof hand->who, "%u", getuid ());
    for (char *p = hand->who; *p; p++)
        if (!g_ascii_isgraph (*p))
            *p = '_';
}

/* The decision, without line ends, which would end it in the store. */
static void
fill_hand (const struct suppressed *s, enum store_hand_act act, const char *why,
           struct store_hand *ret)
{
    *ret = (struct store_hand){ .act = act, .at = s->show.now };
    name_user (ret);
    (void)g_strlcpy (ret->why, why, sizeof ret->why);
    for (char *p = ret->why; *p; p++)
        if ((unsigned char)*p < 0x20)
            *p = ' ';
}

/* The end of the day --until in UTC; false after a complaint. */
static bool
read_until (const struct suppressed *s, int64_t *ret)
{
    g_autofree char *text = s->until ? g_strconcat (s->until, "T23:59:59Z", NULL) : NULL;
    g_autoptr (GDateTime) time = text ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

    *ret = time ? g_date_time_to_unix (time) : 0;
    if (!s->until || (time && *ret > s->show.now))
        return true;
    tty_complain ("suppressed: --until takes a day to come, as 2027-01-31");
    return false;
}

static int
decide (struct suppressed *s, char **addresses, enum store_hand_act act)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
    struct store_hand hand;
    int64_t until;

    if (!s->why) {
        tty_complain ("suppressed: --why tells those after you why you decided so");
        return EXIT_CANNOT_TELL;
    }
    if (!read_until (s, &until))
        return EXIT_CANNOT_TELL;
    for (; *addresses; addresses++) {
        char *key = suppressed_key (s, *addresses);
        if (!key)
            return EXIT_CANNOT_TELL;
        g_ptr_array_add (keys, key);
    }
    g_ptr_array_add (keys, NULL);
    fill_hand (s, act, s->why, &hand);
    hand.until = act == STORE_HAND_ADD ? until : 0;
    if (!suppressed_open (s, false))
        return EXIT_CANNOT_TELL;
    return ledger_decide (s->ledger, (const char *const *)keys->pdata, &hand, &error)
               ? EXIT_OK
               : suppressed_complain (error);
}

int
suppresshand_add (struct suppressed *s, char **addresses)
{
    return decide (s, addresses, STORE_HAND_ADD);
}

int
suppresshand_lift (struct suppressed *s, char **addresses)
{
    return decide (s, addresses, STORE_HAND_LIFT);
}

struct import {
    const struct suppressed *s;
    GHashTable *reasons; /* reason -> GPtrArray of keys */
    uint64_t n_taken, n_bad;
};

static void
import_row (const char *address, const char *reason, void *data)
{
    struct import *i = data;
    char *key = store_key (dsn_bytes_str (address), &i->s->options.keying);
    GPtrArray *keys = g_hash_table_lookup (i->reasons, reason);

    if (!key) {
        i->n_bad++;
        return;
    }
    if (!keys) {
        keys = g_ptr_array_new_with_free_func (g_free);
        (void)g_hash_table_insert (i->reasons, g_strdup (reason), keys);
    }
    g_ptr_array_add (keys, key);
    i->n_taken++;
}

/* Enters the addresses of each reason together. */
static bool
enter_import (struct suppressed *s, struct import *i, const char *file, GError **error)
{
    GHashTableIter iter;
    gpointer reason, keys;

    g_hash_table_iter_init (&iter, i->reasons);
    while (g_hash_table_iter_next (&iter, &reason, &keys)) {
        g_autofree char *valid = g_utf8_make_valid (reason, -1);
        g_autofree char *why = g_strdup_printf ("imported from %s: %s", file, valid);
        struct store_hand hand;
        g_ptr_array_add (keys, NULL);
        fill_hand (s, STORE_HAND_ADD, s->why ? s->why : why, &hand);
        if (!ledger_decide (s->ledger, (const char *const *)((GPtrArray *)keys)->pdata, &hand,
                            error))
            return false;
    }
    return true;
}

int
suppresshand_import (struct suppressed *s, char **files)
{
    g_autoptr (GHashTable) reasons =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    struct import i = { .s = s, .reasons = reasons };
    g_autoptr (GError) error = NULL;
    g_autofree char *text = NULL;
    gsize n;

    if (files[1]) {
        tty_complain ("suppressed: import takes one file");
        return EXIT_CANNOT_TELL;
    }
    if (!g_file_get_contents (*files, &text, &n, &error))
        return suppressed_complain (error);
    suppresslist_read ((struct dsn_bytes){ text, n }, import_row, &i);
    if (!suppressed_open (s, false))
        return EXIT_CANNOT_TELL;
    if (!enter_import (s, &i, *files, &error))
        return suppressed_complain (error);
    (void)printf ("%" G_GUINT64_FORMAT " addresses imported", i.n_taken);
    (void)printf (i.n_bad ? ", %" G_GUINT64_FORMAT " passed over: no addresses\n" : "\n", i.n_bad);
    return EXIT_OK;
}

int
suppresshand_forget (struct suppressed *s, char **addresses)
{
    g_autoptr (GError) error = NULL;

    if (!suppressed_open (s, false))
        return EXIT_CANNOT_TELL;
    for (; *addresses; addresses++) {
        g_autofree char *key = suppressed_key (s, *addresses);
        if (!key)
            return EXIT_CANNOT_TELL;
        if (!ledger_forget (s->ledger, key, s->keeps_hash, &error))
            return suppressed_complain (error);
    }
    return EXIT_OK;
}
