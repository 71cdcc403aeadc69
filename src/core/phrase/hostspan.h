/* Where host names, addresses and URLs stand in a normalised text. */
#ifndef DSND_HOSTSPAN_H
#define DSND_HOSTSPAN_H

#include <dsn/bytes.h>

#include <glib.h>

/* Appends a struct normal_span to @spans for each host name, e-mail address and URL in @text from
 * byte @from on, in order. A dotted word is a host name if it ends in a country's or a common
 * top-level domain, or has a digit in a label and a word as its last: "storedrv.deliver" and
 * "full.please" aren't. Linear; never fails. */
void hostspan_find (struct dsn_bytes text, size_t from, GArray *spans);

#endif
