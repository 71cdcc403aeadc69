/* The words and numbers of a bounce report, the same on the text page and the HTML page. What
 * comes from mail is still hostile in them: the pages make it safe.
 */
#ifndef CLI_REPORTWORDS_H
#define CLI_REPORTWORDS_H

#include "cli/report/reporttally.h"

#include <glib.h>

/* A table of the page. */
struct report_section {
    const char *title;
    const char *note; /* what is counted, one sentence */
    enum report_table table;
    bool has_parts; /* hard, soft and delayed are told apart */
};

#define REPORT_SECTIONS 12
extern const struct report_section report_sections[REPORT_SECTIONS];

/* "hard", "soft", "delayed", "other". */
extern const char *const report_part_names[_REPORT_PART_N];

/* What the key of a table means; NULL if it speaks for itself. (borrowed, static) */
const char *report_words_meaning (enum report_table table, const char *key);

/* What is different from the time before: "Hard bounces: 223, 12% more than in the 7 days before
 * (199)", and the reasons that changed most. (transfer full): g_ptr_array_unref(), of char *; empty
 * if there's nothing to compare with */
GPtrArray *report_words_changes (const struct report_tally *tally);

/* The rule by which incidents are found, in a sentence. (borrowed, static) */
const char *report_words_rule (void);

/* All of the following are (transfer full): g_free(). */

/* "12,431" */
char *report_words_number (uint64_t n);
/* "12,431 mails", "1 mail" */
char *report_words_count (uint64_t n, const char *one, const char *many);
/* @n of @total: "62%", "<1%"; "" of nothing. */
char *report_words_share (uint64_t n, uint64_t total);
/* A number of different keys, "about" before an estimate. */
char *report_words_distinct (struct report_distinct *d);
/* "2026-11-14 08:00 to 2026-11-21 08:00 UTC, 7 days" */
char *report_words_span (const struct report_tally *tally);
/* What happened, in two or three sentences. */
char *report_words_summary (struct report_tally *tally);

/* "312 failures at microsoft: sending address blocked by zen.example.org" */
char *report_words_incident (const struct report_incident *incident);
/* When that was, for how long, and what is usual. */
char *report_words_incident_more (const struct report_tally *tally,
                                  const struct report_incident *incident);

/* What was left out or estimated, a sentence each; maybe none. (transfer full): g_ptr_array_unref()
 */
GPtrArray *report_words_notes (const struct report_tally *tally);

#endif
