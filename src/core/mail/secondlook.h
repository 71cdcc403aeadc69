/* A mail read both ways: one in a thousand of those that plainmime.c reads goes through GMime, too,
 * so that a mail on which the two differ is found where it arrives.
 */
#ifndef CORE_SECONDLOOK_H
#define CORE_SECONDLOOK_H

#include "core/mail/mail.h"

/* Reads @in as options->structure says. (transfer full): mail_free() */
struct mail *secondlook_read (struct dsn_bytes in, const struct dsn_options *options);

/* Whether it's one of the thousand: by its first bytes and its length, so that the same mail always
 * gives the same answer. */
bool secondlook_is_due (struct dsn_bytes in);

/* Whether anything in the two views differs that a reader of them can see. */
bool secondlook_differ (const struct mail_message *a, const struct mail_message *b);

/* Of the two views of one mail the one to go by: @plain where they're the same, else @by_gmime.
 * Both (transfer full), and the result. */
struct mail *secondlook_choose (struct mail *plain, struct mail *by_gmime);

#endif
