/* The signs that header and text leave of what kind a mail is: those of a mail system, a vacation
 * program, a list manager, a person. Parts for machines and what is gathered add theirs later.
 */
#ifndef DSND_KIND_H
#define DSND_KIND_H

#include "core/notice/format.h"
#include "core/notice/sign.h"

/* The signs in header, parts and words of @message; @format is the one that was found, or NULL. */
sign_set kind_signs (const struct mail_message *message, const struct notice *notice,
                     const struct format *format);

/* Whether @from, the value of a From field, is a mail system's. */
bool kind_is_system (struct dsn_bytes from, const struct dsn_rules *rules);

#endif
