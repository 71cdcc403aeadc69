/* What the one who has mails read may ask for, and prepares once.
 */
#ifndef CORE_READOPTIONS_H
#define CORE_READOPTIONS_H

#include "core/bytes/limits.h"
#include "core/bytes/structure.h"

#include <stdbool.h>

struct dsn_options {
    struct dsn_limits limits;
    const char *const *original_headers; /* NULL-terminated names wanted in original.headers */
    const char *const *envelope_headers; /* NULL-terminated: headers trusted to carry the envelope
                                            recipient of the report, such as Delivered-To */
    bool want_evidence;
    enum dsn_structure structure;
    const char *const *envelope_templates; /* NULL-terminated: how that address tells whom the
                                              message went to; NULL: the usual forms */
};

/* Whether @text can be one of options.envelope_templates: docs/return-path.md. */
bool dsn_template_is_valid (const char *text);

/* Prepares the MIME library and loads the character sets that mails use, so that a sandboxed
 * process needs no files later. Once per process, before the first dsn_parse(). */
void dsn_library_init (void);

#endif
