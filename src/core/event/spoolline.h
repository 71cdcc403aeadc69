/* One line of the spool: an event, a checksum at its end, a line feed (docs/protocol.md).
 * The daemon's recovery and `dsnctl verify` judge lines with the same functions. Pure.
 */
#ifndef CORE_SPOOLLINE_H
#define CORE_SPOOLLINE_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Longest line, line feed included; the writer never makes a longer one. */
#define DSN_SPOOLLINE_MAX_BYTES ((size_t)512 * 1024)

/* Name of a segment file: the seq of its first line in 20 digits, then this. */
#define DSN_SPOOL_SEGMENT_SUFFIX ".jsonl"
#define DSN_SPOOL_SEGMENT_DIGITS 20

/* CRC-32C (Castagnoli) of @in, as in RFC 3720 section 12.1. Never fails. */
uint32_t dsn_crc32c (struct dsn_bytes in);

/* The same without the processor's own instruction, for those that have none. */
uint32_t dsn_crc32c_portable (struct dsn_bytes in);

/* Turns the JSON object that stands in @out from @start to its end into a line: the last `}`
 * becomes `,"crc":"xxxxxxxx"}` and a line feed. The checksum covers the line up to `,"crc"`. */
void dsn_spoolline_finish (GString *out, size_t start);

enum dsn_spoolline_state {
    DSN_SPOOLLINE_VALID,
    DSN_SPOOLLINE_TORN,     /* no line feed: the end of the file stands within the line */
    DSN_SPOOLLINE_TOO_LONG, /* no line feed within the longest line */
    DSN_SPOOLLINE_BAD_FORM, /* not written by us: no seq, part or crc where they must be */
    DSN_SPOOLLINE_BAD_CRC,
    DSN_SPOOLLINE_LATER, /* whole, and of a later version: its crc is right, its `v` isn't ours */
};

struct dsn_spoolline {
    size_t n_bytes; /* with the line feed; TORN and TOO_LONG: what there is */
    uint64_t seq;   /* only when VALID, as the rest */
    uint32_t part;  /* event @part of the mail's @n_parts, from 1 */
    uint32_t n_parts;
};

/* Judges the line at the start of @in. @ret_line's n_bytes is always set and at least 1, so that
 * the caller can step over a bad line; @in may not be empty. Never allocates. */
enum dsn_spoolline_state dsn_spoolline_check (struct dsn_bytes in, struct dsn_spoolline *ret_line);

/* The file an event came from. The strings are as they stand in the JSON, escapes and all. */
struct dsn_spoolline_source {
    struct dsn_bytes mailbox; /* (borrowed from the line) empty: not stated */
    struct dsn_bytes file;    /* (borrowed from the line) */
    uint64_t size_bytes;
    uint64_t ino;
    int64_t mtime_ns;
};

/* Reads the `source` of a valid @line. False if it has none, or none with a file. */
bool dsn_spoolline_source (struct dsn_bytes line, struct dsn_spoolline_source *ret_source);

/* The value of the event's `kind`. Empty if it's not stated. (borrowed from @line) */
struct dsn_bytes dsn_spoolline_kind (struct dsn_bytes line);

/* The seq that a segment's file name tells, 0 if @name isn't the name of a segment. */
uint64_t dsn_spool_segment_seq (const char *name);

#endif
