/* A topic that relays filled, as a member of a consumer group, so that several relays share the
 * partitions. Offsets are committed only after the sink's confirmation.
 */
#include "relay/base/kafkalink.h"
#include "relay/sources/sources.h"

#include <string.h>

#define OFFSET_BITS 40 /* of a parcel's token; the rest is the partition */
#define WAIT_MS     20

struct kafka_source {
    struct kafkalink *link;
    char *topic, *group;
    rd_kafka_t *kafka; /* NULL: not connected */
    GHashTable *done;  /* partition -> int64_t *, the offset to commit; what isn't committed yet */
};

static void
disconnect (struct kafka_source *s)
{
    if (s->kafka) {
        (void)rd_kafka_consumer_close (s->kafka);
        rd_kafka_destroy (s->kafka);
    }
    s->kafka = NULL;
    g_hash_table_remove_all (s->done);
}

static void
kafka_close (void *source)
{
    struct kafka_source *s = source;

    disconnect (s);
    g_hash_table_unref (s->done);
    kafkalink_free (s->link);
    g_free (s->topic);
    g_free (s->group);
    g_free (s);
}

static void *
kafka_open (struct section *section, const char *name, GError **error)
{
    struct kafka_source *s = g_new0 (struct kafka_source, 1);

    s->done = g_hash_table_new_full (NULL, NULL, NULL, g_free);
    s->link = kafkalink_new (section, name, error);
    s->topic = g_strdup (section_text (section, "Topic", "dsn"));
    s->group = g_strdup (section_text (section, "Group", name));
    if (s->link)
        return s;
    kafka_close (s);
    return NULL;
}

static bool
connect_consumer (struct kafka_source *s, char **ret_trouble)
{
    rd_kafka_topic_partition_list_t *topics;
    rd_kafka_conf_t *conf;
    char words[256];

    if (s->kafka)
        return true;
    conf = kafkalink_conf (s->link);
    (void)rd_kafka_conf_set (conf, "group.id", s->group, NULL, 0);
    (void)rd_kafka_conf_set (conf, "enable.auto.commit", "false", NULL, 0);
    (void)rd_kafka_conf_set (conf, "auto.offset.reset", "earliest", NULL, 0);
    (void)rd_kafka_conf_set (conf, "queued.max.messages.kbytes", "4096", NULL, 0);
    s->kafka = rd_kafka_new (RD_KAFKA_CONSUMER, conf, words, sizeof words);
    if (!s->kafka) {
        rd_kafka_conf_destroy (conf);
        *ret_trouble = g_strdup_printf ("Kafka: %s", words);
        return false;
    }
    (void)rd_kafka_poll_set_consumer (s->kafka);
    topics = rd_kafka_topic_partition_list_new (1);
    (void)rd_kafka_topic_partition_list_add (topics, s->topic, RD_KAFKA_PARTITION_UA);
    (void)rd_kafka_subscribe (s->kafka, topics);
    rd_kafka_topic_partition_list_destroy (topics);
    return true;
}

