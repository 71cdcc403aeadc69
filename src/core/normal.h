/* The form of a text in which phrases are looked for: docs/rules.md, "Phrases and how they match".
 */
#ifndef DSND_NORMAL_H
#define DSND_NORMAL_H

#include <dsnd/bytes.h>

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

/* Appends what normal_text_append() would make of an ASCII text whose lines, trimmed, were appended
 * to
 * @lines one by one: its first @end bytes, as one text. @starts_blank, @is_blank_last: that text
 * starts, ends with a blank. Cheaper than doing the work again. */
void normal_text_append_joined (struct normal_text *t, const struct normal_text *lines,
                                uint32_t end, bool starts_blank, bool is_blank_last);

/* Normalises a phrase of a rule file. (transfer full): g_free() */
char *normal_phrase (const char *phrase);

/* Whether start..end touches a span (a phrase of a rule that isn't raw must not). */
bool normal_text_is_masked (const struct normal_text *t, uint32_t start, uint32_t end);

#endif
