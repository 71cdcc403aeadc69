/* A configuration of librdkafka, as source and sink read it alike. */
#ifndef DSND_KAFKALINK_H
#define DSND_KAFKALINK_H

#include "relay/base/section.h"

#include <librdkafka/rdkafka.h>

struct kafkalink;

/* Reads Brokers, TLS, CAFile, Certificate, CertificateKey, User, Password, Mechanism. (transfer
 * full): kafkalink_free() */
struct kafkalink *kafkalink_new (struct section *section, const char *name, GError **error);
void kafkalink_free (struct kafkalink *link);

/* A copy, to be completed and handed to rd_kafka_new(). (transfer full) */
rd_kafka_conf_t *kafkalink_conf (const struct kafkalink *link);

/* Whether a person must act: rights, or a topic that isn't there. */
bool kafkalink_is_refused (rd_kafka_resp_err_t code);

#endif
