/* Reply codes and enhanced codes in the text of a refusal. The text is normalised
 * (normal.h): lower case, one line. Numbers that only look like codes (addresses, ports, versions,
 * dates, counts) are left alone.
 */
#ifndef DSND_SMTPREPLY_H
#define DSND_SMTPREPLY_H

#include <dsn/bytes.h>
#include "core/bytes/status.h"

struct smtp_codes {
    unsigned reply;           /* 0: none */
    struct dsn_status status; /* cls 0: none */
};

/* The codes that @text states. Of several enhanced codes the one that stands right behind a reply
 * code is preferred, and one that says something to x.0.0 and 4.4.7; of several reply codes the
 * one before that code, or of its class. Only classes 4 and 5 count; with @any_class 2 as well. */
struct smtp_codes smtpreply_codes (struct dsn_bytes text, bool any_class);

/* The reply code that @text states for sure: a number that only agrees with an enhanced code of the
 * text, of whatever, isn't one. 0: none. */
unsigned smtpreply_sure (struct dsn_bytes text);

/* The reply code of class @cls in @text, which is known to be a reply of that class and to state
 * none surely: "mail+rcpt 550 there is no such user". A word must follow it. 0: none. */
unsigned smtpreply_of_class (struct dsn_bytes text, unsigned cls);

#endif
