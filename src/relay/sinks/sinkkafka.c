/* Kafka, by an idempotent producer: acks=all, and each event confirmed by its delivery report. An
 * address is the key, so that its events stay in one partition.
 */
#include "relay/base/kafkalink.h"
#include "relay/sinks/sinks.h"

#include <string.h>

#define DELIVERY_MS "15000"
#define TURN_US     ((int64_t)25 * 1000 * 1000)

struct kafka_sink {
    struct kafkalink *link;
    char *topic;
    rd_kafka_t *kafka; /* NULL: none */

    /* the turn */
    unsigned n_open;
    char *trouble;
    enum sink_result result;
};

static void
disconnect (struct kafka_sink *s)
{
    if (s->kafka) {
        (void)rd_kafka_purge (s->kafka, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        (void)rd_kafka_flush (s->kafka, 1000);
        rd_kafka_destroy (s->kafka);
    }
    s->kafka = NULL;
}

static void
kafka_close (void *sink)
{
    struct kafka_sink *s = sink;

    disconnect (s);
    kafkalink_free (s->link);
    g_free (s->topic);
    g_free (s->trouble);
    g_free (s);
}

static void *
kafka_open (struct section *section, const char *name, GError **error)
{
    struct kafka_sink *s = g_new0 (struct kafka_sink, 1);

    s->link = kafkalink_new (section, name, error);
    s->topic = g_strdup (section_text (section, "Topic", "dsn"));
    if (s->link)
        return s;
    kafka_close (s);
    return NULL;
}

static void
note (struct kafka_sink *s, rd_kafka_resp_err_t code)
{
    g_free (s->trouble);
    s->trouble = g_strdup_printf ("Kafka: %s", rd_kafka_err2str (code));
    s->result = kafkalink_is_refused (code) ? SINK_REFUSES : SINK_AWAY;
}

/* A delivery report. The message's opaque is its parcel, for as long as the turn lasts. */
static void
take_report (rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque)
{
    struct kafka_sink *s = opaque;
    struct parcel *p = message->_private;

    (void)kafka;
    s->n_open -= s->n_open > 0;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        parcel_confirm (p);
    else if (message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
        parcel_refuse (p, rd_kafka_err2str (message->err));
    else
        note (s, message->err);
}

static bool
connect_producer (struct kafka_sink *s)
{
    rd_kafka_conf_t *conf;
    char words[256];

    if (s->kafka)
        return true;
    conf = kafkalink_conf (s->link);
    (void)rd_kafka_conf_set (conf, "enable.idempotence", "true", NULL, 0);
    (void)rd_kafka_conf_set (conf, "delivery.timeout.ms", DELIVERY_MS, NULL, 0);
    (void)rd_kafka_conf_set (conf, "linger.ms", "5", NULL, 0);
    rd_kafka_conf_set_dr_msg_cb (conf, take_report);
    rd_kafka_conf_set_opaque (conf, s);
    s->kafka = rd_kafka_new (RD_KAFKA_PRODUCER, conf, words, sizeof words);
    if (s->kafka)
        return true;
    rd_kafka_conf_destroy (conf);
    g_free (s->trouble);
    s->trouble = g_strdup_printf ("Kafka: %s", words);
    s->result = SINK_REFUSES;
    return false;
}

static rd_kafka_resp_err_t
produce (struct kafka_sink *s, struct parcel *p)
{
    g_autofree char *name = parcel_name (p);
    g_autofree char *seq = g_strdup_printf ("%" G_GUINT64_FORMAT, p->seq);

    const rd_kafka_vu_t parts[] = {
        { .vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = s->topic },
        { .vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY },
        { .vtype = RD_KAFKA_VTYPE_KEY, .u.mem = { p->recipient, strlen (p->recipient) } },
        { .vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = { p->text, p->n_text } },
        { .vtype = RD_KAFKA_VTYPE_HEADER, .u.header = { "dsn-id", p->id, -1 } },
        { .vtype = RD_KAFKA_VTYPE_HEADER, .u.header = { "dsn-name", name, -1 } },
        { .vtype = RD_KAFKA_VTYPE_HEADER, .u.header = { "dsn-spool", p->spool, -1 } },
        { .vtype = RD_KAFKA_VTYPE_HEADER, .u.header = { "dsn-seq", seq, -1 } },
        { .vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = p },
    };
    rd_kafka_error_t *error = rd_kafka_produceva (s->kafka, parts, G_N_ELEMENTS (parts));
    const rd_kafka_resp_err_t code =
        error ? rd_kafka_error_code (error) : RD_KAFKA_RESP_ERR_NO_ERROR;

    if (error)
        rd_kafka_error_destroy (error);
    return code;
}

static void
produce_all (struct kafka_sink *s, struct parcel **parcels, unsigned n)
{
    for (unsigned i = 0; i < n && s->result == SINK_ANSWERED; i++) {
        const rd_kafka_resp_err_t code = produce (s, parcels[i]);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
            s->n_open++;
        else if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
            parcel_refuse (parcels[i], rd_kafka_err2str (code));
        else
            note (s, code);
        (void)rd_kafka_poll (s->kafka, 0);
    }
}

static enum sink_result
kafka_deliver (void *sink, struct parcel **parcels, unsigned n, bool source_is_ordered,
               char **ret_trouble)
{
    struct kafka_sink *s = sink;
    const int64_t until_us = g_get_monotonic_time () + TURN_US;

    (void)source_is_ordered;
    s->result = SINK_ANSWERED;
    s->n_open = 0;
    g_clear_pointer (&s->trouble, g_free);
    if (connect_producer (s))
        produce_all (s, parcels, n);
    while (s->kafka && s->n_open > 0 && g_get_monotonic_time () < until_us)
        (void)rd_kafka_poll (s->kafka, 100);
    if (s->n_open > 0)
        note (s, RD_KAFKA_RESP_ERR__TIMED_OUT);
    /* a producer that gave up on one message is asked for no more: a new one counts anew. What it
     * holds must not be sent behind our back, and no report may come after this turn. */
    if (s->result != SINK_ANSWERED)
        disconnect (s);
    *ret_trouble = g_steal_pointer (&s->trouble);
    return s->result;
}

static enum sink_result
kafka_check (void *sink, char **ret_words)
{
    struct kafka_sink *s = sink;
    const struct rd_kafka_metadata *data = NULL;
    rd_kafka_topic_t *topic;
    rd_kafka_resp_err_t code;

    s->result = SINK_ANSWERED;
    if (!connect_producer (s)) {
        *ret_words = g_steal_pointer (&s->trouble);
        return s->result;
    }
    topic = rd_kafka_topic_new (s->kafka, s->topic, NULL);
    code = rd_kafka_metadata (s->kafka, 0, topic, &data, 10000);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && data->topic_cnt == 1)
        code = data->topics[0].err;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        *ret_words = g_strdup_printf ("topic %s with %d partitions, %d brokers", s->topic,
                                      data->topics[0].partition_cnt, data->broker_cnt);
    else
        *ret_words = g_strdup_printf ("Kafka: %s", rd_kafka_err2str (code));
    if (data)
        rd_kafka_metadata_destroy (data);
    rd_kafka_topic_destroy (topic);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return SINK_ANSWERED;
    return kafkalink_is_refused (code) ? SINK_REFUSES : SINK_AWAY;
}

/* The library's own work: events of connections. */
static void
kafka_tick (void *sink, char **ret_trouble)
{
    struct kafka_sink *s = sink;

    (void)ret_trouble;
    if (s->kafka)
        (void)rd_kafka_poll (s->kafka, 0);
}

const struct sink_kind sink_kafka = {
    .name = "kafka",
    .open = kafka_open,
    .deliver = kafka_deliver,
    .check = kafka_check,
    .tick = kafka_tick,
    .close = kafka_close,
};
