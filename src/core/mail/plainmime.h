/* MIME without GMime, for mails whose structure leaves no doubt: header blocks of proper fields,
 * Content-Type by the plain grammar of RFC 2045, boundaries (RFC 2046) that are there and closed in
 * order. Parsing is three quarters of a bounce's cost in GMime; here a part costs a search for the
 * next "--". Anything unusual is left to GMime.
 */
#ifndef DSND_PLAINMIME_H
#define DSND_PLAINMIME_H

#include "core/mail/mail.h"

/* Fills @message (whose fields are those of @mail's header, @header_n bytes with the empty line)
 * with type and parts, as GMime's view would have them; the slices are @mail's. False if the mail
 * isn't plain: @message is then as it was. */
bool plainmime_read (struct dsn_bytes mail, size_t header_n, const struct dsn_limits *limits,
                     struct mail_message *message);

#endif
