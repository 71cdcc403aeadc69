/* The form of a text in which phrases are looked for: docs/rules.md, "Phrases and how they match".
 */
#ifndef DSND_NORMAL_H
#define DSND_NORMAL_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A host name, address or URL in the text: rules that aren't `raw` don't match inside. */
struct normal_span {
    uint32_t start, end;
};

struct normal_text {
    GString *text; /* owned */
    GArray *spans; /* owned: struct normal_span, in order, never overlapping */
};

void normal_text_init (struct normal_text *t);
void normal_text_clear (struct normal_text *t);

/* Appends the normalised form of the valid UTF-8 @in. Calls are separated by '\n', which no
 * normalised text holds, so that no phrase matches across them. */
void normal_text_append (struct normal_text *t, struct dsn_bytes in);

/* Appends a trimmed line to the text that the last calls have made, a blank between the two (none
 * between Chinese or Japanese characters): a phrase may match across the line end. Returns where
 * the line starts. */
uint32_t normal_text_append_line (struct normal_text *t, struct dsn_bytes line);

/* Normalises a phrase of a rule file. (transfer full): g_free() */
char *normal_phrase (const char *phrase);

/* Whether start..end begins or ends in a span (a phrase of a rule that isn't raw must not; it may
 * step over one). @end is past @start. */
bool normal_text_is_masked (const struct normal_text *t, uint32_t start, uint32_t end);

#endif
