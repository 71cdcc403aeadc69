/* A consumer by itself: its name, its cursor's line, and for how long events wait for it. */
#include "daemon/spool/consumer.h"

#include "core/event/spoolline.h"

#include <string.h>

#define NEW_WORD  "new"
#define SUM_BYTES 8

bool
consumer_is_name (const char *name)
{
    const size_t n = strlen (name);

    if (n == 0 || n > CONSUMER_NAME_MAX || !g_ascii_isalnum (name[0]))
        return false;
    for (const char *p = name; *p; p++)
        if (!g_ascii_isalnum (*p) && !strchr ("._-", *p))
            return false;
    return true;
}

/* Whether the line's last word is the sum of what stands before it. */
static bool
is_sum (struct dsn_bytes line, const char *word)
{
    char sum[SUM_BYTES + 1];
    const size_t n = line.n - strlen (word) - 1;

    (void)g_snprintf (sum, sizeof sum, "%08x", dsn_crc32c (dsn_bytes_sub (line, 0, n)));
    return strcmp (word, sum) == 0;
}

/* Takes off the sum and "new", as far as they're there; the number of words that are left, 0: it's
 * no cursor. With fewer than four words it was written by a version that knew no sum. */
static unsigned
strip (struct dsn_bytes line, char **words, bool *ret_is_new)
{
    unsigned n = g_strv_length (words);

    if (n > 3 && is_sum (line, words[n - 1]))
        n--;
    else if (n != 4 || strcmp (words[3], NEW_WORD) != 0)
        return n < 4 ? n : 0;
    *ret_is_new = n == 4 && strcmp (words[3], NEW_WORD) == 0;
    return n == 3 || *ret_is_new ? 3 : 0;
}

bool
consumer_read_line (const char *text, struct consumer *ret_consumer)
{
    const size_t n_line = strcspn (text, "\n");
    g_autofree char *line = g_strndup (text, n_line);
    g_auto (GStrv) words = g_strsplit (line, " ", 6);
    bool is_new = false;
    const unsigned n = strip ((struct dsn_bytes){ line, n_line }, words, &is_new);
    char *end = NULL;
    guint64 acked, uid;

    if (strcmp (text + n_line, "\n") != 0 || n < 2 || !g_ascii_isdigit (words[0][0]) ||
        !g_ascii_isdigit (words[1][0]))
        return false;
    acked = g_ascii_strtoull (words[0], &end, 10);
    if (*end || acked > INT64_MAX)
        return false;
    uid = g_ascii_strtoull (words[1], &end, 10);
    if (*end || uid > UINT32_MAX)
        return false;
    ret_consumer->acked = acked;
    ret_consumer->uid = (uid_t)uid;
    ret_consumer->has_acked = !is_new;
    ret_consumer->name = g_strdup (n > 2 ? words[2] : NULL);
    return true;
}

int
consumer_line (const struct consumer *consumer, char ret_line[CURSOR_BYTES_MAX + 1])
{
    const int n = g_snprintf (ret_line, CURSOR_BYTES_MAX + 1, "%" G_GUINT64_FORMAT " %u %s%s",
                              consumer->acked, (unsigned)consumer->uid, consumer->name,
                              consumer->has_acked ? "" : " " NEW_WORD);
    const struct dsn_bytes line = { ret_line, (size_t)n };

    return n + g_snprintf (ret_line + n, (gulong)(CURSOR_BYTES_MAX + 1 - n), " %08x\n",
                           dsn_crc32c (line));
}

void
consumer_ack (struct consumer *consumer, uint64_t seq)
{
    consumer->acked = MAX (consumer->acked, seq);
    consumer->has_acked = true;
    consumer->active_us = g_get_monotonic_time ();
}

void
consumer_release (struct consumer *consumer)
{
    consumer->is_in_use = false;
}

const char *
consumer_lapse (const struct consumer *consumer, uint64_t held_bytes,
                const struct consumer_limits *limits)
{
    const int64_t silent_us = g_get_monotonic_time () - consumer->active_us;

    if (limits->timeout_s && silent_us / G_USEC_PER_SEC >= (int64_t)limits->timeout_s)
        return "it acknowledged nothing for longer than ConsumerTimeout";
    if (consumer->uid == 0)
        return NULL;
    if (limits->held_max_bytes && held_bytes > limits->held_max_bytes)
        return "it holds back more than HoldMax";
    if (!consumer->has_acked && held_bytes > limits->new_max_bytes)
        return "it never acknowledged anything, and holds back a quarter of MaxSize";
    return NULL;
}
