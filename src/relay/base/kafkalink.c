/* Keys become properties. */
#include "relay/base/kafkalink.h"

#include <string.h>

struct kafkalink {
    rd_kafka_conf_t *conf;
};

void
kafkalink_free (struct kafkalink *link)
{
    if (!link)
        return;
    rd_kafka_conf_destroy (link->conf);
    g_free (link);
}

/* What librdkafka would print goes nowhere: trouble is told by results. */
static void
be_silent (const rd_kafka_t *kafka, int level, const char *facility, const char *words)
{
    (void)kafka;
    (void)level;
    (void)facility;
    (void)words;
}

static bool
set (struct kafkalink *link, struct section *section, const char *key, const char *property,
     const char *value, GError **error)
{
    char words[256];

    return !value ||
           rd_kafka_conf_set (link->conf, property, value, words, sizeof words) ==
               RD_KAFKA_CONF_OK ||
           section_fail (section, key, error, "%s", words);
}

static bool
set_user (struct kafkalink *link, struct section *section, GError **error)
{
    const char *user = section_text (section, "User", NULL);
    const char *mechanism = section_text (section, "Mechanism", "SCRAM-SHA-512");
    g_autofree char *password = NULL;
    bool is_ok;

    if (!section_secret (section, "Password", &password, error))
        return false;
    is_ok = !user || (set (link, section, "Mechanism", "sasl.mechanism", mechanism, error) &&
                      set (link, section, "User", "sasl.username", user, error) &&
                      set (link, section, "Password", "sasl.password", password, error));
    if (password)
        explicit_bzero (password, strlen (password));
    return is_ok;
}

static bool
read_keys (struct kafkalink *link, struct section *section, GError **error)
{
    const char *brokers = section_need (section, "Brokers", error);
    const bool has_user = section_text (section, "User", NULL) != NULL;
    bool has_tls;

    if (!brokers || !section_bool (section, "TLS", has_user, &has_tls, error))
        return false;
    return set (link, section, "Brokers", "bootstrap.servers", brokers, error) &&
           set (link, section, "TLS", "security.protocol",
                has_user ? (has_tls ? "sasl_ssl" : "sasl_plaintext")
                         : (has_tls ? "ssl" : "plaintext"),
                error) &&
           set (link, section, "CAFile", "ssl.ca.location", section_text (section, "CAFile", NULL),
                error) &&
           set (link, section, "Certificate", "ssl.certificate.location",
                section_text (section, "Certificate", NULL), error) &&
           set (link, section, "CertificateKey", "ssl.key.location",
                section_text (section, "CertificateKey", NULL), error) &&
           set_user (link, section, error);
}

struct kafkalink *
kafkalink_new (struct section *section, const char *name, GError **error)
{
    struct kafkalink *link = g_new0 (struct kafkalink, 1);

    link->conf = rd_kafka_conf_new ();
    rd_kafka_conf_set_log_cb (link->conf, be_silent);
    (void)rd_kafka_conf_set (link->conf, "client.id", name, NULL, 0);
    (void)rd_kafka_conf_set (link->conf, "reconnect.backoff.max.ms", "5000", NULL, 0);
    if (read_keys (link, section, error))
        return link;
    kafkalink_free (link);
    return NULL;
}

rd_kafka_conf_t *
kafkalink_conf (const struct kafkalink *link)
{
    return rd_kafka_conf_dup (link->conf);
}

bool
kafkalink_is_refused (rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
           code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED ||
           code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
           code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED ||
           code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}
