/* Notifications of Amazon SES: JSON in the text, one for a mail. */
#ifndef DSN_AMAZON_H
#define DSN_AMAZON_H

#include "core/gather/reading.h"

/* Reads the message as a notification and writes the report; false: it is none. */
bool amazon_read (struct reading *p);

#endif
