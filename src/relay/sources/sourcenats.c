/* A JetStream stream that relays filled: a durable consumer, so that several relays share the work.
 * Its events are of many spools, in no order of their numbers.
 */
#include "relay/base/natslink.h"
#include "relay/sources/sources.h"

#include <string.h>

#define BATCH   256
#define WAIT_MS 100

struct nats_source {
    struct natslink *link;
    char *stream, *subject, *durable;
    jsCtx *js;
    natsSubscription *subscription; /* NULL: not connected */
    natsMsgList fetched;
    int next;           /* of them */
    GHashTable *held;   /* name of an event -> natsMsg *, owned: taken and not yet acknowledged */
    uint64_t n_pending; /* as the stream last told */
};

static void
disconnect (struct nats_source *s)
{
    for (; s->next < s->fetched.Count; s->next++) /* the rest comes again */
        g_clear_pointer (&s->fetched.Msgs[s->next], natsMsg_Destroy);
    natsMsgList_Destroy (&s->fetched);
    s->fetched = (natsMsgList){ 0 };
    s->next = 0;
    /* messages die with their subscription: what is held comes again, and sinks can tell */
    g_hash_table_remove_all (s->held);
    g_clear_pointer (&s->subscription, natsSubscription_Destroy);
    g_clear_pointer (&s->js, jsCtx_Destroy);
    natslink_disconnect (s->link);
}

static void
nats_close (void *source)
{
    struct nats_source *s = source;

    disconnect (s);
    g_hash_table_unref (s->held);
    natslink_free (s->link);
    g_free (s->stream);
    g_free (s->subject);
    g_free (s->durable);
    g_free (s);
}

static void *
nats_open (struct section *section, const char *name, GError **error)
{
    struct nats_source *s = g_new0 (struct nats_source, 1);
    const char *stream;

    s->held =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)natsMsg_Destroy);
    s->link = natslink_new (section, name, error);
    stream = s->link ? section_need (section, "Stream", error) : NULL;
    s->stream = g_strdup (stream);
    s->subject = g_strconcat (section_text (section, "Subject", "dsn"), ".>", NULL);
    s->durable = g_strdup (section_text (section, "Durable", name));
    if (stream)
        return s;
    nats_close (s);
    return NULL;
}

static enum source_result
lose (struct nats_source *s, const char *what, natsStatus status, char **ret_trouble)
{
    *ret_trouble = g_strdup_printf ("NATS: %s: %s", what, natsStatus_GetText (status));
    disconnect (s);
    return natslink_is_refused (status) ? SOURCE_ENDED : SOURCE_AWAY;
}

static enum source_result
ensure_connection (struct nats_source *s, char **ret_trouble)
{
    jsSubOptions options;
    jsErrCode code = 0;
    natsStatus status;

    if (s->subscription)
        return SOURCE_NOTHING;
    status = natslink_connect (s->link);
    if (status != NATS_OK)
        return lose (s, "connecting", status, ret_trouble);
    status = natsConnection_JetStream (&s->js, natslink_connection (s->link), NULL);
    if (status != NATS_OK)
        return lose (s, "JetStream", status, ret_trouble);
    (void)jsSubOptions_Init (&options);
    options.Stream = s->stream;
    options.Config.MaxAckPending = 100000;
    options.Config.AckPolicy = js_AckExplicit;
    status =
        js_PullSubscribe (&s->subscription, s->js, s->subject, s->durable, NULL, &options, &code);
    if (status != NATS_OK)
        return lose (s, s->stream, status, ret_trouble);
    return SOURCE_NOTHING;
}

/* Fetches what is there, waiting a moment. */
static enum source_result
fetch (struct nats_source *s, char **ret_trouble)
{
    jsErrCode code = 0;
    natsStatus status;

    natsMsgList_Destroy (&s->fetched);
    s->fetched = (natsMsgList){ 0 };
    s->next = 0;
    status = natsSubscription_Fetch (&s->fetched, s->subscription, BATCH, WAIT_MS, &code);
    if (status == NATS_OK || status == NATS_TIMEOUT)
        return SOURCE_NOTHING;
    return lose (s, "fetching", status, ret_trouble);
}

