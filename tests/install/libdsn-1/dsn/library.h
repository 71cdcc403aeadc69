/* The library itself.
 */
#ifndef DSN_LIBRARY_H
#define DSN_LIBRARY_H

#include <dsn/api.h>

DSN_BEGIN_DECLS

/* The library's version, such as "1.2.0". (static) */
const char *dsn_version (void);

/* The version of the event format that it writes, `v` in each event. */
unsigned dsn_schema_version (void);

/* Prepares the MIME library and loads the character sets that mails use, so that a sandboxed
 * process needs no files later. Once per process, before anything else here and before other
 * threads are started. */
void dsn_init (void);

/* Frees a string that one of these functions returned as transfer full; NULL is fine. */
void dsn_free (void *string);

DSN_END_DECLS

#endif
