/* The most frequent of many keys in bounded memory: the "space-saving" counting of Metwally,
 * Agrawal and El Abbadi (2005). A fixed number of counters; a key without one takes over the
 * lightest, and its count goes on from there. So a count is never too low, and too high by at most
 * the number of all additions divided by the number of counters; each entry says by how much.
 */
#ifndef CLI_REPORTTOP_H
#define CLI_REPORTTOP_H

#include <glib.h>
#include <stdint.h>

/* What an event is for the report. */
enum report_part { REPORT_HARD, REPORT_SOFT, REPORT_DELAYED, REPORT_OTHER, _REPORT_PART_N };

/* Keys are cut to this. */
#define REPORT_KEY_BYTES_MAX 200

struct report_entry {
    char *key; /* valid UTF-8, from mail */
    uint64_t n;
    uint64_t n_over;                /* at most so many of @n are other keys' */
    uint64_t parts[_REPORT_PART_N]; /* of the @n - @n_over that were seen for sure */
    unsigned at;                    /* in the heap */
};

struct report_top;

/* @key at most REPORT_KEY_BYTES_MAX long, cut between characters. (transfer full): g_free() */
char *report_top_cut (const char *key);

/* (transfer full): report_top_free() */
struct report_top *report_top_new (unsigned n_counters);
void report_top_free (struct report_top *top);

/* Counts the valid UTF-8 @key once. */
void report_top_add (struct report_top *top, const char *key, enum report_part part);

/* Additions so far. */
uint64_t report_top_total (const struct report_top *top);

/* By how much an entry may be too high, at most. 0: there were counters for all keys. */
uint64_t report_top_over (const struct report_top *top);

/* The entries (borrowed until the next addition), heaviest first, equal ones by their keys.
 * (transfer container): g_ptr_array_unref() */
GPtrArray *report_top_sorted (const struct report_top *top);

/* The count of @key, 0 if it has no counter. */
uint64_t report_top_count (const struct report_top *top, const char *key);

#endif