static enum source_result
take_message (struct kafka_source *s, const rd_kafka_message_t *message,
              const struct parcel_style *style, struct parcel **ret_parcel, char **ret_trouble)
{
    const struct dsn_bytes text = { message->payload, message->len };
    rd_kafka_headers_t *headers = NULL;
    const void *value = NULL;
    size_t n = 0;
    g_autofree char *spool = NULL;

    if (rd_kafka_message_headers (message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
        (void)rd_kafka_header_get_last (headers, "dsn-spool", &value, &n);
    spool = value ? g_strndup (value, n) : g_strdup (s->topic);
    *ret_parcel = parcel_new (text, spool, style);
    if (!*ret_parcel) {
        *ret_trouble = g_strdup_printf ("a message in %s is no event: it's passed over", s->topic);
        return SOURCE_NOTHING;
    }
    (*ret_parcel)->token = (uint64_t)message->partition << OFFSET_BITS | (uint64_t)message->offset;
    return SOURCE_PARCEL;
}

static enum source_result
kafka_take (void *source, const struct parcel_style *style, struct parcel **ret_parcel,
            char **ret_trouble)
{
    struct kafka_source *s = source;
    enum source_result result = SOURCE_NOTHING;
    rd_kafka_message_t *message;

    if (!connect_consumer (s, ret_trouble))
        return SOURCE_ENDED;
    message = rd_kafka_consumer_poll (s->kafka, 0);
    if (!message)
        return SOURCE_NOTHING;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        result = take_message (s, message, style, ret_parcel, ret_trouble);
    } else {
        *ret_trouble = g_strdup_printf ("Kafka: %s", rd_kafka_err2str (message->err));
        /* a topic may be made later; rights don't come by themselves */
        if (kafkalink_is_refused (message->err) &&
            message->err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
            result = SOURCE_ENDED;
    }
    rd_kafka_message_destroy (message);
    return result;
}

static int
kafka_fd (void *source, int *ret_wait_ms)
{
    (void)source;
    *ret_wait_ms = WAIT_MS;
    return -1;
}

static void
kafka_done (void *source, const struct parcel *p)
{
    struct kafka_source *s = source;
    const uint64_t partition = p->token >> OFFSET_BITS;
    const int64_t offset = (int64_t)(p->token & (((uint64_t)1 << OFFSET_BITS) - 1)) + 1;
    int64_t *next = g_hash_table_lookup (s->done, GSIZE_TO_POINTER (partition));

    if (!next) {
        next = g_new0 (int64_t, 1);
        (void)g_hash_table_insert (s->done, GSIZE_TO_POINTER (partition), next);
    }
    *next = MAX (*next, offset);
}

static void
kafka_acknowledge (void *source, bool waits)
{
    struct kafka_source *s = source;
    rd_kafka_topic_partition_list_t *offsets;
    GHashTableIter iter;
    gpointer partition, next;

    if (!s->kafka || g_hash_table_size (s->done) == 0)
        return;
    offsets = rd_kafka_topic_partition_list_new ((int)g_hash_table_size (s->done));
    g_hash_table_iter_init (&iter, s->done);
    while (g_hash_table_iter_next (&iter, &partition, &next))
        rd_kafka_topic_partition_list_add (offsets, s->topic, (int32_t)GPOINTER_TO_SIZE (partition))
            ->offset = *(int64_t *)next;
    /* a commit that is lost makes events come again, which sinks can tell; what was committed is
     * not forgotten before another commit or the end, so that the last one is waited for */
    (void)rd_kafka_commit (s->kafka, offsets, !waits);
    rd_kafka_topic_partition_list_destroy (offsets);
}

static bool
kafka_check (void *source, char **ret_words)
{
    struct kafka_source *s = source;
    const struct rd_kafka_metadata *data = NULL;
    rd_kafka_topic_t *topic;
    rd_kafka_resp_err_t code;
    rd_kafka_t *kafka;
    rd_kafka_conf_t *conf = kafkalink_conf (s->link);
    char words[256];

    kafka = rd_kafka_new (RD_KAFKA_PRODUCER, conf, words, sizeof words);
    if (!kafka) {
        rd_kafka_conf_destroy (conf);
        *ret_words = g_strdup (words);
        return false;
    }
    topic = rd_kafka_topic_new (kafka, s->topic, NULL);
    code = rd_kafka_metadata (kafka, 0, topic, &data, 10000);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        *ret_words =
            g_strdup_printf ("topic %s, %d partitions, group %s", s->topic,
                             data->topic_cnt ? data->topics[0].partition_cnt : 0, s->group);
    else
        *ret_words = g_strdup_printf ("Kafka: %s", rd_kafka_err2str (code));
    if (data)
        rd_kafka_metadata_destroy (data);
    rd_kafka_topic_destroy (topic);
    rd_kafka_destroy (kafka);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* Not known without asking each partition's broker. */
static uint64_t
kafka_lag (void *source)
{
    (void)source;
    return 0;
}

const struct source_kind source_kafka = {
    .name = "kafka",
    .open = kafka_open,
    .take = kafka_take,
    .fd = kafka_fd,
    .done = kafka_done,
    .acknowledge = kafka_acknowledge,
    .check = kafka_check,
    .lag = kafka_lag,
    .close = kafka_close,
};
