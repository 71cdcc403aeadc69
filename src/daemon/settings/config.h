/* The configuration file: read once into a structure that never changes. dsnd.conf(5). */
#ifndef DSND_CONFIG_H
#define DSND_CONFIG_H

#include <dsn/bytes.h>
#include "core/mail/readoptions.h"
#include "core/returnpath/tokenkeys.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct config_mailbox {
    char *name;
    char *path;
    char *other_folder;           /* NULL: mail of kind `other` is kept like the rest */
    bool is_deleted;              /* Processed=delete */
    bool has_unsigned_complaints; /* Complaints=unsigned */
};

struct config {
    GPtrArray *mailboxes; /* struct config_mailbox *, in the order of the file; at least one */
    char *spool_path;
    uint64_t spool_max_bytes;
    uint64_t spool_keep_s;
    uint64_t hold_max_bytes;     /* 0: no limit */
    uint64_t consumer_timeout_s; /* 0: none */
    char *socket_path;
    char *socket_group; /* NULL: as it comes */
    mode_t socket_mode;
    unsigned workers_count;  /* 0: one per core */
    char *rules_path;        /* directory of *.rules files; it needn't exist */
    GString *policy;         /* the section [Policy] as text of rules; may be empty */
    char **original_headers; /* NULL-terminated */
    bool want_evidence;
    enum dsn_structure structure; /* who splits mails into their parts */
    char **envelope_headers;      /* NULL-terminated */
    char **envelope_templates;    /* NULL-terminated; NULL: the usual ones */
    char *token_key_path;         /* NULL: a credential, if there is one */
    uint64_t token_max_age_s;
    struct dsn_token_keys token_keys; /* filled by keys_load(), not by the file itself */
};

#define CONFIG_ERROR config_error_quark ()
enum { CONFIG_ERROR_INVALID };
GQuark config_error_quark (void);

/* Reads @text; @file is its name in messages. The error names file, section and key, and what is
 * permitted. (transfer full): config_free() */
struct config *config_parse (const char *file, struct dsn_bytes text, GError **error);

/* Reads the file at @path. (transfer full): config_free() */
struct config *config_load (const char *path, GError **error);

void config_free (struct config *config);
typedef struct config config_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (config_t, config_free)

#endif
