/* What the targets share that read mails: the libraries' set-up, once, and the built-in rules.
 */
#ifndef FUZZRULES_H
#define FUZZRULES_H

#include "core/parse.h"

#include <glib.h>

static struct dsn_rules *fuzz_rules;

int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const unsigned char *data, size_t n);

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
    struct dsn_rules_error error = { 0 };

    (void)argc;
    (void)argv;
    dsn_library_init ();
    fuzz_rules = dsn_rules_new ();
    if (!dsn_rules_add_builtin (fuzz_rules, &error) || !dsn_rules_finish (fuzz_rules, &error))
        g_error ("%s", error.message);
    return 0;
}

/* The report of the mail with all options on. (transfer full): dsn_report_free() */
static inline struct dsn_report *
fuzz_parse (struct dsn_bytes mail)
{
    static const char *const headers[] = { "List-Id", "X-Token", NULL };
    static const char *const envelope[] = { "Delivered-To", NULL };
    struct dsn_options options = { dsn_limits_default (), headers, envelope, true };

    return dsn_parse (mail, mail.n, fuzz_rules, &options);
}

#endif
