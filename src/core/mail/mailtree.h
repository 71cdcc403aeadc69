/* The nodes of a mail's view: making and freeing them, and what role a media type has.
 */
#ifndef DSND_MAILTREE_H
#define DSND_MAILTREE_H

#include "core/mail/mail.h"

/* An empty message without type. (transfer full): mailtree_message_free() */
struct mail_message *mailtree_message_new (void);
void mailtree_message_free (struct mail_message *message);

/* A new part of @type (taken), its role set, appended to @message. (borrowed) */
struct mail_part *mailtree_add_part (struct mail_message *message, char *type);

#endif
