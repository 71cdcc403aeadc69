/* A connection to NATS servers, as source and sink configure it alike. */
#ifndef DSND_NATSLINK_H
#define DSND_NATSLINK_H

#include "relay/base/section.h"

#include <nats/nats.h>

struct natslink;

/* Reads Url, Credentials, User, Password, CAFile, Certificate, CertificateKey. (transfer full):
 * natslink_free() */
struct natslink *natslink_new (struct section *section, const char *name, GError **error);
void natslink_free (struct natslink *link);

/* Connects, if that isn't done. The library then reconnects by itself, among all servers. */
natsStatus natslink_connect (struct natslink *link);
void natslink_disconnect (struct natslink *link);
natsConnection *natslink_connection (struct natslink *link); /* (borrowed) NULL: none */

/* Whether a person must act: the servers were reached, and don't let us in. */
bool natslink_is_refused (natsStatus status);

#endif
