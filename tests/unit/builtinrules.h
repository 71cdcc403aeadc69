/* The built-in rule set, for tests of what reads by it.
 */
#ifndef BUILTINRULES_H
#define BUILTINRULES_H

#include "core/parse.h"
#include "core/rules/rules.h"

#include <glib.h>

/* (transfer full): dsn_rules_free() */
static inline struct dsn_rules *
builtin_rules (void)
{
    struct dsn_rules *rules = dsn_rules_new ();
    struct dsn_rules_error error = { 0 };

    dsn_library_init ();
    if (!dsn_rules_add_builtin (rules, &error) || !dsn_rules_finish (rules, &error))
        g_error ("%s:%u: %s", error.file, error.line, error.message);
    return rules;
}

/* A set of one file. (transfer full) */
static inline struct dsn_rules *
rules_of (const char *text)
{
    struct dsn_rules *rules = dsn_rules_new ();
    struct dsn_rules_error error = { 0 };

    dsn_library_init ();
    if (!dsn_rules_add (rules, "test", dsn_bytes_str (text), &error) ||
        !dsn_rules_finish (rules, &error))
        g_error ("%u: %s", error.line, error.message);
    return rules;
}

#endif
