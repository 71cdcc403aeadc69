/* A code as somebody writes it: a reply code, an enhanced code, or a whole class.
 */
#ifndef DSND_CODENAME_H
#define DSND_CODENAME_H

#include <dsn/bytes.h>
#include "core/explain/explain.h"

struct codename {
    enum dsn_explain_kind kind; /* REPLY, STATUS or CLASS */
    unsigned cls;               /* first digit; 0: x, all classes */
    unsigned subject, detail;   /* of a status; of three digits the second and the third */
};

/* Reads @in, all of it, as a code; brackets, quotes, '#' and punctuation around it don't count.
 * False, and @ret_code is untouched, if it isn't one. */
bool codename_read (struct dsn_bytes in, struct codename *ret_code);

/* "550", "5.7.1", "x.7.1" or "5xx". (transfer full): g_free() */
char *codename_format (const struct codename *code);

/* Edits (insert, remove, replace a byte) from @a to @b, letters without case; at most @limit,
 * which stands for more. */
unsigned codename_distance (struct dsn_bytes a, struct dsn_bytes b, unsigned limit);

/* Without the blanks, brackets, quotes and stops around it. */
struct dsn_bytes codename_strip (struct dsn_bytes in);

#endif
