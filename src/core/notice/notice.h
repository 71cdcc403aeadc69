/* The notification of a report: the text that a person would read, up to the returned message, as
 * lines and in normalised form with the phrases that occur in it.
 */
#ifndef DSND_NOTICE_H
#define DSND_NOTICE_H

#include "core/mail/mail.h"
#include "core/phrase/normal.h"
#include "core/rules/ruleset.h"

struct notice_line {
    struct dsn_bytes text; /* trimmed */
    unsigned indent;       /* blanks before it; a tab counts 8 */
    uint32_t start, end;   /* of its normalised form, in notice.whole */
    uint32_t lists;        /* PHRASES_BIT of each list of which a phrase stands in the line */
    uint32_t wrapped;      /* the same of those that begin on a line before and end in this one */
    bool is_marker;        /* a marker of the returned message, and nothing else, with a ':' */
    bool begins_reply;     /* dialogue_begins_reply() */
    bool is_quoted_header; /* a header field of the original, shown inside the notification */
};

struct notice {
    GString *text;             /* owned: clean lines, the returned message included */
    bool is_guessed;           /* what isn't ASCII in it: a charset isn't known, or wrong */
    GArray *lines;             /* struct notice_line */
    unsigned n_said;           /* lines before the returned message: only these speak */
    struct dsn_bytes original; /* the returned message as quoted in the text; empty: none */

    /* Subject, From and the lines, as one text, in which phrases wrap lines. Once notice_finish()
     * was called only the lines that speak, then. */
    struct normal_text whole;
    GArray *found; /* owned: struct match_hit in @whole, until notice_finish() takes it */
    struct rule_hits whole_hits;
    uint32_t subject_end, from_end; /* subject 0..subject_end, From ..from_end, the rest the text */
};

/* Line @i. (borrowed) */
static inline const struct notice_line *
notice_line_at (const struct notice *notice, unsigned i)
{
    return &g_array_index (notice->lines, struct notice_line, i);
}

/* Reads the notification of @message. (contents owned): notice_clear() */
void notice_read (struct notice *notice, const struct mail_message *message,
                  const struct dsn_rules *rules, const struct dsn_limits *limits);
void notice_clear (struct notice *notice);

/* Ends what speaks before line @line; the returned message is what follows line @line, or starts
 * with it if @is_inside. */
void notice_cut (struct notice *notice, unsigned line, bool is_inside);

/* Drops from notice.whole what doesn't speak, and files the phrases in the rest. Once. */
void notice_finish (struct notice *notice, const struct dsn_rules *rules);

/* Whether @phrase occurs in the whole text from @start to @end. */
bool notice_has (const struct notice *notice, const struct rule_phrase *phrase, uint32_t start,
                 uint32_t end);

/* Whether line @i, which speaks, holds one of @phrases (struct rule_phrase). */
bool notice_line_has_any (const struct notice *notice, unsigned i, const GArray *phrases);

#endif