static void
note_pending (struct nats_source *s, natsMsg *msg)
{
    jsMsgMetaData *data = NULL;

    if (natsMsg_GetMetaData (&data, msg) == NATS_OK)
        s->n_pending = data->NumPending;
    jsMsgMetaData_Destroy (data);
}

/* Makes a parcel of the next message fetched. One that we hold already was sent again since we took
 * long: its new delivery is what must be acknowledged. */
static struct parcel *
take_message (struct nats_source *s, const struct parcel_style *style, char **ret_trouble)
{
    natsMsg *msg = g_steal_pointer (&s->fetched.Msgs[s->next++]);
    const struct dsn_bytes text = { natsMsg_GetData (msg), (size_t)natsMsg_GetDataLength (msg) };
    const char *spool = NULL;
    struct parcel *p;
    char *name;
    bool is_held;

    (void)natsMsgHeader_Get (msg, "dsn-spool", &spool);
    note_pending (s, msg);
    p = parcel_new (text, spool ? spool : s->stream, style);
    if (!p) {
        *ret_trouble = g_strdup_printf ("a message in %s is no event: it's passed over", s->stream);
        (void)natsMsg_Term (msg, NULL);
        natsMsg_Destroy (msg);
        return NULL;
    }
    name = parcel_name (p);
    is_held = g_hash_table_contains (s->held, name);
    (void)g_hash_table_replace (s->held, name, msg);
    if (is_held)
        g_clear_pointer (&p, parcel_free);
    return p;
}

static enum source_result
nats_take (void *source, const struct parcel_style *style, struct parcel **ret_parcel,
           char **ret_trouble)
{
    struct nats_source *s = source;
    enum source_result result = ensure_connection (s, ret_trouble);

    if (result == SOURCE_NOTHING && s->next >= s->fetched.Count)
        result = fetch (s, ret_trouble);
    while (result == SOURCE_NOTHING && !*ret_trouble && s->next < s->fetched.Count) {
        *ret_parcel = take_message (s, style, ret_trouble);
        if (*ret_parcel)
            return SOURCE_PARCEL;
    }
    return result;
}

static int
nats_fd (void *source, int *ret_wait_ms)
{
    (void)source;
    *ret_wait_ms = 10; /* a fetch waits itself */
    return -1;
}

static void
nats_done (void *source, const struct parcel *p)
{
    struct nats_source *s = source;
    g_autofree char *name = parcel_name (p);
    natsMsg *msg = g_hash_table_lookup (s->held, name);

    /* an acknowledgement that is lost makes it come again, which a sink can tell */
    if (msg && s->subscription)
        (void)natsMsg_Ack (msg, NULL);
    (void)g_hash_table_remove (s->held, name);
}

static void
nats_acknowledge (void *source, bool waits)
{
    struct nats_source *s = source;

    if (waits && natslink_connection (s->link))
        (void)natsConnection_FlushTimeout (natslink_connection (s->link), 10000);
}

static bool
nats_check (void *source, char **ret_words)
{
    struct nats_source *s = source;
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    natsStatus status = natslink_connect (s->link);

    if (status == NATS_OK)
        status = natsConnection_JetStream (&s->js, natslink_connection (s->link), NULL);
    if (status == NATS_OK)
        status = js_GetStreamInfo (&info, s->js, s->stream, NULL, &code);
    *ret_words = status == NATS_OK
                     ? g_strdup_printf ("stream %s with %" G_GUINT64_FORMAT " messages", s->stream,
                                        info->State.Msgs)
                     : g_strdup_printf ("NATS: %s: %s", s->stream, natsStatus_GetText (status));
    jsStreamInfo_Destroy (info);
    return status == NATS_OK;
}

static uint64_t
nats_lag (void *source)
{
    const struct nats_source *s = source;

    return s->n_pending + g_hash_table_size (s->held);
}

const struct source_kind source_nats = {
    .name = "nats",
    .open = nats_open,
    .take = nats_take,
    .fd = nats_fd,
    .done = nats_done,
    .acknowledge = nats_acknowledge,
    .check = nats_check,
    .lag = nats_lag,
    .close = nats_close,
};
