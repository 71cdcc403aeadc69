/* The verbs of dsnctl. Each takes its own arguments, argv[0] being the verb, and returns the
 * program's exit code.
 */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include <glib.h>
#include <stdbool.h>

enum exit_code { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

typedef int verb_fn (int argc, char **argv);

verb_fn verb_parse;
verb_fn verb_explain;
verb_fn verb_follow;
verb_fn verb_status;
verb_fn verb_consumers;
verb_fn verb_forget;
verb_fn verb_top;
verb_fn verb_report;
verb_fn verb_verify;
verb_fn verb_rules;
verb_fn verb_suppressed;
verb_fn verb_token;
verb_fn verb_deliver;

/* Reads the options @entries off *@argc and *@argv. @arguments is what else the verb takes, such
 * as "FILE...", @help its sentence. False after the error has been told: exit with EXIT_USAGE. */
bool verb_options (int *argc, char ***argv, const GOptionEntry *entries, const char *arguments,
                   const char *help);

#endif
