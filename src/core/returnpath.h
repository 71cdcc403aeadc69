/* Our own return path, as the report was sent to it: what it says about the recipient.
 */
#ifndef DSND_RETURNPATH_H
#define DSND_RETURNPATH_H

#include <dsnd/parse.h>

#include <glib.h>

/* Reads the envelope recipient of the report from the headers that the options trust, and what it
 * encodes, into report->return_path. Nothing where no header is trusted or none is there. */
void returnpath_read (const GArray *fields, const struct dsn_options *options,
                      struct dsn_report *report);

#endif
