/* The words and lines of a rule file (docs/rules.md, "Words, lines, records"), each with its place.
 */
#ifndef DSND_RULEFILE_H
#define DSND_RULEFILE_H

#include "core/rules/rules.h"

#include <glib.h>
#include <stdbool.h>

struct rule_word {
    const char *text; /* (borrowed until the next rulefile_next) quotes and escapes resolved */
    unsigned column;  /* in characters, from 1 */
    bool is_quoted;
};

struct rule_line {
    unsigned line;                 /* from 1 */
    const struct rule_word *words; /* (borrowed until the next rulefile_next) at least one */
    unsigned n;
};

/* Reads one file. Fields are private. */
struct rulefile {
    const char *name; /* (borrowed) */
    struct dsn_bytes in;
    size_t at;
    unsigned line;
    GArray *words;
    GStringChunk *texts;
};

enum rulefile_result { RULEFILE_LINE, RULEFILE_END, RULEFILE_ERROR };

/* @name and @in must outlive it. */
void rulefile_init (struct rulefile *f, const char *name, struct dsn_bytes in);
void rulefile_clear (struct rulefile *f);

/* The next line that has a word. RULEFILE_ERROR sets @ret_error, and nothing can be read after it:
 * bytes that aren't UTF-8 text, or a quote that isn't closed or stands in the wrong place. */
enum rulefile_result rulefile_next (struct rulefile *f, struct rule_line *ret_line,
                                    struct dsn_rules_error *ret_error);

/* Fills @ret_error. Always false, so that a check can return it. */
bool rulefile_fail (struct dsn_rules_error *ret_error, const char *file, unsigned line,
                    unsigned column, const char *format, ...) G_GNUC_PRINTF (5, 6);

#endif
