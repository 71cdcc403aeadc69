/* A consumer by itself: its name, its cursor's line, and for how long events wait for it. */
#include "daemon/spool/consumer.h"

#include <string.h>

#define NEW_WORD " new"

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

bool
consumer_read_line (const char *text, struct consumer *ret_consumer)
{
    const size_t n_line = strcspn (text, "\n");
    g_autofree char *line = g_strndup (text, n_line);
    g_auto (GStrv) words = g_strsplit (line, " ", 5);
    const unsigned n = g_strv_length (words);
    char *end = NULL;
    guint64 acked, uid;

    if (strcmp (text + n_line, "\n") != 0 || n < 2 || n > 4 || !g_ascii_isdigit (words[0][0]) ||
        !g_ascii_isdigit (words[1][0]))
        return false;
    acked = g_ascii_strtoull (words[0], &end, 10);
    if (*end || acked > INT64_MAX)
        return false;
    uid = g_ascii_strtoull (words[1], &end, 10);
    if (*end || uid > UINT32_MAX || (n == 4 && strcmp (words[3], &NEW_WORD[1]) != 0))
        return false;
    ret_consumer->acked = acked;
    ret_consumer->uid = (uid_t)uid;
    ret_consumer->has_acked = n < 4;
    ret_consumer->name = g_strdup (n > 2 ? words[2] : NULL);
    return true;
}

int
consumer_line (const struct consumer *consumer, char ret_line[CURSOR_BYTES_MAX + 1])
{
    return g_snprintf (ret_line, CURSOR_BYTES_MAX + 1, "%" G_GUINT64_FORMAT " %u %s%s\n",
                       consumer->acked, (unsigned)consumer->uid, consumer->name,
                       consumer->has_acked ? "" : NEW_WORD);
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
