/* NATS JetStream: published together, each confirmed by the stream's own acknowledgement. */
#include "relay/base/natslink.h"
#include "relay/sinks/sinks.h"

#include <string.h>

#define TIMEOUT_MS 20000

struct nats_sink {
    struct natslink *link;
    char *stream, *subject;
    jsCtx *js; /* NULL: not connected */

    /* the turn; the library's thread takes acknowledgements */
    GMutex lock;
    GCond is_answered;
    GHashTable *open; /* id of a message -> struct parcel *, (borrowed) both */
    uint64_t n_late;  /* of earlier turns: passed over */
    char *trouble;
    bool is_refused;
};

static void
disconnect (struct nats_sink *s)
{
    g_clear_pointer (&s->js, jsCtx_Destroy);
    natslink_disconnect (s->link);
}

static void
nats_close (void *sink)
{
    struct nats_sink *s = sink;

    disconnect (s);
    natslink_free (s->link);
    g_hash_table_unref (s->open);
    g_mutex_clear (&s->lock);
    g_cond_clear (&s->is_answered);
    g_free (s->trouble);
    g_free (s->stream);
    g_free (s->subject);
    g_free (s);
}

static void *
nats_open (struct section *section, const char *name, GError **error)
{
    struct nats_sink *s = g_new0 (struct nats_sink, 1);
    const char *stream;

    g_mutex_init (&s->lock);
    g_cond_init (&s->is_answered);
    s->open = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    s->link = natslink_new (section, name, error);
    stream = s->link ? section_need (section, "Stream", error) : NULL;
    s->stream = g_strdup (stream);
    s->subject = g_strdup (section_text (section, "Subject", "dsn"));
    if (stream)
        return s;
    nats_close (s);
    return NULL;
}

/* A leader that is being elected answers as if there were no stream at all (10076): only the
 * stream's own absence, told by the servers, is for a person. */
static bool
is_for_good (const jsPubAckErr *e)
{
    return e->Err == NATS_MAX_PAYLOAD || e->ErrCode == JSStreamMessageExceedsMaximumErr;
}

/* On a thread of the library. */
static void
take_ack (jsCtx *js, natsMsg *msg, jsPubAck *ack, jsPubAckErr *e, void *closure)
{
    struct nats_sink *s = closure;
    const char *id = NULL;
    struct parcel *p;

    (void)js;
    (void)natsMsgHeader_Get (msg, "Nats-Msg-Id", &id);
    g_mutex_lock (&s->lock);
    p = id ? g_hash_table_lookup (s->open, id) : NULL;
    if (!p) {
        s->n_late++;
    } else if (ack) {
        parcel_confirm (p);
    } else if (e && is_for_good (e)) {
        parcel_refuse (p, e->ErrText ? e->ErrText : "the stream refuses it");
    } else if (!s->trouble) {
        s->trouble = g_strdup (e && e->ErrText ? e->ErrText : "no acknowledgement");
    }
    if (p)
        (void)g_hash_table_remove (s->open, id);
    g_cond_signal (&s->is_answered);
    g_mutex_unlock (&s->lock);
    natsMsg_Destroy (msg);
}

static enum sink_result
lose (struct nats_sink *s, const char *what, natsStatus status, char **ret_trouble)
{
    const bool is_refused = natslink_is_refused (status);

    *ret_trouble = g_strdup_printf ("NATS: %s: %s", what, natsStatus_GetText (status));
    disconnect (s);
    return is_refused ? SINK_REFUSES : SINK_AWAY;
}

static enum sink_result
ensure_connection (struct nats_sink *s, char **ret_trouble)
{
    natsStatus status;
    jsOptions options;

    if (s->js)
        return SINK_ANSWERED;
    status = natslink_connect (s->link);
    if (status != NATS_OK)
        return lose (s, "connecting", status, ret_trouble);
    (void)jsOptions_Init (&options);
    options.PublishAsync.AckHandler = take_ack;
    options.PublishAsync.AckHandlerClosure = s;
    status = natsConnection_JetStream (&s->js, natslink_connection (s->link), &options);
    return status == NATS_OK ? SINK_ANSWERED : lose (s, "JetStream", status, ret_trouble);
}

/* A word of a subject: what can't be one becomes "_". */
static char *
subject_of (const struct nats_sink *s, const struct parcel *p)
{
    g_autofree char *kind = g_strdup (*p->kind ? p->kind : "other");
    g_autofree char *category = g_strdup (*p->category ? p->category : "none");

    (void)g_strcanon (kind, "abcdefghijklmnopqrstuvwxyz0123456789_-", '_');
    (void)g_strcanon (category, "abcdefghijklmnopqrstuvwxyz0123456789_-", '_');
    return g_strdup_printf ("%s.%s.%s", s->subject, kind, category);
}

