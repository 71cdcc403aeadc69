/* Redis Streams. One stream a spool, and an entry's id is the event's number: Redis itself refuses
 * what it has. A turn is a transaction, so that none is there without those before it.
 */
#include "relay/sinks/sinks.h"

#include <hiredis/hiredis.h>
#include <string.h>
#include <sys/time.h>

#define TIMEOUT_S 20

struct redis_sink {
    char *host, *unix_path, *stream, *user, *password;
    uint64_t port, max_entries, replicas;
    redisContext *redis; /* NULL: not connected */
};

static void
disconnect (struct redis_sink *s)
{
    g_clear_pointer (&s->redis, redisFree);
}

static void
redis_close (void *sink)
{
    struct redis_sink *s = sink;

    disconnect (s);
    if (s->password)
        explicit_bzero (s->password, strlen (s->password));
    g_free (s->password);
    g_free (s->host);
    g_free (s->unix_path);
    g_free (s->stream);
    g_free (s->user);
    g_free (s);
}

static bool
read_keys (struct redis_sink *s, struct section *section, GError **error)
{
    s->host = g_strdup (section_text (section, "Host", "127.0.0.1"));
    s->unix_path = g_strdup (section_text (section, "Socket", NULL));
    s->stream = g_strdup (section_text (section, "Stream", "dsn"));
    s->user = g_strdup (section_text (section, "User", NULL));
    if (!section_number (section, "Port", 6379, 1, 65535, &s->port, error) ||
        !section_number (section, "MaxEntries", 0, 0, 1ULL << 40, &s->max_entries, error) ||
        !section_number (section, "Replicas", 0, 0, 100, &s->replicas, error) ||
        !section_secret (section, "Password", &s->password, error))
        return false;
    return true;
}

static void *
redis_open (struct section *section, const char *name, GError **error)
{
    struct redis_sink *s = g_new0 (struct redis_sink, 1);

    (void)name;
    if (read_keys (s, section, error))
        return s;
    redis_close (s);
    return NULL;
}

/* What an error reply means. "-NOAUTH", "-WRONGPASS", "-NOPERM", "-WRONGTYPE" need a person; the
 * rest ("-OOM", "-LOADING", "-READONLY", "-MASTERDOWN" ...) passes. */
static enum sink_result
judge (const char *words)
{
    static const char *const final[] = { "NOAUTH",
                                         "WRONGPASS",
                                         "NOPERM",
                                         "WRONGTYPE",
                                         "ERR AUTH",
                                         "ERR invalid password",
                                         "ERR unknown command" };

    for (size_t i = 0; i < G_N_ELEMENTS (final); i++)
        if (g_str_has_prefix (words, final[i]))
            return SINK_REFUSES;
    return SINK_AWAY;
}

static enum sink_result
lose (struct redis_sink *s, const char *words, char **ret_trouble)
{
    const enum sink_result result = judge (words);

    *ret_trouble = g_strdup_printf ("Redis: %s", words);
    disconnect (s);
    return result;
}

static enum sink_result
lose_connection (struct redis_sink *s, char **ret_trouble)
{
    g_autofree char *words =
        g_strdup (s->redis && *s->redis->errstr ? s->redis->errstr : "no connection");

    return lose (s, words, ret_trouble);
}

static enum sink_result
log_in (struct redis_sink *s, char **ret_trouble)
{
    redisReply *reply;
    enum sink_result result = SINK_ANSWERED;

    if (!s->password)
        return SINK_ANSWERED;
    reply = s->user ? redisCommand (s->redis, "AUTH %s %s", s->user, s->password)
                    : redisCommand (s->redis, "AUTH %s", s->password);
    if (!reply)
        return lose_connection (s, ret_trouble);
    if (reply->type == REDIS_REPLY_ERROR)
        result = lose (s, reply->str, ret_trouble);
    freeReplyObject (reply);
    return result;
}

static enum sink_result
ensure_connection (struct redis_sink *s, char **ret_trouble)
{
    const struct timeval timeout = { .tv_sec = TIMEOUT_S };

    if (s->redis)
        return SINK_ANSWERED;
    s->redis = s->unix_path ? redisConnectUnixWithTimeout (s->unix_path, timeout)
                            : redisConnectWithTimeout (s->host, (int)s->port, timeout);
    if (!s->redis || s->redis->err)
        return lose_connection (s, ret_trouble);
    (void)redisSetTimeout (s->redis, timeout);
    (void)redisEnableKeepAlive (s->redis);
    return log_in (s, ret_trouble);
}

static void
append_add (struct redis_sink *s, const struct parcel *p)
{
    const char *name = p->spool;
    g_autofree char *key = g_strdup_printf ("%s:%s", s->stream, name);
    g_autofree char *id = g_strdup_printf ("%" G_GUINT64_FORMAT "-0", p->seq);
    g_autofree char *most = g_strdup_printf ("%" G_GUINT64_FORMAT, s->max_entries);
    const char *words[14];
    size_t sizes[14], n = 0;

#define WORD(text) (words[n] = (text), sizes[n] = strlen (words[n]), n++)
    WORD ("XADD");
    WORD (key);
    if (s->max_entries) {
        WORD ("MAXLEN");
        WORD ("~");
        WORD (most);
    }
    WORD (id);
    WORD ("event");
    words[n] = p->text;
    sizes[n++] = p->n_text;
    WORD ("kind");
    WORD (p->kind);
    WORD ("recipient");
    WORD (p->recipient);
#undef WORD
    (void)redisAppendCommandArgv (s->redis, (int)n, words, sizes);
}

