/* librdkafka's mock cluster as a program: brokers that speak Kafka on loopback. It prints their
 * addresses, then obeys lines on its standard input and answers each with a line:
 *   errors N CODE     the next N produce requests fail with this code
 *   down N, up N      a broker goes and comes
 *   dump              all messages of the topic "dsn", one a line: key, a tab, the value
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <glib.h>
#include <stdio.h>
#include <string.h>

#define PARTITIONS  3
#define PATIENCE_US ((gint64)60 * 1000 * 1000)

static void
be_silent (const rd_kafka_t *kafka, int level, const char *facility, const char *words)
{
    (void)kafka;
    (void)level;
    (void)facility;
    (void)words;
}

static void
dump (const char *brokers)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new ();
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new (3);
    const gint64 until_us = g_get_monotonic_time () + PATIENCE_US;
    unsigned n_ended = 0;
    char words[256];
    rd_kafka_t *kafka;

    rd_kafka_conf_set_log_cb (conf, be_silent);
    (void)rd_kafka_conf_set (conf, "enable.partition.eof", "true", NULL, 0);
    (void)rd_kafka_conf_set (conf, "bootstrap.servers", brokers, NULL, 0);
    (void)rd_kafka_conf_set (conf, "group.id", "dump", NULL, 0);
    (void)rd_kafka_conf_set (conf, "auto.offset.reset", "earliest", NULL, 0);
    (void)rd_kafka_conf_set (conf, "enable.auto.commit", "false", NULL, 0);
    kafka = rd_kafka_new (RD_KAFKA_CONSUMER, conf, words, sizeof words);
    (void)rd_kafka_poll_set_consumer (kafka);
    for (int i = 0; i < PARTITIONS; i++)
        rd_kafka_topic_partition_list_add (topics, "dsn", i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    (void)rd_kafka_assign (kafka, topics);
    rd_kafka_topic_partition_list_destroy (topics);
    while (n_ended < PARTITIONS && g_get_monotonic_time () < until_us) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll (kafka, 200);
        if (m && m->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            (void)printf ("%.*s\t%.*s\n", (int)m->key_len, (const char *)m->key, (int)m->len,
                          (const char *)m->payload);
        n_ended += m && m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
        if (m)
            rd_kafka_message_destroy (m);
    }
    (void)rd_kafka_consumer_close (kafka);
    rd_kafka_destroy (kafka);
}

static void
obey (rd_kafka_mock_cluster_t *cluster, const char *line)
{
    g_auto (GStrv) words = g_strsplit (line, " ", -1);
    const guint n = g_strv_length (words);
    const int first = n > 1 ? (int)g_ascii_strtoll (words[1], NULL, 10) : 0;

    if (n == 3 && strcmp (words[0], "errors") == 0) {
        const rd_kafka_resp_err_t code = (rd_kafka_resp_err_t)g_ascii_strtoll (words[2], NULL, 10);
        for (int i = 0; i < first; i++)
            rd_kafka_mock_push_request_errors (cluster, 0, 1, code);
    } else if (n == 2 && strcmp (words[0], "down") == 0) {
        (void)rd_kafka_mock_broker_set_down (cluster, first);
    } else if (n == 2 && strcmp (words[0], "up") == 0) {
        (void)rd_kafka_mock_broker_set_up (cluster, first);
    } else if (n == 1 && strcmp (words[0], "dump") == 0) {
        dump (rd_kafka_mock_cluster_bootstraps (cluster));
    }
    (void)puts ("done");
}

int
main (void)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new ();
    rd_kafka_mock_cluster_t *cluster;
    char words[256];
    rd_kafka_t *kafka;

    (void)setvbuf (stdout, NULL, _IOLBF, 0);
    rd_kafka_conf_set_log_cb (conf, be_silent);
    (void)rd_kafka_conf_set (conf, "test.mock.num.brokers", "3", NULL, 0);
    kafka = rd_kafka_new (RD_KAFKA_PRODUCER, conf, words, sizeof words);
    cluster = rd_kafka_handle_mock_cluster (kafka);
    (void)rd_kafka_mock_topic_create (cluster, "dsn", PARTITIONS, 3);
    (void)puts (rd_kafka_mock_cluster_bootstraps (cluster));
    while (fgets (words, sizeof words, stdin))
        obey (cluster, g_strchomp (words));
    rd_kafka_destroy (kafka);
    return 0;
}