static natsStatus
publish (struct nats_sink *s, struct parcel *p)
{
    g_autofree char *subject = subject_of (s, p);
    g_autofree char *id = parcel_name (p);
    g_autofree char *seq = g_strdup_printf ("%" G_GUINT64_FORMAT, p->seq);
    jsPubOptions options;
    natsMsg *msg = NULL;
    natsStatus status;

    (void)jsPubOptions_Init (&options);
    options.MaxWait = TIMEOUT_MS;
    options.MsgId = id;
    options.ExpectStream = s->stream;
    status = natsMsg_Create (&msg, subject, NULL, p->text, (int)p->n_text);
    if (status == NATS_OK)
        status = natsMsgHeader_Set (msg, "dsn-spool", p->spool);
    if (status == NATS_OK)
        status = natsMsgHeader_Set (msg, "dsn-seq", seq);
    if (status == NATS_OK) {
        g_mutex_lock (&s->lock);
        (void)g_hash_table_insert (s->open, g_strdup (id), p);
        g_mutex_unlock (&s->lock);
        status = js_PublishMsgAsync (s->js, &msg, &options);
    }
    natsMsg_Destroy (msg);
    if (status == NATS_OK)
        return status;
    g_mutex_lock (&s->lock);
    (void)g_hash_table_remove (s->open, id);
    g_mutex_unlock (&s->lock);
    return status;
}

/* Waits until all is answered, or time is up. Takes the table's parcels back: what is answered
 * later is passed over. */
static char *
await_acks (struct nats_sink *s)
{
    const int64_t until_us = g_get_monotonic_time () + (int64_t)TIMEOUT_MS * 1000;
    char *trouble;

    g_mutex_lock (&s->lock);
    while (g_hash_table_size (s->open) > 0 &&
           g_cond_wait_until (&s->is_answered, &s->lock, until_us))
        ;
    if (g_hash_table_size (s->open) > 0 && !s->trouble)
        s->trouble = g_strdup ("no acknowledgement within twenty seconds");
    g_hash_table_remove_all (s->open);
    trouble = g_steal_pointer (&s->trouble);
    g_mutex_unlock (&s->lock);
    return trouble;
}

/* Whether the stream is there; called after trouble, since the answers to a message can't tell a
 * stream that isn't there from one without a leader. */
static enum sink_result
ask_for_stream (struct nats_sink *s, char **ret_trouble)
{
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    const natsStatus status = js_GetStreamInfo (&info, s->js, s->stream, NULL, &code);

    jsStreamInfo_Destroy (info);
    if (status == NATS_NOT_FOUND || code == JSStreamNotFoundErr) {
        g_free (*ret_trouble);
        *ret_trouble = g_strdup_printf (
            "NATS: there's no stream %s: create it (docs/relay-nats.md)", s->stream);
        disconnect (s);
        return SINK_REFUSES;
    }
    return SINK_AWAY;
}

static enum sink_result
nats_deliver (void *sink, struct parcel **parcels, unsigned n, bool source_is_ordered,
              char **ret_trouble)
{
    struct nats_sink *s = sink;
    enum sink_result result = ensure_connection (s, ret_trouble);
    natsStatus status = NATS_OK;
    g_autofree char *trouble = NULL;

    (void)source_is_ordered;
    if (result != SINK_ANSWERED)
        return result;
    for (unsigned i = 0; i < n && status == NATS_OK; i++) {
        status = publish (s, parcels[i]);
        if (status == NATS_MAX_PAYLOAD) {
            parcel_refuse (parcels[i], "it's larger than the servers take (max_payload)");
            status = NATS_OK;
        }
    }
    trouble = await_acks (s);
    if (status != NATS_OK)
        return lose (s, "publishing", status, ret_trouble);
    if (!trouble)
        return SINK_ANSWERED;
    *ret_trouble = g_strdup_printf ("NATS: %s", trouble);
    return ask_for_stream (s, ret_trouble);
}

static enum sink_result
nats_check (void *sink, char **ret_words)
{
    struct nats_sink *s = sink;
    enum sink_result result = ensure_connection (s, ret_words);
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    natsStatus status;

    if (result != SINK_ANSWERED)
        return result;
    status = js_GetStreamInfo (&info, s->js, s->stream, NULL, &code);
    if (status == NATS_NOT_FOUND)
        return ask_for_stream (s, ret_words);
    if (status != NATS_OK)
        return lose (s, s->stream, status, ret_words);
    *ret_words = g_strdup_printf ("stream %s with %" G_GUINT64_FORMAT " messages, %" G_GINT64_FORMAT
                                  " replicas",
                                  s->stream, info->State.Msgs, info->Config->Replicas);
    jsStreamInfo_Destroy (info);
    return SINK_ANSWERED;
}

const struct sink_kind sink_nats = {
    .name = "nats",
    .open = nats_open,
    .deliver = nats_deliver,
    .check = nats_check,
    .close = nats_close,
};
