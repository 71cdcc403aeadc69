/* Failing recipients, and what is said of each, from the prose of a notification: by its format's
 * description where there's one, else by how mail systems generally write.
 */
#ifndef DSND_FREETEXT_H
#define DSND_FREETEXT_H

#include "core/gather/draft.h"
#include "core/gather/envelope.h"
#include "core/notice/format.h"

struct freetext {
    const struct dsn_rules *rules;
    const struct notice *notice;
    const struct format *format; /* NULL: unknown */
    struct dsn_bytes sender;     /* who got the report: hardly the failing recipient */
    bool returns_mail;           /* the report returns the message, or its header */
    size_t max_recipients;
    const struct envelope *envelope; /* of the returned message; NULL: none is known */
};

/* How the recipients were told, from sure to guessed. */
enum freetext_tier {
    TIER_PATTERN,  /* a line pattern of the format */
    TIER_NAMED,    /* named as the failing recipient: after an intro, "<addr>:" */
    TIER_LINE,     /* stands at a line's start, or alone */
    TIER_DIALOGUE, /* in an SMTP reply or command */
    TIER_MENTION,  /* just mentioned */
    TIER_NONE,     /* no address at all */
};

/* Appends a struct draft for each recipient found to @drafts (of struct draft, owned by it), each
 * with the text that belongs to it. */
enum freetext_tier freetext_read (const struct freetext *ft, GPtrArray *drafts);

/* Adds the replies that the notification quotes to a draft that it doesn't name. */
void freetext_take_replies (const struct notice *notice, struct draft *draft);

/* Adds the notification's text to drafts that came from a status part: by address, and where
 * there's one recipient only, all the text that names none. */
void freetext_enrich (const struct freetext *ft, GPtrArray *drafts);

#endif
