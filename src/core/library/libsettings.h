/* The settings behind <dsn/settings.h>.
 */
#ifndef CORE_LIBSETTINGS_H
#define CORE_LIBSETTINGS_H

#include "core/mail/readoptions.h"

#include <dsn/settings.h>
#include <glib.h>

struct dsn_settings {
    struct dsn_limits limits;
    GPtrArray *rules;            /* GBytes * */
    GPtrArray *rules_names;      /* char *, one for each of rules */
    GPtrArray *original_headers; /* char *, and in those below */
    GPtrArray *envelope_headers;
    GPtrArray *envelope_templates;
    bool want_evidence;
    enum dsn_structure structure;
    struct dsn_keys *keys; /* NULL: none */
};

/* (transfer full): dsn_settings_free() */
struct dsn_settings *libsettings_copy (const struct dsn_settings *settings);

#endif
