/* The options of a verb, read alike for all of them. */
#include "cli/terminal/tty.h"
#include "cli/terminal/verb.h"

bool
verb_options (int *argc, char ***argv, const GOptionEntry *entries, const char *arguments,
              const char *help)
{
    g_autofree char *name = g_strdup ((*argv)[0]);
    g_autofree char *program = g_strconcat ("dsnctl ", name, NULL);
    g_autoptr (GOptionContext) context = g_option_context_new (arguments);
    g_autoptr (GError) error = NULL;

    g_set_prgname (program);
    g_option_context_set_summary (context, help);
    g_option_context_add_main_entries (context, entries, NULL);
    if (g_option_context_parse (context, argc, argv, &error))
        return true;
    tty_complain ("%s: %s (dsnctl %s --help tells the options)", name, error->message, name);
    return false;
}
