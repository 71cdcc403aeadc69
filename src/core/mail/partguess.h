/* Parts whose content says what their type doesn't: the machine part of a report that came as an
 * attachment, as bytes of no type, or in UTF-16.
 */
#ifndef DSND_PARTGUESS_H
#define DSND_PARTGUESS_H

#include "core/mail/mail.h"

/* Gives such parts of @message, and of the mails in it, their role. */
void partguess_roles (struct mail_message *message);

#endif
