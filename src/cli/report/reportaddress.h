/* The addresses that a report advises to suppress, each with the reason of its latest event. Memory
 * is bounded: beyond a number, more addresses are only counted.
 */
#ifndef CLI_REPORTADDRESS_H
#define CLI_REPORTADDRESS_H

#include <glib.h>
#include <stdint.h>

#define REPORT_ADDRESSES_SHOWN 10

struct report_address {
    char *address;       /* in lower case; all strings are valid UTF-8, from mail */
    char *category;      /* of the latest event, as the next */
    char *words;         /* its refusal, cut; NULL: none */
    int64_t first, last; /* of its events; REPORT_TIME_NONE: none has a time */
    uint64_t n;
};

struct report_addresses;

/* For at most @n_max addresses. (transfer full): report_addresses_free() */
struct report_addresses *report_addresses_new (unsigned n_max);
void report_addresses_free (struct report_addresses *a);

/* Notes an event. @time may be REPORT_TIME_NONE, @words NULL. */
void report_addresses_add (struct report_addresses *a, const char *address, const char *category,
                           const char *words, int64_t time);

/* The latest first, then by address (borrowed until the next addition).
 * (transfer container): g_ptr_array_unref() */
GPtrArray *report_addresses_sorted (const struct report_addresses *a);

/* Events whose addresses found no room. */
uint64_t report_addresses_left_out (const struct report_addresses *a);

/* All of them as lines of comma-separated values (RFC 4180), under a line of names: address,
 * reason, first, last, events, words. (transfer full): g_string_free() */
GString *report_addresses_csv (const struct report_addresses *a);

#endif
