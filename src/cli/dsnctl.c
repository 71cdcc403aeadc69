/* dsnctl: everything that a person does by hand. The verbs are one table. */
#include "cli/terminal/tty.h"
#include "cli/terminal/verb.h"

#include <locale.h>
#include <string.h>

static const struct {
    const char *name;
    verb_fn *run;
    const char *help;
} verbs[] = {
    { "parse", verb_parse, "the events of mails in files, offline" },
    { "explain", verb_explain, "what a code, a refusal or a bounce means, and what to do" },
    { "follow", verb_follow, "events from dsnd's socket: live, or for a named consumer" },
    { "status", verb_status, "what dsnd is doing" },
    { "consumers", verb_consumers, "the named consumers, and how far each is" },
    { "forget", verb_forget, "drop a named consumer" },
    { "top", verb_top, "what is happening now, in a terminal" },
    { "report", verb_report, "what bounced, why and where: a page of text or HTML" },
    { "verify", verb_verify, "check the spool's files" },
    { "suppressed", verb_suppressed, "whether an address may be mailed, and why not" },
    { "rules", verb_rules, "list, show and check the rules" },
    { "deliver", verb_deliver, "a mail from standard input into a Maildir" },
    { "token", verb_token, "make and check signed return paths" },
};

static void
append_help (GString *out)
{
    g_string_append (out, "Usage: dsnctl VERB [OPTION...] [ARGUMENT...]\n\n");
    for (size_t i = 0; i < G_N_ELEMENTS (verbs); i++)
        g_string_append_printf (out, "  %-11s %s\n", verbs[i].name, verbs[i].help);
    g_string_append (
        out,
        "\ndsnctl VERB --help (or help VERB) tells a verb's options; dsnctl(1) tells the rest.\n");
}

static verb_fn *
find_verb (const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS (verbs); i++)
        if (strcmp (verbs[i].name, name) == 0)
            return verbs[i].run;
    return NULL;
}

/* `dsnctl help VERB`. */
static int
help_with (char *name)
{
    char *argv[] = { name, (char[]){ "--help" }, NULL };

    return find_verb (name) (2, argv);
}

static bool
is_one_of (const char *word, const char *one, const char *other)
{
    return strcmp (word, one) == 0 || strcmp (word, other) == 0;
}

int
main (int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "--help";
    g_autoptr (GString) help = g_string_new (NULL);

    /* only for the terminal's character set: nothing else may depend on the locale */
    (void)setlocale (LC_CTYPE, "");
    if (find_verb (name))
        return find_verb (name) (argc - 1, argv + 1);
    if (argc > 2 && strcmp (name, "help") == 0 && find_verb (argv[2]))
        return help_with (argv[2]);
    if (is_one_of (name, "--version", "-V")) {
        (void)puts ("dsnctl " DSND_VERSION);
        return EXIT_OK;
    }
    append_help (help);
    if (argc > 1 && (is_one_of (name, "--help", "-h") || strcmp (name, "help") == 0)) {
        (void)fputs (help->str, stdout);
        return EXIT_OK;
    }
    if (argc > 1)
        tty_complain ("there's no verb '%s'", name);
    (void)fputs (help->str, stderr);
    return EXIT_USAGE;
}
