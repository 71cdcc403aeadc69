/* What the targets share that need the built-in rules: they're loaded once per process. */
#ifndef FUZZRULES_H
#define FUZZRULES_H

#include <dsnd/parse.h>

#include <glib.h>

int LLVMFuzzerTestOneInput (const unsigned char *data, size_t n);

/* The report of the mail with all options on. (transfer full): dsn_report_free() */
static inline struct dsn_report *
fuzz_parse (struct dsn_bytes mail)
{
    static const char *const headers[] = { "List-Id", "X-Token", NULL };
    static const char *const envelope[] = { "Delivered-To", NULL };
    static struct dsn_rules *rules;
    struct dsn_options options = { dsn_limits_default (), headers, envelope, true };
    struct dsn_rules_error error = { 0 };

    if (!rules) {
        dsn_library_init ();
        rules = dsn_rules_new ();
        if (!dsn_rules_add_builtin (rules, &error) || !dsn_rules_finish (rules, &error))
            g_error ("%s", error.message);
    }
    return dsn_parse (mail, mail.n, rules, &options);
}

#endif
