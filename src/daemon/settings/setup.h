/* What a worker must know to read mails: rule files, and which headers matter. The daemon reads
 * the files and hands their text over in memory, so that a worker needs no file system.
 */
#ifndef DSND_SETUP_H
#define DSND_SETUP_H

#include <dsn/bytes.h>
#include "core/mail/readoptions.h"
#include "core/rules/rules.h"

#include <glib.h>
#include <stdbool.h>

struct setup_file {
    char *name;
    GBytes *text;
};

struct setup {
    GPtrArray *files;          /* struct setup_file *, in name order, then texts */
    char **original_headers;   /* NULL-terminated */
    char **envelope_headers;   /* NULL-terminated */
    char **envelope_templates; /* NULL-terminated; none: the usual ones */
    bool want_evidence;
    enum dsn_structure structure;
};

#define SETUP_ERROR setup_error_quark ()
enum { SETUP_ERROR_RULES, SETUP_ERROR_FILES };
GQuark setup_error_quark (void);

/* An empty setup. (transfer full): setup_free() */
struct setup *setup_new (void);
void setup_free (struct setup *setup);

/* Adds the files *.rules of the directory @path; it needn't exist. */
bool setup_add_directory (struct setup *setup, const char *path, GError **error);

/* Adds the text of rules that stand in no file; later ones go before earlier ones. */
void setup_add_text (struct setup *setup, const char *name, const GString *text);

/* The built-in rules with the setup's files. The error is "FILE:LINE:COLUMN: what is wrong".
 * (transfer full): dsn_rules_free() */
struct dsn_rules *setup_compile (const struct setup *setup, GError **error);

/* The setup as bytes; and back: NULL if they aren't such. (transfer full) */
GString *setup_encode (const struct setup *setup);
struct setup *setup_decode (struct dsn_bytes in);

typedef struct setup setup_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (setup_t, setup_free)

#endif