/* An id that isn't above the stream's last one is there already: events come in their order. */
static bool
is_repeat (const redisReply *reply)
{
    return strstr (reply->str, "equal or smaller than the target stream top item") != NULL;
}

/* Takes EXEC's answer: one for each parcel. */
static enum sink_result
take_outcomes (struct redis_sink *s, const redisReply *exec, struct parcel **parcels, unsigned n,
               char **ret_trouble)
{
    if (exec->type == REDIS_REPLY_ERROR)
        return lose (s, exec->str, ret_trouble);
    if (exec->type != REDIS_REPLY_ARRAY || exec->elements != n)
        return lose (s, "the transaction was not carried out", ret_trouble);
    for (unsigned i = 0; i < n; i++) {
        const redisReply *reply = exec->element[i];
        if (reply->type != REDIS_REPLY_ERROR || is_repeat (reply))
            parcel_confirm (parcels[i]);
        else
            return lose (s, reply->str, ret_trouble);
    }
    return SINK_ANSWERED;
}

/* Reads the answers to MULTI and to what was queued. The first error among them is kept: it's what
 * EXEC fails for. */
static enum sink_result
read_answers (struct redis_sink *s, struct parcel **parcels, unsigned n, char **ret_trouble)
{
    g_autofree char *first = NULL;
    enum sink_result result;
    redisReply *reply;

    for (unsigned i = 0; i < n + 1; i++) {
        if (redisGetReply (s->redis, (void **)&reply) != REDIS_OK)
            return lose_connection (s, ret_trouble);
        if (reply->type == REDIS_REPLY_ERROR && !first)
            first = g_strdup (reply->str);
        freeReplyObject (reply);
    }
    if (redisGetReply (s->redis, (void **)&reply) != REDIS_OK)
        return lose_connection (s, ret_trouble);
    result =
        first ? lose (s, first, ret_trouble) : take_outcomes (s, reply, parcels, n, ret_trouble);
    freeReplyObject (reply);
    return result;
}

/* Waits for so many replicas; nothing is confirmed if they don't come. */
static enum sink_result
await_replicas (struct redis_sink *s, struct parcel **parcels, unsigned n, char **ret_trouble)
{
    redisReply *reply = redisCommand (s->redis, "WAIT %d %d", (int)s->replicas, TIMEOUT_S * 500);
    const bool is_ok =
        reply && reply->type == REDIS_REPLY_INTEGER && reply->integer >= (long long)s->replicas;

    if (reply)
        freeReplyObject (reply);
    if (is_ok)
        return SINK_ANSWERED;
    for (unsigned i = 0; i < n; i++)
        parcels[i]->outcome = PARCEL_OPEN;
    return lose (s, "too few replicas have the events", ret_trouble);
}

static enum sink_result
redis_deliver (void *sink, struct parcel **parcels, unsigned n, bool source_is_ordered,
               char **ret_trouble)
{
    struct redis_sink *s = sink;
    enum sink_result result;

    /* out of order Redis would take a later event and refuse an earlier one */
    if (!source_is_ordered) {
        *ret_trouble =
            g_strdup ("Redis Streams need a source whose events come in order: a socket");
        return SINK_REFUSES;
    }
    result = ensure_connection (s, ret_trouble);
    if (result != SINK_ANSWERED)
        return result;
    (void)redisAppendCommand (s->redis, "MULTI");
    for (unsigned i = 0; i < n; i++)
        append_add (s, parcels[i]);
    (void)redisAppendCommand (s->redis, "EXEC");
    result = read_answers (s, parcels, n, ret_trouble);
    if (result == SINK_ANSWERED && s->replicas)
        result = await_replicas (s, parcels, n, ret_trouble);
    return result;
}

static enum sink_result
redis_check (void *sink, char **ret_words)
{
    struct redis_sink *s = sink;
    enum sink_result result = ensure_connection (s, ret_words);
    redisReply *reply;

    if (result != SINK_ANSWERED)
        return result;
    reply = redisCommand (s->redis, "PING");
    if (!reply)
        return lose_connection (s, ret_words);
    if (reply->type == REDIS_REPLY_ERROR)
        result = lose (s, reply->str, ret_words);
    else
        *ret_words = g_strdup_printf ("Redis answers; events go to %s:SPOOL", s->stream);
    freeReplyObject (reply);
    return result;
}

const struct sink_kind sink_redis = {
    .name = "redis",
    .is_ordered = true,
    .open = redis_open,
    .deliver = redis_deliver,
    .check = redis_check,
    .close = redis_close,
};
