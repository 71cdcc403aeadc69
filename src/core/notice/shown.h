/* A mail that a person passed on inside the text, its header shown in the words of the person's
 * mail program: "Von: ... Gesendet: ... An: ... Betreff: ...".
 */
#ifndef DSND_SHOWN_H
#define DSND_SHOWN_H

#include "core/notice/notice.h"

/* Appends the first mail that @notice shows to @out, as one with an English header and the text
 * behind it, quote marks taken off. False, with nothing appended, if it shows none: From and two
 * more fields must stand in a row. The header's names are @marks' labels. */
bool shown_append (const struct notice *notice, const struct marks *marks, GString *out);

#endif
