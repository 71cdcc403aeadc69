/* The notification of a report: the text that a person would read, up to the returned message, as
 * lines and in normalised form with the phrases that occur in it.
 */
#ifndef DSND_NOTICE_H
#define DSND_NOTICE_H

#include "mail.h"
#include "normal.h"
#include "ruleset.h"

struct notice_line {
    struct dsn_bytes text; /* trimmed */
    unsigned indent;       /* blanks before it; a tab counts 8 */
    uint32_t start, end;   /* of its normalised form, in notice.lines_normal */
    unsigned phrases;      /* bit 1 << enum phrases_name: one of that list stands in the line */
    bool is_quoted_header; /* a header field of the original, shown inside the notification */
};

struct notice {
    GString *text;             /* owned: clean lines, the returned message included */
    GArray *lines;             /* struct notice_line */
    unsigned n_said;           /* lines before the returned message: only these speak */
    struct dsn_bytes original; /* the returned message as quoted in the text; empty: none */

    struct normal_text lines_normal; /* line by line */
    GArray *line_hits;               /* struct match_hit in lines_normal */
    bool is_ascii;                   /* all of the text, and no line was cut */

    /* Subject, From and the lines that speak, each a part of one text: phrases wrap lines here. */
    struct normal_text whole;
    struct rule_hits whole_hits;
    uint32_t subject_end, from_end; /* subject 0..subject_end, From ..from_end, the rest the text */
};

/* Reads the notification of @message. (contents owned): notice_clear() */
void notice_read (struct notice *notice, const struct mail_message *message,
                  const struct dsn_rules *rules, const struct dsn_limits *limits);
void notice_clear (struct notice *notice);

/* Ends what speaks before line @line; the returned message is what follows line @line, or starts
 * with it if @is_inside. */
void notice_cut (struct notice *notice, unsigned line, bool is_inside);

/* Builds notice.whole from what speaks. Once, after the last cut. */
void notice_finish (struct notice *notice, const struct mail_message *message,
                    const struct dsn_rules *rules);

/* Whether @phrase occurs in the whole text from @start to @end. */
bool notice_has (const struct notice *notice, const struct rule_phrase *phrase, uint32_t start,
                 uint32_t end);

/* Whether a phrase of the list @name occurs there; @start and @end as above. */
bool notice_has_listed (const struct notice *notice, enum phrases_name name, uint32_t start,
                        uint32_t end);

/* Whether line @i holds @phrase. */
bool notice_line_has (const struct notice *notice, unsigned i, const struct rule_phrase *phrase);

/* Whether line @i holds one of @phrases (struct rule_phrase). */
bool notice_line_has_any (const struct notice *notice, unsigned i, const GArray *phrases);

#endif
