/* Which mail system wrote a notification, and what its description says about the lines.
 */
#ifndef DSND_FORMAT_H
#define DSND_FORMAT_H

#include "core/notice/notice.h"

/* The format whose conditions hold for @message; the one with most conditions, of those the first
 * in the set. NULL: none. notice_finish() must have been called. (borrowed) */
const struct format *format_find (const struct dsn_rules *rules, const struct mail_message *message,
                                  const struct notice *notice);

/* Applies the description's end markers to the notice. */
void format_cut (const struct format *format, struct notice *notice);

/* DSN_KIND_DELAYED, _DELIVERED or _BOUNCE if the description's words say so, else NONE. */
enum dsn_kind format_kind (const struct format *format, const struct notice *notice);

/* The stage that the description's words tell in a recipient's text, of which @hits are the
 * phrases; NONE: not told. */
enum dsn_stage format_stage (const struct format *format, const struct rule_hits *hits);

#endif
