/* Addresses rewritten by the Sender Rewriting Scheme of forwarders: "SRS0=HASH=TT=domain=local",
 * and after a second forwarder "SRS1=HASH=first-forwarder==HASH=TT=domain=local". The hash is the
 * forwarder's own: it proves nothing here.
 */
#ifndef CORE_SRS_H
#define CORE_SRS_H

#include <dsn/bytes.h>

#include <stdbool.h>

/* Slices of the local part, as written. */
struct srs {
    struct dsn_bytes hash;  /* of the outermost forwarder */
    struct dsn_bytes host;  /* SRS1: the first forwarder; empty for SRS0 */
    struct dsn_bytes stamp; /* the day it was rewritten, modulo 1024, in base32 */
    struct dsn_bytes domain;
    struct dsn_bytes local;
};

/* Reads the local part of an address; the words SRS0 and SRS1 in any case. False: it isn't such. */
bool srs_read (struct dsn_bytes local, struct srs *ret_srs);

#endif
