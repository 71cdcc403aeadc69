/* What people read about a code: the lines of its `code` record (docs/rules.md). The rule set keeps
 * only where they stand, since no mail needs them; they're read again when somebody asks.
 */
#ifndef DSND_CODETEXT_H
#define DSND_CODETEXT_H

#include "core/rules/ruleset.h"

#include <glib.h>

/* The class that a code table gives. */
struct code_listing {
    unsigned only_class; /* counts for N.y.z of an x.y.z record; 0: always */
    enum dsn_class cls;
    const char *source;
};

/* What the code means in a context. */
struct code_reading {
    unsigned only_class; /* as above */
    const char *context;
    unsigned category; /* 0: no failure */
    enum dsn_class cls;
    const char *meaning;
    const char *system; /* NULL: any */
    const char *source; /* NULL: the record's */
};

struct code_text {
    GStringChunk *store; /* owns all strings */
    const char *meaning;
    const char *system;                           /* the only system that uses the code, or NULL */
    GPtrArray *causes, *remedies, *sources, *see; /* const char * */
    GArray *listings;                             /* struct code_listing */
    GArray *readings;                             /* struct code_reading */
};

/* The lines of @code's record, whose set must still exist. (transfer full): code_text_free() */
struct code_text *code_text_new (const struct code *code);
void code_text_free (struct code_text *text);
typedef struct code_text code_text;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (code_text, code_text_free)

#endif
