/* What daemon and worker say to each other over their socket, and a report as bytes.
 *
 * The daemon trusts nothing of it: a worker may be in the hands of a mail. Both ends are the same
 * program, so numbers are in the machine's own order.
 */
#ifndef DSND_WIRE_H
#define DSND_WIRE_H

#include <dsn/bytes.h>
#include "core/bytes/limits.h"
#include "core/event/report.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Largest encoded report: the 1000 recipients of the largest report with 4 KiB each. A report that
 * needs more loses its last recipients, and gets a warning. */
#define WIRE_REPORT_MAX_BYTES ((size_t)4 * 1024 * 1024)

#define WIRE_HELLO           UINT32_C (0x64736e32)
#define WIRE_HELLO_MAX_BYTES 1024

/* What a worker sends first, then @n_bytes of text: once it's ready the version of its rules, else
 * why it can't read mails with them. */
struct wire_hello {
    uint32_t magic; /* WIRE_HELLO */
    uint32_t is_ready;
    uint32_t n_bytes;
};

/* Daemon to worker: parse the mail that stands in the shared memory at @offset. */
struct wire_request {
    uint64_t total_bytes; /* size on disk */
    uint32_t offset;
    uint32_t n_bytes;
};

/* Worker to daemon, in the order of the requests: this, then @n_bytes of an encoded report. */
struct wire_reply {
    uint32_t offset; /* of the request */
    uint32_t n_bytes;
    /* of the worker so far: hints, it may lie */
    uint32_t peak_kib;    /* its largest memory */
    uint32_t n_refused;   /* system calls that it was refused */
    int32_t refused_call; /* the number of the last one */
    uint32_t split;       /* enum dsn_split, of this mail */
};

/* Appends @report to @out; at most WIRE_REPORT_MAX_BYTES. */
void wire_encode (GString *out, struct dsn_report *report);

/* Reads a report. NULL if anything in it isn't as wire_encode() makes it, isn't valid UTF-8
 * without control characters, or is out of its range or past a limit.
 * (transfer full): dsn_report_free() */
struct dsn_report *wire_decode (struct dsn_bytes in, const struct dsn_limits *limits);

#endif
